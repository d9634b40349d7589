import type { CellView, Deed } from './cell.ts';

interface Lent {
  readonly by: string;
  /** Cells of one name come and go: which of them. */
  readonly serial: number;
  readonly number: number;
}

interface ModelCell {
  readonly serial: number;
  readonly balance: number;
  readonly pokes: number;
  readonly held: ReadonlyMap<string, Lent>;
  readonly lent: ReadonlyMap<string, number>;
  readonly heard: readonly string[];
  readonly rung: readonly number[];
  readonly things: ReadonlySet<string>;
}

interface ModelTimer {
  readonly due: number;
  readonly order: number;
  readonly name: string;
  readonly serial: number;
  readonly n: number;
}

/** What all cells are, as plain data that never changes: a deed gives another one. */
export interface Model {
  readonly cells: ReadonlyMap<string, ModelCell>;
  readonly timers: readonly ModelTimer[];
  /** Lendings that are not revoked. */
  readonly alive: ReadonlySet<number>;
  /** Deeds that were done. */
  readonly count: number;
}

export const NOTHING: Model = { cells: new Map(), timers: [], alive: new Set(), count: 0 };

/** What a deed answers, 'refused' if it fails, and what comes of it. */
export function afterDeed(model: Model, deed: Deed, now: number): readonly [answer: string, model: Model] {
  const refused = ['refused', model] as const;
  const { cells } = model;
  const count = model.count + 1;
  const change = (changes: Readonly<Record<string, Partial<ModelCell>>>, more: Partial<Model> = {}) => {
    const changed = new Map(cells);
    for (const [name, change] of Object.entries(changes))
      changed.set(name, { ...(changed.get(name) as ModelCell), ...change });
    return ['done', { ...model, count, cells: changed, ...more }] as const;
  };
  switch (deed.do) {
    case 'create': {
      if (cells.has(deed.name)) return refused;
      const made = { serial: count, balance: 100, pokes: 0, heard: [], rung: [], things: new Set<string>() };
      return change({ [deed.name]: { ...made, held: new Map(), lent: new Map() } });
    }
    case 'destroy': {
      if (!cells.has(deed.name)) return refused;
      const rest = new Map(cells);
      rest.delete(deed.name);
      const serial = cells.get(deed.name)?.serial;
      const timers = model.timers.filter((timer) => timer.serial !== serial);
      return ['done', { ...model, count, cells: rest, timers }];
    }
    case 'pay': {
      const [from, to] = [cells.get(deed.from), cells.get(deed.to)];
      if (from === undefined || to === undefined) return refused;
      if (deed.from === deed.to) return change({});
      if (from.balance < deed.amount) return refused;
      return change({
        [deed.from]: { balance: from.balance - deed.amount },
        [deed.to]: { balance: to.balance + deed.amount },
      });
    }
    case 'make': {
      const cell = cells.get(deed.name);
      if (cell === undefined) return refused;
      return change({ [deed.name]: { things: new Set([...cell.things, deed.thing]) } });
    }
    case 'move': {
      const [from, to] = [cells.get(deed.from), cells.get(deed.to)];
      if (from === undefined || to === undefined) return refused;
      if (deed.from === deed.to)
        return change({
          [deed.from]: { things: new Set([...from.things].filter((each) => each !== deed.thing)) },
        });
      if (!from.things.has(deed.thing)) return refused;
      return change({
        [deed.from]: { things: new Set([...from.things].filter((each) => each !== deed.thing)) },
        [deed.to]: { things: new Set([...to.things, deed.thing]) },
      });
    }
    case 'lend': {
      const [from, to] = [cells.get(deed.from), cells.get(deed.to)];
      if (from === undefined || to === undefined) return refused;
      const lent = new Map(from.lent).set(deed.label, count);
      const held = new Map(to.held).set(deed.label, { by: deed.from, serial: from.serial, number: count });
      const alive = new Set(model.alive).add(count);
      if (deed.from === deed.to) return change({ [deed.from]: { lent, held } }, { alive });
      return change({ [deed.from]: { lent }, [deed.to]: { held } }, { alive });
    }
    case 'poke': {
      const lent = cells.get(deed.name)?.held.get(deed.label);
      if (lent === undefined) return refused;
      const by = cells.get(lent.by);
      if (by?.serial !== lent.serial || !model.alive.has(lent.number)) return ['dead', { ...model, count }];
      const [, next] = change({ [lent.by]: { pokes: by.pokes + 1 } });
      return [String(by.pokes + 1), next];
    }
    case 'revoke': {
      const cell = cells.get(deed.name);
      const number = cell?.lent.get(deed.label);
      if (cell === undefined || number === undefined) return refused;
      const lent = new Map(cell.lent);
      lent.delete(deed.label);
      const alive = new Set(model.alive);
      alive.delete(number);
      return change({ [deed.name]: { lent } }, { alive });
    }
    case 'send': {
      const to = cells.get(deed.to);
      if (to === undefined || !cells.has(deed.from)) return refused;
      return change({ [deed.to]: { heard: [...to.heard, `${deed.from} ${deed.n}`] } });
    }
    case 'timer':
      break;
  }
  const cell = cells.get(deed.name);
  if (cell === undefined) return refused;
  const { name, n } = deed;
  const timer = { due: now + deed.milliseconds, order: count, name, serial: cell.serial, n };
  return change({}, { timers: [...model.timers, timer] });
}

/** What has been rung by a time. */
export function afterTime(model: Model, now: number): Model {
  const cells = new Map(model.cells);
  const due = model.timers.filter((timer) => timer.due <= now);
  due.sort((a, b) => a.due - b.due || a.order - b.order);
  for (const { name, serial, n } of due) {
    const cell = cells.get(name);
    if (cell?.serial === serial) cells.set(name, { ...cell, rung: [...cell.rung, n] });
  }
  return { ...model, cells, timers: model.timers.filter((timer) => timer.due > now) };
}

/** What can be seen of all cells, as a text. What was heard is in order for each that was sent by, not among them. */
export function seen(views: readonly CellView[]): string {
  return JSON.stringify(
    views.map(({ name, balance, pokes, held, heard, rung, things }) => {
      const senders = [...new Set(heard.map((each) => each.split(' ')[0]))].sort();
      const apart = senders.map((from) => heard.filter((each) => each.split(' ')[0] === from));
      return { name, balance, pokes, held: [...held], heard: apart, rung, things: [...things] };
    }),
  );
}

export function viewsOf(model: Model): readonly CellView[] {
  return [...model.cells]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, cell]) => ({
      name,
      balance: cell.balance,
      pokes: cell.pokes,
      held: [...cell.held.keys()].sort(),
      heard: cell.heard,
      rung: cell.rung,
      things: [...cell.things].sort(),
    }));
}
