import { describe, expect, it } from 'vitest';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { seconds } from '../../src/units.ts';
import { FABRICS, scenarioOf } from '../support/scenario-of.ts';

const QUIET = { migrations: {}, failures: [] };
const [TREE, LEAF, HYPERVISOR] = ['tree', 'leaf', 'hypervisor'].map(
  (wanted) => FABRICS.find(({ name }) => name === wanted)!,
);

function summariesOf(changes: Record<string, unknown>) {
  return compareFabrics(scenarioOf({ ...QUIET, ...changes }), { outDir: null }).map(({ summary }) => summary);
}

const floodedFor = ({ flooding }: ReturnType<typeof summariesOf>[number], cause: string) =>
  flooding.byCause.find((one) => one.cause === cause)?.frames ?? 0;

describe('hardware with room for half of twelve VMs', () => {
  it.each(['keep-old', 'evict-oldest', 'evict-random', 'evict-lru'])(
    'floods for want of room, by a tree and by VTEPs at leaves alike: %s',
    (overflow) => {
      const hardware = { leaf: { macTable: { entries: 6, overflow } } };
      for (const summary of summariesOf({ fabrics: [TREE, LEAF], hardware })) {
        const leaf = summary.macTables.find(({ tier, kind }) => tier === 'leaf' && kind === 'bridge')!;
        expect(leaf).toMatchObject({ capacity: 6, entriesMax: 6, fullTables: 3, lossy: 3 });
        expect(leaf.firstLossNs! <= leaf.firstFull!.timeNs).toBe(true);
        const isKeepOld = overflow === 'keep-old';
        expect(leaf.refused > 0).toBe(isKeepOld);
        expect(leaf.evicted > 0).toBe(!isKeepOld);
        expect(floodedFor(summary, isKeepOld ? 'table_full' : 'evicted')).toBeGreaterThan(50);
        for (const { tier, refused, evicted } of summary.macTables) {
          if (tier !== 'leaf') expect([refused, evicted]).toEqual([0, 0]);
        }
        // what a VTEP is refused is refused by its bridge, and counts once
        const [bound] = summary.limits;
        expect(bound).toMatchObject({
          limit: 'mac_table',
          firstNs: leaf.firstLossNs,
          count: leaf.refused + leaf.evicted,
        });
        const vtep = summary.macTables.find(({ kind }) => kind === 'tunnel');
        if (vtep === undefined) continue;
        expect(vtep.refused > 0).toBe(isKeepOld);
        expect(vtep.lossy > 0).toBe(isKeepOld);
        if (isKeepOld) expect(vtep.firstLossNs).toBeGreaterThanOrEqual(leaf.firstLossNs!);
      }
    },
  );

  it('refuses routes of EVPN at the bridge and at its VTEP, which both know why they flood', () => {
    const hardware = { leaf: { macTable: { entries: 8 } } };
    const [evpn] = summariesOf({ fabrics: [{ kind: 'vxlan-evpn' }], hardware });
    const [leaf, vtep] = ['bridge', 'tunnel'].map((kind) => evpn.macTables.find((table) => table.kind === kind)!);
    expect(vtep.refused).toBeGreaterThan(0);
    expect(vtep.refused).toBeLessThanOrEqual(leaf.refused);
    expect(vtep.firstLossNs).toBeGreaterThanOrEqual(leaf.firstLossNs!);
    expect(evpn.limits).toMatchObject([{ limit: 'mac_table', count: leaf.refused }]);
  });

  it('loses stations to collisions where it is a hash table', () => {
    const hardware = { leaf: { macTable: { buckets: 8, ways: 1 } } };
    const [tree, vxlan] = summariesOf({ fabrics: [TREE, LEAF], hardware });
    for (const summary of [tree, vxlan]) {
      const leaf = summary.macTables.find(({ tier }) => tier === 'leaf')!;
      expect(leaf.capacity).toBe(8);
      expect(leaf.collided).toBeGreaterThan(0);
      expect(leaf.entriesMax).toBeLessThanOrEqual(8);
      expect(floodedFor(summary, 'hash_collision')).toBeGreaterThan(0);
    }
    const vtep = vxlan.macTables.find(({ kind }) => kind === 'tunnel')!;
    expect(vtep.collided).toBeGreaterThan(0);
    expect(vtep.collided).toBe(vtep.refused);
  });

  it('is overruled by the size that a fabric gives its tables, evicting as the hardware does', () => {
    const hardware = { leaf: { macTable: { entries: 6, overflow: 'evict-lru' } } };
    const [tree] = summariesOf({ fabrics: [{ ...TREE, macTableSize: 5 }], hardware });
    const [leaf, spine] = tree.macTables;
    expect(leaf).toMatchObject({ tier: 'leaf', capacity: 5, entriesMax: 5, refused: 0 });
    expect(leaf.evicted).toBeGreaterThan(0);
    expect(spine).toMatchObject({ tier: 'spine', capacity: 5, evicted: 0 });
    expect(spine.refused).toBeGreaterThan(0);
  });
});

describe('hardware that learns one address a second', () => {
  it('floods for what it had no time to learn', () => {
    const hardware = { leaf: { learnedPerSecond: 1 } };
    for (const summary of summariesOf({ fabrics: [TREE, LEAF], hardware })) {
      expect(summary.macTables[0].postponed).toBeGreaterThan(10);
      for (const { tier, kind, refused, postponed } of summary.macTables) {
        expect(refused).toBe(0);
        if (tier === 'leaf' && kind === 'tunnel') expect(postponed).toBeGreaterThan(10);
      }
      expect(floodedFor(summary, 'learning_rate')).toBeGreaterThan(10);
    }
  });
});

describe('a VTEP', () => {
  it('with room for one VNI of two leaves the other without a network beyond its rack', () => {
    const hardware = { leaf: { vnis: 1 } };
    const [before, after] = [{}, hardware].map((given) => summariesOf({ fabrics: [LEAF], hardware: given })[0]);
    expect(before.hardware).toEqual([]);
    expect(after.hardware).toMatchObject([
      { tier: 'leaf', resource: 'vnis', devices: 3, usedMax: 1, limit: 1, refused: 3 },
    ]);
    expect(after.hardware[0].refusedNames[0]).toMatch(/^leaf1: 1000[01]$/);
    expect(after.flows.failed).toBeGreaterThan(before.flows.failed + 50);
    expect(before.limits).toEqual([]);
    expect(after.limits[0]).toMatchObject({ limit: 'vnis', firstNs: 0, device: 'leaf1' });
  });

  it('that can join one multicast group leaves the segments of others without a network, unless they share one', () => {
    const hardware = { server: { multicastGroups: 1 } };
    const multicast = { kind: 'vxlan-multicast', vteps: 'hypervisor', multicast: 'pim-bidir' };
    const fabrics = [multicast, { ...multicast, name: 'shared', groups: 1 }, { ...HYPERVISOR, name: 'ingress' }];
    const [own, shared, ingress] = summariesOf({ fabrics, hardware });
    expect(own.hardware).toMatchObject([
      { tier: 'server', resource: 'multicast_groups', devices: 6, usedMax: 1, limit: 1, refused: 6 },
    ]);
    expect(own.limits[0]).toMatchObject({ limit: 'multicast_groups', firstNs: 0, count: 6 });
    expect(own.flows.failed).toBeGreaterThan(50);
    expect(shared.hardware).toMatchObject([{ resource: 'multicast_groups', usedMax: 1, limit: 1, refused: 0 }]);
    for (const { limits, flows } of [shared, ingress]) {
      expect(limits).toEqual([]);
      expect(flows.failed).toBeLessThan(own.flows.failed);
    }
    expect(ingress.hardware).toEqual([]);
  });

  it('with room for one remote VTEP of two or five sends the others no floods', () => {
    const [leaf, hypervisor] = summariesOf({
      fabrics: [LEAF, HYPERVISOR],
      hardware: { leaf: { vtepPeers: 1 }, server: { vtepPeers: 1 } },
    });
    expect(leaf.hardware).toMatchObject([{ tier: 'leaf', resource: 'vtep_peers', usedMax: 1, refused: 3 }]);
    expect(hypervisor.hardware).toMatchObject([{ tier: 'server', resource: 'vtep_peers', usedMax: 1, refused: 24 }]);
    for (const { limits, macTables } of [leaf, hypervisor]) {
      expect(limits.map(({ limit }) => limit)).toEqual(['vtep_peers']);
      for (const { refused, lossy } of macTables) expect([refused, lossy]).toEqual([0, 0]);
    }
    // each leaf hears of both others when the first VMs boot, and each server of all five others
    expect([leaf.limits[0].count, hypervisor.limits[0].count]).toEqual([3, 24]);
    expect(leaf.limits[0].firstNs).toBeGreaterThanOrEqual(seconds(20));
    for (const { flows } of [leaf, hypervisor]) expect(flows.failed).toBeGreaterThan(50);
  });
});

describe('a gateway', () => {
  it('has an ARP entry for each VM, counted against the hosts that its hardware has room for', () => {
    const gateway = { at: 'leaf1' };
    const traffic = { flowsPerVmPerSecond: 3, sizes: 'facebook-hadoop', interSegment: 0.5 };
    const hardware = { leaf: { hostEntries: 11 }, gateway: { hostEntries: 12 } };
    const summaries = summariesOf({ fabrics: [TREE, LEAF, HYPERVISOR], gateway, traffic, hardware });
    expect(summaries.map(({ gateways }) => gateways)).toMatchObject(
      [0, 2, 2].map((vnisMax) => ({ devices: 1, segmentsMax: 2, arpEntriesMax: 12, hostRoutesMax: 0, vnisMax })),
    );
    const uses = summaries.map(({ hardware: used }) => used.find(({ resource }) => resource === 'host_entries')!);
    expect(uses).toMatchObject([
      { tier: 'leaf', usedMax: 12, limit: 11, overLimit: 1 },
      { tier: 'leaf', usedMax: 12, limit: 11, overLimit: 1 },
      { tier: 'gateway', usedMax: 12, limit: 12, overLimit: 0 },
    ]);
  });
});

describe('a spanning tree', () => {
  it('would run once for each VLAN on each port: logical ports, counted against what the hardware can', () => {
    const [tree] = summariesOf({
      fabrics: [TREE],
      hardware: { leaf: { stpLogicalPorts: 7 }, spine: { stpLogicalPorts: 7 } },
    });
    // two uplinks and two servers at a leaf, three leaves at a spine; two VLANs
    expect(tree.hardware).toMatchObject([
      { tier: 'leaf', resource: 'stp_logical_ports', devices: 3, usedMax: 8, limit: 7, overLimit: 3 },
      { tier: 'spine', resource: 'stp_logical_ports', devices: 2, usedMax: 6, limit: 7, overLimit: 0 },
    ]);
    expect(tree.limits).toEqual([{ limit: 'stp_ports', firstNs: 0, device: 'leaf1', count: 3 }]);
  });

  it.each(['vlan-pvst', 'vlan-rapid-pvst'])('for each VLAN is refused beyond that: %s', (kind) => {
    const [trees] = summariesOf({ fabrics: [{ kind }], hardware: { leaf: { stpLogicalPorts: 7 } } });
    expect(trees.refused.segments).toBe(1);
    expect(trees.limits).toEqual([{ limit: 'stp_ports', firstNs: 0, device: null, count: 1 }]);
  });
});

describe('ports that may have one address, with two VMs at each server', () => {
  it.each([
    ['forward', { lost: false, flooded: true, shut: 0 }],
    ['drop', { lost: true, flooded: false, shut: 0 }],
    ['shutdown', { lost: true, flooded: false, shut: 6 }],
  ])('%s frames of the second', (violation, { lost, flooded, shut }) => {
    const portSecurity = { macsPerPort: 1, violation };
    for (const summary of summariesOf({
      fabrics: [
        { ...TREE, portSecurity },
        { ...LEAF, portSecurity },
      ],
    })) {
      const leaf = summary.macTables[0];
      expect(leaf.portLimited).toBeGreaterThan(0);
      expect(summary.drops.some(({ outcome }) => outcome === 'drop_port_limit')).toBe(lost);
      if (flooded) expect(floodedFor(summary, 'port_limit')).toBeGreaterThan(0);
      expect(summary.shutPorts).toBe(shut);
    }
  });
});
