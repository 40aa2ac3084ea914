import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readArrowFile } from '../../src/metrics/arrow-file.ts';
import { compareFabrics, runFabric } from '../../src/scenario/run-scenario.ts';
import { seconds } from '../../src/units.ts';
import { FABRICS, fabricOf, scenarioOf } from '../support/scenario-of.ts';
import { WatchedRun } from '../support/watched-run.ts';

/** 60 VMs of which 24 are there from the start; the others come within 20 s, and all live 20 s on average. */
const GROWING = {
  duration: '60s',
  tenants: [{ name: 'shop', count: 2, segments: 3, vmsPerSegment: 10 }],
  placement: { policy: 'random', vmsPerServerMax: 8, segmentVmsPerServerMax: 4 },
  growth: { initialVms: 24, allBy: '45s', lifetimes: { exponential: '20s' } },
  migrations: { random: { count: 8, start: '22s', end: '50s' }, memory: '1GiB' },
};
const scenario = scenarioOf(GROWING);

describe.each(FABRICS.map(({ name }) => name))('a run with VMs that come and end, on %s', (name) => {
  const run = new WatchedRun(scenario, fabricOf(scenario, name));
  const { devices, fabric } = run.datacenter;
  const { network, servers } = devices;

  it('loses no frame without saying how, and never has more VMs on a server than fit', () => {
    for (let second = 21; second <= 60; second++) {
      run.runUntil(seconds(second));
      expect(network.createdFrames).toBe(run.endedFrames() + run.framesInFlight());
      for (const node of fabric.serverNodes) expect(servers.stationsAt(node).length).toBeLessThanOrEqual(8);
      const there = fabric.serverNodes.reduce((sum, node) => sum + servers.stationsAt(node).length, 0);
      const { arrived, ended } = run.datacenter.vmCounts();
      expect(there).toBe(arrived - ended);
    }
    const { planned, arrived, ended, refused } = run.datacenter.vmCounts();
    expect(arrived + refused).toBe(planned);
    expect(ended).toBeGreaterThan(20);
  });

  it('has flows reach VMs that came later, and counts those that outlived one of theirs', () => {
    const late = run.datacenter.plan.vmServer.length;
    expect(new Set(run.deliveries.map(({ toVm }) => toVm)).size).toBeGreaterThan(late / 2);
    const { flows } = run.datacenter.finish({ isComplete: true }).summary;
    expect(flows.abandoned).toBeGreaterThan(0);
    expect(flows.finished).toBeGreaterThan(500);
  });
});

describe('a run with VMs that come and end', () => {
  it('has the same VMs and flows on every fabric, and again', () => {
    // how long a migration takes, and so when its VM may end, is the fabric's
    const still = scenarioOf({ ...GROWING, migrations: {} });
    const results = compareFabrics(still, { outDir: null });
    for (const { summary } of results) {
      expect(summary.vms).toEqual(results[0]!.summary.vms);
      expect(summary.flows.started).toBe(results[0]!.summary.flows.started);
    }
    const again = compareFabrics(still, { outDir: null });
    expect(again.map(({ fingerprint }) => fingerprint)).toEqual(results.map(({ fingerprint }) => fingerprint));
  });

  it('refuses to migrate a VM that has not come yet, and writes that down', () => {
    const migrations = { list: [{ vm: 'vm58', at: '22s', to: 'server1' }] };
    const waiting = scenarioOf({ ...GROWING, duration: '25s', migrations, failures: [] });
    const out = mkdtempSync(join(tmpdir(), 'absent-'));
    try {
      const { folder } = runFabric(waiting, fabricOf(waiting, 'leaf'), { outDir: out });
      expect(readArrowFile(join(folder!, 'migrations.arrow')).rows()).toMatchObject([
        { status: 'refused', refusal: 'not_running', from_server: null, to_server: 'server1', copy_ns: null },
      ]);
    } finally {
      rmSync(out, { recursive: true });
    }
  });

  it('fills tables as VMs come, and empties them as they end and age', () => {
    const fabrics = [{ name: 'leaf', kind: 'vxlan-flood-learn', macAgeing: '10s' }];
    const growing = scenarioOf({
      ...GROWING,
      duration: '120s',
      fabrics,
      traffic: { flowsPerVmPerSecond: 5, sizes: { fixed: 1000 } },
      migrations: {},
      failures: [],
      growth: { initialVms: 6, allBy: '40s', lifetimes: { exponential: '20s' } },
    });
    const run = new WatchedRun(growing, fabricOf(growing, 'leaf'));
    const entriesAt = (timeS: number) => {
      run.runUntil(seconds(timeS));
      const { tables } = run.datacenter.devices.bridges;
      for (const table of [0, 1, 2]) tables.expireDue(table, timeS * 1000);
      return [0, 1, 2].reduce((sum, table) => sum + tables.entryCounts[table]!, 0);
    };
    const [start, peak, end] = [22, 38, 120].map(entriesAt) as [number, number, number];
    expect(peak).toBeGreaterThan(2 * start);
    expect(end).toBeLessThan(peak / 2);
  });
});
