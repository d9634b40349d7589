import { expect } from 'expect';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { SessionId } from '../../clients/wire.ts';
import { onEnd, Player, startPortal, untilCount, type Portal } from './harness.ts';

/**
 * What the page must do, in a browser. Playwright does not load in a locked-down realm, so these run in a process of
 * their own: `chromium.ts` runs them all and says how each went, and `web.test.ts` is their face in jest.
 */
export const scenarios = new Map<string, () => Promise<void>>();

let browser: Browser | undefined;

/** To be called before a scenario is run. */
export function useBrowser(launched: Browser): void {
  browser = launched;
}

function scenario(name: string, run: () => Promise<void>): void {
  scenarios.set(name, run);
}

interface Visit {
  readonly portal: Portal;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained about: errors of scripts, refusals by the policy. */
  readonly complaints: string[];
}

async function visit(portal?: Portal): Promise<Visit> {
  if (browser === undefined) throw new Error('no browser was launched');
  const at = portal ?? (await startPortal({ pauseShownMs: 5 }));
  const context = await browser.newContext();
  onEnd(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('WebSocket')) complaints.push(message.text());
  });
  await page.goto(at.running.url);
  return { portal: at, context, page, complaints };
}

async function enter(portal?: Portal): Promise<Visit> {
  const all = await visit(portal);
  await all.page.getByRole('button', { name: 'As a guest' }).click();
  await logged(all.page, 'Hello, Guest.');
  return all;
}

const say = async (page: Page, line: string) => {
  await page.getByLabel('Command', { exact: true }).last().fill(line);
  await page.keyboard.press('Enter');
};
const logged = (page: Page, text: string) => page.getByRole('log').getByText(text, { exact: true }).waitFor();
const lines = (page: Page) => page.getByRole('log').locator('p').allTextContents();
const said = (page: Page) => page.getByRole('log').locator('.said').allTextContents();

scenario('a visitor makes a player with the form, and the password shows up nowhere', async () => {
  const { page, complaints } = await visit();
  await page.getByLabel('Name').fill('Ann');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'New player' }).click();
  await page.getByRole('alert').getByText('A password has').waitFor();
  await page.getByLabel('Password').fill('hunter2hunter2');
  await page.getByRole('button', { name: 'New player' }).click();
  await logged(page, 'Hello, Ann.');
  expect(await page.locator('#login').isVisible()).toBe(false);
  expect(await page.locator('#player').textContent()).toBe('Ann');
  expect(
    await page.locator('#line').evaluate((element) => element.ownerDocument.activeElement === element),
  ).toBe(true);
  await page.keyboard.press('ArrowUp');
  expect(await page.locator('#line').inputValue()).toBe('');
  expect(await page.content()).not.toContain('hunter2');
  expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('hunter2');
  expect(complaints).toEqual([]);
});

scenario('a form without a name takes no word of the password for it', async () => {
  const { portal, page } = await visit();
  await page.getByLabel('Password').fill('correct horse battery');
  for (const button of ['New player', 'Come in']) {
    await page.getByRole('button', { name: button }).click();
    await page.getByRole('alert').getByText('A name is needed.').waitFor();
  }
  await page.getByLabel('Name').fill('two words');
  await page.getByRole('button', { name: 'New player' }).click();
  await page.getByRole('alert').getByText('A name is one word.').waitFor();
  await page.getByLabel('Name').fill('Ann');
  await page.getByRole('button', { name: 'New player' }).click();
  await logged(page, 'Hello, Ann.');
  expect(portal.received().filter((line) => line.startsWith('login'))).toEqual(['login create']);
});

scenario('a password that is typed at the prompt is not shown', async () => {
  const { page } = await visit();
  await say(page, 'create Ann hunter2hunter2');
  await logged(page, 'Hello, Ann.');
  expect(await lines(page)).toContain('create Ann ••••••••');
  expect(await page.content()).not.toContain('hunter2');
});

scenario('lines are shown as typed and as answered, in a live region', async () => {
  const { page } = await enter();
  await say(page, 'look <b>here</b>');
  await logged(page, '[1] look <b>here</b>');
  expect(await lines(page)).toContain('look <b>here</b>');
  const log = page.getByRole('log', { name: 'What happens' });
  expect(await log.getAttribute('aria-live')).toBe('polite');
});

scenario('up and down go through what was typed', async () => {
  const { page } = await enter();
  for (const line of ['one', 'two']) await say(page, line);
  await logged(page, '[2] two');
  const input = page.locator('#line');
  const shown: string[] = [];
  for (const key of ['ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowDown', 'ArrowDown']) {
    await input.press(key);
    shown.push(await input.inputValue());
  }
  expect(shown).toEqual(['two', 'one', 'one', 'two', '']);
});

scenario('exits, people and things are buttons that type for you', async () => {
  const { page } = await enter();
  await say(page, 'scene');
  await page.getByRole('heading', { name: 'The Yard' }).waitFor();
  await page.getByRole('group', { name: 'Exits' }).getByRole('button', { name: 'north' }).click();
  await logged(page, '[2] go north');
  await page.getByRole('group', { name: 'People' }).getByRole('button', { name: 'Ann' }).click();
  await logged(page, '[3] examine Ann');
  await page.getByRole('group', { name: 'Things' }).getByRole('button', { name: 'lamp' }).click();
  await logged(page, '[4] examine lamp');
});

scenario(
  'a lost socket is not noticed: no line twice, none missing, and what was typed meanwhile is done',
  async () => {
    const { portal, context, page, complaints } = await enter();
    const bob = await Player.enter(portal);
    await say(page, 'one');
    await logged(page, '[1] one');
    // The page loses its socket while others talk and while it types.
    await context.setOffline(true);
    portal.running.portal.holderOf(await sidOf(page))?.hangUp(1011, 'test');
    await untilCount(portal, 'keystead_sessions_lingering', 1);
    bob.send('all first', 'all second');
    await bob.until('second');
    await page.locator('#state[data-state=connecting]').waitFor();
    await say(page, 'two');
    await say(page, 'three');
    await context.setOffline(false);
    await logged(page, '[3] three');
    expect(await said(page)).toEqual([
      'Hello, Guest.',
      '[1] one',
      'Guest: first',
      'Guest: second',
      '[2] two',
      '[3] three',
    ]);
    await page.locator('#state[data-state=live]').waitFor();
    expect(complaints.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
  },
);

const sidOf = (page: Page) =>
  page.evaluate<SessionId>("JSON.parse(sessionStorage.getItem('keystead-session')).sid");

scenario('a reload of the page keeps session, log and buttons', async () => {
  const { page } = await enter();
  await say(page, 'scene');
  await say(page, 'one');
  await logged(page, '[2] one');
  const before = await said(page);
  await page.reload();
  await say(page, 'two');
  await logged(page, '[3] two');
  expect(await said(page)).toEqual([...before, '[3] two']);
  expect(await page.getByRole('button', { name: 'north' }).isVisible()).toBe(true);
});

/** Changes what the page has stored of its session, before it is loaded again. */
const reloadWith = async (page: Page, change: string) => {
  const [key, store] = ["'keystead-session'", 'sessionStorage'];
  await page.addInitScript(
    `{ const session = JSON.parse(${store}.getItem(${key})); ${change}; ${store}.setItem(${key}, JSON.stringify(session)); }`,
  );
  await page.reload();
};

scenario(
  'a page that has seen more than there is, since the world was restored, hears what comes next',
  async () => {
    const { page } = await enter();
    await reloadWith(page, 'session.have += 5');
    await say(page, 'one');
    await logged(page, '[1] one');
  },
);

scenario('in a tab that was copied before the other one typed on, what is typed is done', async () => {
  const { page } = await enter();
  for (const line of ['one', 'two']) await say(page, line);
  await logged(page, '[2] two');
  await reloadWith(page, 'session.last = 0');
  await page.locator('#state[data-state=live]').waitFor();
  await say(page, 'three');
  await logged(page, '[3] three');
});

scenario('a line that is too long for the world is told so, and does not end the session', async () => {
  const { page } = await enter();
  await page.evaluate(`{
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', 'x'.repeat(70_000) + '\\nnext');
    line.dispatchEvent(new ClipboardEvent('paste', { clipboardData, cancelable: true }));
  }`);
  await page.keyboard.press('Enter');
  await logged(page, '[1] next');
  expect(await page.getByRole('log').locator('.trouble').allTextContents()).toEqual([
    'A line may have 8192 characters; that one has 70000.',
  ]);
});

scenario('a text of more lines than may wait is sent as they are taken, and none of it is lost', async () => {
  const { page } = await enter(await startPortal({ linesHeld: 210, lineBurst: 10, linesPerSecond: 60 }));
  await page.evaluate(`{
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', Array.from({ length: 400 }, (_, n) => 'line ' + n + '\\n').join(''));
    const paste = new ClipboardEvent('paste', { clipboardData, cancelable: true });
    document.getElementById('line').dispatchEvent(paste);
  }`);
  await logged(page, '[400] line 399');
  expect(await page.getByRole('log').locator('.trouble').allTextContents()).toEqual([]);
  const answers = (await said(page)).filter((text) => text.startsWith('['));
  expect(answers).toEqual(Array.from({ length: 400 }, (_, n) => `[${n + 1}] line ${n}`));
});

scenario('a world that is killed is waited for, and what was typed is done once', async () => {
  const { page } = await enter();
  await say(page, 'die x');
  await say(page, 'two');
  await logged(page, '[2] two');
  expect(await said(page)).toEqual(['Hello, Guest.', '[1] die x', '[2] two']);
  await page.locator('#state[data-state=live]').waitFor();
});

scenario('a session that is gone leads back to the prompt', async () => {
  const { portal, page } = await enter();
  portal.running.portal.holderOf(await sidOf(page))?.endNow();
  await page.reload();
  await page.getByRole('button', { name: 'As a guest' }).click();
  await page.getByRole('log').getByText('Hello, Guest.', { exact: true }).last().waitFor();
});

scenario('quit closes the line, and a button opens it again', async () => {
  const { page } = await enter();
  await say(page, 'quit');
  await logged(page, 'Goodbye.');
  await page.getByText('The line is closed.').waitFor();
  await page.getByRole('button', { name: 'Connect again' }).click();
  await page.getByRole('button', { name: 'As a guest' }).waitFor();
});

scenario('everything fits on a phone, and has a name for those who do not see it', async () => {
  const { page } = await enter();
  await page.setViewportSize({ width: 360, height: 640 });
  await say(page, 'scene');
  await page.getByRole('button', { name: 'north' }).waitFor();
  for (const element of await page.locator('button:visible, input:visible').all()) {
    const box = await element.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(40);
    expect(
      await element.evaluate(
        (it) =>
          (it as unknown as { labels?: { length: number }; textContent: string }).labels?.length ||
          it.textContent,
      ),
    ).toBeTruthy();
  }
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  expect((await page.locator('#line').boundingBox())?.y).toBeLessThan(640);
  // A long log scrolls by itself: it pushes neither the buttons nor the header away.
  const before = await page.getByRole('button', { name: 'north' }).boundingBox();
  for (let n = 2; n <= 40; n += 1) await say(page, `line ${n}`);
  await logged(page, '[40] line 40');
  expect(await page.getByRole('button', { name: 'north' }).boundingBox()).toEqual(before);
  const log = await page.getByRole('log').boundingBox();
  expect(log?.y).toBeGreaterThan(before?.y ?? 0);
  expect(await page.evaluate('log.scrollHeight > log.clientHeight')).toBe(true);
});

scenario('a press on a button leaves the cursor in the command line', async () => {
  const { page } = await enter();
  await say(page, 'scene');
  await page.getByRole('button', { name: 'north' }).click();
  await logged(page, '[2] go north');
  await page.keyboard.type('say');
  expect(await page.locator('#line').inputValue()).toBe('say');
});
