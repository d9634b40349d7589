import { attempt, classOf, destroy, emit, every, facet, M } from '../engine/authoring.ts';
import { isGone } from './contents.ts';
import { Player } from './player.ts';

/** How often one who has left tries again to be rid of what he carries, in milliseconds. */
const TRIES_AGAIN = 5 * 60_000;

/** Somebody without an account: here until he leaves, and then not at all. What he carried stays. */
export class Guest extends Player {
  static override facets = { ...Player.facets, self: { goAtLast: M.call().returns() } };

  protected override greet(_newborn: boolean): void {
    emit(
      `Welcome to Keystead, ${this.label}. Type "help" for what you can do. When you leave, what you carry stays here.`,
    );
  }

  /** Ends, or sleeps for as long as there is nowhere any room for what he carries. */
  protected override fallAsleep(): void {
    this.goAtLast();
    if (!this.#keepsWhatIsMissed()) return;
    super.fallAsleep();
    every(TRIES_AGAIN, facet<typeof Guest, 'self'>(this, 'self'), 'goAtLast', []);
  }

  goAtLast(): void {
    this.dropEverything(() => this.here.floor());
    if (this.carried.length > 0) this.#dropAtHome();
    if (this.#keepsWhatIsMissed()) return;
    const { here } = this;
    attempt(() => here.vacate(here, 'wanders off and is gone'));
    destroy(this);
  }

  /** What a place does not take would be nowhere with him, and mostly nobody's who could bring it back. */
  #dropAtHome(): void {
    const { here, home } = this;
    if (home === null || !attempt(() => this.cross(home, '')).ok) return;
    attempt(() => here.vacate(here, 'wanders off'));
    this.dropEverything(() => this.here.floor());
  }

  /** What a stranger wrote may never let go of him, and whoever made it can bring it back: he waits for nothing like that. */
  #keepsWhatIsMissed(): boolean {
    return this.carried.some(({ holder }) => !isGone(holder) && classOf(holder).safe);
  }
}
