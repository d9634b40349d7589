import { attempt, emit, fail, isLive, takesKinds, type AnyCap, type Attempt } from '../engine/authoring.ts';
import { notByAPlayer, pageInOwnVoice } from './audience.ts';
import { Carrier } from './carrier.ts';
import { descriptionOf } from './front.ts';
import { pieces } from './listing.ts';
import type { Door, Entry, Inside, Spot, View } from './place.ts';
import { clearView, describeView, sceneOf, type ShownScene } from './sight.ts';
import { Sorry } from './sorry.ts';
import { ownSpot, strangerBehind, warningOf } from './stranger.ts';
import { line, page, sentence, the } from './words.ts';

/** Hashes that are remembered; of what was longer ago he is warned again. */
const MOST_MET = 64;

/** Somebody who stands in rooms: what he hears, sees and meets there, and how he gets from one to another. */
export class Person extends Carrier {
  static override reads: readonly string[] = ['hear', 'witness'];

  /** Hashes of the classes that he has been warned of, the newest last. */
  protected met: readonly string[] = [];
  /** Set while he is walking of his own will. */
  #walking = false;
  /** The scene that his clients were shown last. */
  #shown = '';

  // For the place where he is.

  override hear(text: string, _said?: string, _by?: AnyCap): void {
    emit(line(text));
  }

  override witness(text: string): void {
    if (text !== '') emit(line(text));
    // Of where he comes to he is shown all when he is there.
    if (!this.isMoving && (this.#shown === '' || takesKinds())) this.#showScene(sceneOf(this.#sight));
  }

  override moveTo(_entry: Entry): void {
    throw fail('Refused', 'People are not luggage.');
  }

  override bring(_entry: Entry): void {
    throw fail('Refused', 'People are not luggage.');
  }

  override depart(door: Door, arriving: string, passing: string): void {
    if (!this.#walking) throw fail('Refused', `${this.label} stays.`);
    const left = this.cross(door, arriving);
    left?.vacate(left);
    if (passing !== '') emit(line(passing));
  }

  override enter(...coming: Parameters<Carrier['enter']>): Spot {
    const spot = super.enter(...coming);
    const [thing, holder, name] = coming;
    // A thing says itself which one it is; what acts for it is what is behind its holder.
    for (const each of [holder, thing]) this.#warnOf(each, the(line(name)));
    return spot;
  }

  /** By the capability that the room gave him: what the room says of itself may be anything. */
  protected override moved(): void {
    if (this.spot !== null) this.#warnOf(this.spot, 'the room');
  }

  // For the commands, which run as his own.

  get self(): AnyCap {
    return this.front();
  }

  /** The room where he is, as it lets him act in it. */
  get here(): Inside {
    if (this.spot === null) throw new Sorry('You are nowhere at all.');
    return this.spot as Inside;
  }

  /** What there is in it. Throws Sorry, with the way out, where the room does not show it: it may have been set aside. */
  get view(): View {
    const seen = attempt(() => this.#sight);
    if (seen.ok) return seen.value;
    throw new Sorry(`${sentence(seen.error.message)} Type "home" to get away.`);
  }

  say(text: string): void {
    emit(page(text));
  }

  /** Says something that may be longer than a page. */
  show(text: string): void {
    for (const piece of pieces(text)) emit(page(piece));
  }

  /** Does something that others may refuse or get wrong. Then nothing of it has happened, and he is told why. */
  trying<T>(body: () => T): T {
    const answer = attemptOf(body);
    if (answer.ok) return answer.value;
    throw answer.sorry ?? sorryFor(answer.error.message);
  }

  /** The same with one thing; if it turns out to have ceased to exist, it is struck out where it was. */
  tryingOn<T>(thing: AnyCap, body: () => T): T {
    const answer = attemptOf(body);
    if (answer.ok) return answer.value;
    if (answer.sorry !== undefined) throw answer.sorry;
    // What an error says may be meant for something further in.
    if (isLive(thing)) throw sorryFor(answer.error.message);
    if (this.carries(thing)) this.letGoIfGone(thing);
    else this.here.sweep(thing);
    throw new Sorry('There is nothing left of it.');
  }

  /** Has the others see what he has done. Nothing of that is undone by who fails to show it, or to see it. */
  shows(text: string, to?: AnyCap, toText = text): void {
    const { here } = this;
    attempt(() => {
      if (to === undefined) here.show(here, text);
      else here.show(here, text, to, toText);
    });
  }

  /** Does something that is all the room's to do: one that a stranger wrote may refuse it in any words. */
  inRoom(act: (here: Inside) => void): void {
    const { here } = this;
    if (strangerBehind(here, this.label) === null) act(here);
    else
      this.trying(() => {
        act(here);
      });
  }

  /** Walks: `step` gets him through a door, or throws. A way that leads nowhere any more is struck out. */
  walk(step: () => void): void {
    this.#walking = true;
    const walked = attempt(step);
    this.#walking = false;
    if (walked.ok) {
      this.lookAround();
      return;
    }
    if (walked.error.code !== 'Gone') throw sorryFor(walked.error.message);
    for (const { thing } of this.view.exits) this.here.sweep(thing);
    throw new Sorry('That way leads nowhere any more.');
  }

  /** Is somewhere else at once, by a door that he holds himself. */
  appear(door: Door): void {
    const left = this.trying(() => this.cross(door, 'out of thin air'));
    if (left !== null) attempt(() => left.vacate(left, 'is not here any more'));
    this.lookAround();
  }

  /** Throws `Unclear` where the room does not show itself: who has only just come in has then not come in. */
  lookAround(view: View = this.#sightOrFail()): void {
    const told = descriptionOf(view.at);
    // Whatever it fails to say of itself, who is there and the ways out are seen.
    this.show(pageInOwnVoice(describeView(view, told.ok ? told.value : '', this.self), view.name));
    this.#showScene(sceneOf(view));
  }

  /** Shows his clients the scene at the next occasion, whether it has changed or not. */
  protected forgetScene(): void {
    this.#shown = '';
  }

  protected get awake(): boolean {
    return false;
  }

  /** Goes through a door; gives the spot that is left behind. */
  protected cross(door: Door, arriving: string): Spot | null {
    return this.goThrough((holder) =>
      ownSpot(door, door.arrive(this, holder, this.label, this.awake, arriving)),
    );
  }

  get #sight(): View {
    return clearView(this.here.look());
  }

  #sightOrFail(): View {
    const seen = attempt(() => this.#sight);
    if (seen.ok) return seen.value;
    throw fail('Unclear', notByAPlayer(seen.error.message, 'where you came to'));
  }

  #warnOf(met: AnyCap, what: string): void {
    if (!this.awake) return;
    const stranger = strangerBehind(met, this.label);
    if (stranger === null || this.met.includes(stranger.hash)) return;
    this.met = [...this.met, stranger.hash].slice(-MOST_MET);
    emit(warningOf(stranger, what));
  }

  #showScene({ scene, text }: ShownScene): void {
    if (text === this.#shown) return;
    this.#shown = text;
    const { room, exits, things } = scene;
    emit(['scene', { room, exits, people: scene.people.filter((name) => name !== this.label), things }]);
  }
}

/** For what somebody else was sorry for, in his words: he may have written them to be taken for what a player says. */
function sorryFor(message: string): Sorry {
  return new Sorry(notByAPlayer(message, 'what you tried'));
}

/** An attempt that also tells what its body itself was sorry for: crossing out of it made an error of the attempt of that. */
function attemptOf<T>(body: () => T): Attempt<T> & { readonly sorry?: Sorry | undefined } {
  let sorry: Sorry | undefined;
  const answer = attempt(() => {
    try {
      return body();
    } catch (problem) {
      if (problem instanceof Sorry) sorry = problem;
      throw problem;
    }
  });
  return answer.ok ? answer : { ...answer, sorry };
}
