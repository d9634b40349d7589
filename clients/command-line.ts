/** The line without characters that it does not need, and that could move the cursor of whoever it is repeated to. */
export function withoutControls(line: string): string {
  // Most lines have none: a test is cheaper than a new string.
  return CONTROL.test(line) ? line.replace(CONTROLS, '') : line;
}

/** Control characters but for the tab and the line end. */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;
const CONTROLS = new RegExp(CONTROL, 'g');
