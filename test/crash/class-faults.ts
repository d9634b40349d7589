import { pause } from './author.ts';
import type { Chance } from './chance.ts';
import type { Dialogue } from './dialogue.ts';
import type { Fault } from './fault.ts';
import type { Guild } from './guild.ts';
import type { Trouble } from './trouble.ts';

export interface ClassFaultsOptions {
  readonly trouble: Trouble;
  readonly guild: Guild;
  readonly chance: Chance;
  readonly dialogues: readonly Dialogue[];
  /** Somebody who holds Storage. */
  readonly admin: Dialogue;
  readonly note: (text: string) => void;
  /** Whether it still makes sense to wait for anything. */
  readonly goesOn: () => boolean;
}

/** Answers that have to come after a fault. */
const ANSWERS = 20;
/**
 * Milliseconds from one death to the next at most, if nothing was answered between them: a world takes longer to begin its
 * first turn. What is running at two deaths in a row counts as what killed it, and is set aside.
 */
const SECOND = 100;
/** Time between two looks, in milliseconds. */
const LOOK_EVERY = 10;

/** Makes faults happen while everybody is at work, and sees to it that they get answers again. */
export class ClassFaults {
  readonly #options: ClassFaultsOptions;
  #typed = 0;

  constructor(options: ClassFaultsOptions) {
    this.#options = options;
  }

  /** How often all code was loaded anew. */
  get reloads(): number {
    return this.#typed + this.#options.trouble.reloads;
  }

  async strike(fault: Fault): Promise<void> {
    const { trouble, chance, dialogues } = this.#options;
    const { reloads } = this;
    const { world } = trouble;
    this.#count(fault);
    if (fault.kind === 'reload' && chance.happens(0.5)) await this.#typeReload();
    else await trouble.strike({ ...fault, second: Math.min(fault.second, SECOND) });
    // Until then the old process takes lines, and forgets what is not stored.
    if (this.reloads > reloads)
      await this.#until(() => trouble.world !== undefined && trouble.world !== world);
    // What was asked for meanwhile may be gone too.
    this.#count(fault);
    for (const dialogue of dialogues) dialogue.poke();
    const before = this.#replies();
    await this.#until(() => this.#replies() >= before + ANSWERS);
  }

  /** The admin types what asks for it, right behind each other. */
  async #typeReload(): Promise<void> {
    const { admin, guild, note } = this.#options;
    note('--- typed reload');
    const reply = await admin.ask('@checkpoint', '@reload all');
    this.#typed += 1;
    for (const line of ['A checkpoint is being taken.', 'All code is loaded anew.'])
      if (!reply.lines.includes(line)) guild.wrong(`@reload all was answered ${JSON.stringify(reply.lines)}`);
  }

  #count(fault: Fault): void {
    if (fault.kind !== 'socket') this.#options.guild.faults += 1;
  }

  #replies(): number {
    return this.#options.dialogues.reduce((sum, { replies }) => sum + replies, 0);
  }

  async #until(enough: () => boolean): Promise<void> {
    while (this.#options.goesOn() && !enough()) await pause(LOOK_EVERY);
  }
}
