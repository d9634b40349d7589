import { stripVTControlCharacters } from 'node:util';
import { chromium, type Browser } from 'playwright-core';

/**
 * Runs every scenario in a real Chromium (at CHROMIUM, or where Debian has it), one after the other, and prints how
 * each went as a line of JSON: `{"name", "trouble"}`, with an empty trouble when there was none. `clean` is called
 * after each.
 */
export async function runScenarios(
  scenarios: ReadonlyMap<string, (browser: Browser) => Promise<void>>,
  clean: () => Promise<void>,
  patience: number,
): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  for (const [name, run] of scenarios) {
    let trouble = '';
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done after ${patience} ms`)), patience);
    });
    try {
      await Promise.race([run(browser), late]);
    } catch (error) {
      trouble = stripVTControlCharacters((error as Error).stack ?? String(error));
    }
    clearTimeout(timer);
    await clean();
    process.stdout.write(`${JSON.stringify({ name, trouble })}\n`);
  }
  await browser.close();
}
