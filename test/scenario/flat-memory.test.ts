import { describe, expect, it } from 'vitest';
import { Datacenter } from '../../src/scenario/datacenter.ts';
import { parseScenario } from '../../src/scenario/read-scenario.ts';
import { minutes } from '../../src/units.ts';
import { heldMemory } from '../support/held-memory.ts';

/** Bytes of objects an event, if none were left behind: V8 keeps what it compiles meanwhile. The least object has 16. */
const OBJECT_BYTES_MAX = 12;

/** Twelve minutes in which there are always flows, and a spine, a server and a link that fail and come back again and again. */
function datacenterOf(fabric: { kind: string }, topology = {}): Datacenter {
  const starts = [2, 4, 6, 8, 10];
  const text = JSON.stringify({
    duration: '12min',
    topology: { leaves: 3, spines: 2, serversPerLeaf: 3, ...topology },
    fabrics: [fabric],
    tenants: [{ name: 'web', count: 3, segments: 2, vmsPerSegment: 8 }],
    gateway: { at: 'leaf1' },
    traffic: { sizes: { fixed: '20kB' }, flowsPerVmPerSecond: 0.2, peersPerVm: 3, interSegment: 0.2 },
    hosts: { bootStart: '40s', bootWindow: '5s' },
    migrations: { random: { count: 20, start: '2min', end: '11min' }, probeEvery: '100ms' },
    failures: starts.flatMap((start) => [
      { at: `${start}min`, switch: 'spine1', restoreAfter: '50s' },
      { at: `${start}min`, server: 'server3', restoreAfter: '30s' },
      { at: `${start + 1}min`, link: 'leaf2-spine2', restoreAfter: '20s' },
    ]),
  });
  const scenario = parseScenario(text, 'flat-memory.yaml');
  const datacenter = new Datacenter(scenario, scenario.fabrics[0]!, { folder: null, version: '', digest: '' });
  datacenter.start();
  return datacenter;
}

describe('the memory of a run', () => {
  it.each([
    [{ kind: 'vlan-stp' }, {}],
    [{ kind: 'vlan-rstp' }, {}],
    [{ kind: 'vlan-mlag' }, { leaves: 4, serverHoming: 'dual' }],
    [{ kind: 'vxlan-flood-learn' }, {}],
    [{ kind: 'vxlan-evpn' }, {}],
    [{ kind: 'vxlan-multicast', multicast: 'pim-sm' }, {}],
  ])('does not grow with simulated time: %o', (fabric, topology) => {
    const { simulation } = datacenterOf(fabric, topology);
    // all have failed and come back twice
    simulation.run(minutes(5.9));
    const before = heldMemory();
    const eventsBefore = simulation.eventCount;
    simulation.run(minutes(12));
    const after = heldMemory();
    expect(after.buffers - before.buffers).toBe(0);
    const events = simulation.eventCount - eventsBefore;
    expect(events).toBeGreaterThan(80_000);
    expect((after.objects - before.objects) / events).toBeLessThan(OBJECT_BYTES_MAX);
  });
});
