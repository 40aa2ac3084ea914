import { describe, expect, it } from 'vitest';
import { Outcome } from '../../src/device/observer.ts';
import { GROUP_PER_SEGMENT } from '../../src/fabric/multicast-groups.ts';
import type { VlanSettings } from '../../src/fabric/vlan-fabric.ts';
import type { VxlanSettings } from '../../src/fabric/vxlan-fabric.ts';
import { seconds } from '../../src/units.ts';
import { RunningFabric } from './running-fabric.ts';
import { smallDatacenter, VLAN_STP, VXLAN } from './small-datacenter.ts';

const LEAVES = 32;
const SPINES = 4;
const PLAN = smallDatacenter({
  leafCount: LEAVES,
  spineCount: SPINES,
  serversPerLeaf: 1,
  vms: Array.from({ length: LEAVES }, (_, server) => [server, 0] as const),
});
const multicast = { ...GROUP_PER_SEGMENT, rpf: 'hash' } as const;

/** What one broadcast costs on one and the same underlay: L + S - 1, 2 (L - 1), L. */
describe('a broadcast from one of 32 leaves with 4 spines', () => {
  it.each<[string, VlanSettings | VxlanSettings, { crossings: number; uplinks: number; inVain: number }]>([
    // one copy along the tree, and one in vain to each spine that blocks the port at its end
    ['a spanning tree', VLAN_STP, { crossings: 35, uplinks: 1 + 3, inVain: 93 }],
    ['head-end replication', VXLAN, { crossings: 62, uplinks: 31, inVain: 0 }],
    ['BIDIR-PIM', { ...VXLAN, replication: 'multicast' }, { crossings: 32, uplinks: 1, inVain: 0 }],
    [
      'PIM-SM',
      {
        ...VXLAN,
        kind: 'vxlan-multicast',
        replication: 'multicast',
        multicast: { ...multicast, protocol: 'pim-sm', sptSwitchover: 'immediate' },
      },
      { crossings: 32, uplinks: 1, inVain: 0 },
    ],
  ])('over %s', (_name, settings, expected) => {
    const fabric = new RunningFabric(PLAN, settings);
    // the first makes the source known
    fabric.broadcast(5);
    const { outcomeFrames } = fabric.devices.network;
    const blockedBefore = outcomeFrames[Outcome.dropPortBlocked];
    const tag = fabric.send(5);
    fabric.wait(seconds(1));
    const inVain = outcomeFrames[Outcome.dropPortBlocked] - blockedBefore;
    const own = fabric.plan.links.flatMap(({ a }, link) => (a === 5 ? [fabric.fabric.linkPorts[link][0]] : []));
    const copies = fabric.fabricTransmissionsOf(tag);
    expect({
      crossings: copies.length - inVain,
      uplinks: copies.filter(({ port }) => own.includes(port)).length,
      inVain,
    }).toEqual(expected);
    expect(fabric.deliveriesOf(tag)).toHaveLength(LEAVES - 1);
  });
});
