import { describe, expect, it } from 'vitest';
import type { Devices } from '../../src/device/devices.ts';
import { FloodCause } from '../../src/device/observer.ts';
import { checkRunInvariants } from '../../src/metrics/run-invariants.ts';
import { Datacenter } from '../../src/scenario/datacenter.ts';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { seconds } from '../../src/units.ts';
import { FABRICS, fabricOf, scenarioOf } from '../support/scenario-of.ts';
import { SmallDatacenter } from './small-datacenter.ts';

const NOWHERE = { folder: null, version: '', digest: '' };

const violated = (datacenter: SmallDatacenter, recorded = datacenter.recorded) =>
  checkRunInvariants(recorded)
    .filter(({ holds }) => !holds)
    .map(({ name }) => name);

/** A datacenter in which broadcasts and unicast have crossed the tree. */
function settled(): SmallDatacenter {
  const datacenter = new SmallDatacenter({ macTableCapacity: 5 });
  datacenter.start();
  datacenter.runFor(seconds(70));
  for (let station = 0; station < 6; station++) datacenter.send(station, 'all');
  datacenter.send(0, 2, 1500);
  datacenter.runFor(seconds(1));
  return datacenter;
}

describe('the bookkeeping of a run', () => {
  it('agrees with itself, also with frames under way', () => {
    const datacenter = settled();
    expect(violated(datacenter)).toEqual([]);
    datacenter.send(1, 'all');
    expect(datacenter.devices.network.frames.countUnderWay()).toBeGreaterThan(0);
    expect(violated(datacenter)).toEqual([]);
  });

  it('is found wrong when a frame is counted that never was', () => {
    const datacenter = settled();
    datacenter.devices.network.createdFrames++;
    expect(violated(datacenter)).toEqual(['frames_conserved']);
  });

  it('is found wrong when a flood is counted that did not leave, or one that left is not', () => {
    for (const error of [1, -1]) {
      const datacenter = settled();
      const { network } = datacenter.devices;
      const node = network.nodeNames.findIndex((_name, each) => network.floodsOf(each).length > 0);
      network.addFloods(node, FloodCause.broadcastOther, 0, error, 0);
      expect(violated(datacenter)).toEqual(['floods_left']);
    }
  });

  it('is found wrong when a segment has a flood too many, or too many bytes, or a server took in more', () => {
    const datacenter = settled();
    const { network } = datacenter.devices;
    network.addSegmentFlood(0, FloodCause.broadcastOther, 1, 0);
    expect(violated(datacenter)).toEqual(['segment_flood_frames']);
    network.addSegmentFlood(0, FloodCause.broadcastOther, -1, 1);
    expect(violated(datacenter)).toEqual(['segment_flood_bytes']);
    network.addSegmentFlood(0, FloodCause.broadcastOther, 0, -1);
    network.reach.addUseless(1, 1);
    expect(violated(datacenter)).toEqual(['segment_useless_frames']);
  });

  it('is found wrong when VTEPs or routers counted copies that are not there', () => {
    const tampered = (fabric: string, tamper: (devices: Devices) => void) => {
      const scenario = scenarioOf({ duration: '22s', migrations: {}, failures: [] });
      const datacenter = new Datacenter(scenario, fabricOf(scenario, fabric), NOWHERE);
      datacenter.start();
      datacenter.simulation.run(seconds(22));
      tamper(datacenter.devices);
      return datacenter
        .finish({ isComplete: true })
        .invariants.filter(({ holds }) => !holds)
        .map(({ name }) => name);
    };
    expect(tampered('leaf', ({ tunnels }) => tunnels.replicatedFrames++)).toEqual(['head_end_copies']);
    expect(tampered('leaf-multicast', ({ underlay }) => underlay.multicast.copiedPackets++)).toEqual(['tree_copies']);
    for (const fabric of ['leaf', 'leaf-multicast', 'hypervisor', 'hypervisor-multicast']) {
      expect(tampered(fabric, () => {})).toEqual([]);
      const more = ({ underlay }: Devices) => {
        const sends = underlay.floodSends.bind(underlay);
        underlay.floodSends = (cause) => sends(cause) + (cause === FloodCause.broadcastArp ? 1 : 0);
      };
      expect(tampered(fabric, more)).toEqual(['underlay_floods_left']);
      const fewer = ({ tunnels }: Devices) => {
        const packets = tunnels.floodPackets.bind(tunnels);
        tunnels.floodPackets = (cause) => packets(cause) - (cause === FloodCause.broadcastArp ? 1 : 0);
      };
      expect(tampered(fabric, fewer)).toEqual(['floods_left']);
    }
  });

  it('is found wrong when a table holds more than fits, or bytes are missing', () => {
    const datacenter = settled();
    const { tables } = datacenter.devices.bridges;
    expect(tables.entryCounts[0]).toBe(5);
    tables.entryCounts[0]++;
    expect(violated(datacenter)).toEqual(['tables_within_capacity']);
    tables.entryCounts[0]--;
    datacenter.devices.network.classBytes = () => 59;
    expect(violated(datacenter)).toEqual(['frames_long_enough']);
  });

  it('is found wrong when encapsulation is counted where nothing is encapsulated, or is not where it should be', () => {
    const datacenter = settled();
    datacenter.devices.network.overheadBytes = () => 1;
    expect(violated(datacenter)).toEqual(['encapsulation_counted']);
  });

  it('agrees with itself on every fabric, with full queues and full tables', () => {
    const scenario = scenarioOf({
      topology: { leaves: 3, spines: 2, serversPerLeaf: 2, bufferSize: '3KB', serverLink: { rate: '10Mbps' } },
      fabrics: FABRICS.map((fabric) => ({ ...fabric, macTableSize: 4 })),
      gateway: { at: 'leaf1' },
      traffic: { flowsPerVmPerSecond: 3, interSegment: 0.3 },
      migrations: { random: { count: 5, start: '22s', end: '26s' }, memory: '1GiB' },
      duration: '28s',
      failures: [{ at: '24s', switch: 'spine1', restoreAfter: '2s' }],
    });
    for (const { fabric, invariants, summary } of compareFabrics(scenario, { outDir: null })) {
      expect([fabric, invariants.filter(({ holds }) => !holds)]).toEqual([fabric, []]);
      expect(invariants.length).toBeGreaterThanOrEqual(15);
      expect(summary.drops.map(({ outcome }) => outcome)).toContain('drop_queue_full');
    }
  });
});
