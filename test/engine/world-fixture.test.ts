import { create, emit, hangUp, M, type BankCap } from '../../engine/authoring.ts';
import { openTestWorld } from '../world-fixture.ts';

class Player {
  static facets = {
    public: {},
    owner: {
      attached: M.call().returns(),
      command: M.call(M.string()).returns(),
      detached: M.call().returns(),
    },
  };
  name = '';
  said = 0;
  init(name: string): void {
    this.name = name;
  }
  toRecord(): unknown {
    return { name: this.name, said: this.said };
  }
  fromRecord(record: { name: string; said: number }): void {
    Object.assign(this, record);
  }
  attached(): void {
    emit(`Hello ${this.name}.`);
  }
  command(line: string): void {
    this.said += 1;
    emit(`${this.said}: ${line}`);
    emit(['said', { line }]);
    if (line === 'quit') hangUp();
  }
  detached(): void {}
}

class Gate {
  static facets = { public: {}, owner: { newPlayer: M.call(M.string()).returns(M.remotable()) } };
  bank: BankCap | undefined = undefined;
  init(bank: BankCap): void {
    this.bank = bank;
  }
  toRecord(): unknown {
    return { bank: this.bank };
  }
  fromRecord(record: { bank: BankCap }): void {
    this.bank = record.bank;
  }
  newPlayer(name: string): object {
    return create(this.bank as BankCap, Player, name);
  }
}

for (const evictAlways of [false, true]) {
  test(`a world is tried the way players try it${evictAlways ? ', evicting always' : ''}`, async () => {
    const world = await openTestWorld({
      classes: [Gate, Player],
      genesis: ({ bank }) => ({ gate: create(bank, Gate, bank) }),
      evictAlways,
    });
    const ann = world.session('Ann');
    const bob = world.session('Bob');
    expect(await ann.command('one')).toEqual(['Hello Ann.', '1: one']);
    const [two, three] = await Promise.all([ann.command('two'), ann.command('three')]);
    expect([...two, ...three]).toEqual(['2: two', '3: three']);
    expect(ann.items()).toHaveLength(3);
    await world.restart();
    expect(await ann.command('four')).toEqual(['4: four']);
    expect(bob.lines()).toEqual(['Hello Bob.']);
    expect(await bob.command('quit')).toEqual(['1: quit']);
    expect(bob.closed()).toBe(true);
    await world.close();
  });
}
