import { describe, expect, it } from 'vitest';
import { Limit } from '../../src/device/limits.ts';
import type { FailureRecord } from '../../src/metrics/failure-table.ts';
import type { MigrationRecord } from '../../src/metrics/migration-table.ts';
import { Recorder } from '../../src/metrics/recorder.ts';
import type { RunCounts } from '../../src/metrics/run-totals.ts';
import { seconds } from '../../src/units.ts';
import { SmallDatacenter, type SmallDatacenterOptions } from './small-datacenter.ts';

const WARM_UP_NS = seconds(90);

const NO_COUNTS: RunCounts = {
  migrations: [],
  vms: { planned: 9, arrived: 8, ended: 2, refused: 1 },
  flows: { started: 5, finished: 2, failed: 1, incomplete: 1, abandoned: 0, deliveredBytes: 1000 },
  links: { blocked: 1, forwarding: 2, bisectionBitsPerSec: 1e9 },
  refused: { segments: 0, vms: 0 },
  hardwareUse: [],
};

/** A small datacenter whose tree has settled after 80 s, with a warm-up of 90 s. */
class WarmingUp {
  readonly datacenter: SmallDatacenter;
  readonly recorder: Recorder;

  constructor(options: SmallDatacenterOptions = {}) {
    this.datacenter = new SmallDatacenter(options);
    this.recorder = new Recorder(this.datacenter.recorded, {
      folder: null,
      metadata: {
        ...{ scenarioTitle: '', scenarioDigest: '', seed: 1, version: '', fabric: '', kind: '' },
        durationNs: seconds(200),
        warmUpNs: WARM_UP_NS,
      },
    });
    this.datacenter.start();
    this.datacenter.runFor(seconds(80));
  }

  /** All of these stations broadcast, and a second goes by. */
  broadcast(...stations: readonly number[]): void {
    for (const station of stations) this.datacenter.send(station, 'all');
    this.datacenter.runFor(seconds(1));
  }

  sample(): void {
    this.recorder.sample(this.datacenter.simulation.nowNs);
  }

  endWarmUp(counts: RunCounts = NO_COUNTS): void {
    this.datacenter.simulation.run(WARM_UP_NS - 1);
    this.recorder.endWarmUp(counts);
    this.datacenter.simulation.run(WARM_UP_NS);
  }

  summary(counts: RunCounts = NO_COUNTS) {
    return this.recorder.summary(counts);
  }
}

describe('a count after the warm-up', () => {
  it('is of what happened since', () => {
    const run = new WarmingUp();
    run.broadcast(0, 0, 1);
    run.endWarmUp();
    run.broadcast(0, 1);
    const { flooding, macTables, links } = run.summary();
    // 100 bytes and a tag, over the links of four servers and all three of the triangle
    expect(flooding.floodedBytes).toBe(2 * 7 * 104);
    expect(flooding.ownGroupBytes).toBe(2 * 104);
    expect(flooding.byCause).toEqual([
      { cause: 'broadcast_other', frames: 6, copies: 12, bytes: 1200, linkFrames: 12, linkBytes: 12 * 104 },
    ]);
    // both were known
    expect(macTables.map(({ learned, entriesMax }) => [learned, entriesMax])).toEqual([
      [0, 2],
      [0, 0],
      [0, 2],
    ]);
    expect(links).toEqual({ total: 3, ...NO_COUNTS.links });
  });

  it('leaves out what did not occur since, also what would have been most', () => {
    const run = new WarmingUp();
    run.broadcast(0, 0, 0);
    run.datacenter.setLinkUp('leaf-server1', false);
    run.broadcast(0);
    run.endWarmUp();
    expect(run.summary().flooding).toMatchObject({ byCause: [], peakLink: null, floodedBytes: 0 });
    run.broadcast(4);
    expect(run.summary().flooding.peakLink?.floodedBytes).toBe(104);
    expect(run.summary().failures.lostFrames).toBe(0);
    // the tree blocks one end of the triangle
    expect(run.summary().drops).toEqual([{ outcome: 'drop_port_blocked', frames: 1 }]);
  });

  it('is of the hosts that broadcasts since reached', () => {
    const run = new WarmingUp();
    run.datacenter.devices.servers.announceByRarp(0);
    run.endWarmUp();
    expect(run.summary().flooding.reach).toEqual({ frames: 0, hostsMean: null, widest: null });
    run.datacenter.setLinkUp(run.datacenter.recorded.links.at(-1)!.id, false);
    run.datacenter.devices.servers.announceByRarp(1);
    run.datacenter.runFor(seconds(1));
    expect(run.summary().flooding.reach).toEqual({ frames: 1, hostsMean: 2, widest: { segment: 101, hostsMean: 2 } });
  });

  it('is of flows by when they ended, and what is there stays', () => {
    const run = new WarmingUp();
    run.endWarmUp();
    const flows = { started: 7, finished: 5, failed: 1, incomplete: 1, abandoned: 0, deliveredBytes: 1600 };
    const { flows: since, vms } = run.summary({ ...NO_COUNTS, flows });
    expect(since).toEqual({ started: 2, finished: 3, failed: 0, incomplete: 0, abandoned: 0, deliveredBytes: 600 });
    expect(vms).toEqual(NO_COUNTS.vms);
  });
});

describe('the most after the warm-up', () => {
  it('begins with what a table holds at the end of the warm-up, not with what it held before', () => {
    const run = new WarmingUp({ ageingTimeNs: seconds(9) });
    run.broadcast(0, 1, 2, 3);
    run.sample();
    expect(run.datacenter.devices.bridges.tables.entryCounts[0]).toBe(4);
    run.broadcast(0);
    run.sample();
    run.endWarmUp();
    run.datacenter.runFor(seconds(60));
    run.sample();
    // the others were 9 s old at 89 s, the last one is at 90 s
    expect(run.summary().macTables[0]).toMatchObject({ entriesMax: 1, entriesMean: 0, learned: 0, aged: 2 });
  });

  it('is of intervals that begin with the end of the warm-up', () => {
    const run = new WarmingUp();
    run.sample();
    for (let i = 0; i < 9; i++) run.datacenter.send(0, 'all', 1000);
    run.datacenter.runFor(seconds(1));
    run.endWarmUp();
    run.broadcast(0);
    run.datacenter.runFor(seconds(1));
    run.sample();
    expect(run.summary().floodPeak).toMatchObject({ rateBitsPerSec: (104 * 8) / 2, untilNs: seconds(92) });
  });

  it('loses nothing to a sample at its end', () => {
    const run = new WarmingUp();
    run.endWarmUp();
    run.datacenter.send(0, 'all');
    run.sample();
    run.datacenter.runFor(seconds(1));
    run.sample();
    expect(run.summary().floodPeak).toMatchObject({ rateBitsPerSec: 104 * 8, untilNs: seconds(91) });
  });
});

describe('a first time after the warm-up', () => {
  it('is that of the end of the warm-up for what was so already', () => {
    const run = new WarmingUp({ macTableCapacity: 2 });
    run.broadcast(0, 1);
    run.sample();
    run.endWarmUp();
    expect(run.summary().macTables[0]).toMatchObject({
      fullTables: 2,
      firstFull: { owner: 'leaf1', timeNs: WARM_UP_NS },
    });
  });

  it('is the first since for what happens again and again', () => {
    const run = new WarmingUp({ macTableCapacity: 2 });
    run.broadcast(0, 1);
    run.broadcast(2);
    expect(run.datacenter.devices.bridges.tables.firstLossMs[1]).toBe(81_000);
    run.endWarmUp();
    expect(run.summary().macTables[0]).toMatchObject({ lossy: 0, firstLossNs: null, refused: 0 });
    expect(run.summary().limits).toEqual([]);
    run.datacenter.runFor(seconds(5));
    run.broadcast(2);
    expect(run.summary().macTables[0]).toMatchObject({ lossy: 2, firstLossNs: seconds(95), refused: 2 });
    expect(run.summary().limits).toEqual([{ limit: 'mac_table', firstNs: seconds(95), device: 'leaf1', count: 3 }]);
    // tables of samples are of the whole run
    expect(run.datacenter.devices.bridges.tables.firstLossOfRunMs(1)).toBe(81_000);
  });

  it('of a limit is forgotten, unless the limit still binds', () => {
    const run = new WarmingUp();
    const { limits } = run.datacenter.devices.network;
    limits.hit(Limit.portQueue, 0, seconds(81), 3);
    limits.hit(Limit.vnis, 1, seconds(82), 2);
    limits.hit(Limit.vtepPeers, 1, seconds(83), 2);
    const use = { owner: 'leaf2', tier: 'leaf', used: 1, limit: 3 };
    const hardwareUse = [
      { ...use, resource: 'vnis', refused: ['10007'] },
      { ...use, resource: 'vtep_peers', refused: [] },
    ];
    const counts = { ...NO_COUNTS, hardwareUse, refused: { segments: 2, vms: 9 } };
    run.endWarmUp(counts);
    expect(run.summary(counts).limits).toEqual([
      { limit: 'vlan_ids', firstNs: WARM_UP_NS, device: null, count: 2 },
      { limit: 'vnis', firstNs: WARM_UP_NS, device: 'leaf2', count: 2 },
    ]);
    limits.hit(Limit.portQueue, 1, seconds(99), 1);
    expect(run.summary(counts).limits[2]).toEqual({
      limit: 'port_queue',
      firstNs: seconds(99),
      device: 'leaf2',
      count: 1,
    });
  });
});

describe('events', () => {
  it('count if they began when the warm-up ended or later', () => {
    const run = new WarmingUp();
    run.endWarmUp();
    const migration = { status: 'done', outageNs: 5, isOutageOver: true, lostFrames: 1, refusal: null };
    const failure = { vms: 2, convergenceNs: 7, tablesRightNs: null, tablesRightAfterRepairNs: null };
    const timesNs = [WARM_UP_NS - 1, WARM_UP_NS, WARM_UP_NS + 1];
    const { migrations, failures } = run.summary({
      ...NO_COUNTS,
      migrations: timesNs.map((startNs, index) => ({ ...migration, startNs, outageNs: index }) as MigrationRecord),
      failures: timesNs.map((failNs) => ({ ...failure, failNs }) as FailureRecord),
    });
    expect(migrations).toMatchObject({ planned: 2, done: 2, outages: 2, outageNsP50: 1, outageNsMax: 2 });
    expect(failures).toMatchObject({ count: 2, vms: 4, tablesStillWrong: 2 });
  });
});
