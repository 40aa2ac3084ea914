import { describe, expect, it } from 'vitest';
import { checkRunInvariants } from '../../src/metrics/run-invariants.ts';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { seconds } from '../../src/units.ts';
import { FABRICS, scenarioOf } from '../support/scenario-of.ts';
import { SmallDatacenter } from './small-datacenter.ts';

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
    const [more, less] = [settled(), settled()];
    const firstFlood = more.devices.network.floodCopies.findIndex((copies) => copies > 0);
    more.devices.network.floodCopies[firstFlood]++;
    expect(violated(more)).toEqual(['floods_sent_or_dropped']);
    const { network } = less.devices;
    network.floodCopies[firstFlood]--;
    expect(violated(less)).toEqual(['floods_left']);
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
      expect(invariants.length).toBeGreaterThanOrEqual(6);
      expect(summary.drops.map(({ outcome }) => outcome)).toContain('drop_queue_full');
    }
  });
});
