import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CamRoom } from '../../src/protocol/cam-room.ts';
import { macHash } from '../../src/protocol/mac-hash.ts';
import { Learned, MacTables, Miss } from '../../src/protocol/mac-tables.ts';
import type { BucketGeometry, TableGeometry } from '../../src/protocol/table-geometry.ts';
import { OVERFLOW_POLICIES } from '../../src/protocol/table-room.ts';
import { RoomedTable } from './roomed-table.ts';

const HOLD_MS = 20;
const hashOf = (address: number) => macHash(address, 0);

function buckets(ways: number, count: number, overflow: BucketGeometry['overflow'] = 'keep-old'): TableGeometry {
  return { kind: 'buckets', buckets: count, ways, choices: 1, searchBuckets: 1, hash: 'common', overflow };
}

/** A step in the life of a table: some time passes, then a station speaks, or its entry is removed. */
const anyStep = fc.record({
  afterMs: fc.integer({ min: 0, max: 6 }),
  speaks: fc.boolean(),
  address: fc.integer({ min: 0, max: 9 }),
  place: fc.integer({ min: 0, max: 2 }),
});
const anySteps = fc.array(anyStep, { maxLength: 120, size: 'max' });

function learnedOf(tables: MacTables, table: number): number[] {
  const learned: number[] = [];
  tables.forEachLearned(table, (address) => learned.push(address));
  return learned;
}

describe('a MAC table with less room than stations', () => {
  it.each(OVERFLOW_POLICIES)('holds what its room says, and counts what came and went: %s', (overflow) => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const tables = new MacTables();
        const table = tables.addTable({ holdMs: HOLD_MS, geometry: { kind: 'cam', entries: 4, overflow } });
        const plain = new RoomedTable((entries) => new CamRoom(entries, { capacity: 4, policy: overflow }), HOLD_MS);
        let nowMs = 0;
        for (const { afterMs, speaks, address, place } of steps) {
          nowMs += afterMs;
          if (speaks) {
            const obstacle = tables.obstacleTo(table, address, nowMs);
            expect(tables.learn(table, address, place, nowMs) === Learned.refused).toBe(obstacle !== 0);
            if (overflow !== 'evict-random') plain.learn(address, nowMs);
          } else {
            tables.lookUp(table, address, nowMs);
            tables.forget(table, address, Miss.moved);
            plain.forget(address);
          }
          tables.expireDue(table, nowMs);
          const learned = learnedOf(tables, table);
          expect(learned.length).toBe(tables.entryCounts[table]);
          expect(learned.length).toBeLessThanOrEqual(4);
          const { learnedCounts, agedCounts, flushedCounts, evictedCounts } = tables;
          const gone = agedCounts[table] + flushedCounts[table] + evictedCounts[table];
          expect(learnedCounts[table] - gone).toBe(learned.length);
          if (overflow === 'evict-random') continue;
          const alive = [...plain.updates.keys()].filter((each) => plain.ageMs(each, nowMs) < HOLD_MS);
          expect(learned).toEqual(alive.sort((one, other) => one - other));
        }
      }),
    );
  });

  it('remembers of an evicted station that it was evicted, and tells who listens', () => {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: 300_000, geometry: { kind: 'cam', entries: 2, overflow: 'evict-lru' } });
    const heard: number[][] = [];
    tables.onEvicted = (...what) => heard.push(what);
    tables.learn(table, 1, 5, 0);
    tables.learn(table, 2, 5, 10);
    tables.learn(table, 1, 5, 20);
    expect(tables.learn(table, 3, 5, 30)).toBe(Learned.added);
    expect([1, 2, 3].map((address) => tables.lookUp(table, address, 30))).toEqual([5, Miss.evicted, 5]);
    expect(heard).toEqual([[table, 2, Miss.evicted]]);
    expect([tables.firstFullMs[table], tables.firstLossMs[table]]).toEqual([10, 30]);
  });

  it('remembers of a station that lost to others of its hash that it did', () => {
    const sharing = (overflow: BucketGeometry['overflow']) => {
      const tables = new MacTables();
      const table = tables.addTable({
        holdMs: 300_000,
        geometry: buckets(1, 64, overflow),
        hashOf: (address) => address % 7,
      });
      const answers = [tables.learn(table, 3, 1, 0), tables.learn(table, 10, 2, 1)];
      const places = [tables.lookUp(table, 3, 2), tables.lookUp(table, 10, 2)];
      return { answers, places, collided: tables.collidedCounts[table] };
    };
    expect(sharing('keep-old')).toEqual({
      answers: [Learned.added, Learned.refused],
      places: [1, Miss.collided],
      collided: 1,
    });
    expect(sharing('evict-oldest')).toEqual({
      answers: [Learned.added, Learned.added],
      places: [Miss.collided, 2],
      collided: 1,
    });
  });

  it('has its room back when a port is flushed', () => {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: 300_000, geometry: buckets(4, 1), hashOf });
    for (const address of [1, 2, 3, 4]) tables.learn(table, address, address % 2, 0);
    expect(tables.learn(table, 5, 0, 0)).toBe(Learned.refused);
    tables.flush(table, 1);
    expect(tables.learn(table, 5, 0, 0)).toBe(Learned.added);
    expect(tables.learn(table, 6, 0, 0)).toBe(Learned.added);
    expect(tables.learn(table, 7, 0, 0)).toBe(Learned.refused);
  });
});

describe('a port that may have two addresses', () => {
  it('has never more, and takes one as soon as another is gone or has moved', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const tables = new MacTables();
        const table = tables.addTable({ holdMs: HOLD_MS });
        tables.limitPlace(table, 0, 2);
        let nowMs = 0;
        for (const { afterMs, speaks, address, place } of steps) {
          nowMs += afterMs;
          tables.expireDue(table, nowMs);
          const at = (wanted: number) => {
            const addresses: number[] = [];
            tables.forEachEntry(table, (each, where) => where === wanted && addresses.push(each));
            return addresses;
          };
          const before = at(0);
          if (speaks) {
            const isOneTooMany = place === 0 && before.length === 2 && !before.includes(address);
            const placeBefore = tables.lookUp(table, address, nowMs);
            expect(tables.learn(table, address, place, nowMs) === Learned.portLimited).toBe(isOneTooMany);
            const placeAfter = tables.lookUp(table, address, nowMs);
            expect(placeAfter).toBe(isOneTooMany ? (placeBefore < 0 ? Miss.portLimited : placeBefore) : place);
          } else {
            tables.forget(table, address, Miss.moved);
          }
          expect(at(0).length).toBeLessThanOrEqual(2);
        }
      }),
    );
  });
});

describe('a table that learns ten addresses a second', () => {
  it('learns no more, and remembers that it had no time', () => {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: 300_000, learnedPerSecond: 10 });
    expect(tables.learn(table, 1, 5, 0)).toBe(Learned.added);
    expect(tables.obstacleTo(table, 2, 50)).toBe(Miss.postponed);
    expect(tables.learn(table, 2, 5, 50)).toBe(Learned.postponed);
    expect(tables.lookUp(table, 2, 50)).toBe(Miss.postponed);
    expect(tables.learn(table, 1, 5, 60)).toBe(Learned.refreshed);
    expect(tables.learn(table, 1, 6, 60)).toBe(Learned.postponed);
    expect(tables.lookUp(table, 1, 60)).toBe(5);
    expect(tables.learn(table, 2, 5, 100)).toBe(Learned.added);
    expect(tables.postponedCounts[table]).toBe(2);
  });
});
