import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVERY_PLACE, Learned, MacTables, Miss } from '../../src/protocol/mac-tables.ts';

/** A step in the life of a table: some time passes, then a station speaks, is looked for, or the table is looked over. */
const anyStep = fc.record({
  afterMs: fc.integer({ min: 0, max: 6 }),
  what: fc.constantFrom('learn', 'look up', 'look over', 'hold time'),
  address: fc.integer({ min: 0, max: 5 }),
  place: fc.integer({ min: 0, max: 2 }),
});

const CAPACITY = 3;
const HOLD_TIMES_MS = [10, 4, 25];

describe('MAC table', () => {
  it('gives the same answers whether or not it is looked over for expired entries (802.1D-2004, 7.9.2)', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60, size: 'max' }), (steps) => {
        const run = (isLookedOver: boolean) => {
          const tables = new MacTables();
          const table = tables.addTable({ holdMs: HOLD_TIMES_MS[0], capacity: CAPACITY });
          let nowMs = 0;
          const answers = steps.map(({ afterMs, what, address, place }) => {
            nowMs += afterMs;
            if (what === 'learn') return tables.learn(table, address, place, nowMs);
            if (what === 'look up') return tables.lookUp(table, address, nowMs);
            if (what === 'hold time') {
              tables.expireDue(table, nowMs);
              tables.setHoldMs(table, HOLD_TIMES_MS[place]);
            } else if (isLookedOver) {
              tables.expireDue(table, nowMs);
            }
            return null;
          });
          tables.expireDue(table, nowMs);
          const { entryCounts, learnedCounts, agedCounts, movedCounts, refusedCounts } = tables;
          return { answers, entryCounts, learnedCounts, agedCounts, movedCounts, refusedCounts };
        };
        expect(run(true)).toEqual(run(false));
      }),
    );
  });

  it('counts exactly the entries that a look-up would find, once looked over', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60, size: 'max' }), (steps) => {
        const tables = new MacTables();
        const table = tables.addTable({ holdMs: HOLD_TIMES_MS[0], capacity: CAPACITY });
        let nowMs = 0;
        for (const { afterMs, what, address, place } of steps) {
          nowMs += afterMs;
          if (what === 'learn') tables.learn(table, address, place, nowMs);
          else if (what === 'hold time') tables.setHoldMs(table, HOLD_TIMES_MS[place]);
          else {
            tables.expireDue(table, nowMs);
            const count = tables.entryCounts[table];
            const found = [0, 1, 2, 3, 4, 5].filter((each) => tables.lookUp(table, each, nowMs) >= 0);
            expect(found.length).toBe(count);
            const learned: number[] = [];
            tables.forEachLearned(table, (each) => learned.push(each));
            expect(learned).toEqual(found);
          }
        }
      }),
    );
  });

  it('has room for a new station as soon as an entry has reached the hold time, though nobody looked for it', () => {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: 10, capacity: 1 });
    tables.learn(table, 1, 0, 0);
    expect(tables.learn(table, 2, 0, 9)).toBe(Learned.refused);
    expect(tables.learn(table, 2, 0, 10)).toBe(Learned.added);
    expect(tables.lookUp(table, 1, 10)).toBe(Miss.agedOut);
  });

  it('keeps what only a sweep removes', () => {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: 10 });
    tables.ageOnlyBySweep(table);
    tables.learn(table, 1, 7, 0);
    tables.expireDue(table, 1000);
    expect(tables.lookUp(table, 1, 1000)).toBe(7);
    expect(tables.entryCounts[table]).toBe(1);
  });

  it('has nothing to forget of what has aged out, and remembers that it did', () => {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: 10 });
    tables.learn(table, 1, 0, 0);
    tables.learn(table, 2, 0, 5);
    expect(tables.forgetAll(table, 10)).toBe(1);
    expect([1, 2].map((address) => tables.lookUp(table, address, 10))).toEqual([Miss.agedOut, Miss.portFlushed]);
    expect([tables.agedCounts[table], tables.flushedCounts[table]]).toEqual([1, 1]);
  });

  it('forgets some addresses and no others, and tells those that have aged out', () => {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: 10 });
    for (const [address, nowMs] of [
      [1, 0],
      [2, 5],
      [3, 5],
    ] as const) {
      tables.learn(table, address, 0, nowMs);
    }
    tables.setStatic(table, 4, 7);
    expect(tables.forgetAddresses(table, [1, 2, 4, 1000], 10)).toBe(1);
    const found = [1, 2, 3, 4].map((address) => tables.lookUp(table, address, 10));
    expect(found).toEqual([Miss.agedOut, Miss.portFlushed, 0, 7]);
    expect([tables.agedCounts[table], tables.flushedCounts[table]]).toEqual([1, 1]);
  });

  it('does not count static entries among the learned', () => {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: 10 });
    tables.setStatic(table, 3, 0);
    tables.learn(table, 4, 0, 0);
    const learned: number[] = [];
    tables.forEachLearned(table, (address) => learned.push(address));
    expect(learned).toEqual([4]);
  });
});

describe('entries that a control plane made', () => {
  const HOUR_MS = 3_600_000;

  it.each([
    ['at one place', 7],
    ['everywhere', EVERY_PLACE],
  ] as const)('stay %s until they are removed, however they are looked at, while others age', (_, kept) => {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: 300_000 });
    const other = tables.addTable({ holdMs: 300_000 });
    tables.keepPlace(table, kept);
    tables.learn(table, 1, 7, 0);
    tables.learn(table, 2, 8, 0);
    tables.learn(other, 1, 7, 0);
    // longer than an entry's bits can tell apart, step by step and at once
    for (let nowMs = 0; nowMs < 2 * HOUR_MS; nowMs += 100_000) tables.expireDue(table, nowMs);
    for (const nowMs of [2 * HOUR_MS, 9 * HOUR_MS, 9 * HOUR_MS + 299_999]) {
      expect(tables.lookUp(table, 1, nowMs)).toBe(7);
      expect(tables.lookUp(table, 2, nowMs)).toBe(kept === 7 ? Miss.agedOut : 8);
      expect(tables.lookUp(other, 1, nowMs)).toBe(Miss.agedOut);
    }
    expect(tables.learn(table, 1, 7, 10 * HOUR_MS)).toBe(Learned.refreshed);
    expect(tables.learn(table, 1, 9, 10 * HOUR_MS)).toBe(Learned.moved);
    expect(tables.forget(table, 1, Miss.moved)).toBe(true);
    expect(tables.lookUp(table, 1, 10 * HOUR_MS)).toBe(Miss.moved);
  });
});
