import { describe, expect, it } from 'vitest';
import type { AnycastSettings } from '../../src/fabric/anycast-gateways.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { FrameKind } from '../../src/wire/ethernet.ts';
import { APART, ASYMMETRIC, FOUR_LEAVES, L3_VNI, RoutingLeaves, SYMMETRIC, WITH_PREFIXES } from './routing-leaves.ts';
import { EVPN, FRR_EVPN } from './small-datacenter.ts';

const RFC = { ...EVPN, evpn: { ...FRR_EVPN, implementation: 'rfc-7432' as const } };

const packetsOf = (packets: { leaf: string; segment: number; kind: number }[], isData: boolean) =>
  packets.filter(({ kind }) => (kind === FrameKind.ip) === isData).map(({ leaf, segment }) => [leaf, segment]);

/** Sends datagrams from one VM to another, 20 ms apart. */
function stream(fabric: RoutingLeaves, from: number, to: number, count = 50) {
  const before = fabric.overlayPackets.length;
  const tags = Array.from({ length: count }, () => {
    const tag = fabric.sendDatagram(from, to);
    fabric.wait(milliseconds(20));
    return tag;
  });
  fabric.wait(seconds(1.5));
  const packets = fabric.overlayPackets.slice(before);
  const deliveries = tags.flatMap((tag) => fabric.deliveriesOf(tag));
  return {
    received: deliveries.length,
    ttls: [...new Set(deliveries.map(({ ttl }) => ttl))],
    data: packetsOf(packets, true),
    other: packetsOf(packets, false),
  };
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe.each([
  ['as RFCs have it', RFC],
  ['as FRR has it', EVPN],
] as const)('gateways in leaves with EVPN, %s', (_name, settings) => {
  /** The actions of the recording evpn-irb-asym-4l: its facts. */
  it('do with asymmetric IRB what was recorded of four leaves', () => {
    const fabric = new RoutingLeaves(FOUR_LEAVES, ASYMMETRIC, settings);
    const [a, b] = [0, 3];
    // nothing was announced: the leaf asks three others, the answer comes back as a route, and nothing is lost
    expect(stream(fabric, a, b)).toEqual({
      received: 50,
      ttls: [63],
      data: times(50, ['leaf1', 1]),
      other: times(3, ['leaf1', 1]),
    });
    expect(stream(fabric, a, b)).toEqual({ received: 50, ttls: [63], data: times(50, ['leaf1', 1]), other: [] });
    expect(stream(fabric, b, a)).toEqual({ received: 50, ttls: [63], data: times(50, ['leaf2', 0]), other: [] });
    fabric.announceAll();
    expect(stream(fabric, a, b)).toEqual({ received: 50, ttls: [63], data: times(50, ['leaf1', 1]), other: [] });
    expect(stream(fabric, b, a)).toEqual({ received: 50, ttls: [63], data: times(50, ['leaf2', 0]), other: [] });
  });

  it('use the L3 VNI both ways with symmetric IRB, and find no host that has not said a word', () => {
    const fabric = new RoutingLeaves(APART, SYMMETRIC, settings);
    expect(stream(fabric, 0, 1)).toMatchObject({ received: 0, data: [] });
    expect(stream(fabric, 1, 0, 1).received).toBe(1);
    expect(stream(fabric, 0, 1)).toEqual({ received: 50, ttls: [62], data: times(50, ['leaf1', L3_VNI]), other: [] });
    expect(stream(fabric, 1, 0)).toEqual({ received: 50, ttls: [62], data: times(50, ['leaf2', L3_VNI]), other: [] });
  });

  it('find it by the prefix of its subnet', () => {
    const fabric = new RoutingLeaves(APART, WITH_PREFIXES, settings);
    const { received, ttls } = stream(fabric, 0, 2);
    expect({ received, ttls }).toEqual({ received: 50, ttls: [62] });
    // its host route leads straight to its leaf now
    expect(stream(fabric, 0, 2)).toEqual({ received: 50, ttls: [62], data: times(50, ['leaf1', L3_VNI]), other: [] });
  });

  it('know each host that has announced itself', () => {
    for (const anycast of [ASYMMETRIC, SYMMETRIC]) {
      const fabric = new RoutingLeaves(FOUR_LEAVES, anycast, settings);
      fabric.announceAll();
      expect(fabric.anycast.hosts.entryCounts).toEqual([8, 8, 8, 8]);
      for (let leaf = 0; leaf < 4; leaf++) expect(fabric.anycast.hosts.countAt(leaf, leaf)).toBe(2);
    }
  });
});

it.each([
  ['asymmetric', ASYMMETRIC],
  ['symmetric', SYMMETRIC],
] as [string, AnycastSettings][])(
  'know a host of their own that they announce because it spoke ARP with another host: %s (RFC 9135, 4)',
  (_name, anycast) => {
    const fabric = new RoutingLeaves(FOUR_LEAVES, anycast, RFC);
    // both are in one segment, behind leaf1 and leaf2
    expect(stream(fabric, 0, 2, 5).received).toBe(5);
    expect(fabric.anycast.hosts.entryCounts).toEqual([2, 2, 2, 2]);
    expect([0, 1].map((leaf) => fabric.anycast.hosts.countAt(leaf, leaf))).toEqual([1, 1]);
    // nobody has to be asked for the one that is here
    expect(stream(fabric, 1, 0, 5)).toEqual({ received: 5, ttls: [63], data: [], other: [] });
  },
);

it.each([
  ['asymmetric', ASYMMETRIC, 63],
  ['symmetric', SYMMETRIC, 62],
] as [string, AnycastSettings, number][])(
  'follow a VM that announces by ARP that it has moved: %s',
  (_name, anycast, ttl) => {
    const fabric = new RoutingLeaves(FOUR_LEAVES, anycast, RFC);
    fabric.announceAll();
    expect(stream(fabric, 0, 3, 5).received).toBe(5);
    fabric.fabric.moveVm(3, 7);
    fabric.announce(3);
    expect(stream(fabric, 0, 3, 5)).toMatchObject({ received: 5, ttls: [ttl], other: [] });
    const back = stream(fabric, 3, 0, 5);
    expect(back).toMatchObject({ received: 5, ttls: [ttl], other: [] });
    expect(new Set(back.data.map(([leaf]) => leaf))).toEqual(new Set(['leaf4']));
    expect(stream(fabric, 6, 3, 5)).toMatchObject({ received: 5, ttls: [63], data: [] });
    fabric.wait(seconds(10));
    fabric.expectNothingLost();
  },
);

/** FRR's issue 14156: the first move is announced without the IP address, and the old leaf then withdraws it everywhere. */
it('lose the IP address of a VM with its first move as FRR has it, until the leaf asks for it', () => {
  const fabric = new RoutingLeaves(FOUR_LEAVES, ASYMMETRIC, EVPN);
  fabric.announceAll();
  const address = fabric.devices.servers.addressOf(3);
  const places = () => [0, 1, 2, 3].map((leaf) => fabric.anycast.hosts.placeOf(leaf, address));
  expect(places()).toEqual([1, 1, 1, 1]);
  fabric.fabric.moveVm(3, 7);
  fabric.announce(3);
  expect(places()).toEqual([-1, -1, -1, -1]);
  expect(stream(fabric, 0, 3, 5)).toMatchObject({ received: 5, other: times(3, ['leaf1', 1]) });
  expect(places()).toEqual([3, 3, 3, 3]);
});

it('lose it with symmetric IRB when only a RARP says that the VM moved, until it speaks ARP', () => {
  const fabric = new RoutingLeaves(APART, SYMMETRIC, RFC);
  fabric.announceAll();
  expect(stream(fabric, 0, 1, 5).received).toBe(5);
  fabric.fabric.moveVm(1, 5);
  fabric.devices.servers.announceByRarp(1);
  fabric.wait(seconds(1));
  expect(stream(fabric, 0, 1, 5).received).toBe(0);
  fabric.announce(1);
  expect(stream(fabric, 0, 1, 5)).toMatchObject({ received: 5, ttls: [62] });
});
