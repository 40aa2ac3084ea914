import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CamRoom } from '../../src/protocol/cam-room.ts';
import { Admission, Eviction, OVERFLOW_POLICIES, type OverflowPolicy } from '../../src/protocol/table-room.ts';
import { RoomedTable } from './roomed-table.ts';

const HOLD_MS = 20;

/** A step in the life of a table: some time passes, then a station speaks, or its entry is removed. */
const anyStep = fc.record({
  afterMs: fc.integer({ min: 0, max: 6 }),
  speaks: fc.boolean(),
  address: fc.integer({ min: 0, max: 9 }),
});

function camTable(policy: OverflowPolicy, capacity: number, holdMs = HOLD_MS) {
  return new RoomedTable((entries) => new CamRoom(entries, { capacity, policy, seed: 7 }), holdMs);
}

/** The same by going over all entries: what the rules say, without a thought of speed. */
class PlainTable {
  // in the order of learning
  entries: { address: number; updatedMs: number }[] = [];
  readonly #policy: OverflowPolicy;
  readonly #capacity: number;

  constructor(policy: OverflowPolicy, capacity: number) {
    this.#policy = policy;
    this.#capacity = capacity;
  }

  learn(address: number, nowMs: number): void {
    this.entries = this.entries.filter((entry) => entry.address !== address || nowMs - entry.updatedMs < HOLD_MS);
    const known = this.entries.find((entry) => entry.address === address);
    if (known !== undefined) {
      known.updatedMs = nowMs;
      return;
    }
    if (this.entries.length === this.#capacity && !this.#makeRoom(nowMs)) return;
    this.entries.push({ address, updatedMs: nowMs });
  }

  forget(address: number): void {
    this.entries = this.entries.filter((entry) => entry.address !== address);
  }

  #makeRoom(nowMs: number): boolean {
    const leastRecent = this.entries.reduce((least, entry) => (entry.updatedMs < least.updatedMs ? entry : least));
    const isExpired = nowMs - leastRecent.updatedMs >= HOLD_MS;
    if (this.#policy === 'keep-old' && !isExpired) return false;
    this.forget((isExpired || this.#policy === 'evict-lru' ? leastRecent : this.entries[0]).address);
    return true;
  }
}

describe('room in a CAM', () => {
  it.each(['keep-old', 'evict-oldest', 'evict-lru'] as const)('holds by %s what the rule says', (policy) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(anyStep, { maxLength: 120, size: 'max' }),
        (capacity, steps) => {
          const table = camTable(policy, capacity);
          const plain = new PlainTable(policy, capacity);
          let nowMs = 0;
          for (const { afterMs, speaks, address } of steps) {
            nowMs += afterMs;
            if (speaks) {
              table.learn(address, nowMs);
              plain.learn(address, nowMs);
            } else {
              table.forget(address);
              plain.forget(address);
            }
            const expected = plain.entries.map((entry) => entry.address).sort();
            expect([...table.updates.keys()].sort()).toEqual(expected);
          }
        },
      ),
    );
  });

  it.each(OVERFLOW_POLICIES)('never holds more than its capacity and is full before it loses any: %s', (policy) => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 120, size: 'max' }), (steps) => {
        const table = camTable(policy, 4);
        let nowMs = 0;
        for (const { afterMs, speaks, address } of steps) {
          nowMs += afterMs;
          const before = table.updates.size;
          const isKnown = table.has(address) && table.ageMs(address, nowMs) < HOLD_MS;
          const wouldLearn = isKnown || table.room.refusal(address, nowMs, HOLD_MS) === Admission.free;
          const answer = speaks ? table.learn(address, nowMs) : table.forget(address);
          if (speaks) expect(table.has(address)).toBe(wouldLearn);
          if (typeof answer === 'number' && answer !== Admission.free) expect(before).toBe(4);
          expect(table.updates.size).toBeLessThanOrEqual(4);
        }
      }),
    );
  });

  it('says whether it evicts what had expired or what had not', () => {
    const table = camTable('evict-lru', 2);
    table.learn(1, 0);
    table.learn(2, 5);
    expect(table.learn(3, 19)).toBe(1);
    expect(table.room.evictedFor).toBe(Eviction.overflow);
    expect(table.learn(4, 25)).toBe(2);
    expect(table.room.evictedFor).toBe(Eviction.expired);
  });

  it('evicts by chance, each entry as often as any other', () => {
    const capacity = 10;
    const evictions = 20_000;
    const table = camTable('evict-random', capacity, Number.POSITIVE_INFINITY);
    const ages: number[] = Array.from({ length: capacity }, () => 0);
    for (let address = 0; address < evictions; address++) {
      const evicted = table.learn(address, address)!;
      // how many of the others are older than the evicted
      if (evicted >= 0) ages[[...table.updates.keys()].filter((other) => other < evicted).length]++;
    }
    const expected = (evictions - capacity) / capacity;
    const chiSquare = ages.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 99.9 % of a chi-square of nine degrees of freedom lie below
    expect(chiSquare).toBeLessThan(27.9);
  });
});
