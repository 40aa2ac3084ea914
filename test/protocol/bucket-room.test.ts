import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BucketRoom, type BucketRoomOptions } from '../../src/protocol/bucket-room.ts';
import { CamRoom } from '../../src/protocol/cam-room.ts';
import { macHash } from '../../src/protocol/mac-hash.ts';
import { Admission, Eviction, OVERFLOW_POLICIES } from '../../src/protocol/table-room.ts';
import { RoomedTable } from './roomed-table.ts';

const FIRST_MAC = 0x0200_0000_0001;
const hashOf = (address: number) => macHash(FIRST_MAC + address, 0);

function bucketTable(options: Omit<BucketRoomOptions, 'hashOf' | 'policy'> & Partial<BucketRoomOptions>, holdMs = 1e9) {
  return new RoomedTable((entries) => new BucketRoom(entries, { policy: 'keep-old', hashOf, ...options }), holdMs);
}

/** The share of `count` addresses that found no entry. */
function lostRatio(count: number, options: Parameters<typeof bucketTable>[0]): number {
  const table = bucketTable(options);
  for (let address = 0; address < count; address++) table.learn(address, 0);
  return 1 - table.updates.size / count;
}

/** Mean and variance of min(X, w) for X ~ Bin(n, 1/B). */
function occupancy(count: number, buckets: number, ways: number) {
  let probability = (1 - 1 / buckets) ** count;
  let below = 0;
  let mean = 0;
  let square = 0;
  for (let x = 0; x < ways; x++) {
    below += probability;
    mean += x * probability;
    square += x * x * probability;
    probability *= (count - x) / (x + 1) / (buckets - 1);
  }
  mean += ways * (1 - below);
  square += ways * ways * (1 - below);
  return { mean, variance: square - mean * mean };
}

describe('room in a bucketed hash table', () => {
  it.each([
    [8192, 4, 0.5, 0.0376],
    [8192, 4, 0.75, 0.106],
    [8192, 4, 1, 0.195],
    [4096, 8, 0.5, 0.0084],
    [4096, 8, 0.75, 0.0523],
    [4096, 8, 1, 0.14],
    [2048, 16, 0.75, 0.0205],
    [2048, 16, 1, 0.099],
    [256, 4, 1, 0.195],
  ])('of %i buckets by %i loses n - B E[min(X, w)] addresses at a load of %f', (buckets, ways, load, expected) => {
    const count = buckets * ways * load;
    const { mean, variance } = occupancy(count, buckets, ways);
    const lost = 1 - (buckets * mean) / count;
    expect(lost).toBeCloseTo(expected, 3);
    // loads of the buckets are negatively associated, so the sum varies less than that of independent ones
    const deviation = Math.sqrt(buckets * variance) / count;
    for (const hashSeed of [0, 1, 2]) {
      expect(Math.abs(lostRatio(count, { buckets, ways, hashSeed }) - lost)).toBeLessThan(4 * deviation);
    }
  });

  it('of 8192 buckets by 4 expects to have lost one of 3,741 addresses, at a load of 11.4 %', () => {
    const lostOf = (count: number) => count - 8192 * occupancy(count, 8192, 4).mean;
    expect(lostOf(3740)).toBeLessThan(1);
    expect(lostOf(3741)).toBeGreaterThanOrEqual(1);
    const runs = 200;
    let lost = 0;
    for (let hashSeed = 0; hashSeed < runs; hashSeed++) {
      lost += Math.round(3741 * lostRatio(3741, { buckets: 8192, ways: 4, hashSeed: hashSeed * 7919 }));
    }
    // so rare that their number is as a Poisson variable's
    expect(Math.abs(lost - runs)).toBeLessThan(4 * Math.sqrt(runs));
  });

  // simulated values, to the digits that are given
  it.each([
    ['2 choices', { choices: 2 }, 0.75, 0.0066, 0.00005],
    ['2 choices', { choices: 2 }, 1, 0.08, 0.0005],
    ['4 choices', { choices: 4 }, 0.75, 0, 0.00005],
    ['4 choices', { choices: 4 }, 1, 0.037, 0.0005],
    ['2 adjacent buckets', { searchBuckets: 2 }, 0.75, 0.044, 0.0005],
    ['2 adjacent buckets', { searchBuckets: 2 }, 1, 0.126, 0.0005],
    ['3 adjacent buckets', { searchBuckets: 3 }, 0.75, 0.023, 0.0005],
    ['3 adjacent buckets', { searchBuckets: 3 }, 1, 0.101, 0.0005],
  ])('loses fewer with %s (%o) at a load of %f: %f', (_, options, load, expected, rounding) => {
    const samples = [11, 12, 13, 14, 15, 16, 17, 18].map((hashSeed) =>
      lostRatio(32_768 * load, { buckets: 8192, ways: 4, hashSeed: hashSeed * 7919, ...options }),
    );
    const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
    const variance = samples.reduce((sum, sample) => sum + (sample - mean) ** 2, 0) / (samples.length - 1);
    // the given value is itself one run's, so it deviates as one run does
    expect(Math.abs(mean - expected)).toBeLessThan(rounding + 4 * Math.sqrt(variance * (1 + 1 / samples.length)));
  });

  it('lets tables with one seed lose the same addresses, and tables with another seed others', () => {
    const kept = (hashSeed: number) => {
      const table = bucketTable({ buckets: 64, ways: 4, hashSeed });
      for (let address = 0; address < 256; address++) table.learn(address, 0);
      return [...table.updates.keys()];
    };
    expect(kept(1)).toEqual(kept(1));
    expect(kept(1)).not.toEqual(kept(2));
  });

  it('with a single bucket is a CAM, whoever is evicted', () => {
    const anyStep = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean(), fc.integer({ min: 0, max: 9 }));
    for (const policy of OVERFLOW_POLICIES.filter((one) => one !== 'evict-random')) {
      fc.assert(
        fc.property(fc.array(anyStep, { maxLength: 100, size: 'max' }), (steps) => {
          const holdMs = 20;
          const bucket = bucketTable({ buckets: 1, ways: 4, policy }, holdMs);
          const cam = new RoomedTable((entries) => new CamRoom(entries, { capacity: 4, policy }), holdMs);
          let nowMs = 0;
          for (const [afterMs, speaks, address] of steps) {
            nowMs += afterMs;
            for (const table of [bucket, cam]) {
              if (speaks) table.learn(address, nowMs);
              else table.forget(address);
            }
            const alive = ({ updates }: RoomedTable) =>
              [...updates.keys()].filter((each) => nowMs - updates.get(each)! < holdMs).sort();
            expect(alive(bucket)).toEqual(alive(cam));
          }
        }),
      );
    }
  });

  it.each(OVERFLOW_POLICIES)('tells a collision from a full table, and never holds more than fits: %s', (policy) => {
    const table = bucketTable({ buckets: 8, ways: 2, policy });
    const isKeepOld = policy === 'keep-old';
    for (let address = 0; address < 400; address++) {
      const wasFull = table.updates.size === table.room.capacity;
      const wouldLearn = table.room.refusal(address, address, table.holdMs) === Admission.free;
      const answer = table.learn(address, address)!;
      expect(answer >= Admission.free).toBe(wouldLearn);
      expect(table.updates.size).toBeLessThanOrEqual(16);
      if (isKeepOld && answer < Admission.free) expect(answer).toBe(wasFull ? Admission.full : Admission.collision);
      if (answer >= 0) expect(table.room.evictedFor).toBe(wasFull ? Eviction.overflow : Eviction.collision);
    }
    expect(table.updates.size).toBe(16);
  });

  it('gives the entry of a station that fell silent to the next one of its bucket', () => {
    const table = bucketTable({ buckets: 1, ways: 2 }, 10);
    table.learn(1, 0);
    table.learn(2, 5);
    expect(table.learn(3, 9)).toBe(Admission.full);
    expect(table.learn(3, 10)).toBe(1);
    expect(table.room.evictedFor).toBe(Eviction.expired);
  });
});
