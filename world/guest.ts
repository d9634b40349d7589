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
    const { here } = this;
    this.dropEverything(() => here.floor());
    attempt(() => here.vacate(here, 'wanders off and is gone'));
    destroy(this);
  }
}
