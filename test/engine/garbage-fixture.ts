import { after, collection, destroy, onRestart, watch, type AnyCap } from '../../engine/authoring.ts';
import type { Collected } from '../../engine/collector.ts';
import { idIn } from '../key-id.ts';
import type { Fixture, FixtureOptions } from './fixture.ts';
import { act, openPuppets, type Doll } from './puppet.ts';

export const DAY = 86_400_000;

/** Forgets everything but its bank. */
export const forgetting = act((self) => {
  for (const key of Object.keys(self.state)) if (key !== 'bank') delete self.state[key];
}, 'garbage forgetting');
export const caching = act((self, it: Doll) => void (self.cache = it), 'garbage caching');
export const storing = act((self) => void (self.state['again'] = self.cache), 'garbage storing');
export const filing = act((self, it: AnyCap, count: number) => {
  for (let at = 0; at < count; at += 1) collection(self, 'files').set(`file ${at}`, it);
}, 'garbage filing');
export const waking = act((self, it: Doll) => {
  if (self.state['timer'] === undefined) self.state['timer'] = after(10 * DAY, it, 'look', []);
}, 'garbage waking');
export const watching = act((self, on: Doll, it: Doll) => {
  self.state['watch'] = watch(on, 'look', it, 'get');
}, 'garbage watching');
export const ending = act((self) => destroy(self), 'garbage ending');
export const registering = act((_self, it: Doll) => {
  onRestart('garbage', it, 'look');
}, 'garbage registering');

export const open = (options: Partial<FixtureOptions> = {}): Promise<Fixture> =>
  openPuppets({ garbageGrace: DAY, ...options });
export const tell = (f: Fixture, body: string, ...args: unknown[]): Promise<unknown> =>
  f.call(f.world.roots.gate, 'act', body, ...args);
export const objects = (f: Fixture): readonly string[] =>
  f.journal.contents().flatMap(([key]) => (key.startsWith('o/') ? [idIn(key)] : []));
export const marks = (f: Fixture): readonly string[] =>
  f.journal.contents().flatMap(([key]) => (key.startsWith('g/') ? [idIn(key)] : []));
export const balance = (f: Fixture): Promise<unknown> => f.call(f.world.roots.bank, 'balance');

export async function collect(f: Fixture): Promise<Collected> {
  const collected = await f.world.collect();
  await f.settle();
  return collected;
}

/** Collects, waits for the time that garbage has, and collects again. */
export async function collectForGood(f: Fixture): Promise<Collected> {
  await collect(f);
  f.powers.now += DAY;
  return collect(f);
}
