import {
  after,
  attempt,
  attenuate,
  cancel,
  collection,
  create,
  destroy,
  emit,
  facet,
  only,
  fail,
  revoke,
  send,
} from '../../engine/authoring.ts';
import type { WorldLimits } from '../../engine/limits.ts';
import { idIn } from '../key-id.ts';
import type { Fixture } from './fixture.ts';
import { act, codeOf, openPuppets, play, Puppet, type Doll } from './puppet.ts';

const throwing = act(() => {
  throw fail('Nope', 'It will not.');
}, 'attempt throw');
const changing = act((self, value: unknown) => void (self.state['x'] = value), 'attempt change');
const dying = act((self) => destroy(self), 'attempt die');

for (const evictAlways of [false, true]) {
  describe(`an attempt${evictAlways ? ', evicting always' : ''}`, () => {
    let f: Fixture;
    beforeEach(async () => {
      f = await openPuppets({ evictAlways });
      await play(
        f,
        (self) => void Object.assign(self.state, { a: self.make({ x: 0 }), b: self.make({ x: 0 }) }),
      );
    });
    afterEach(async () => {
      await f.close();
    });
    const a = (self: Puppet): Doll => self.state['a'] as Doll;
    const b = (self: Puppet): Doll => self.state['b'] as Doll;

    test('that is undone leaves no timer whose number would cancel one that is set later', async () => {
      await play(
        f,
        (self, body: string) => {
          let inVain = 0;
          attempt(() => {
            inVain = after(1_000, a(self), 'act', [body, 'in vain']);
            throw fail('Nope', 'It will not.');
          });
          cancel(inVain);
          after(2_000, a(self), 'act', [body, 'rang']);
          cancel(after(2_500, b(self), 'act', [body, 'rang']));
        },
        changing,
      );
      await f.advance(3_000);
      expect(await play(f, (self) => [a(self).get('x'), b(self).get('x')])).toEqual(['rang', 0]);
    });

    test('gives the value, or the code and message of what was thrown', async () => {
      await play(f, (self) => {
        expect(attempt(() => a(self).look())).toEqual({ ok: true, value: 'a puppet' });
        expect(attempt(() => a(self).act(throwing))).toEqual({
          ok: false,
          error: { code: 'Nope', message: 'It will not.' },
        });
        expect(
          attempt(() => {
            throw new Error('mine');
          }),
        ).toMatchObject({ ok: false, error: { code: 'Threw' } });
        return null;
      });
    });

    test('undoes all that it did, and nothing that was done before or is done after', async () => {
      await play(f, (self) => {
        a(self).act(changing, 'before');
        const tried = attempt(() => {
          a(self).act(changing, 'inside');
          b(self).act(changing, 'inside');
          const made = self.make({ x: 'made' });
          send(made, 'look', []);
          send(b(self), 'act', [changing, 'sent']);
          after(5, b(self), 'act', [changing, 'rang']);
          emit('inside');
          a(self).act(dying);
          attenuate(b(self), { for: 'x' });
          throw new Error('undo');
        });
        expect(tried.ok).toBe(false);
        expect([a(self).get('x'), b(self).get('x')]).toEqual(['before', 0]);
        b(self).act(changing, 'after');
        return null;
      });
      await f.advance(10);
      expect(await play(f, (self) => [a(self).get('x'), b(self).get('x'), a(self).look()])).toEqual([
        'before',
        'after',
        'a puppet',
      ]);
      expect(f.journal.contents().filter(([key]) => key.startsWith('o/'))).toHaveLength(6);
    });

    test('inside another undoes its own part only', async () => {
      await play(f, (self) => {
        const outer = attempt(() => {
          a(self).act(changing, 1);
          attempt(() => {
            a(self).act(changing, 2);
            b(self).act(changing, 2);
            throw new Error('inner');
          });
          expect([a(self).get('x'), b(self).get('x')]).toEqual([1, 0]);
          attempt(() => b(self).act(changing, 3));
          expect(b(self).get('x')).toBe(3);
          return 'done';
        });
        expect(outer).toEqual({ ok: true, value: 'done' });
        expect([a(self).get('x'), b(self).get('x')]).toEqual([1, 3]);
        attempt(() => {
          attempt(() => a(self).act(changing, 4));
          attempt(() => b(self).act(dying));
          expect(attempt(() => b(self).look())).toMatchObject({ error: { code: 'Gone' } });
          throw new Error('outer');
        });
        expect([a(self).get('x'), b(self).get('x')]).toEqual([1, 3]);
        return null;
      });
      expect(await play(f, (self) => [a(self).get('x'), b(self).get('x')])).toEqual([1, 3]);
    });

    test('takes back revocations, uses and grants', async () => {
      await play(f, (self) => {
        const weak = attenuate(a(self), { for: 'weak' });
        const once = attenuate(a(self), { uses: 1 });
        attempt(() => {
          once.look();
          revoke(a(self), weak);
          expect(attempt(() => weak.look()).ok).toBe(false);
          throw new Error('undo');
        });
        expect([weak.look(), once.look()]).toEqual(['a puppet', 'a puppet']);
        expect(attempt(() => once.look())).toMatchObject({ error: { code: 'UsedUp' } });
        Object.assign(self.state, { weak, once });
        return null;
      });
      expect(await codeOf(play(f, (self) => (self.state['weak'] as Doll).look()))).toBe('none');
      expect(await codeOf(play(f, (self) => (self.state['once'] as Doll).look()))).toBe('UsedUp');
    });

    test('that changed the object which attempts it, and fails, fails the turn', async () => {
      const playing = play(f, (self) => {
        attempt(() => {
          self.state['mine'] = 1;
          a(self).act(changing, 'x');
          throw new Error('undo');
        });
        return null;
      });
      // It says why the attempt failed: whoever asked for the turn is told nothing else.
      await expect(playing).rejects.toThrow(/cannot be undone by itself: .*undo/);
      expect(await play(f, (self) => [self.state['mine'], a(self).get('x')])).toEqual([undefined, 0]);
    });

    test('that changed an object further down the stack, and fails, comes to nothing', async () => {
      const body = act((self, below: Doll) => {
        const tried = attempt(() => {
          below.set('x', 'changed');
          throw new Error('undo');
        });
        return tried.ok;
      });
      await play(f, (self) => a(self).set('below', b(self)));
      const calling = act((self, other: Doll, me: Doll) => {
        const went = other.act(body, me);
        me.set('went', went);
        return null;
      });
      expect(await codeOf(play(f, (self) => b(self).act(calling, a(self), b(self))))).toBe('none');
      expect(await play(f, (self) => [a(self).get('x'), b(self).get('x'), b(self).get('went')])).toEqual([
        0,
        0,
        false,
      ]);
    });

    test('that did so within others comes to nothing, too', async () => {
      const spoiling = act((self, below: Doll) => {
        attempt(() => {
          attempt(() => {
            below.set('x', 'changed');
            throw new Error('undo');
          });
        });
        return null;
      });
      const calling = act((self, other: Doll, me: Doll) => other.act(spoiling, me));
      const all = (self: Puppet): unknown => b(self).act(calling, a(self), b(self));
      expect(await codeOf(play(f, all))).toBe('none');
      expect(await codeOf(play(f, (self) => attempt(() => all(self)).ok))).toBe('none');
      expect(await play(f, (self) => b(self).get('x'))).toBe(0);
    });

    test('whose error was swallowed inside has failed all the same', async () => {
      await play(f, (self) => {
        const tried = attempt(() => {
          a(self).act(changing, 1);
          try {
            b(self).act(throwing);
          } catch {}
          return 'as if nothing had been';
        });
        expect(tried).toMatchObject({ ok: false, error: { code: 'Nope' } });
        expect(a(self).get('x')).toBe(0);
        return null;
      });
    });

    test('in which a call was refused before it ran has failed too, as a turn has, also if that was swallowed', async () => {
      const swallowing = (self: Puppet): void => {
        a(self).set('x', 1);
        try {
          Reflect.apply(a(self).set, only(a(self), 'look'), ['x', 2]);
        } catch {}
      };
      await play(f, (self) => {
        expect(attempt(() => swallowing(self))).toMatchObject({ error: { code: 'NoSuchMethod' } });
        expect(a(self).get('x')).toBe(0);
        return null;
      });
      expect(await codeOf(play(f, swallowing))).toBe('NoSuchMethod');
      expect(await play(f, (self) => a(self).get('x'))).toBe(0);
    });

    test('leaves its object as current: facets, sends and this work after it', async () => {
      const sharing = act((self) => {
        attempt(() => attempt(() => 1));
        return attempt(() => {
          attempt(() => 1);
          return facet<typeof Puppet, 'hidden'>(self, 'hidden');
        }).ok;
      });
      const both = act((self) => {
        attempt(() => 1);
        return [self, self, { again: self }];
      });
      await play(f, (self) => {
        expect(a(self).act(sharing)).toBe(true);
        attempt(() => {
          attempt(() => 1);
          const fresh = self.make();
          const [one, two, three] = fresh.act(both) as [Doll, Doll, { again: Doll }];
          expect([one === two, one === three.again, one === fresh.self()]).toEqual([true, true, true]);
        });
        return null;
      });
    });

    test('takes back the number of objects, so that the next one is numbered as if it had not been', async () => {
      await play(f, (self) => {
        attempt(() => {
          self.make();
          self.make();
          throw new Error('undo');
        });
        self.state['next'] = self.make();
        return null;
      });
      await f.settle();
      const ids = f.journal.contents().flatMap(([key]) => (key.startsWith('o/') ? [idIn(key)] : []));
      expect(ids).toEqual(['o1', 'o2', 'o3', 'o4', 'o5', 'o6', 'o7']);
      const next = await f.restart();
      expect(await codeOf(play(next, (self) => (self.state['next'] as Doll).look()))).toBe('none');
      await next.close();
    });

    test('pays back what a creation in it has cost', async () => {
      await play(f, (self) => {
        const before = self.bank.balance();
        attempt(() => {
          self.make();
          throw new Error('undo');
        });
        expect(self.bank.balance()).toBe(before);
        attempt(() => create(self.bank, Puppet, {}, throwing));
        expect(self.bank.balance()).toBe(before);
        return null;
      });
    });

    test('on what cannot be stored, or paid for, afterwards comes to nothing, and the turn goes on', async () => {
      await play(
        f,
        (self, body: string) => {
          const dry = self.bank.split(2);
          self.state['odd'] = create(dry, Puppet, {});
          self.state['large'] = create(dry, Puppet, {});
          self.state['dry'] = dry;
          self.state['throwing'] = body;
        },
        throwing,
      );
      const before = (await f.call(f.world.roots.bank, 'balance')) as number;
      const tried = await play(
        f,
        (self, body: string) => {
          const [odd, large] = [self.state['odd'] as Doll, self.state['large'] as Doll];
          const said = [
            attempt(() => a(self).act(body, 'x'.repeat(3_000))),
            attempt(() => {
              b(self).act(body, 'with the others');
              odd.set('toRecord', self.state['throwing']);
            }),
            attempt(() => {
              b(self).act(body, 'with the others');
              large.act(body, 'x'.repeat(3_000));
            }),
            attempt(() => b(self).look()),
          ].map((each) => (each.ok ? 'ok' : each.error.code));
          self.state['said'] = true;
          return said;
        },
        changing,
      );
      expect(tried).toEqual(['ok', 'NotStorable', 'BankDry', 'ok']);
      expect(await play(f, (self) => [self.state['said'], b(self).get('x')])).toEqual([true, 0]);
      expect(await play(f, (self) => (self.state['odd'] as Doll).look())).toBe('a puppet');
      expect(before - ((await f.call(f.world.roots.bank, 'balance')) as number)).toBe(3);
    });

    test('that leaves an object which waits for it as it cannot be stored, or paid for, comes to nothing', async () => {
      const growing = act((self, below: Doll, size: number) => below.set('y', 'y'.repeat(size)));
      const waiting = act((self, me: Doll, body: string, size: number) => {
        const said = [a(self), b(self)].map((each) => attempt(() => each.act(body, me, size)).ok);
        self.state['said'] = said.join();
        return said;
      });
      await play(f, (self) => {
        const dry = self.bank.split(1);
        self.state['c'] = create(dry, Puppet, { a: a(self), b: b(self) });
        return null;
      });
      const c = (self: Puppet): Doll => self.state['c'] as Doll;
      const tried = (size: number): Promise<unknown> =>
        play(f, (self, size: number) => c(self).act(waiting, c(self), growing, size), size);
      expect(await tried(100)).toEqual([true, true]);
      expect(await tried(2_000)).toEqual([false, false]);
      expect(await play(f, (self) => [c(self).get('said'), c(self).get('y')])).toEqual([
        'false,false',
        'y'.repeat(100),
      ]);
    });

    test('keeps what an object in it stores of itself, also if another one fails afterwards', async () => {
      const naming = act((self) => {
        self.state['me'] = self;
      });
      await play(
        f,
        (self, naming: string, body: string) => {
          const odd = self.make();
          a(self).act(naming);
          attempt(() => b(self).act(naming));
          attempt(() => odd.set('toRecord', body));
          self.state['same'] = [a(self), b(self)].every((each) => each.get('me') === each.self());
        },
        naming,
        throwing,
      );
      expect(await play(f, (self) => self.state['same'])).toBe(true);
      const next = await f.restart();
      expect(
        await play(next, (self) =>
          [a(self), b(self)].map((each) => each.get('me') === each.self() && (each.get('me') as Doll).look()),
        ),
      ).toEqual(['a puppet', 'a puppet']);
      await next.close();
    });

    test('is not to blame for what the object that makes it cannot store', async () => {
      const code = codeOf(
        play(
          f,
          (self, body: string) => {
            attempt(() => a(self).look());
            self.state['toRecord'] = body;
            return null;
          },
          throwing,
        ),
      );
      expect(await code).toBe('NotStorable');
      expect(await play(f, (self) => self.look())).toBe('a puppet');
    });
  });
}

describe('an attempt leaves some of what its turn may do for what comes after it:', () => {
  const doings: Partial<Record<keyof WorldLimits, (self: Puppet) => unknown>> = {
    turnOutputs: () => emit('x'),
    turnOutputCharacters: () => emit('x'),
    turnSends: (self) => send(facet<typeof Puppet, 'owner'>(self, 'owner'), 'look', []),
    turnGrants: (self) => facet<typeof Puppet, 'public'>(self, 'public', { for: 'x' }),
    turnCreates: (self) => self.make(),
    turnWrites: (self) => collection(self, 'entries').delete('x') || collection(self, 'entries').set('x', 1),
  };
  test.each(Object.entries(doings))('%s', async (limit, doing) => {
    const f = await openPuppets({ limits: { [limit]: 64 } });
    const asMany = (self: Puppet): number => {
      let many = 0;
      while (attempt(() => doing(self)).ok) many += 1;
      return many;
    };
    const many = await play(f, (self) => {
      const doll = self.make();
      const within = (): unknown => doll.act(act(asMany, `attempt ${limit}`));
      const [one, other] = [attempt(within), attempt(within)];
      doing(self);
      return one.ok && other.ok ? [one.value, other.value] : null;
    });
    expect(many).toEqual([expect.any(Number), 0]);
    await f.close();
  });
});

describe('an error that is caught by hand fails the turn', () => {
  const verbs: Record<string, (self: Puppet) => unknown> = {
    'a call that throws': (self) => self.make().act(throwing),
    'a call that is refused': (self) => (self.bank as unknown as { pay(n: unknown): void }).pay('x'),
    'a creation whose init throws': (self) => self.make({}, throwing),
    'a creation with arguments that may not cross': (self) => self.make({ x: () => 1 }),
    'a creation of no class': (self) => create(self.bank, class Other extends Puppet {}),
    'a call on what is gone': (self) => {
      const doll = self.make();
      doll.act(dying);
      return doll.look();
    },
  };
  for (const [what, verb] of Object.entries(verbs)) {
    test(what, async () => {
      const f = await openPuppets();
      const before = f.journal.contents();
      const code = await codeOf(
        play(f, (self) => {
          self.state['x'] = 1;
          try {
            verb(self);
          } catch {}
          return null;
        }),
      );
      await f.settle();
      expect(code).not.toBe('none');
      expect(f.journal.contents()).toEqual(before);
      await f.close();
    });
  }
});

describe('destroying and paying', () => {
  test('an object is destroyed once, and paid back once', async () => {
    const f = await openPuppets();
    const twice = act((self) => {
      destroy(self);
      attempt(() => destroy(self));
      attempt(() => destroy(self));
      return null;
    });
    const balances = await play(f, (self) => {
      const start = self.bank.balance();
      const doll = self.make();
      const during = self.bank.balance();
      doll.act(twice);
      return [start - during, self.bank.balance() - start];
    });
    expect(balances).toEqual([1, 0]);
    await f.close();
  });

  for (const evictAlways of [false, true]) {
    test(`the bank that paid is paid back, however new it is${evictAlways ? ', evicting always' : ''}`, async () => {
      const f = await openPuppets({ evictAlways });
      const sameTurn = await play(f, (self) => {
        const own = self.bank.split(10);
        const doll = create(own, Puppet);
        doll.act(dying);
        self.state['own'] = own;
        return own.balance();
      });
      expect(sameTurn).toBe(10);
      f.journal.hold();
      const pair = [
        play(f, (self) => void (self.state['own'] = self.bank.split(10))),
        play(f, (self) => {
          create(self.state['own'] as Puppet['bank'], Puppet).act(dying);
        }),
      ];
      await new Promise((resolve) => setImmediate(resolve));
      f.journal.release();
      await Promise.all(pair);
      expect(await play(f, (self) => (self.state['own'] as Puppet['bank']).balance())).toBe(10);
      await f.close();
    });
  }

  test('capabilities of what is destroyed answer Gone at once, later, and after a restart', async () => {
    const f = await openPuppets();
    await play(f, (self) => {
      const doll = self.make();
      Object.assign(self.state, { doll, weak: attenuate(doll, { for: 'x' }) });
      return null;
    });
    await play(f, (self) => {
      const doll = self.state['doll'] as Doll;
      doll.act(dying);
      expect(attempt(() => doll.look())).toMatchObject({ error: { code: 'Gone' } });
      expect(attempt(() => attenuate(doll, {}))).toMatchObject({ error: { code: 'Gone' } });
      return null;
    });
    expect(await codeOf(play(f, (self) => (self.state['weak'] as Doll).look()))).toBe('Gone');
    const next = await f.restart();
    expect(await codeOf(play(next, (self) => (self.state['doll'] as Doll).look()))).toBe('Gone');
    expect(await codeOf(play(next, (self) => (self.state['weak'] as Doll).look()))).toBe('Gone');
    await next.close();
  });

  test('Storage.checkpoint of a turn that fails takes none', async () => {
    const f = await openPuppets();
    const { storage } = f.world.roots;
    await codeOf(
      f.world.run((invoke) => {
        invoke(storage, 'checkpoint', []);
        throw new Error('no');
      }),
    );
    await f.settle();
    expect(f.checkpoints.taken).toBe(0);
    await f.call(storage, 'checkpoint');
    await f.settle();
    expect(f.checkpoints.taken).toBe(1);
    await f.close();
  });
});
