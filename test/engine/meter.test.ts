import { Meter } from '../../engine/meter.ts';
import { Shares } from '../../engine/shares.ts';
import type { ObjectId } from '../../wrappers/names.ts';
import type { Wrapper } from '../../wrappers/wrapper.ts';

/** A meter whose time goes on only when the test says so, and what it has noted. */
function timed({ bankBurst = 1_000, bankShare = 100 } = {}) {
  const time = { now: 0 };
  const notes: (string | null)[] = [];
  // Bank 1 is the world's own, and gave all others.
  const above = (bank: ObjectId): ObjectId | null => (bank === 'o1' ? null : ('o1' as ObjectId));
  const shares = new Shares({ bankBurst, bankShare, shareCharacters: 500, above });
  const meter = new Meter({ stopwatch: () => time.now, note: (running) => notes.push(running), shares });
  /** A call on an object, which takes so long before and after what it calls itself. */
  const call = (wrapper: Wrapper, before: number, within: () => void = () => {}, after = 0): void => {
    meter.enter(wrapper);
    time.now += before;
    within();
    time.now += after;
    meter.leave();
  };
  const used = (): Record<string, readonly [milliseconds: number, calls: number]> =>
    Object.fromEntries(
      meter
        .accounts(() => '')
        .map(({ className, milliseconds, calls }) => [className, [milliseconds, calls]]),
    );
  return { time, notes, meter, call, used };
}

/** What the meter looks at of an object. */
function object(name: string, number: number, { bank = 'o1', isNew = false } = {}): Wrapper {
  return {
    id: `o${number}` as ObjectId,
    spec: { name },
    bank,
    record: isNew ? undefined : {},
  } as unknown as Wrapper;
}

const cat = object('Cat', 11);
const dog = object('Dog', 12);
const hen = object('Hen', 13);

test('each class is charged for its own time, and not for what it calls', () => {
  const { call, used, meter, time } = timed();
  meter.begin('m 1', null);
  call(cat, 5, () => call(dog, 7, () => call(cat, 1), 2), 10);
  time.now += 100; // built-in classes only: nobody's
  call(dog, 3);
  expect(used()).toEqual({ Cat: [16, 2], Dog: [12, 2] });
});

test('the most expensive class comes first, with its author', () => {
  const { call, meter } = timed();
  meter.begin('m 1', null);
  call(cat, 1.0004);
  call(dog, 2);
  expect(meter.accounts((name) => `author of ${name}`)).toEqual([
    { className: 'Dog', author: 'author of Dog', milliseconds: 2, calls: 1 },
    { className: 'Cat', author: 'author of Cat', milliseconds: 1, calls: 1 },
  ]);
});

test("time between turns is nobody's, also after one that was stopped", () => {
  const { call, used, meter, time } = timed();
  meter.begin('m 1', null);
  meter.enter(cat);
  time.now += 300;
  meter.blamed(300);
  meter.end();
  time.now += 10_000;
  meter.begin('m 2', null);
  call(dog, 4);
  expect(used()).toEqual({ Cat: [300, 1], Dog: [4, 1] });
});

test('what could not be noted has not been entered, and what could not be left is over when its attempt is', () => {
  const { meter, time, call } = timed();
  const failing = { at: '' };
  const again = new Meter({
    stopwatch: () => time.now,
    note: (running) => {
      if (running === failing.at) throw new RangeError('Maximum call stack size exceeded');
    },
    shares: new Shares({ bankBurst: 1_000, bankShare: 100, shareCharacters: 500, above: () => null }),
  });
  again.begin('m 1', null);
  again.enter(cat);
  failing.at = 'm 1 o12';
  expect(() => {
    again.enter(dog);
  }).toThrow(RangeError);
  failing.at = '';
  time.now += 300;
  expect(again.blamed(300)).toBe(cat);
  meter.begin('m 2', null);
  call(cat, 1, () => {
    const { entered } = meter;
    meter.enter(dog);
    meter.enter(hen);
    meter.leaveTo(entered);
    time.now += 300;
    expect(meter.blamed(300)).toBe(cat);
  });
});

test('what the stack had no room to leave is paid for at the end of the turn', () => {
  const { meter, time } = timed({ bankBurst: 100, bankShare: 1 });
  const mine = object('Cat', 11, { bank: 'o2' });
  meter.begin('m 1', null);
  meter.enter(mine);
  time.now += 200;
  meter.end();
  meter.begin('m 2', null);
  expect(() => {
    meter.admit(mine);
  }).toThrow(/have used their share/);
});

test('whoever pays for what the turn has made is noted in its place', () => {
  const { call, meter, notes } = timed();
  meter.begin('m 1', null);
  call(cat, 1, () => call(object('Bomb', 99, { bank: 'o20', isNew: true }), 1));
  call(object('Own', 98, { isNew: true }), 1);
  meter.end();
  expect(notes).toEqual(['m 1 o11', 'm 1 o20', 'm 1 o11', 'm 1 o98', null]);
});

test('what runs is noted when it changes, and that nothing runs at the end of the turn', () => {
  const { call, notes, meter } = timed();
  meter.begin('m 7', null);
  meter.end();
  expect(notes).toEqual([]); // no class written in the world ran
  meter.begin('in sid 3', null);
  call(cat, 1, () => {
    call(cat, 1);
    call(dog, 1);
  });
  call(cat, 1);
  expect(notes).toEqual(['in sid 3 o11', 'in sid 3 o12', 'in sid 3 o11']);
  meter.end();
  meter.end();
  meter.begin('host', null);
  call(cat, 1);
  expect(notes.slice(3)).toEqual([null, 'host o11']);
});

describe('whom to blame for a turn that was stopped', () => {
  const stopped = (run: (world: ReturnType<typeof timed>) => void): string | undefined => {
    const world = timed();
    world.meter.begin('m 1', null);
    run(world);
    return world.meter.blamed(300)?.id;
  };

  test('the innermost that had been running for half of the time', () => {
    expect(
      stopped(({ meter, time }) => {
        meter.enter(cat);
        time.now += 10;
        meter.enter(dog);
        time.now += 100;
        meter.enter(hen);
        time.now += 190;
      }),
    ).toBe('o13');
  });

  test('not who was called when the time was nearly over', () => {
    expect(
      stopped(({ meter, time }) => {
        meter.enter(cat);
        time.now += 200;
        meter.enter(dog);
        time.now += 100;
      }),
    ).toBe('o11');
  });

  test('not who was called a thousand times', () => {
    expect(
      stopped(({ meter, time, call }) => {
        meter.enter(cat);
        for (let n = 0; n < 299; n += 1) call(dog, 1);
        meter.enter(dog);
        time.now += 1;
      }),
    ).toBe('o11');
  });

  test('the first one, if the time went by in classes of the program', () => {
    expect(
      stopped(({ meter, time }) => {
        time.now += 290;
        meter.enter(cat);
        meter.enter(dog);
        time.now += 10;
      }),
    ).toBe('o11');
  });

  test('nobody, if the time went by in classes of the program and none runs', () => {
    expect(stopped(({ time }) => void (time.now += 300))).toBeUndefined();
    expect(
      stopped(({ call, time }) => {
        call(cat, 20);
        time.now += 280;
      }),
    ).toBeUndefined();
  });

  test('who took most of the time, though it is through', () => {
    expect(
      stopped(({ call, time }) => {
        call(hen, 5);
        call(dog, 3, () => call(cat, 280), 5);
        call(hen, 5);
        time.now += 2;
      }),
    ).toBe('o11');
  });

  test('not who is called when somebody else has used up the time', () => {
    expect(
      stopped(({ meter, time, call }) => {
        call(hen, 1);
        call(cat, 140);
        call(dog, 130);
        meter.enter(hen);
        time.now += 29;
      }),
    ).toBe('o11');
  });

  test('whoever had it made, for what the turn has made itself', () => {
    const made = object('Egg', 20, { isNew: true });
    expect(
      stopped(({ meter, time }) => {
        meter.enter(hen);
        meter.enter(made);
        time.now += 300;
      }),
    ).toBe('o13');
    expect(
      stopped(({ meter, time }) => {
        meter.enter(made);
        time.now += 300;
      }),
    ).toBe('o20');
  });
});

describe('the share of a bank', () => {
  const poor = object('Cat', 11, { bank: 'o5' });
  const other = object('Dog', 12, { bank: 'o6' });
  const codeOf = (body: () => void): string => {
    try {
      body();
      return 'none';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  test('is used by the outermost call, whatever that calls, and comes back with time', () => {
    const { meter, call, time } = timed({ bankBurst: 50, bankShare: 10 });
    meter.begin('m 1', null);
    call(poor, 20, () => call(other, 29));
    expect(codeOf(() => meter.admit(poor))).toBe('none');
    call(poor, 2);
    expect(codeOf(() => meter.admit(poor))).toBe('TooBusy');
    expect(codeOf(() => meter.admit(other))).toBe('none');
    expect(codeOf(() => call(other, 1, () => meter.admit(poor)))).toBe('none'); // somebody else's turn
    time.now += 200;
    expect(codeOf(() => meter.admit(poor))).toBe('none');
  });

  test('is that of whoever sent the message, if an object did', () => {
    const { meter, call } = timed({ bankBurst: 50, bankShare: 10 });
    meter.begin('m 1', 'o5' as ObjectId);
    call(other, 60);
    meter.end();
    expect(meter.mustWait('o5' as ObjectId)).toBe(true);
    meter.begin('m 2', null);
    expect(codeOf(() => meter.admit(other))).toBe('none');
    expect(codeOf(() => meter.admit(poor))).toBe('TooBusy');
  });

  test('is used by what was sent also where only built-in classes do the work, and once for all of it', () => {
    const { meter, call, time } = timed({ bankBurst: 50, bankShare: 10 });
    meter.begin('m 1', 'o5' as ObjectId);
    time.now += 20;
    call(poor, 20);
    time.now += 9;
    meter.end();
    expect(meter.mustWait('o5' as ObjectId)).toBe(false);
    meter.begin('m 2', 'o5' as ObjectId);
    time.now += 2;
    meter.end();
    expect(meter.mustWait('o5' as ObjectId)).toBe(true);
    expect(meter.mustWait('o1' as ObjectId)).toBe(false);
    expect(meter.mustWait(null)).toBe(false);
  });

  test('is used by what is shown to others, by so many characters', () => {
    for (const [characters, code] of [
      [24_999, 'none'],
      [25_000, 'TooBusy'],
    ] as const) {
      const { meter, call } = timed({ bankBurst: 50, bankShare: 10 });
      meter.begin('m 1', null);
      call(poor, 0, () => meter.emitted(characters));
      expect(codeOf(() => meter.admit(poor))).toBe(code);
    }
    const { meter } = timed({ bankBurst: 50, bankShare: 10 });
    meter.begin('m 1', 'o5' as ObjectId);
    meter.emitted(25_000);
    meter.end();
    expect(codeOf(() => meter.admit(poor))).toBe('TooBusy');
  });

  test('is used also by a turn that was stopped, and has no bound for the first bank', () => {
    const { meter, time } = timed({ bankBurst: 50, bankShare: 10 });
    for (const wrapper of [poor, cat]) {
      meter.begin('m 1', null);
      meter.enter(wrapper);
      time.now += 300;
      meter.blamed(300);
      meter.begin('m 2', null);
    }
    expect(codeOf(() => meter.admit(poor))).toBe('TooBusy');
    expect(codeOf(() => meter.admit(cat))).toBe('none');
  });
});
