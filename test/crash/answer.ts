/**
 * What the objects of the classes of `class-source.ts` tell of themselves:
 *
 *   answer to "stamp User03x17 on Ob0004":  User03x17 {"object":"Ob0004","version":5,"levels":[...],"far":...}
 *   answer to "report Ob0004":              {"object":"Ob0004","version":5,"levels":[...],"trails":[...],...}
 */

/** What one class in an object's line of classes says, the one that all others are built on first. */
interface Level {
  /** The text whose code this is. */
  readonly text: string;
  /** How often the object was stamped, as this class counts it. */
  readonly count: number;
}

export interface State {
  readonly object: string;
  /** The version of its class that the object is of. */
  readonly version: number;
  readonly levels: readonly Level[];
}

export interface OwnState extends State {
  /** The current version of the class that its code uses; null if it uses none. */
  readonly uses: number | null;
  /** What came twice, late or never, by its own count. */
  readonly faults: readonly string[];
}

export interface StampAnswer extends OwnState {
  /** What its partner answered in the same turn; `extra` is what the method gave that only some texts have. */
  readonly far: (State & { readonly extra: string }) | null;
}

export interface ReportAnswer extends OwnState {
  /** By level: `3:Kind07t2` for an upgrade from version 3, which was of that text. */
  readonly trails: readonly (readonly string[])[];
  readonly partner: string | null;
  readonly sent: number;
  readonly ticked: number;
  readonly set: number;
  readonly rung: number;
  readonly calls: number;
  readonly mails: number;
  readonly told: Readonly<Record<string, number>>;
  readonly post: Readonly<Record<string, number>>;
}

const STAMPED = /^(\w+x\d+) (\{.*\})$/;
const REPORTED = /^\{"object":.*\}$/;

export function parseStamp(line: string): { readonly id: string; readonly answer: StampAnswer } | undefined {
  const [, id, text] = STAMPED.exec(line) ?? [];
  return id === undefined || text === undefined ? undefined : { id, answer: JSON.parse(text) as StampAnswer };
}

export function parseReport(line: string): ReportAnswer | undefined {
  return REPORTED.test(line) ? (JSON.parse(line) as ReportAnswer) : undefined;
}
