/** What the page shows: the log, and what is here as buttons. */

const STORED = 'keystead-log';
const STORED_SCENE = 'keystead-scene';
/** Lines that are kept on the page, and of these, over a reload. */
const LINES_SHOWN = 2000;
const LINES_KEPT = 300;
/** Pixels from the end of the log that still count as reading its end. */
const NEAR_END = 40;

/** @typedef {'said' | 'typed' | 'notice' | 'trouble'} Kind */

export class Log {
  #element;
  #newer;
  /** The name of the place, which sets off a description of it. */
  #place = '';

  /** @param {HTMLElement} element @param {HTMLElement} newer the button that leads to the end */
  constructor(element, newer) {
    this.#element = element;
    this.#newer = newer;
    element.addEventListener('scroll', () => this.#atEnd() && (newer.hidden = true));
    newer.addEventListener('click', () => this.#toEnd());
    new ResizeObserver(() => newer.hidden && this.#toEnd()).observe(element);
  }

  /** @param {string} text @param {Kind} kind */
  add(text, kind) {
    const reading = this.#atEnd();
    const line = document.createElement('p');
    line.className = kind;
    line.textContent = text;
    this.#element.append(line);
    this.#setOff(line);
    while (this.#element.childElementCount > LINES_SHOWN) this.#element.firstElementChild?.remove();
    if (reading || kind === 'typed') this.#toEnd();
    else this.#newer.hidden = false;
  }

  /** The place has this name from now on. Its description may have come already. @param {string} name */
  setPlace(name) {
    this.#place = name;
    this.#setOff(this.#element.lastElementChild);
  }

  clear() {
    this.#element.replaceChildren();
  }

  /** Keeps the last lines over a reload of the page. */
  save() {
    const lines = [...this.#element.children].slice(-LINES_KEPT);
    try {
      sessionStorage.setItem(STORED, JSON.stringify(lines.map((line) => [line.className, line.textContent])));
    } catch {
      // Storage is full or not allowed: then a reload starts with an empty log.
    }
  }

  /** Shows what was kept; not to be read out again. */
  restore() {
    try {
      const lines = JSON.parse(sessionStorage.getItem(STORED) ?? '[]');
      if (lines.length === 0) return;
      this.#element.setAttribute('aria-live', 'off');
      for (const [kind, text] of lines) this.add(String(text), kind);
      setTimeout(() => this.#element.setAttribute('aria-live', 'polite'), 500);
    } catch {
      this.clear();
    }
  }

  /** @param {Element | null} line */
  #setOff(line) {
    if (line === null || this.#place === '' || !line.classList.contains('said')) return;
    if (line.textContent?.startsWith(`${this.#place}\n`)) line.classList.add('place');
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#element;
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  #toEnd() {
    this.#element.scrollTop = this.#element.scrollHeight;
    this.#newer.hidden = true;
  }
}

export class Scene {
  #section;
  #say;
  /** @type {unknown} */
  #data;
  /** What is typed is the source of a class. */
  #writing = false;

  /** @param {HTMLElement} section @param {(line: string) => void} say what a press on a button types */
  constructor(section, say) {
    this.#section = section;
    this.#say = say;
  }

  /** The name of the room that is shown, or nothing. */
  get room() {
    return this.#section.hidden ? '' : (this.#part('room').textContent ?? '');
  }

  hide() {
    this.#section.hidden = true;
    this.#data = undefined;
    this.#writing = false;
  }

  /** While somebody writes, a button would type into the source. @param {boolean} writing */
  setWriting(writing) {
    this.#writing = writing;
    for (const button of this.#section.querySelectorAll('button')) button.disabled = writing;
  }

  /** Keeps what is shown over a reload of the page. */
  save() {
    try {
      sessionStorage.setItem(STORED_SCENE, JSON.stringify([this.#data ?? null, this.#writing]));
    } catch {
      // As for the log.
    }
  }

  restore() {
    try {
      const [data, writing] = JSON.parse(sessionStorage.getItem(STORED_SCENE) ?? '[null, false]');
      this.#writing = writing === true;
      this.show(data);
    } catch {
      this.hide();
    }
  }

  /** Shows a 'scene' item; what does not look like one is ignored.
   * @param {any} data */
  show(data) {
    if (typeof data?.room !== 'string') return;
    this.#data = data;
    this.#section.hidden = false;
    this.#part('room').textContent = data.room;
    const exits = list(data.exits).filter((exit) => typeof exit?.name === 'string');
    this.#group('exits', exits, (exit) => ({
      text: exit.name,
      line: `go ${exit.name}`,
      more: typeof exit.to === 'string' ? exit.to : '',
    }));
    for (const id of ['people', 'things']) {
      const names = list(data[id]).filter((name) => typeof name === 'string');
      this.#group(id, names, (name) => ({ text: name, line: `examine ${name}`, more: '' }));
    }
  }

  /** @param {string} id */
  #part(id) {
    return /** @type {HTMLElement} */ (this.#section.querySelector(`#${id}`));
  }

  /** @param {string} id @param {any[]} things @param {(thing: any) => { text: string, line: string, more: string }} describe */
  #group(id, things, describe) {
    const group = this.#part(id);
    group.hidden = things.length === 0;
    group.replaceChildren(
      ...things.map((thing) => {
        const { text, line, more } = describe(thing);
        const button = document.createElement('button');
        button.type = 'button';
        button.textContent = text;
        button.disabled = this.#writing;
        if (more !== '') {
          const small = document.createElement('small');
          small.textContent = more;
          button.append(' ', small);
        }
        button.addEventListener('click', () => this.#say(line));
        return button;
      }),
    );
  }
}

/** @param {unknown} alleged @returns {any[]} */
function list(alleged) {
  return Array.isArray(alleged) ? alleged : [];
}
