import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MacTables, Miss } from '../../src/protocol/mac-tables.ts';

const HOLD_MS = 300_000;

function fairTable(entries: number): { tables: MacTables; table: number } {
  const tables = new MacTables();
  return {
    tables,
    table: tables.addTable({ holdMs: HOLD_MS, geometry: { kind: 'cam', entries, overflow: 'evict-fair' } }),
  };
}

function learnedAt(tables: MacTables, table: number): Map<number, number[]> {
  const learned = new Map<number, number[]>();
  tables.forEachEntry(table, (address, place) => learned.set(place, [...(learned.get(place) ?? []), address]));
  return learned;
}

describe('a MAC table that is shared fairly among ports', () => {
  it('keeps the victims of a station that floods addresses from another port: 4 of 4 in 16 entries', () => {
    const { tables, table } = fairTable(16);
    let nowMs = 0;
    for (let victim = 0; victim < 4; victim++) tables.learn(table, victim, 1, nowMs++);
    tables.learn(table, 10, 3, nowMs++);
    for (let i = 0; i < 160; i++) tables.learn(table, 100 + i, 2, nowMs++);
    const newest = Array.from({ length: 11 }, (_, i) => 249 + i);
    expect(learnedAt(tables, table)).toEqual(
      new Map([
        [1, [0, 1, 2, 3]],
        [3, [10]],
        [2, newest],
      ]),
    );
    expect(tables.evictedCounts[table]).toBe(149);
    expect(tables.lookUp(table, 100, nowMs)).toBe(Miss.evicted);
  });

  it('shrinks a port with more than its share: 12 victims and a flood share 15 entries', () => {
    const { tables, table } = fairTable(16);
    let nowMs = 0;
    for (let victim = 0; victim < 12; victim++) tables.learn(table, victim, 1, nowMs++);
    tables.learn(table, 50, 3, nowMs++);
    for (let i = 0; i < 160; i++) tables.learn(table, 100 + i, 2, nowMs++);
    const counts = [...learnedAt(tables, table)].map(([place, addresses]) => [place, addresses.length]);
    expect(new Map(counts as [number, number][])).toEqual(
      new Map([
        [1, 7],
        [2, 8],
        [3, 1],
      ]),
    );
  });

  it('takes the least recently heard one of the port that has most, whatever comes, moves, goes and expires', () => {
    const anyStep = fc.record({
      afterMs: fc.integer({ min: 1, max: 6 }),
      action: fc.constantFrom('speaks', 'speaks', 'speaks', 'goes'),
      address: fc.integer({ min: 0, max: 9 }),
      place: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60, size: 'max' }), (steps) => {
        const { tables, table } = fairTable(5);
        let plain: { address: number; place: number; heardMs: number }[] = [];
        let nowMs = 0;
        for (const { afterMs, action, address, place } of steps) {
          nowMs += afterMs;
          const known = plain.find((entry) => entry.address === address);
          if (action === 'goes') {
            tables.forget(table, address, Miss.moved);
            plain = plain.filter((entry) => entry !== known);
          } else {
            tables.learn(table, address, place, nowMs);
            if (known === undefined && plain.length === 5) {
              const countOf = (at: number) => plain.filter((entry) => entry.place === at).length;
              const most = Math.max(...plain.map((entry) => countOf(entry.place)));
              const fullest = new Set(plain.map((entry) => entry.place).filter((at) => countOf(at) === most));
              const gone = plain.find((entry) => tables.lookUp(table, entry.address, nowMs) < 0)!;
              const ofItsPort = plain.filter((entry) => entry.place === gone.place);
              expect(fullest.has(gone.place)).toBe(true);
              expect(gone.heardMs).toBe(Math.min(...ofItsPort.map(({ heardMs }) => heardMs)));
              plain = plain.filter((entry) => entry !== gone);
            }
            plain = plain.filter((entry) => entry !== known);
            plain.push({ address, place, heardMs: nowMs });
          }
          const sorted = (entries: { address: number }[]) =>
            entries.map((entry) => entry.address).sort((a, b) => a - b);
          const held: { address: number; place: number }[] = [];
          tables.forEachEntry(table, (each, at) => held.push({ address: each, place: at }));
          expect(sorted(held)).toEqual(sorted(plain));
          for (const { address: each, place: at } of plain) expect(tables.lookUp(table, each, nowMs)).toBe(at);
        }
      }),
    );
  });
});
