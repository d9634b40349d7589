/**
 * The page's side of keystead.v1: keeps the session over lost sockets and reloads of the page.
 *
 * Lines are numbered and kept until they are committed; chunks of output are shown once, in order of their numbers,
 * and acknowledged after what was shown has been saved. So a socket may be lost at any moment, and so may the page.
 *
 * @typedef {{ sid: string, key: string, name: string, have: number, last: number, lines: { n: number, line: string }[] }} Session
 * @typedef {string | [string, unknown]} Item
 * @typedef {'connecting' | 'prompt' | 'live' | 'paused' | 'closed'} State
 *
 * @typedef {object} Shown what the page does with what comes
 * @property {(item: Item) => void} item an item of numbered output
 * @property {(text: string) => void} notice text outside of it
 * @property {(n: number, message: string) => void} refused a line was refused; 0: at the login prompt
 * @property {(state: State, session: Session | undefined, why?: string) => void} state
 * @property {() => void} save what was shown is to be kept over a reload; called before it is acknowledged
 * @property {() => void} fresh a new session begins
 */

const STORED = 'keystead-session';
const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 10_000;
/** An answer that takes longer than this is one that got lost with a socket that nobody closed. */
const SILENT_MS = 8_000;
/** An answer that takes longer than this is worth a word to who waits for it. */
const QUIET_MS = 2_000;
/** Characters of one line, as the portal has it: one that it could not even read would be sent again and again. */
const LINE_MOST = 8_192;
/**
 * Lines that are on their way at a time: of a long text that is pasted the others wait here until these are committed. The portal
 * refuses what is too much for it, and the text would have holes.
 */
const ON_THEIR_WAY = 200;
/** Chunks that come within this time are saved and acknowledged together. */
const SAVE_MS = 40;
/** The close codes after which the page does not come back by itself: done, refused, taken over by another window. */
const FINAL = new Set([1000, 1003, 1007, 1008, 1009, 4001]);

export class Connection {
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {Session | undefined} */
  #session = load();
  /** The last chunk that is shown. In the session is the last one that is saved, and so would outlive the page. */
  #have = this.#session?.have ?? 0;
  /** @type {State} */
  #state = 'connecting';
  /** The last line that was sent over this socket. */
  #sent = 0;
  #resuming = false;
  #paused = false;
  #retries = 0;
  #retry = 0;
  #saving = 0;
  #heard = 0;
  #url;
  #shown;

  /** @param {string} url @param {Shown} shown */
  constructor(url, shown) {
    this.#url = url;
    this.#shown = shown;
    addEventListener('online', () => this.#hurry());
    document.addEventListener(
      'visibilitychange',
      () => document.visibilityState === 'visible' && this.#hurry(),
    );
    addEventListener('pagehide', () => this.#save());
    setInterval(() => this.#checkSilence(), 1000);
  }

  /** Connects, also again after the page gave up. */
  open() {
    clearTimeout(this.#retry);
    this.#drop();
    this.#become('connecting');
    const socket = new WebSocket(this.#url, 'keystead.v1');
    this.#socket = socket;
    // What a socket that was dropped still says is about the past.
    const current = () => this.#socket === socket;
    socket.addEventListener('open', () => current() && this.#opened());
    socket.addEventListener('close', (event) => current() && this.#closed(event));
    socket.addEventListener('message', (event) => {
      if (!current()) return;
      this.#heard = performance.now();
      if (this.#state === 'paused' && !this.#paused) this.#become('live');
      this.#received(JSON.parse(event.data));
    });
  }

  /** Sends command lines. At the login prompt they go out at once or not at all, and are kept nowhere.
   * @param {...string} lines */
  say(...lines) {
    const session = this.#session;
    const waited = session !== undefined && session.lines.length > 0;
    for (const line of lines) {
      if (line.length > LINE_MOST) {
        const message = `A line may have ${LINE_MOST} characters; that one has ${line.length}.`;
        this.#shown.refused(session === undefined ? 0 : session.last + 1, message);
      } else if (session === undefined || this.#state === 'prompt') this.#send({ t: 'line', n: 0, line });
      else {
        session.last += 1;
        session.lines.push({ n: session.last, line });
      }
    }
    if (session === undefined) return;
    store(session);
    if (!waited) this.#heard = performance.now();
    this.#sendLines();
  }

  /** Sends what waits, as far as it may be on its way. */
  #sendLines() {
    const session = this.#session;
    if (session === undefined || this.#resuming) return;
    for (const { n, line } of session.lines.slice(0, ON_THEIR_WAY)) {
      if (n <= this.#sent) continue;
      this.#sent = n;
      this.#send({ t: 'line', n, line });
    }
  }

  #opened() {
    this.#heard = performance.now();
    this.#paused = false;
    this.#sent = 0;
    const session = this.#session;
    this.#resuming = session !== undefined;
    if (session === undefined) {
      this.#retries = 0;
      return this.#become('prompt');
    }
    this.#send({ t: 'resume', sid: session.sid, key: session.key, have: this.#have });
  }

  /** @param {any} message */
  #received(message) {
    switch (message.t) {
      case 'text':
        // The greeting of a prompt that nobody will see.
        if (!this.#resuming) this.#shown.notice(message.text);
        return;
      case 'session':
        return this.#started(message);
      case 'out':
        return this.#out(message);
      case 'in':
        return this.#committed(message.n);
      case 'refused':
        this.#forget(message.n);
        return this.#shown.refused(message.n, message.message);
      case 'gone':
        this.#resuming = false;
        this.#session = undefined;
        store(undefined);
        return this.#become('prompt');
      case 'world':
        this.#paused = message.state === 'paused';
        if (this.#state === 'live' || this.#state === 'paused')
          this.#become(this.#paused ? 'paused' : 'live');
        return;
    }
  }

  /** @param {{ sid: string, key: string, name: string, in: number, out: number }} message */
  #started({ sid, key, name, in: committed, out }) {
    if (this.#session?.sid !== sid) {
      this.#session = { sid, key, name, have: 0, last: committed, lines: [] };
      this.#have = 0;
      store(this.#session);
      this.#shown.fresh();
    }
    this.#retries = 0;
    // The world may have been restored from before: what comes has the numbers of what is shown.
    this.#have = Math.min(this.#have, out);
    this.#committed(committed);
    // Where the tab is a copy, the other one has typed on: a number that is taken would not be taken again.
    this.#session.last = Math.max(this.#session.last, committed);
    this.#become(this.#paused ? 'paused' : 'live');
    this.#resuming = false;
    this.#sendLines();
  }

  /** @param {{ n: number, in: number, items: Item[], close?: boolean }} message */
  #out({ n, in: committed, items, close }) {
    const session = this.#session;
    if (session === undefined) return;
    if (n > this.#have) {
      for (const item of items) this.#shown.item(item);
      this.#have = n;
      this.#saving ||= setTimeout(() => this.#save(), SAVE_MS);
    }
    this.#committed(committed);
    if (close !== true) return;
    this.#session = undefined;
    store(undefined);
  }

  /** @param {number} n */
  #committed(n) {
    const session = this.#session;
    if (session === undefined) return;
    const before = session.lines.length;
    session.lines = session.lines.filter((line) => line.n > n);
    if (session.lines.length === before) return;
    store(session);
    this.#sendLines();
  }

  /** @param {number} n */
  #forget(n) {
    const session = this.#session;
    if (session === undefined || n === 0) return;
    session.lines = session.lines.filter((line) => line.n !== n);
    store(session);
    this.#sendLines();
  }

  /** First what is shown is saved, then it is acknowledged: what was not saved comes again. */
  #save() {
    clearTimeout(this.#saving);
    this.#saving = 0;
    this.#shown.save();
    const session = this.#session;
    if (session === undefined) return;
    session.have = this.#have;
    store(session);
    if (session.have > 0 && !this.#resuming) this.#send({ t: 'ack', n: session.have });
  }

  /** @param {CloseEvent} event */
  #closed(event) {
    this.#drop();
    if (this.#session === undefined ? FINAL.has(event.code) : FINAL.has(event.code) && event.code !== 1000) {
      return this.#become('closed', why(event));
    }
    this.#become('connecting');
    const pause = Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** this.#retries) * (0.75 + Math.random() / 2);
    this.#retries += 1;
    this.#retry = setTimeout(() => this.open(), pause);
  }

  #hurry() {
    if (this.#state === 'connecting' && this.#socket === undefined) this.open();
  }

  #checkSilence() {
    const waits =
      this.#socket?.readyState === WebSocket.OPEN &&
      ((this.#session?.lines.length ?? 0) > 0 || this.#resuming);
    const silent = waits && !this.#paused ? performance.now() - this.#heard : 0;
    if (silent > SILENT_MS) this.open();
    else if (silent > QUIET_MS && this.#state === 'live') this.#become('paused');
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  /** @param {object} message */
  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** @param {State} state @param {string} [why] */
  #become(state, why) {
    this.#state = state;
    this.#shown.state(state, this.#session, why);
  }
}

/** @param {CloseEvent} event */
function why(event) {
  if (event.code === 4001) return 'This session goes on in another window.';
  return event.code === 1000 ? 'The line is closed.' : `The line was closed: ${event.reason || event.code}.`;
}

/** @returns {Session | undefined} */
function load() {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param {Session | undefined} session */
function store(session) {
  try {
    if (session === undefined) sessionStorage.removeItem(STORED);
    else sessionStorage.setItem(STORED, JSON.stringify(session));
  } catch {
    // Storage is full or not allowed: then a reload starts anew, and all else works.
  }
}
