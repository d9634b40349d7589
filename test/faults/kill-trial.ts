import { rm } from 'node:fs/promises';
import { audit } from '../crash/audit.ts';
import { readImage } from '../crash/image.ts';
import { SHORT_PLAY } from './short-play.ts';
import { WireCompany, WorldChild, type KillAt } from './world-child.ts';

export interface KillTrialOptions {
  /** A folder without a world in it. It is removed in the end. */
  readonly data: string;
  /**
   * Where the world process of each life is to kill itself, until it says null. `closing` counts the lives that had
   * nothing to do but to end.
   */
  readonly next: (life: number, closing: number) => KillAt;
}

/** What a player was shown, apart from the scenes: those may come again, and only the last one counts. */
interface Shown {
  readonly lines: readonly string[];
  /** What came when it came. */
  readonly echoes: readonly string[];
  readonly scene: string | undefined;
}

export interface KillOutcome {
  /** What each player was shown. */
  readonly shown: Readonly<Record<string, Shown>>;
  readonly wrong: readonly string[];
  /** How many lives ended by the signal. */
  readonly kills: number;
}

/** Plays the short play on a world process that kills itself, and starts it again until the play is over. */
export async function runKillTrial({ data, next }: KillTrialOptions): Promise<KillOutcome> {
  const company = new WireCompany();
  const { wrong } = company;
  let kills = 0;
  let at = 0;
  let begun = false;
  let closing = 0;
  try {
    for (let life = 0; ; life += 1) {
      const killAt = next(life, closing);
      if (at === SHORT_PLAY.length) closing += 1;
      const child = new WorldChild(data, company, killAt);
      try {
        let alive = await child.open();
        for (; alive && at < SHORT_PLAY.length;) {
          const step = SHORT_PLAY[at];
          if (step === undefined) break;
          if ('enter' in step) alive = await child.enter(step.enter);
          else alive = await child.type(begun ? [] : step.type);
          begun = !alive;
          if (!alive) break;
          at += 1;
          if (at % 5 === 0) child.acknowledge();
        }
        const how = alive ? await child.stop() : await child.gone;
        if (how === 'SIGKILL') kills += 1;
        else if (how !== '0') wrong.push(`it ends with ${how}: ${child.logged}`);
        if (killAt === null || (how === '0' && at === SHORT_PLAY.length)) break;
      } finally {
        child.kill();
        await child.gone;
      }
    }
    audit(await readImage(data), (what) => wrong.push(what));
  } finally {
    await rm(data, { recursive: true, force: true });
  }
  const shown = [...company.players.values()].map(({ name, shown: all }) => [name, sorted(all)]);
  return { shown: Object.fromEntries(shown) as KillOutcome['shown'], wrong, kills };
}

function sorted(all: readonly string[]): Shown {
  const isEcho = (text: string): boolean => text.startsWith('Echo');
  const isScene = (text: string): boolean => text.startsWith('["scene"');
  return {
    lines: all.filter((text) => !isEcho(text) && !isScene(text)),
    echoes: all.filter(isEcho),
    scene: all.findLast(isScene),
  };
}
