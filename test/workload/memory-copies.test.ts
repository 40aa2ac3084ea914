import { describe, expect, it } from 'vitest';
import { Simulation } from '../../src/engine/simulation.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { MemoryCopies } from '../../src/workload/memory-copies.ts';

const GBPS = 1e9;

/** Copies of 1.25 GB that nobody changes, each at 10 Gb/s at most unless told otherwise, over links of 10 Gb/s; `paths` may change. */
function copying(
  paths: Record<string, number[] | null>,
  { linkShare = 1, dirtyRateBitsPerSec = 0, bandwidthBitsPerSec = 10 * GBPS } = {},
) {
  const simulation = new Simulation();
  const copies = new MemoryCopies({
    simulation,
    network: {
      pathBetweenServers: (from, to) => {
        const path = paths[`${from}-${to}`];
        return path == null ? null : Int32Array.from(path);
      },
      rateBitsPerSecOf: () => 10 * GBPS,
    },
    bandwidthBitsPerSec,
    linkShare,
    preCopy: {
      memoryBytes: 1.25e9,
      dirtyRateBitsPerSec,
      workingSetBytes: null,
      downtimeLimitNs: milliseconds(1),
      roundsMax: null,
      copyNsMax: null,
      stallNsMax: seconds(30),
      onGiveUp: 'abort',
    },
  });
  const log: string[] = [];
  const note = (what: string) => (copy: number) => void log.push(`${simulation.nowNs / 1e9}s ${copy} ${what}`);
  const expectedNs: number[] = [];
  copies.listener = {
    pauseExpected: (copy, timeNs) => {
      expectedNs[copy] = timeNs;
    },
    resumptionExpected: () => {},
    paused: note('paused'),
    copied: note('copied'),
    givenUp: note('given up'),
  };
  const at = (timeNs: number, act: () => void) => {
    simulation.run(timeNs);
    act();
  };
  return { simulation, copies, log, at, expectedNs, paths };
}

describe('copies of memory', () => {
  it('that share a link take twice as long', () => {
    const { simulation, copies, log } = copying({ '0-1': [0, 4, 1], '2-3': [2, 4, 3] });
    copies.begin(0, 0, 1);
    copies.begin(1, 2, 3);
    simulation.run(seconds(10));
    expect(log).toEqual(['2s 0 paused', '2s 1 paused', '2s 0 copied', '2s 1 copied']);
    expect(copies.figuresOf(0)).toEqual({
      rounds: 1,
      transferredBytes: 1.25e9,
      isForced: false,
      pathLinks: 3,
      bottleneckPort: 4,
      copyNs: seconds(2),
      sharedNs: seconds(2),
      stalledNs: 0,
    });
    expect([0, 1, 2, 3, 4, 5].map((port) => copies.bytesOf(port))).toEqual([1.25e9, 1.25e9, 1.25e9, 1.25e9, 2.5e9, 0]);
  });

  it('that share no link do not touch each other', () => {
    const { simulation, copies, log } = copying({ '0-1': [0, 4, 1], '2-3': [2, 5, 3] });
    copies.begin(0, 0, 1);
    copies.begin(1, 2, 3);
    simulation.run(seconds(10));
    expect(log.filter((line) => line.endsWith('copied'))).toEqual(['1s 0 copied', '1s 1 copied']);
    expect(copies.figuresOf(1)).toMatchObject({ bottleneckPort: -1, sharedNs: 0 });
  });

  it('go on faster when another ends, and slower when one begins', () => {
    const { simulation, copies, log, at } = copying({ '0-1': [0, 4, 1], '2-3': [2, 4, 3] });
    copies.begin(0, 0, 1);
    // half of the first is done; the rest takes 1 s beside the second, which then has its other half to copy alone
    at(seconds(0.5), () => copies.begin(1, 2, 3));
    simulation.run(seconds(10));
    expect(log.filter((line) => line.endsWith('copied'))).toEqual(['1.5s 0 copied', '2s 1 copied']);
    expect(copies.activeCount).toBe(0);
  });

  it('take their share of a link and no more', () => {
    const { simulation, copies, log } = copying({ '0-1': [0, 1] }, { linkShare: 0.25 });
    copies.begin(0, 0, 1);
    simulation.run(seconds(10));
    expect(log.at(-1)).toBe('4s 0 copied');
  });

  it('are not held back by a share of a link that is all they want', () => {
    const { simulation, copies } = copying({ '0-1': [0, 4, 1] }, { bandwidthBitsPerSec: 6.9 * GBPS, linkShare: 0.69 });
    copies.begin(0, 0, 1);
    simulation.run(seconds(10));
    expect(copies.figuresOf(0)).toMatchObject({ bottleneckPort: -1, sharedNs: 0 });
  });

  it('stand still without a path and go on over another', () => {
    const { simulation, copies, log, at, paths } = copying({ '0-1': [0, 4, 1] });
    copies.begin(0, 0, 1);
    at(seconds(0.5), () => {
      paths['0-1'] = null;
      copies.pathsChanged();
    });
    at(seconds(7), () => {
      paths['0-1'] = [0, 5, 6, 1];
      copies.pathsChanged();
    });
    simulation.run(seconds(10));
    expect(log.at(-1)).toBe('7.5s 0 copied');
    expect(copies.figuresOf(0)).toMatchObject({ pathLinks: 4, copyNs: seconds(7.5), stalledNs: seconds(6.5) });
  });

  it('count what they have copied until now, also in the middle of a round', () => {
    const { simulation, copies, at } = copying({ '0-1': [0, 4], '2-3': [2, 5] });
    copies.begin(0, 0, 1);
    copies.begin(1, 2, 3);
    at(seconds(0.25), () => copies.cancel(1));
    simulation.run(seconds(0.5));
    const byCopy = [0, 1].map((copy) => copies.figuresOf(copy));
    expect(byCopy.map(({ transferredBytes }) => transferredBytes)).toEqual([625e6, 312.5e6]);
    expect(byCopy.map(({ copyNs }) => copyNs)).toEqual([seconds(0.5), seconds(0.25)]);
    expect([4, 5].map((port) => copies.bytesOf(port))).toEqual([625e6, 312.5e6]);
  });

  it('are given up when they find no path for too long', () => {
    const { simulation, copies, log } = copying({});
    copies.begin(0, 0, 1);
    simulation.run(seconds(100));
    expect(log).toEqual(['30s 0 given up']);
  });

  it('say when their VM will be paused, and correct themselves', () => {
    const { simulation, copies, expectedNs, at } = copying({ '0-1': [0, 4], '2-3': [2, 4] });
    copies.begin(0, 0, 1);
    expect(expectedNs[0]).toBe(seconds(1));
    at(seconds(0.5), () => copies.begin(1, 2, 3));
    expect(expectedNs[0]).toBe(seconds(1.5));
    at(seconds(0.7), () => copies.cancel(1));
    expect(expectedNs[0]).toBe(seconds(1.1));
    simulation.run(seconds(10));
    expect(copies.figuresOf(0).copyNs).toBe(seconds(1.1));
  });

  it('slow down the rounds of a VM that runs', () => {
    // r = 0.1 alone, 0.2 beside another
    const { simulation, copies } = copying({ '0-1': [0, 4], '2-3': [2, 4] }, { dirtyRateBitsPerSec: GBPS });
    copies.begin(0, 0, 1);
    copies.begin(1, 2, 3);
    simulation.run(seconds(30));
    // 2 s, 400, 80, 16 and 3.2 ms, and the last 0.64 ms paused: both alike
    expect(copies.figuresOf(0)).toMatchObject({ rounds: 5, copyNs: 2_499_840_000 });
  });

  it('have a network of their own if told so', () => {
    const simulation = new Simulation();
    const done: number[] = [];
    const copies = new MemoryCopies({
      simulation,
      network: null,
      bandwidthBitsPerSec: 10 * GBPS,
      linkShare: 1,
      preCopy: {
        memoryBytes: 1.25e9,
        dirtyRateBitsPerSec: 0,
        workingSetBytes: null,
        downtimeLimitNs: milliseconds(1),
        roundsMax: 30,
        copyNsMax: null,
        stallNsMax: seconds(30),
        onGiveUp: 'abort',
      },
    });
    copies.listener = {
      pauseExpected: () => {},
      resumptionExpected: () => {},
      paused: () => {},
      copied: () => done.push(simulation.nowNs),
      givenUp: () => {},
    };
    for (let copy = 0; copy < 5; copy++) copies.begin(copy, 0, 1);
    simulation.run(seconds(10));
    expect(done).toEqual(new Array(5).fill(seconds(1)));
  });
});
