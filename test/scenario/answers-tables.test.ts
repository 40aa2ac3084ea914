import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/units.ts';
import { ask, droppedFrames, floodedFor, tablesOf } from '../support/ask.ts';

describe('when do leaf tables overflow', () => {
  it('when as many VMs as there is room for have come, later where they forget, and then it floods', () => {
    const [never, forgetful, vxlan] = ask(
      'when-do-leaf-tables-overflow',
      'hardware={leaf: {macTable: {entries: 768}}, spine: {macTable: {entries: 768}}}',
      'topology.leaves=4',
      'topology.serversPerLeaf=5',
      'tenants.0.count=10',
      'growth.initialVms=500',
    );
    // the 268th of 500 that come within 1000 s, give or take three times sqrt(p (1 - p) / n)
    const fullNs = seconds(75 + (1000 * (768 - 500)) / 500);
    for (const { macTables } of [never, vxlan]) {
      const [leaf] = macTables;
      expect(leaf).toMatchObject({ tier: 'leaf', entriesMax: 768, lossy: 4 });
      expect(Math.abs(leaf.firstLossNs! - fullNs)).toBeLessThan(seconds(67));
    }
    expect(tablesOf(forgetful, 'leaf').firstLossNs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(fullNs + seconds(67));
    expect(floodedFor(never, 'table_full')).toBeGreaterThan(4 * floodedFor(forgetful, 'table_full'));
    expect(floodedFor(never, 'aged_out')).toBe(0);
    expect(floodedFor(forgetful, 'aged_out')).toBeGreaterThan(0);
    expect(floodedFor(vxlan, 'table_full')).toBeGreaterThan(0);
  });
});

describe('does a hash table lose addresses before it is full', () => {
  /** Share of the stations that a leaf could not learn, with 256 buckets of 4 entries. */
  function lostShare(load: number, searchBuckets: number): number {
    const stations = 256 * 4 * load;
    const [tree, vxlan] = ask(
      'does-a-hash-table-lose-addresses-before-it-is-full',
      `hardware={leaf: {macTable: {buckets: 256, ways: 4, searchBuckets: ${searchBuckets}}}}`,
      'topology.serversPerLeaf=8',
      `tenants.0.count=${stations / 64}`,
      'tenants.0.vmsPerSegment=64',
    );
    expect(tablesOf(tree, 'spine').entriesMax).toBe(stations);
    expect(tablesOf(vxlan, 'leaf').entriesMax).toBe(tablesOf(tree, 'leaf').entriesMax);
    expect(floodedFor(tree, 'hash_collision')).toBeGreaterThan(0);
    expect(floodedFor(tree, 'table_full')).toBe(0);
    return 1 - tablesOf(tree, 'leaf').entriesMax / stations;
  }

  it.each([
    [0.5, 1, 0.0372],
    [0.75, 1, 0.106],
    [1, 1, 0.195],
    [0.75, 2, 0.044],
    [0.75, 3, 0.023],
  ])('at a load of %f, searching %i buckets, about a share of %f', (load, searchBuckets, share) => {
    expect(Math.abs(lostShare(load, searchBuckets) - share)).toBeLessThan(0.02);
  });
});

describe('what does a MAC-spoofing host do', () => {
  const SMALL = [
    'hardware={leaf: {macTable: {entries: 800}}, spine: {macTable: {entries: 800}}}',
    'duration=140s',
    'growth.allBy=135s',
    'attacks.0.ratePerSecond=200',
  ];

  it('floods its segment, and leaves no room for who comes later, unless its port is limited', () => {
    const [tree, limitedTree, vxlan, limitedVxlan] = ask('what-does-a-mac-spoofing-host-do', ...SMALL);
    for (const open of [tree, vxlan]) {
      // some 600 VMs and the rest of the room at 200 a second
      expect(tablesOf(open, 'leaf')).toMatchObject({ entriesMax: 800, evicted: 0, lossy: 4 });
      expect(tablesOf(open, 'leaf').firstLossNs).toBeLessThan(seconds(81));
      expect(floodedFor(open, 'table_full')).toBeGreaterThan(0);
    }
    // all six switches of the tree, for a minute
    expect(floodedFor(tree, 'never_learned')).toBe(6 * 200 * 60);
    for (const limited of [limitedTree, limitedVxlan]) {
      expect(tablesOf(limited, 'leaf')).toMatchObject({ refused: 0, evicted: 0, lossy: 0 });
      expect(floodedFor(limited, 'table_full')).toBe(0);
      // no more frames than addresses that the port may still have
      expect(200 * 60 - droppedFrames(limited, 'port_limit')).toBeLessThan(64);
    }
  });

  it('pushes out all others where tables evict', () => {
    const [overflow, ...small] = SMALL;
    const evicting = overflow.replaceAll('800}', '800, overflow: evict-oldest}');
    const [tree, limitedTree, vxlan] = ask('what-does-a-mac-spoofing-host-do', evicting, ...small);
    expect(floodedFor(tree, 'evicted')).toBeGreaterThan(1000);
    expect(floodedFor(vxlan, 'evicted')).toBeGreaterThan(1000);
    expect(floodedFor(limitedTree, 'evicted')).toBe(0);
  });
});

describe('does VXLAN shrink MAC tables', () => {
  const SMALL = ['topology.leaves=4', 'topology.serversPerLeaf=5', 'tenants.0.count=10'];
  const VMS = 400;

  function mostEntries(...overrides: string[]) {
    const [everywhere, pruned, leaf, hypervisor] = ask('does-vxlan-shrink-mac-tables', ...SMALL, ...overrides);
    expect(leaf.macTables.map(({ tier }) => tier)).not.toContain('spine');
    expect(hypervisor.macTables.map(({ tier }) => tier)).toEqual(['server']);
    const [leaves, spines] = ['leaf', 'spine'].map((tier) =>
      [everywhere, pruned].map((summary) => tablesOf(summary, tier).entriesMax),
    );
    leaves.push(tablesOf(leaf, 'leaf').entriesMax);
    return { leaves, spines, server: tablesOf(hypervisor, 'server', 'tunnel').entriesMax };
  }

  it('those of spines, and not those of leaves, where each segment is in every rack', () => {
    const { leaves, spines, server } = mostEntries();
    expect(leaves).toEqual([VMS, VMS, VMS]);
    expect(spines).toEqual([VMS, VMS]);
    expect(server).toBeLessThan(VMS);
  });

  it('those of leaves too where tenants stay in a rack, as pruning does', () => {
    const { leaves, spines, server } = mostEntries('placement.policy=tenant-affinity');
    expect(leaves[0]).toBe(VMS);
    expect(leaves[1]).toBeLessThan(VMS / 2);
    expect(leaves[2]).toBe(leaves[1]);
    expect(spines[0]).toBe(VMS);
    expect(server).toBeLessThan(leaves[2]);
  });
});

describe('how many segments fit', () => {
  it('4094 into VLANs wherever these end, as many into each pod, and all into VXLAN', () => {
    // the ceiling is no matter of size
    const small = ['tenants.0.vmsPerSegment=1', 'traffic.flowsPerVmPerSecond=0', 'duration=76s'];
    const summaries = ask('how-many-segments-fit', ...small);
    expect(summaries.map(({ refused }) => refused.segments)).toEqual([5000 - 4094, 5000 - 4094, 0, 0]);
    expect(summaries.map(({ refused }) => refused.vms)).toEqual([906, 906, 0, 0]);
    expect(summaries[0].limits[0]).toMatchObject({ limit: 'vlan_ids', count: 906 });
  });
});
