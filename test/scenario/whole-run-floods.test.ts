import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CARRIED_COUNT, OUTCOME_NAMES } from '../../src/device/observer.ts';
import { Datacenter } from '../../src/scenario/datacenter.ts';
import type { FabricSettings, Scenario } from '../../src/scenario/scenario.ts';
import { FAST_TREE, scenarioOf } from '../support/scenario-of.ts';

/** A run up to a moment; without one, to the first after the scenario's end at which no frame is under way. */
function runOf(scenario: Scenario, settings: FabricSettings, together: boolean, untilNs?: number) {
  const datacenter = new Datacenter({ ...scenario, exactFloods: !together }, settings, {
    folder: null,
    version: '',
    digest: '',
  });
  const { devices, simulation } = datacenter;
  datacenter.start();
  simulation.run(untilNs ?? scenario.durationNs);
  for (let step = 0; untilNs === undefined && devices.network.frames.liveCount > 0; step++) {
    if (step === 300_000) throw new Error('frames are under way all the time');
    simulation.run(simulation.nowNs + 100_000);
  }
  return datacenter;
}

/** Everything that a run counts, by whoever counts it. */
function countersOf(datacenter: Datacenter) {
  const { network, servers, bridges, tunnels } = datacenter.devices;
  const { summary, invariants } = datacenter.finish({ isComplete: true });
  const ports = Array.from({ length: network.portCount }, (_, port) => ({
    port: network.portNames[port],
    frames: Array.from({ length: CARRIED_COUNT }, (_none, carried) => network.carriedFrames(port, carried)),
    bytes: Array.from({ length: CARRIED_COUNT }, (_none, carried) => network.carriedBytes(port, carried)),
    drops: network.droppedFrames(port),
  }));
  const tables = [bridges.tables, tunnels.tables].map((one) => ({
    entries: one.entryCounts,
    learned: one.learnedCounts,
    moved: one.movedCounts,
    aged: one.agedCounts,
    refused: one.refusedCounts,
  }));
  return {
    groupedHops: network.groupedHops,
    counters: {
      ports,
      tables,
      outcomes: OUTCOME_NAMES.map((name, index) => [name, network.outcomeFrames[index]]),
      hops: network.hops,
      hopFrames: network.hopFrames,
      created: network.createdFrames,
      floods: network.nodeNames.map((_name, node) => network.floodsOf(node)),
      segments: [[...network.segmentFloodFrames], [...network.segmentFloodBytes]],
      useless: servers.uselessFrames,
      reach: Array.from({ length: summary.vms.planned + 1 }, (_, index) => [
        network.reach.sentFrames(index - 1),
        network.reach.reachedHosts(index - 1),
        network.reach.uselessFrames(index - 1),
      ]),
      summary,
      violated: invariants.filter(({ holds }) => !holds),
    },
  };
}

const anyScenario = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  leaves: fc.integer({ min: 1, max: 4 }),
  spines: fc.integer({ min: 1, max: 3 }),
  serversPerLeaf: fc.integer({ min: 4, max: 9 }),
  segments: fc.integer({ min: 1, max: 5 }),
  vmsPerSegment: fc.integer({ min: 2, max: 24 }),
  // from so small that unknown destinations flood all the time to no limit
  macTableSize: fc.option(fc.integer({ min: 2, max: 40 }), { nil: undefined }),
  silentVms: fc.constantFrom(0, 0.3),
  announce: fc.constantFrom('rarp', 'garp', 'both', 'none'),
  // a link that a flow fills, behind a buffer that overflows, and one that is never full
  serverRate: fc.constantFrom('50Mbps', '25Gbps'),
  // microseconds until the fabric fails, so that copies are caught in queues
  fails: fc.boolean(),
  kind: fc.constantFrom('vlan-stp', 'vlan-mlag', 'leaf', 'leaf-pairs', 'multicast'),
  // servers whose trunks differ are not in one group
  reach: fc.constantFrom('everywhere', 'pruned', 'pod'),
  serverHoming: fc.constantFrom('single', 'dual'),
});

/** Some servers of a rack with a segment have the same trunks, and some others. */
const PRUNED: Parameters<typeof scenarioFrom>[0] = {
  seed: 1,
  leaves: 3,
  spines: 2,
  serversPerLeaf: 5,
  segments: 3,
  vmsPerSegment: 10,
  macTableSize: undefined,
  silentVms: 0,
  announce: 'rarp',
  serverRate: '25Gbps',
  fails: false,
  kind: 'vlan-stp',
  reach: 'pruned',
  serverHoming: 'single',
};

function scenarioFrom(any: typeof anyScenario extends fc.Arbitrary<infer T> ? T : never): Scenario {
  const macTableSize = any.macTableSize === undefined ? {} : { macTableSize: any.macTableSize };
  const isPairs = any.kind === 'leaf-pairs';
  const leaves = isPairs ? 2 * Math.ceil(any.leaves / 2) : any.leaves;
  const fabric =
    any.kind === 'vlan-stp'
      ? { kind: 'vlan-stp', reach: any.reach, spanningTree: FAST_TREE, ...macTableSize }
      : any.kind === 'vlan-mlag'
        ? { kind: 'vlan-mlag', reach: any.reach, restoreDelay: '500ms', ...macTableSize }
        : {
            kind: 'vxlan-flood-learn',
            replication: any.kind === 'multicast' ? 'multicast' : 'ingress',
            ...(isPairs && { mlag: { restoreDelay: '500ms' } }),
            ...macTableSize,
          };
  return scenarioOf({
    seed: any.seed,
    duration: '28s',
    topology: {
      leaves,
      spines: any.kind === 'vlan-mlag' ? 2 : any.spines,
      serversPerLeaf: any.serversPerLeaf,
      serverLink: { rate: any.serverRate },
      bufferSize: '20KB',
      serverHoming: isPairs ? 'dual' : leaves % 2 === 0 ? any.serverHoming : 'single',
    },
    fabrics: [fabric],
    tenants: [{ name: 'shop', segments: any.segments, vmsPerSegment: any.vmsPerSegment }],
    traffic: { flowsPerVmPerSecond: 1, sizes: { fixed: '20KB' }, silentVms: any.silentVms },
    hosts: { bootStart: '20s', bootWindow: '1s' },
    migrations: {
      random: { count: 2, start: '22s', end: '24s' },
      memory: '64MiB',
      dirtyRate: '1Mbps',
      announce: any.announce,
    },
    failures:
      any.fails && any.leaves > 1 && (any.spines > 1 || any.kind === 'vlan-mlag')
        ? [{ at: '24s', switch: 'spine1', restoreAfter: '1s' }]
        : [],
  });
}

describe('floods whose copies at the edge go together', () => {
  it('count the same as copies that are events, counter by counter, on random fabrics', () => {
    let grouped = 0;
    fc.assert(
      fc.property(anyScenario, (any) => {
        const scenario = scenarioFrom(any);
        const [fabric] = scenario.fabrics;
        const quiet = runOf(scenario, fabric!, false);
        const alone = countersOf(quiet);
        const together = countersOf(runOf(scenario, fabric!, true, quiet.simulation.nowNs));
        expect(alone.groupedHops).toBe(0);
        expect(alone.counters.violated).toEqual([]);
        expect(together.counters).toEqual(alone.counters);
        grouped += together.groupedHops;
      }),
      { numRuns: Number(process.env.FLOOD_RUNS ?? 15), seed: 7, examples: [[PRUNED]] },
    );
    expect(grouped).toBeGreaterThan(10_000);
  });

  it.each([
    ['events', true],
    ['counted together', false],
  ])('lose nothing for VMs that are reached by another copy: %s', (_how, exactFloods) => {
    const scenario = scenarioOf({
      duration: '60s',
      topology: { leaves: 4, spines: 2, serversPerLeaf: 3 },
      tenants: [{ name: 'web', vmsPerSegment: 12 }],
      traffic: { flowsPerVmPerSecond: 1, sizes: { fixed: '50kB' } },
      hosts: { bootStart: '2s', bootWindow: '2s' },
      migrations: { memory: '256MiB', random: { count: 12, start: '10s', end: '50s' }, announce: 'both' },
      // what was flushed is flooded: one bridge of many knows where it goes
      failures: [
        { at: '20s', link: 'leaf1-spine1', restoreAfter: '5s' },
        { at: '30s', switch: 'spine1', restoreAfter: '10s' },
      ],
      fabrics: ['vlan-rstp', 'vxlan-flood-learn'],
      exactFloods,
    });
    const [tree, overlay] = scenario.fabrics.map((fabric) => {
      const datacenter = runOf(scenario, fabric, !exactFloods, scenario.durationNs);
      const { lostFrames, misdeliveredFrames, blackholedFrames } = datacenter.finish({ isComplete: true }).summary
        .migrations;
      return { lostFrames, misdeliveredFrames, blackholedFrames };
    });
    // all that is lost comes while a VM is paused, which is as long on both
    expect(tree).toEqual(overlay);
    expect(tree).toMatchObject({ misdeliveredFrames: 0, blackholedFrames: 0 });
    expect(tree!.lostFrames).toBeGreaterThan(100);
  });
});
