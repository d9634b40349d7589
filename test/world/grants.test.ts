import { EVICTIONS, strangers } from './written.ts';

describe.each(EVICTIONS)('an admin who ends a grant%s', (_, evictAlways) => {
  const scene = strangers(evictAlways);

  test('ends the one that he has read of, whatever has ended since', async () => {
    const { world, mallory, ada } = scene;
    await world.makeAdmin('Ada');
    await mallory.types(
      '@create pebble',
      'drop pebble',
      '@lend rename on pebble to Ada',
      '@lend describe on pebble to Ada',
    );
    const listed = (await ada.types('@grants pebble')).filter((line) => / Ada \(from/.test(line));
    expect(listed.map((line) => line.split(': ').at(-1))).toEqual(['rename', 'redescribe']);
    const [renaming = '', describing = ''] = listed.map((line) => line.trim().split(/[ :]/)[1]);
    await ada.types(`@revoke ${renaming} on pebble`);
    expect((await ada.types('@rename pebble to stone')).join()).toMatch(
      /You hold nothing that lets you do that/,
    );
    expect(await ada.types('@describe pebble as Round.')).toEqual([
      'That is what people will read about the pebble.',
    ]);
    expect(await ada.types(`@revoke ${describing.toUpperCase()} on pebble`)).toEqual([
      `Grant ${describing} on pebble has ended, with all that was made from it.`,
    ]);
    expect((await ada.types('@describe pebble as Flat.')).join()).toMatch(
      /You hold nothing that lets you do that/,
    );
    expect(await ada.types(`@revoke ${describing} on pebble`)).toEqual([
      `There is no grant ${describing} on that object.`,
    ]);
  });
});
