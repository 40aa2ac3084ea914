import { describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';

describe('what does a central gateway cost', () => {
  it.each([4, 8])(
    'twice the way, with %i leaves: 4 (1 - 1 / L) links between switches instead of 2 (1 - 1 / L)',
    (L) => {
      const overrides = [`topology.leaves=${L}`, `tenants.0.vmsPerSegment=${2 * L}`, 'duration=60s'];
      const [vlans, central, anycast] = ask('what-does-a-central-gateway-cost', ...overrides);
      for (const { flows } of [vlans, central, anycast]) expect(flows.finished).toBeGreaterThan(800);
      const crossings = ({ unicast }: typeof central) => unicast.fabricBytesPerDelivered!;
      // the same flows, so the same chance of who sends to whom
      expect(crossings(central) / crossings(anycast)).toBeCloseTo(2, 1);
      const straight = 2 * (1 - 1 / L);
      // an Ethernet, IP and UDP header and encapsulation on each packet, acknowledgements, a request and a reply
      expect(crossings(anycast) / straight).toBeGreaterThan(1.05);
      expect(crossings(anycast) / straight).toBeLessThan(1.15);
      expect(crossings(vlans)).toBeLessThan(crossings(central));
      expect([central, anycast].map(({ gateways }) => gateways.devices)).toEqual([1, L]);
    },
  );
});

describe('what does the way to the outside cost', () => {
  it('1.5 links between switches where leaves route, 3.75 by a gateway that is not at the border', () => {
    const [vlans, floods, central, asymmetric, symmetric] = ask(
      'what-does-the-way-to-the-outside-cost',
      'tenants.0.count=8',
      'duration=80s',
    );
    const crossings = ({ unicast }: typeof vlans) => unicast.fabricBytesPerDelivered!;
    for (const summary of [vlans, floods, central, asymmetric, symmetric]) {
      expect(summary.flows.failed + summary.flows.incomplete).toBe(0);
      expect(summary.outside!.sentBytes).toBeGreaterThan(summary.flows.deliveredBytes);
    }
    // headers, acknowledgements and which VMs talk, and encapsulation: up to an eighth
    for (const [summaries, links] of [
      [[vlans, floods, central], 2 * (7 / 8) + 2],
      [[asymmetric, symmetric], 2 * (6 / 8)],
    ] as const) {
      for (const summary of summaries) {
        expect(crossings(summary) / links).toBeGreaterThan(1);
        expect(crossings(summary) / links).toBeLessThan(1.2);
      }
    }
    // 16 segments and 8 to the outside; two segments to the outside have two routers each
    expect(central.gateways).toMatchObject({ devices: 1, segmentsMax: 24 });
    expect(asymmetric.gateways).toMatchObject({ segmentsMax: 24, arpEntriesMax: 128 + 16, hostRoutes: 0 });
    expect(symmetric.gateways).toMatchObject({ segmentsMax: 24, arpEntriesMax: 16 + 8, hostRoutesMax: 112 + 16 });
  });
});

describe('how much state does each gateway need', () => {
  it('that of all its tenants with asymmetric IRB, as host routes with symmetric', () => {
    // eight tenants of eight VMs, one at each leaf, so that a leaf has one segment of each
    const overrides = [
      'topology.leaves=8',
      'topology.serversPerLeaf=4',
      'tenants.0.count=8',
      'tenants.0.vmsPerSegment=2',
    ];
    const [central, asymmetric, symmetric] = ask('how-much-state-does-each-gateway-need', ...overrides);
    expect(central.gateways).toMatchObject({
      devices: 1,
      segmentsMax: 32,
      vnisMax: 32,
      arpEntriesMax: 64,
      hostRoutesMax: 0,
    });
    expect(asymmetric.gateways).toMatchObject({
      devices: 8,
      segmentsMax: 32,
      vnisMax: 32,
      arpEntriesMax: 64,
      arpEntries: 8 * 64,
      hostRoutes: 0,
    });
    expect(symmetric.gateways).toMatchObject({
      devices: 8,
      segmentsMax: 8,
      vnisMax: 8 + 8,
      arpEntriesMax: 8,
      hostRoutesMax: 56,
      arpEntries: 64,
      hostRoutes: 8 * 56,
    });
    for (const { flows } of [central, asymmetric, symmetric]) expect(flows.failed).toBe(0);
    const macs = [asymmetric, symmetric].map(({ macTables }) => macTables[0].entriesMax);
    expect(macs).toEqual([64, 16]);
  });

  it('and refuses hosts when its hardware has no room for them', () => {
    const overrides = [
      'topology.leaves=8',
      'topology.serversPerLeaf=4',
      'tenants.0.count=8',
      'tenants.0.vmsPerSegment=2',
    ];
    const [central, asymmetric, symmetric] = ask(
      'how-much-state-does-each-gateway-need',
      ...overrides,
      'hardware={leaf: {hostEntries: 40}}',
    );
    const used = [central, asymmetric, symmetric].map(({ hardware }) => hardware[0]);
    for (const use of used) expect(use).toMatchObject({ tier: 'leaf', resource: 'host_entries', limit: 40 });
    // one gateway has more than it can, and is only counted
    expect(used[0].overLimit).toBe(1);
    expect(used.slice(1)).toMatchObject([
      { devices: 8, usedMax: 40, overLimit: 0 },
      { devices: 8, usedMax: 40, overLimit: 0 },
    ]);
    for (const { limits } of [asymmetric, symmetric]) {
      expect(limits[0]).toMatchObject({ limit: 'host_entries' });
      expect(limits[0].count).toBeGreaterThanOrEqual(8 * 24);
    }
    // to a host that it has no route to a leaf finds no way
    expect(symmetric.flows.failed).toBeGreaterThan(central.flows.failed + 20);
  });
});
