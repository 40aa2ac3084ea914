import { describe, expect, it } from 'vitest';
import type { VlanSettings } from '../../src/fabric/vlan-fabric.ts';
import type { VxlanSettings } from '../../src/fabric/vxlan-fabric.ts';
import { seconds } from '../../src/units.ts';
import { planEverywhere, treeOf } from './planned-datacenter.ts';
import { RunningFabric, SETTLE_NS } from './running-fabric.ts';
import { VXLAN } from './small-datacenter.ts';

/** A topology, and a link and a switch in the middle of it that can be lost. */
const TOPOLOGIES = [
  ['{leaves: 4, spines: 2, serversPerLeaf: 2, uplinksPerSpine: 2}', { link: 'leaf1-spine1', middle: 'spine1' }],
  [
    '{kind: clos-5-stage, pods: 2, leavesPerPod: 2, spinesPerPod: 2, superSpinesPerPlane: 2, serversPerLeaf: 2}',
    { link: 'spine1-superspine1', middle: 'superspine1' },
  ],
  [
    '{kind: three-tier, blocks: 2, accessPerBlock: 2, serversPerAccess: 2, cores: 2}',
    { link: 'aggregation1-core1', middle: 'aggregation1' },
  ],
  ['{kind: fat-tree, k: 4}', { link: 'aggregation1-core1', middle: 'core1' }],
  [
    '{kind: sites, sites: 3, leaves: 2, spines: 2, serversPerLeaf: 1, dci: {delay: 1ms, layout: chain}}',
    { link: 'border1-border3', middle: 'border3' },
  ],
] as const;

const HOMINGS = ['single', 'dual'] as const;

const DESIGNS: [string, (topology: string) => VlanSettings | VxlanSettings][] = [
  ['VLANs', (topology) => treeOf(topology)],
  ['VLANs with rapid spanning tree', (topology) => treeOf(topology, 'vlan-rstp')],
  ['VLANs with a tree each', (topology) => treeOf(topology, 'vlan-rapid-pvst')],
  ['VLANs with multiple spanning trees', (topology) => treeOf(topology, 'vlan-mstp')],
  ['VXLAN from leaves', () => VXLAN],
  ['VXLAN from leaves, multicast', () => ({ ...VXLAN, replication: 'multicast' })],
  ['VXLAN from hypervisors', () => ({ ...VXLAN, vteps: 'hypervisor' })],
  ['VXLAN from hypervisors, multicast', () => ({ ...VXLAN, vteps: 'hypervisor', replication: 'multicast' })],
];

const CASES = TOPOLOGIES.flatMap(([topology, parts]) =>
  HOMINGS.flatMap((homing) =>
    DESIGNS.map(([design, settingsOf]) => {
      // a fat tree of k = 4 has pairs of edge switches in each pod
      const text = topology.replace(/}$/, `, serverHoming: ${homing}}`);
      return { design, text, settings: settingsOf(text), ...parts };
    }),
  ),
);

describe.each(CASES)('$design over $text', ({ text, settings, link, middle }) => {
  const plan = planEverywhere(text);
  const servers = plan.servers.length;

  /** Every VM hears a broadcast once and no VM hears it twice; datagrams go from end to end and back. */
  function expectEverybodyReached(fabric: RunningFabric): void {
    for (const from of [0, servers - 1, servers]) expect(fabric.broadcast(from)).toEqual(fabric.siblingsOf(from));
    for (const [from, to] of [
      [0, servers - 1],
      [1, servers - 1],
      [servers - 1, 2],
      [servers, servers + 1],
    ]) {
      expect(fabric.datagram(from, to).map(({ vm }) => vm)).toEqual([to]);
    }
  }

  it('lets everybody reach everybody, and a broadcast each once', () => {
    const fabric = new RunningFabric(plan, settings);
    expectEverybodyReached(fabric);
    for (let to = 1; to < servers; to++) expect(fabric.datagram(0, to).map(({ vm }) => vm)).toEqual([to]);
    fabric.wait(seconds(10.5));
    const { network } = fabric.devices;
    expect(network.frames.liveCount).toBe(0);
    expect(network.createdFrames).toBe(fabric.endedFrames());
  });

  it(`does so without ${link} and without ${middle}, and when both are back`, () => {
    const fabric = new RunningFabric(plan, settings);
    const linkIndex = plan.links.findIndex(({ id }) => id === link);
    const switchIndex = plan.switches.findIndex(({ id }) => id === middle);
    fabric.fabric.setLinkUp(linkIndex, false);
    fabric.wait(SETTLE_NS);
    expectEverybodyReached(fabric);
    fabric.fabric.setSwitchUp(switchIndex, false);
    fabric.wait(SETTLE_NS);
    expectEverybodyReached(fabric);
    fabric.fabric.setLinkUp(linkIndex, true);
    fabric.fabric.setSwitchUp(switchIndex, true);
    fabric.wait(SETTLE_NS);
    expectEverybodyReached(fabric);
  });

  it('blocks all links but a tree, or none', () => {
    const { fabric } = new RunningFabric(plan, settings);
    const beyondTree = plan.links.length - (plan.switches.length - 1);
    const blocked = fabric.blockedLinkCount();
    // with several trees, what one blocks another may use
    if (settings.kind === 'vlan-rapid-pvst' || settings.kind === 'vlan-mstp') expect(blocked).toBeLessThan(beyondTree);
    else expect(blocked).toBe(settings.kind === 'vxlan-flood-learn' ? 0 : beyondTree);
  });
});

describe('ECMP', () => {
  it.each([
    // from one pod to another there are S U paths: over each spine and each super-spine of its plane
    [
      '{kind: clos-5-stage, pods: 2, leavesPerPod: 1, spinesPerPod: 2, superSpinesPerPlane: 3, serversPerLeaf: 1}',
      6,
      4,
    ],
    // (k/2)² paths between pods of a fat tree
    ['{kind: fat-tree, k: 4}', 4, 4],
    // C paths over each of two aggregation switches here, and two there
    ['{kind: three-tier, blocks: 2, accessPerBlock: 1, serversPerAccess: 1, cores: 2}', 8, 4],
  ])('spreads flows of %s over all %i shortest paths, each of %i links', (topology, paths, hops) => {
    const plan = planEverywhere(topology);
    const fabric = new RunningFabric(plan, VXLAN);
    const last = plan.servers.length - 1;
    fabric.broadcast(last);
    const tags = Array.from({ length: 256 }, (_, flowHash) => fabric.send(0, { to: last, flowHash }));
    fabric.wait(seconds(1));
    const routes = tags.map((tag) => fabric.fabricTransmissionsOf(tag).map(({ port }) => port));
    for (const route of routes) expect(route).toHaveLength(hops);
    expect(new Set(routes.map((route) => route.join(' '))).size).toBe(paths);
  });
});
