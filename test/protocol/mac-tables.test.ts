import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Learned, MacTables, Miss } from '../../src/protocol/mac-tables.ts';

/** A table as the standard words it: an entry has a place and the time at which its station was last heard. */
class PlainTable {
  readonly #entries = new Map<number, { place: number; updatedMs: number }>();
  readonly #holdMs: number;

  constructor(holdMs: number) {
    this.#holdMs = holdMs;
  }

  learn(address: number, place: number, nowMs: number): number {
    const before = this.lookUp(address, nowMs);
    this.#entries.set(address, { place, updatedMs: nowMs });
    if (before < 0) return Learned.added;
    return before === place ? Learned.refreshed : Learned.moved;
  }

  lookUp(address: number, nowMs: number): number {
    const entry = this.#entries.get(address);
    if (entry === undefined) return Miss.neverLearned;
    return nowMs - entry.updatedMs < this.#holdMs ? entry.place : Miss.agedOut;
  }
}

const anyStep = fc.record({
  // pauses from nothing to longer than the bits of an entry can tell apart
  afterMs: fc.oneof(
    fc.integer({ min: 0, max: 1000 }),
    fc.integer({ min: 0, max: 400_000 }),
    fc.constantFrom(299_999, 300_000, 1 << 20, (1 << 20) + 1, 3 << 19),
  ),
  source: fc.integer({ min: 0, max: 130 }),
  destination: fc.integer({ min: 0, max: 130 }),
  place: fc.integer({ min: 0, max: 100_000 }),
  together: fc.boolean(),
});

describe('MAC table beside the plain words of the standard (802.1D-2004, 7.8 and 7.9)', () => {
  it('learns, moves, forgets and finds the same, whatever time passes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(15_000, 300_000),
        fc.array(anyStep, { maxLength: 80, size: 'max' }),
        (holdMs, steps) => {
          const tables = new MacTables();
          tables.addTable({ holdMs: 20_000 });
          const table = tables.addTable({ holdMs });
          const plain = new PlainTable(holdMs);
          let nowMs = 0;
          for (const { afterMs, source, destination, place, together } of steps) {
            nowMs += afterMs;
            let found: number;
            if (together) {
              found = tables.learnAndLookUp(table, source, place, destination, nowMs);
            } else {
              tables.learned = tables.learn(table, source, place, nowMs);
              found = tables.lookUp(table, destination, nowMs);
            }
            expect(tables.learned).toBe(plain.learn(source, place, nowMs));
            expect(found).toBe(plain.lookUp(destination, nowMs));
          }
        },
      ),
    );
  });

  it('holds entries of a table with a long ageing time, to the part of it that an entry can tell', () => {
    const tables = new MacTables();
    const holdMs = 14_400_000;
    const table = tables.addTable({ holdMs });
    tables.learn(table, 7, 3, 0);
    expect(tables.lookUp(table, 7, holdMs * (1 - 1 / 196_608))).toBe(3);
    expect(tables.lookUp(table, 7, holdMs)).toBe(Miss.agedOut);
  });

  it('keeps a static entry for ever, and its place', () => {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: 300_000 });
    tables.setStatic(table, 1, 9);
    for (let nowMs = 0; nowMs < 2 ** 23; nowMs += 99_991) {
      expect(tables.lookUp(table, 1, nowMs)).toBe(9);
      expect(tables.learn(table, 1, 4, nowMs)).toBe(Learned.unchanged);
    }
    expect(tables.entryCounts[table]).toBe(0);
  });
});

describe('places of a MAC table', () => {
  it('are told apart up to 4,094 in use at once; a further one is not learned', () => {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: 300_000 });
    for (let i = 0; i < 4094; i++) expect(tables.learn(table, i, i * 17, 0)).toBe(Learned.added);
    expect(tables.learn(table, 5000, 1_000_000, 0)).toBe(Learned.refused);
    for (let i = 0; i < 4094; i++) expect(tables.lookUp(table, i, 1)).toBe(i * 17);
    expect(tables.lookUp(table, 5000, 1)).toBe(Miss.refused);
  });

  it('that nobody is at any more leave room for others', () => {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: 300_000 });
    for (let place = 0; place < 20_000; place++) {
      expect(tables.learn(table, place % 10, place, place)).toBe(place < 10 ? Learned.added : Learned.moved);
    }
    for (let address = 0; address < 10; address++) expect(tables.lookUp(table, address, 20_000)).toBe(19_990 + address);
  });
});

describe('an entry that aged out', () => {
  it('early, while the topology changed, remembers so (802.1D-2004, 7.9.2)', () => {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: 300_000 });
    tables.learn(table, 1, 5, 0);
    tables.learn(table, 2, 5, 299_000);
    tables.expireDue(table, 300_000);
    tables.setHoldMs(table, 15_000);
    expect(tables.lookUp(table, 1, 300_000)).toBe(Miss.agedOut);
    expect(tables.lookUp(table, 2, 313_999)).toBe(5);
    expect(tables.lookUp(table, 2, 314_000)).toBe(Miss.topologyChanged);
  });
});

describe('a topology change', () => {
  it('makes a table forget what it learned at some places, of the addresses that it concerns', () => {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: 300_000 });
    for (let address = 0; address < 12; address++) tables.learn(table, address, address % 3, 0);
    expect(tables.flushForChange(table, new Set([0, 2]), (address) => address < 6)).toBe(4);
    const left = Array.from({ length: 12 }, (_, address) => tables.lookUp(table, address, 1));
    const gone = Miss.topologyChanged;
    expect(left).toEqual([gone, 1, gone, gone, 1, gone, 0, 1, 2, 0, 1, 2]);
    expect(tables.flushForChange(table, new Set([1]), null)).toBe(4);
    expect(tables.entryCounts[table]).toBe(4);
    expect(tables.flushedCounts[table]).toBe(8);
  });
});
