import { stripVTControlCharacters } from 'node:util';
import { chromium } from 'playwright-core';
import { endAll } from './harness.ts';
import { scenarios, useBrowser } from './web-scenarios.ts';

/**
 * Runs every scenario in a real Chromium (at CHROMIUM, or where Debian has it), one after the other, and prints how
 * each went as a line of JSON: `{"name", "trouble"}`, with an empty trouble when there was none.
 */
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
useBrowser(browser);
for (const [name, run] of scenarios) {
  let trouble = '';
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('not done after 20 s')), 20_000);
  });
  try {
    await Promise.race([run(), late]);
  } catch (error) {
    trouble = stripVTControlCharacters((error as Error).stack ?? String(error));
  }
  clearTimeout(timer);
  await endAll();
  process.stdout.write(`${JSON.stringify({ name, trouble })}\n`);
}
await browser.close();
