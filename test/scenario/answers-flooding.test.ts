import { describe, expect, it } from 'vitest';
import { ask, droppedFrames, floodedFor, type Summary } from '../support/ask.ts';

describe('does pruning VLANs help', () => {
  it.each([
    [4, 2, 4],
    [6, 3, 2],
  ])('with %i leaves, %i spines and %i servers a rack: the links and servers of two racks', (L, S, n) => {
    const sizes = { 'topology.leaves': L, 'topology.spines': S, 'topology.serversPerLeaf': n, 'tenants.0.count': 8 };
    const overrides = Object.entries(sizes).map(([key, value]) => `${key}=${value}`);
    const summaries = ask('does-pruning-vlans-help', ...overrides);
    const perBroadcast = (count: (flooding: Summary['flooding']) => number) =>
      summaries.map(({ flooding }) => count(flooding) / 16);
    expect(perBroadcast(({ fabricFloodedFrames }) => fabricFloodedFrames)).toEqual([L * S, 2 * S, 2, 2, 2]);
    // all but the one that has the other VM
    expect(perBroadcast(({ uselessFrames }) => uselessFrames)).toEqual([L * n - 2, 0, 2 * n - 2, 0, 0]);
  });
});

describe('how many multicast routes does VXLAN need', () => {
  it('one for each group, and with PIM-SM one for each VTEP that sends to it; sharing groups takes fewer, for more copies', () => {
    const summaries = ask('how-many-multicast-routes-does-vxlan-need');
    const broadcasts = 64 * 8;
    expect(summaries.map(({ flooding }) => flooding.fabricFloodedFrames / broadcasts)).toEqual([14, 8, 8, 16, 16]);
    expect(summaries.map((summary) => droppedFrames(summary, 'unknown_vni') / broadcasts)).toEqual([0, 0, 0, 8, 8]);
    const routes = summaries.map(({ multicast }) => multicast && [multicast.entriesMax, multicast.sourceEntriesMax]);
    expect(routes).toEqual([null, [32, 0], [32 * (1 + 8), 32 * 8], [5, 0], [5 * (1 + 16), 5 * 16]]);
  });

  it('loses the first packet of each source as pimd of FRR 8.4', () => {
    const [sparse] = ask(
      'how-many-multicast-routes-does-vxlan-need',
      'fabrics=[{kind: vxlan-multicast, implementation: frr-8.4}]',
    );
    expect(sparse.multicast).toMatchObject({ registers: 512, lostRegisters: 512 });
    // each VTEP says one thing in each segment
    expect(sparse.flooding.fabricFloodedFrames).toBe(0);
  });
});

describe('what does storm control drop', () => {
  it('all of a storm beyond the level, a second for a second; what shares its port suffers, what does not is spared', () => {
    const [vlan, controlled, shut, vxlan, vxlanControlled] = ask(
      'what-does-storm-control-drop',
      'duration=105s',
      'attacks.0.stop=100s',
      'attacks.1.stop=100s',
    );
    const seconds = 20;
    const stopped = seconds * (1000 - 50);
    for (const summary of [controlled, vxlanControlled]) {
      const dropped = Object.fromEntries(summary.stormDrops.map(({ cause, frames }) => [cause, frames]));
      expect(dropped.never_learned).toBe(stopped);
      // and what others at the same port had to ask
      expect(dropped.broadcast_arp).toBeGreaterThanOrEqual(stopped);
      expect(dropped.broadcast_arp).toBeLessThan(stopped + 300);
      expect(summary.flows.failed).toBeGreaterThan(0);
      expect(summary.flows.failed).toBeLessThan(50);
    }
    for (const summary of [vlan, vxlan]) {
      expect(summary.flows.failed).toBe(0);
      // all but the server of the sender hear each of those for unknown stations
      expect(summary.flooding.uselessFrames).toBeGreaterThan(seconds * 1000 * 30);
    }
    expect(controlled.flooding.uselessFrames / vlan.flooding.uselessFrames).toBeCloseTo(50 / 1000, 2);
    expect(shut.shutPorts).toBe(2);
    expect(shut.stormDrops.map(({ frames }) => frames)).toEqual([1, 1]);
    expect(shut.flows.failed).toBeGreaterThan(50);
  });
});

describe('how fast does ARP grow with a segment', () => {
  it.each([16, 32, 64])('to %i - 1 servers for each of at most 11 broadcasts a VM', (vms) => {
    const overrides = ['topology.serversPerLeaf=8', `tenants.0.vmsPerSegment=${vms}`, 'traffic.peersPerVm=10'];
    const [tree, leaf, hypervisor] = ask('how-fast-does-arp-grow-with-a-segment', ...overrides);
    const broadcasts = floodedFor(hypervisor, 'broadcast_arp');
    expect(broadcasts).toBeLessThanOrEqual(11 * vms);
    // who was asked knows who asked
    expect(broadcasts).toBeGreaterThan((1 + 10 - (10 * 10) / (vms - 1) - 1) * vms);
    const [{ copies }] = hypervisor.flooding.byCause;
    expect(copies).toBe(broadcasts * (vms - 1));
    // ten switches bridge in the tree, and with VTEPs in leaves eight bridges and a tunnel flood it
    expect(floodedFor(tree, 'broadcast_arp')).toBe(10 * broadcasts);
    expect(floodedFor(leaf, 'broadcast_arp')).toBe(9 * broadcasts);
  });
});

describe('is one segment with 12,000 VMs safe', () => {
  const SMALL = [
    'topology.leaves=4',
    'topology.serversPerLeaf=5',
    'topology.spines=2',
    // as many for each VM
    'traffic.flowsPerVmPerSecond=0.05',
  ];
  const ONE = 'tenants=[{name: one, vmsPerSegment: 400}]';
  const MANY = 'tenants=[{name: small, count: 80, vmsPerSegment: 5}]';

  it('no more than any: who goes wild reaches all servers, of the segment or of its racks', () => {
    // 1000 frames to nobody, at 20 servers of which 5 have a VM of a small segment
    const reached = (summaries: Summary[]) =>
      summaries.map(({ flooding }) => Math.floor(flooding.uselessFrames / 1000));
    expect(reached(ask('is-one-segment-with-12000-vms-safe', ...SMALL, ONE))).toEqual([19, 19, 19]);
    const [leaf, hypervisor, pruned] = ask('is-one-segment-with-12000-vms-safe', ...SMALL, MANY);
    expect(reached([leaf])[0]).toBeGreaterThanOrEqual(19);
    expect(reached([hypervisor, pruned])).toEqual([4, 4]);
    const compact = ['placement.policy=tenant-affinity', 'placement.vmsPerServerMax=20'];
    const [rack] = reached(ask('is-one-segment-with-12000-vms-safe', ...SMALL, MANY, ...compact));
    expect(rack).toBeLessThan(7);
  });
});

describe('how far does a broadcast reach between sites', () => {
  it.each([
    [2, 3],
    [3, 2],
  ])('%i sites of %i leaves: once to each other site, but end to end once to each leaf there', (sites, leaves) => {
    const [vlans, ends, borders, evpnEnds, evpnBorders] = ask(
      'how-far-does-a-broadcast-reach-between-sites',
      `topology.sites=${sites}`,
      `topology.leaves=${leaves}`,
      `tenants.0.vmsPerSegment=${4 * leaves * sites}`,
      'migrations.random.count=4',
    );
    const broadcasts = ends.flooding.reach.frames;
    expect([vlans, borders].map(({ flooding }) => flooding.reach.frames)).toEqual([broadcasts, broadcasts]);
    const copies = (summary: Summary) => summary.betweenSites!.floodedFrames / broadcasts;
    expect(copies(ends)).toBe((sites - 1) * leaves);
    expect(copies(borders)).toBe(sites - 1);
    // the tree has a link between borders for each site but one, and sends into those that it blocks, too
    expect(copies(vlans)).toBeGreaterThanOrEqual(sites - 1);
    for (const { flooding } of [vlans, ends, borders]) {
      expect(flooding.reach.hostsMean).toBe(4 * leaves * sites - 1);
    }
    for (const { macTables } of [borders, evpnBorders]) {
      const ofBorders = macTables.filter(({ tier }) => tier === 'border').map(({ kind, tables }) => [kind, tables]);
      expect(ofBorders).toEqual(['bridge', 'tunnel', 'dci_tunnel'].map((kind) => [kind, sites]));
    }
    const moved = ({ migrations }: Summary) => migrations.done;
    expect([vlans, ends, borders, evpnEnds, evpnBorders].map(moved)).toEqual([4, 4, 4, 4, 4]);
    // what leaves answer themselves, with EVPN, crosses nowhere
    const crossed = (summary: Summary) => summary.betweenSites!.floodedFrames;
    expect(crossed(evpnEnds)).toBe(leaves * crossed(evpnBorders));
    expect(crossed(evpnBorders)).toBeLessThanOrEqual(crossed(borders));
  });
});
