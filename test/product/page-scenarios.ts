import { expect } from 'expect';
import type { Browser, Page } from 'playwright-core';
import { freshFolder, onEnd } from '../clients/harness.ts';
import { Keystead } from '../crash/keystead.ts';

/** What two people see in the page, in front of the real thing. Run by `page-run.ts`, shown to jest by `page.test.ts`. */
export const scenarios = new Map<string, (browser: Browser) => Promise<void>>();

async function startProduct(data: string, ...options: string[]): Promise<Keystead> {
  const product = await Keystead.start(data, ['--log-level', 'silent', ...options], () => {});
  onEnd(() => product.stop());
  return product;
}

/** A page of its own, in which a new player has come in. */
async function enter(browser: Browser, product: Keystead, name: string): Promise<Page> {
  const context = await browser.newContext();
  onEnd(() => context.close());
  const page = await context.newPage();
  await page.goto(product.url);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill('swordfish99');
  await page.getByRole('button', { name: 'New player' }).click();
  await shown(page, `Welcome to Keystead, ${name}. Type "help" for what you can do.`);
  return page;
}

const line = (page: Page) => page.getByLabel('Command', { exact: true }).last();
const say = async (page: Page, text: string) => {
  await line(page).fill(text);
  await line(page).press('Enter');
};
const shown = (page: Page, text: string) => page.getByRole('log').getByText(text, { exact: true }).waitFor();
const state = (page: Page, name: string) => page.locator(`#state[data-state=${name}]`).waitFor();
const here = (page: Page, group: string) => page.getByRole('group', { name: group }).getByRole('button');

/** What was said in the page that holds `word`, in order. */
const saidWith = async (page: Page, word: string) =>
  (await page.getByRole('log').locator('.said').allTextContents()).filter((text) => text.includes(word));

/** How many sockets the page has opened so far. */
function socketsOf(page: Page): { count: number } {
  const sockets = { count: 0 };
  page.on('websocket', () => (sockets.count += 1));
  return sockets;
}

scenarios.set('two people meet; one takes the lantern, and the other sees it go', async (browser) => {
  const product = await startProduct(freshFolder());
  const ada = await enter(browser, product, 'Ada');
  const bob = await enter(browser, product, 'Bob');
  await shown(ada, 'Bob is here, new to the place.');
  await here(ada, 'People').getByText('Bob').waitFor();
  await here(bob, 'People').getByText('Ada').waitFor();
  const lantern = here(bob, 'Things').getByText('a storm lantern');
  await lantern.waitFor();
  await say(ada, 'get lantern');
  await shown(ada, 'You take the storm lantern.');
  await shown(bob, 'Ada takes the storm lantern.');
  await lantern.waitFor({ state: 'detached' });
  await here(ada, 'Exits').getByText('north').click();
  await shown(bob, 'Ada goes north.');
  await here(bob, 'People').getByText('Ada').waitFor({ state: 'detached' });
  await ada.getByRole('heading', { name: 'The Gatehouse' }).waitFor();
});

scenarios.set(
  'the world is killed while somebody types: the half line is still there, and works once',
  async (browser) => {
    const product = await startProduct(freshFolder());
    const ada = await enter(browser, product, 'Ada');
    const bob = await enter(browser, product, 'Bob');
    const sockets = socketsOf(ada);
    await line(ada).pressSequentially('say I was in the mid');
    expect(product.killWorld()).toBe(true);
    await say(bob, 'say Is anybody there?');
    await shown(ada, 'Bob says, "Is anybody there?"');
    expect(await line(ada).inputValue()).toBe('say I was in the mid');
    await line(ada).pressSequentially('dle of it');
    await line(ada).press('Enter');
    await shown(ada, 'You say, "I was in the middle of it"');
    await shown(bob, 'Ada says, "I was in the middle of it"');
    await say(bob, 'say And?');
    await shown(ada, 'Bob says, "And?"');
    expect(await saidWith(ada, 'middle')).toEqual(['You say, "I was in the middle of it"']);
    expect(await saidWith(bob, 'middle')).toEqual(['Ada says, "I was in the middle of it"']);
    expect(await saidWith(ada, 'Bob says')).toEqual(['Bob says, "Is anybody there?"', 'Bob says, "And?"']);
    expect(sockets.count).toBe(0);
  },
);

scenarios.set(
  'a world that hangs is told to whoever waits for it, and answers when it goes on',
  async (browser) => {
    const product = await startProduct(freshFolder(), '--limit', 'silentMs=30000');
    const ada = await enter(browser, product, 'Ada');
    await state(ada, 'live');
    const pid = product.worldPid as number;
    process.kill(pid, 'SIGSTOP');
    await say(ada, 'say Hello?');
    await state(ada, 'paused');
    process.kill(pid, 'SIGCONT');
    await shown(ada, 'You say, "Hello?"');
    await state(ada, 'live');
  },
);

scenarios.set(
  'everything is killed and started again: the page goes on by itself, no line twice or lost',
  async (browser) => {
    const data = freshFolder();
    const product = await startProduct(data);
    const ada = await enter(browser, product, 'Ada');
    const bob = await enter(browser, product, 'Bob');
    for (const word of ['one', 'two']) await say(ada, `say ${word}`);
    await shown(bob, 'Ada says, "two"');
    await line(ada).fill('say half a');
    await product.killAll(true);
    for (const page of [ada, bob]) await state(page, 'connecting');
    await line(ada).pressSequentially(' line');
    await line(ada).press('Enter');
    await say(ada, 'say four');
    await startProduct(data, '--port', new URL(product.url).port);
    await shown(bob, 'Ada says, "four"');
    await shown(ada, 'You say, "four"');
    await say(bob, 'say And on we go.');
    await shown(ada, 'Bob says, "And on we go."');
    for (const page of [ada, bob]) await state(page, 'live');
    const words = ['one', 'two', 'half a line', 'four'];
    expect(await saidWith(ada, 'You say')).toEqual(words.map((word) => `You say, "${word}"`));
    expect(await saidWith(bob, 'Ada says')).toEqual(words.map((word) => `Ada says, "${word}"`));
    await here(ada, 'People').getByText('Bob').waitFor();
  },
);

scenarios.set('who is writing a class presses no button into its source', async (browser) => {
  const product = await startProduct(freshFolder());
  const ada = await enter(browser, product, 'Ada');
  const north = here(ada, 'Exits').getByText('north');
  await north.waitFor();
  await say(ada, '@class Chime');
  await ada.getByRole('log').getByText('Write the class Chime').waitFor();
  expect(await north.isDisabled()).toBe(true);
  await ada.reload();
  await state(ada, 'live');
  expect(await north.isDisabled()).toBe(true);
  await say(ada, '..');
  await ada.getByRole('log').getByText('The draft of Chime is on your desk').waitFor();
  await north.click();
  await ada.getByRole('heading', { name: 'The Gatehouse' }).waitFor();
});
