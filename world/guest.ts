import { attempt, destroy, emit } from '../engine/authoring.ts';
import { Player } from './player.ts';

/** Somebody without an account: here until he leaves, and then not at all. What he carried stays. */
export class Guest extends Player {
  protected override greet(_newborn: boolean): void {
    emit(
      `Welcome to Keystead, ${this.label}. Type "help" for what you can do. When you leave, what you carry stays here.`,
    );
  }

  protected override fallAsleep(): void {
    this.dropEverything(() => this.here.floor());
    if (this.carried.length > 0) this.#dropAtHome();
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
}
