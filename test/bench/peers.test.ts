import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FloodBench } from '../../bench/flood.ts';
import { FrameHopBench, type FrameHopSize, yardstickArguments } from '../../bench/frame-hops.ts';
import { differentCounts, parsePeerReport } from '../../bench/peers/peer-report.ts';
import { build, isThere } from '../../bench/peers/peers.ts';
import { expectedCounts, queueCounts, queueUnderTest, warmUp } from '../../bench/peers/work.ts';
import { expectedWalk, TreeWalk } from '../../bench/tree-walk.ts';

const TREE = { leaves: 3, serversPerLeaf: 4 };

describe('what a peer says of its work', () => {
  it('is a time and counts', () => {
    expect(parsePeerReport('{"cpu":12.5,"hops":7,"linkChecksum":"18446744073709551615"}', 'x')).toEqual({
      cpuNs: 12.5,
      wallNs: null,
      counts: { hops: 7, linkChecksum: '18446744073709551615' },
    });
    expect(parsePeerReport('{"cpu":2,"wall":3,"hops":7}\n', 'x').wallNs).toBe(3);
  });

  it.each([
    ['Segmentation fault', 'x: expected one JSON object, got "Segmentation fault"'],
    ['[1]', 'x: expected one JSON object, got "[1]"'],
    ['{"hops":7}', 'x: cpu: expected nanoseconds, got undefined'],
    ['{"cpu":-1,"hops":7}', 'x: cpu: expected nanoseconds, got -1'],
    ['{"cpu":1,"wall":"2","hops":7}', 'x: wall: expected nanoseconds, got "2"'],
    ['{"cpu":1,"hops":7.5}', 'x: hops: expected a count, got 7.5'],
  ])('is refused otherwise: %s', (text, message) => {
    expect(() => parsePeerReport(text, 'x')).toThrow(message);
  });

  it('is compared by the counts that both have', () => {
    expect(differentCounts({ hops: 7, deliveries: 2 }, { hops: 7, events: 9 })).toEqual([]);
    expect(differentCounts({ hops: 7, deliveries: 2 }, { hops: 8, deliveries: 2 })).toEqual([
      'hops: expected 7, got 8',
    ]);
    expect(differentCounts({ hops: 7 }, { events: 9 })).toEqual(['there is no count to compare']);
  });
});

describe('work whose counts can be told without simulating it', () => {
  it('is done as told: chains of frames', () => {
    const walk = new TreeWalk(TREE, 5);
    walk.run(20);
    walk.run(50);
    expect(walk.counts()).toEqual(expectedWalk(TREE, { chainCount: 5, steps: 70 }));
  });

  it('is done as told: broadcasts', () => {
    const bench = new FloodBench(TREE);
    bench.broadcast(warmUp(10) + 10);
    const told = expectedCounts({ kind: 'flood', name: 'x', tree: TREE, broadcasts: 10 });
    expect({ hops: bench.hops, deliveries: bench.deliveries }).toEqual(told);
  });

  it('is done as told: pending events', () => {
    const queue = queueUnderTest('event queue', 300);
    queue.run(warmUp(5_000) + 5_000);
    expect(queueCounts(queue)).toEqual(expectedCounts({ kind: 'queue', name: 'x', pending: 300, operations: 5_000 }));
  });
});

describe.skipIf(!isThere('g++'))('the native program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dcfabric-peers-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(() => expect(build('native-fabric', folder)).toBeNull());
  const countsOf = (...args: readonly (string | number)[]) =>
    parsePeerReport(execFileSync(join(folder, 'native-fabric'), args.map(String), { encoding: 'utf8' }), 'native')
      .counts;

  it('sends the same frames over a leaf–spine at the same times', () => {
    const size: FrameHopSize = {
      name: 'tiny',
      ...{ leaves: 6, spines: 2, serversPerLeaf: 3, vmsPerServer: 4 },
      ...{ vlansPerPod: 4, leavesPerPod: 3, framesInFlight: 40 },
    };
    const bench = new FrameHopBench(size);
    bench.run(1_000);
    bench.run(20_000);
    // the clock stops at whole slices, some way beyond the hops asked for
    expect(countsOf(...yardstickArguments(size, 20_000, 1_000))).toMatchObject(bench.counts());
  });

  it('sends the same frames over a tree', () => {
    expect(countsOf('walk', 3, 4, 5, 20, 50)).toMatchObject(expectedWalk(TREE, { chainCount: 5, steps: 70 }));
    expect(countsOf('flood', 3, 4, 10, 30)).toMatchObject({ hops: 40 * 15, deliveries: 40 * 11 });
  });
});
