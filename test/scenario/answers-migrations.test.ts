import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readArrowFile } from '../../src/metrics/arrow-file.ts';
import { readScenario } from '../../src/scenario/read-scenario.ts';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { milliseconds } from '../../src/units.ts';
import { ask, droppedFrames, libraryFile } from '../support/ask.ts';

describe('what does a migration storm do', () => {
  const SCENARIO = 'what-does-a-migration-storm-do';
  const MEMORY_BITS = 2 ** 32 * 8;

  /** Pre-copy at a constant bandwidth: all the time and the pause, in ns. */
  function preCopyNs(bandwidth: number): { totalNs: number; pauseNs: number } {
    const ratio = 1e9 / bandwidth;
    const rounds = Math.ceil(Math.log((bandwidth * 0.3) / MEMORY_BITS) / Math.log(ratio));
    const wholeNs = (MEMORY_BITS / bandwidth) * 1e9;
    return {
      totalNs: (wholeNs * (1 - ratio ** (rounds + 1))) / (1 - ratio),
      pauseNs: wholeNs * ratio ** rounds,
    };
  }

  it('32 copies share one uplink of a tree, and eight of a routed fabric but for collisions', () => {
    const [tree, ecmp] = ask(SCENARIO).map(({ migrations }) => migrations);
    expect([tree.done, ecmp.done]).toEqual([32, 32]);
    const shared = preCopyNs(40e9 / 32);
    expect(tree.copyNs.p50! / shared.totalNs).toBeCloseTo(1, 4);
    expect(tree.copyNs.max! / shared.totalNs).toBeCloseTo(1, 4);
    expect(tree.downtimeNs.p50! / shared.pauseNs).toBeCloseTo(1, 4);
    expect(ecmp.copyNs.p50).toBeGreaterThan(preCopyNs(10e9).totalNs - 10);
    expect(ecmp.copyNs.max).toBeLessThan(tree.copyNs.max! / 10);
  });

  it('nothing moves where the share of a copy is less than what its VM changes', () => {
    const [tree, ecmp] = ask(
      SCENARIO,
      'topology.fabricLink.rate=25Gbps',
      'duration=1500s',
      'traffic.flowsPerVmPerSecond=0',
    );
    expect(tree.migrations).toMatchObject({ done: 0, givenUp: 32 });
    expect(ecmp.migrations).toMatchObject({ done: 32, givenUp: 0 });
  });
});

describe('what if announcements are lost', () => {
  it('half as many VMs are found by each further announcement, and the last few when they speak', () => {
    const out = mkdtempSync(join(tmpdir(), 'lost-announcements-'));
    const overrides = [
      'migrations.random.count=160',
      'tenants.0.count=5',
      'duration=300s',
      'migrations.random.end=230s',
    ];
    try {
      const scenario = readScenario(libraryFile('what-if-announcements-are-lost'), { overrides });
      for (const { folder } of compareFabrics(scenario, { outDir: out })) {
        const rows = readArrowFile(join(folder!, 'migrations.arrow')).rows();
        const longestNs = [0, 50, 200, 450, 800].map((ms) => milliseconds(ms + 10 + 20));
        for (const { outage_ns, lost_announcement_count: lost, announcement_count: heard } of rows) {
          expect(Number(lost) + Number(heard)).toBe(5);
          if (Number(heard) > 0) expect(Number(outage_ns)).toBeLessThan(longestNs.at(-1)!);
        }
        // of 160: expected 80, 120, 140, 150 and 155, within three standard deviations
        const found = longestNs.map((limitNs) => rows.filter(({ outage_ns }) => Number(outage_ns) < limitNs).length);
        for (const [index, count] of found.entries()) {
          const share = 1 - 0.5 ** (index + 1);
          expect(Math.abs(count - 160 * share)).toBeLessThan(3 * Math.sqrt(160 * share * (1 - share)) + 5);
        }
      }
    } finally {
      rmSync(out, { recursive: true });
    }
  });
});

describe('can VMs migrate between pods', () => {
  const SCENARIO = 'can-vms-migrate-between-pods';
  const FEWER = ['migrations.random.count=60', 'duration=120s', 'migrations.random.end=110s'];

  it('wherever they like, but for about half where VLANs end with the pod', () => {
    const [everywhere, pod, vxlan] = ask(SCENARIO, ...FEWER);
    for (const summary of [everywhere, vxlan]) {
      expect(summary.migrations).toMatchObject({ done: 60, refused: 0, misdeliveredFrames: 0, blackholedFrames: 0 });
      // nothing is lost but what came during the pause
      expect(summary.migrations.lostFrames).toBe(droppedFrames(summary, 'station_gone'));
    }
    const { done, refused, refusals } = pod.migrations;
    expect(done + refused).toBe(60);
    expect(refusals).toEqual([{ reason: 'beyond_reach', count: refused }]);
    // 32 of 63 servers, within three standard deviations
    expect(Math.abs(refused - (60 * 32) / 63)).toBeLessThan(3 * Math.sqrt(60 / 4));
  });

  it('or with a new address, and then who knew the old one finds them no more', () => {
    const fabrics = 'fabrics=[{kind: vlan-stp, reach: pod}]';
    const [refusing] = ask(SCENARIO, ...FEWER, fabrics);
    const [readdressing] = ask(SCENARIO, ...FEWER, fabrics, 'migrations.beyondReach=readdress');
    expect(refusing.flows.failed).toBe(0);
    expect(readdressing.migrations).toMatchObject({ refused: 0, readdressed: refusing.migrations.refused });
    expect(readdressing.migrations.unendedOutages).toBe(readdressing.migrations.readdressed);
    expect(readdressing.flows.failed).toBeGreaterThan(0);
  });
});
