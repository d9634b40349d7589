import { Connection } from './connection.js';
import { Log, Scene } from './display.js';

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {string} id */
const input = (id) => /** @type {HTMLInputElement} */ (document.getElementById(id));

const STATES = {
  connecting: 'Connecting',
  prompt: 'Connected',
  live: 'Connected',
  paused: 'The world holds its breath',
  closed: 'Not connected',
};
const HISTORY_MOST = 200;

const log = new Log(element('log'), element('newer'));
const scene = new Scene(element('scene'), (line) => {
  say(line);
  // Who has a keyboard types on; on a phone this would open one over the page.
  if (matchMedia('(pointer: fine)').matches) lineInput.focus();
});
const lineInput = input('line');
const login = /** @type {HTMLFormElement} */ (element('login'));

/** Lines typed in this session, the newest last, and the one that is being looked at. @type {string[]} */
const history = [];
let looking = 0;
let live = false;
let formUsed = false;

const connection = new Connection(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`, {
  item(item) {
    if (typeof item === 'string') log.add(item, 'said');
    else if (item[0] === 'scene') {
      scene.show(item[1]);
      log.setPlace(scene.room);
    } else if (item[0] === 'writing') scene.setWriting(item[1] === true);
  },
  notice: (text) => log.add(text, 'notice'),
  refused(n, message) {
    if (n === 0 && formUsed) element('trouble').textContent = message;
    else log.add(message, 'trouble');
  },
  state(state, session, why) {
    const shown = element('state');
    shown.dataset.state = state;
    shown.textContent = STATES[state];
    live = session !== undefined;
    element('player').hidden = !live;
    element('player').textContent = session?.name ?? '';
    login.hidden = state !== 'prompt';
    element('closed').hidden = state !== 'closed';
    element('why').textContent = why ?? '';
    element('say').hidden = state === 'closed';
    lineInput.disabled = state === 'closed' || (state === 'connecting' && !live);
    if (!live) scene.hide();
    if (state === 'live') formUsed = false;
  },
  save() {
    log.save();
    scene.save();
  },
  fresh() {
    history.length = 0;
    looking = 0;
    input('password').value = '';
    element('trouble').textContent = '';
    lineInput.focus();
  },
});

/** Sends lines and shows them, as if typed. @param {...string} lines */
function say(...lines) {
  for (const line of lines) log.add(live ? line : withoutPassword(line), 'typed');
  connection.say(...lines);
}

/** What a line at the login prompt may be shown as. @param {string} line */
function withoutPassword(line) {
  return line.replace(
    /^(\s*(?:create|connect)\s+\S+\s+).*$/i,
    '$1\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022',
  );
}

element('say').addEventListener('submit', (event) => {
  event.preventDefault();
  const line = lineInput.value;
  // A blank line is one of the text that somebody is writing.
  if ((line.trim() === '' && !live) || lineInput.disabled) return;
  formUsed = false;
  if (live && line.trim() !== '' && history.at(-1) !== line) history.push(line);
  if (history.length > HISTORY_MOST) history.shift();
  looking = history.length;
  lineInput.value = '';
  say(line);
});

// A text of several lines is sent line by line; what follows the last line end waits to be sent.
lineInput.addEventListener('paste', (event) => {
  const pasted = event.clipboardData?.getData('text') ?? '';
  if (!live || !pasted.includes('\n')) return;
  event.preventDefault();
  const { value, selectionStart, selectionEnd } = lineInput;
  const text = value.slice(0, selectionStart ?? 0) + pasted + value.slice(selectionEnd ?? value.length);
  const lines = text.split(/\r\n|\r|\n/);
  lineInput.value = lines.pop() ?? '';
  say(...lines);
});

lineInput.addEventListener('keydown', (event) => {
  const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
  if (step === 0 || event.isComposing || history.length === 0) return;
  event.preventDefault();
  looking = Math.max(0, Math.min(history.length, looking + step));
  lineInput.value = history[looking] ?? '';
});

login.addEventListener('submit', (event) => {
  event.preventDefault();
  const chosen = /** @type {HTMLButtonElement | null} */ (event.submitter)?.value ?? 'connect';
  formUsed = true;
  element('trouble').textContent = '';
  if (chosen === 'guest') return connection.say('connect guest');
  const name = input('name').value.trim();
  const password = input('password').value;
  // The first word of the password would be taken for a name that is not there.
  if (name === '') element('trouble').textContent = 'A name is needed.';
  else if (/\s/.test(name)) element('trouble').textContent = 'A name is one word.';
  else connection.say(`${chosen} ${name} ${password}`);
});

element('again').addEventListener('click', () => connection.open());

log.restore();
scene.restore();
log.setPlace(scene.room);
connection.open();
