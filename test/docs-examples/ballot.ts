import {
  after,
  attempt,
  cancel,
  destroy,
  facet,
  fail,
  M,
  revoke,
  send,
  type FacetOf,
} from '../../engine/authoring.ts';

/** What one voter gets: a capability for one vote. */
type Vote = FacetOf<typeof Ballot, 'voter'>;

/** What the ballot needs of whoever is to vote, and of whoever is to hear the result. */
interface Voter {
  name(): string;
}
interface Listener {
  hear(result: string): void;
}

interface BallotRecord {
  readonly question: string;
  readonly votes: readonly { readonly choice: string; readonly count: number }[];
  readonly listeners: readonly Listener[];
  readonly closing: number | null;
}

/** A question, choices, and a box that closes by itself. */
export class Ballot {
  static facets = {
    public: { question: M.call().returns(M.string()), isOpen: M.call().returns(M.boolean()) },
    voter: { vote: M.call(M.string()).returns() },
    owner: {
      admit: M.call(M.remotable()).returns(M.remotable()),
      exclude: M.call(M.remotable()).returns(),
      tell: M.call(M.remotable()).returns(),
      discard: M.call().returns(),
    },
    self: { close: M.call().returns() },
  };

  asked = '';
  votes: BallotRecord['votes'] = [];
  listeners: readonly Listener[] = [];
  closing: number | null = null;

  init(question: string, choices: readonly string[], openFor: number): void {
    this.asked = question;
    this.votes = choices.map((choice) => ({ choice, count: 0 }));
    this.closing = after(openFor, facet<typeof Ballot, 'self'>(this, 'self'), 'close', []);
  }

  toRecord(): BallotRecord {
    return { question: this.asked, votes: this.votes, listeners: this.listeners, closing: this.closing };
  }

  fromRecord(record: BallotRecord): void {
    this.asked = record.question;
    this.votes = record.votes;
    this.listeners = record.listeners;
    this.closing = record.closing;
  }

  question(): string {
    return this.asked;
  }

  isOpen(): boolean {
    return this.closing !== null;
  }

  vote(choice: string): void {
    if (!this.isOpen()) throw fail('Closed', 'The ballot is closed.');
    const chosen = this.votes.find((each) => each.choice === choice);
    if (chosen === undefined) throw fail('NoChoice', `There is no "${choice}" to vote for.`);
    this.votes = this.votes.map((each) => (each === chosen ? { choice, count: each.count + 1 } : each));
  }

  /** A grant of its own for each voter: it admits one call, and can be revoked alone. */
  admit(voter: Voter): Vote {
    const name = attempt(() => voter.name()); // somebody else's code: it may throw, and that is not our failure
    return facet<typeof Ballot, 'voter'>(this, 'voter', { for: name.ok ? name.value : 'somebody', uses: 1 });
  }

  exclude(vote: Vote): void {
    revoke(this, vote);
  }

  tell(listener: Listener): void {
    this.listeners = [...this.listeners, listener];
  }

  close(): void {
    this.closing = null;
    const result = this.votes.map(({ choice, count }) => `${choice} ${count}`);
    for (const listener of this.listeners) send(listener, 'hear', [`${this.asked} ${result.join(', ')}`]);
  }

  discard(): void {
    if (this.closing !== null) cancel(this.closing);
    destroy(this);
  }
}
