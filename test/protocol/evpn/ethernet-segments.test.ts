import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RouteKind } from '../../../src/protocol/bgp/route-kind.ts';
import { DF_ALGORITHMS, designatedForwarder } from '../../../src/protocol/evpn/designated-forwarder.ts';
import { KEEP_NS } from '../../../src/protocol/evpn/evpn-vtep.ts';
import { seconds } from '../../../src/units.ts';
import { SEGMENT, WiredVteps } from './wired-vteps.ts';

const ES = 0;
const STATION = 7;

describe('designated forwarder', () => {
  it('is number V mod N of the VTEPs in the order of their addresses (RFC 7432, 8.5)', () => {
    expect([10, 11, 12, 13].map((vni) => designatedForwarder([3, 8], vni, 'modulo'))).toEqual([3, 8, 3, 8]);
    expect(designatedForwarder([3, 8, 9], 11, 'modulo')).toBe(9);
    expect(designatedForwarder([], 11, 'modulo')).toBe(-1);
  });

  it('is the first for all broadcast domains where preferences are equal (RFC 9785)', () => {
    expect([10, 11].map((vni) => designatedForwarder([3, 8], vni, 'lowest-address'))).toEqual([3, 3]);
  });

  it('floods nothing until it has waited for others', () => {
    const net = new WiredVteps(2, { dfWaitNs: seconds(3) });
    net.attach(ES, [0, 1], seconds(1));
    const isForwarder = (nowNs: number) => net.segments.map((one) => one.isForwarder(ES, SEGMENT, nowNs));
    expect(isForwarder(seconds(4) - 1)).toEqual([false, false]);
    expect(isForwarder(seconds(4))).toEqual([true, false]);
  });
});

describe('Ethernet segments of a few VTEPs', () => {
  it('are reached through all of their VTEPs, those that did not announce the station among them (RFC 7432, 8.4)', () => {
    const net = new WiredVteps(4);
    net.attach(ES, [0, 1, 2]);
    net.hear(1, STATION, ES);
    expect(net.waysTo(STATION)).toEqual([[0], [1], [2], [0, 1, 2]]);
  });

  it('are not reached through a VTEP that announces no broadcast domain there', () => {
    const net = new WiredVteps(3);
    net.attach(ES, [0]);
    net.vteps[1].ethernetSegmentUp(ES, 0);
    net.settle(0);
    net.hear(0, STATION, ES);
    expect(net.segments[2].nextHopsOf(ES)).toEqual([0]);
    expect(net.segments[2].vtepsOf(ES)).toEqual([0, 1]);
  });

  it('are left by one withdrawal, whatever the number of stations (RFC 7432, 8.2)', () => {
    const net = new WiredVteps(3);
    net.attach(ES, [0, 1]);
    for (let station = 0; station < 50; station++) net.hear(0, station, ES);
    // the first of what it says: the type-2 routes may follow as they will
    net.segments[0].down(ES, 0);
    net.settle(0);
    for (let station = 0; station < 50; station++) expect(net.waysTo(station)[2]).toEqual([1]);
    expect(net.speakers[2].holds(net.vteps[2].heard.best(0))).toBe(true);
  });

  it('synchronise stations, which are announced by all with one sequence number', () => {
    const net = new WiredVteps(3);
    net.attach(ES, [0, 1]);
    net.hear(0, STATION, ES);
    expect(net.synchronised).toEqual([[1, STATION]]);
    expect(net.vteps[1].isSynchronised(STATION)).toBe(true);
    const { routes, speakers } = net;
    const held: [origin: number, isProxy: boolean, sequence: number][] = [];
    for (let route = routes.firstOfAddress(STATION); route >= 0; route = routes.nextOfAddress(route)) {
      if (speakers[2].holds(route)) held.push([routes.origins[route], routes.isProxy(route), routes.sequenceOf(route)]);
    }
    expect(held.sort()).toEqual([
      [0, false, 0],
      [1, true, 0],
    ]);
    // a frame of it by the other link is no move
    net.hear(1, STATION, ES);
    expect(net.vteps.map((vtep) => vtep.isSynchronised(STATION))).toEqual([false, false, false]);
    expect(net.vteps.map(({ duplicates }) => duplicates.detectedCount)).toEqual([0, 0, 0]);
    expect(net.routes.sequenceOf(net.vteps[2].heard.best(STATION))).toBe(0);
  });

  it('keep a station that one VTEP has forgotten and another hears', () => {
    const net = new WiredVteps(3);
    net.attach(ES, [0, 1]);
    net.hear(0, STATION, ES);
    net.hear(1, STATION, ES);
    net.vteps[0].stationGone(STATION, seconds(300));
    net.settle(seconds(300));
    expect(net.vteps[0].isSynchronised(STATION)).toBe(true);
    expect(net.waysTo(STATION)).toEqual([[0], [1], [0, 1]]);
  });

  it('keep one that nobody hears for a while, and then forget it everywhere', () => {
    const net = new WiredVteps(3);
    net.attach(ES, [0, 1]);
    net.hear(0, STATION, ES);
    const agedNs = seconds(300);
    net.vteps[0].stationGone(STATION, agedNs);
    net.settle(agedNs);
    expect(net.unheard).toEqual([[1, STATION, agedNs + KEEP_NS]]);
    expect(net.waysTo(STATION)[2]).toEqual([0, 1]);
    net.vteps[1].release(STATION, agedNs + KEEP_NS - 1);
    net.settle(agedNs + KEEP_NS);
    expect(net.waysTo(STATION)[2]).toEqual([0, 1]);
    net.vteps[1].release(STATION, agedNs + KEEP_NS);
    net.settle(agedNs + KEEP_NS);
    expect(net.waysTo(STATION)).toEqual([[], [], []]);
  });

  it('are moved to and from as any place is', () => {
    const net = new WiredVteps(4);
    net.attach(ES, [0, 1]);
    net.attach(1, [2, 3]);
    net.hear(0, STATION, ES);
    net.hear(3, STATION, 1);
    expect(net.waysTo(STATION)).toEqual([[2, 3], [2, 3], [2], [3]]);
    expect(net.routes.sequenceOf(net.vteps[0].heard.best(STATION))).toBe(1);
    // to a single link of one of these, and from one segment to another of the same two
    net.hear(3, STATION, -1);
    expect(net.waysTo(STATION)).toEqual([[3], [3], [3], [3]]);
    net.attach(2, [2, 3]);
    net.hear(3, STATION, 2);
    net.hear(2, STATION, 1);
    expect(net.waysTo(STATION)).toEqual([[2, 3], [2, 3], [2], [3]]);
    expect(net.vteps[3].ethernetSegmentOfLocal(STATION)).toBe(1);
  });

  it('take back what they know when a link comes up', () => {
    const net = new WiredVteps(3);
    net.attach(ES, [0, 1]);
    net.hear(0, STATION, ES);
    net.vteps[1].ethernetSegmentDown(ES, seconds(1));
    net.settle(seconds(1));
    expect(net.waysTo(STATION)).toEqual([[0], [0], [0]]);
    net.vteps[1].ethernetSegmentUp(ES, seconds(2));
    net.settle(seconds(2));
    expect(net.waysTo(STATION)).toEqual([[0], [1], [0, 1]]);
  });

  it('announce themselves by types 4 and 1, the latter as a whole and for each broadcast domain', () => {
    const net = new WiredVteps(2);
    net.attach(ES, [0]);
    const { routes, speakers } = net;
    const kinds: number[] = [];
    for (let route = routes.firstOfEthernetSegment(ES); route >= 0; route = routes.nextOfEthernetSegment(route)) {
      if (speakers[1].holds(route)) kinds.push(routes.kinds[route]);
    }
    expect(kinds.sort()).toEqual([RouteKind.autoDiscovery, RouteKind.autoDiscovery, RouteKind.ethernetSegment]);
    net.vteps[0].leave(SEGMENT, 0);
    net.settle(0);
    expect(net.segments[1].nextHopsOf(ES)).toEqual([]);
    expect(net.segments[1].vtepsOf(ES)).toEqual([0]);
  });
});

describe('Ethernet segments, whatever happened', () => {
  const VTEPS = 4;
  const SEGMENTS = 3;
  const DOMAINS = 4;
  const step = fc.record({
    kind: fc.constantFrom('up' as const, 'down' as const, 'hear' as const, 'forget' as const),
    vtep: fc.nat(VTEPS - 1),
    ethernetSegment: fc.nat(SEGMENTS - 1),
    settles: fc.boolean(),
  });

  it('have one designated forwarder for each broadcast domain once all is quiet', () => {
    const property = fc.property(
      fc.array(step, { maxLength: 30 }),
      fc.constantFrom(...DF_ALGORITHMS),
      (steps, algorithm) => {
        const net = new WiredVteps(VTEPS, { algorithm, broadcastDomains: DOMAINS });
        for (const { kind, vtep, ethernetSegment, settles } of steps) {
          if (kind === 'up') net.vteps[vtep].ethernetSegmentUp(ethernetSegment, 0);
          if (kind === 'down') net.vteps[vtep].ethernetSegmentDown(ethernetSegment, 0);
          if (settles) net.settle(0);
        }
        net.settle(0);
        for (let ethernetSegment = 0; ethernetSegment < SEGMENTS; ethernetSegment++) {
          const attached = net.segments.filter((one) => one.isUp(ethernetSegment));
          for (let segment = 0; segment < DOMAINS; segment++) {
            const forwarders = net.segments.filter((one) => one.isForwarder(ethernetSegment, segment, 0)).length;
            expect(forwarders).toBe(attached.length === 0 ? 0 : 1);
          }
          // what comes from one of its VTEPs is flooded into it by none of the others, and from elsewhere by one
          for (let from = 0; from < VTEPS; from++) {
            const isOn = net.segments[from].isUp(ethernetSegment);
            const copies = net.segments.filter(
              (one, own) => own !== from && one.mayFlood(ethernetSegment, 0, from, 0),
            ).length;
            expect(copies).toBe(isOn || attached.length === 0 ? 0 : 1);
          }
        }
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  it('are where all VTEPs look for a station that was heard there last', () => {
    const property = fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const net = new WiredVteps(VTEPS);
      const isUp = Array.from({ length: SEGMENTS }, () => new Set<number>());
      let nowNs = 0;
      for (let es = 0; es < SEGMENTS; es++) {
        // each has two VTEPs at least
        net.attach(es, [es, es + 1]);
        for (const vtep of [es, es + 1]) isUp[es].add(vtep);
      }
      let last = -1;
      for (const { kind, vtep, ethernetSegment, settles } of steps) {
        nowNs += seconds(60);
        if (kind === 'up' && !isUp[ethernetSegment].has(vtep)) {
          isUp[ethernetSegment].add(vtep);
          net.attach(ethernetSegment, [vtep], nowNs);
        }
        if (kind === 'down' && isUp[ethernetSegment].size > 1 && isUp[ethernetSegment].delete(vtep)) {
          net.vteps[vtep].ethernetSegmentDown(ethernetSegment, nowNs);
        }
        if (kind === 'hear' && isUp[ethernetSegment].has(vtep)) {
          net.vteps[vtep].stationHeard(SEGMENT, STATION, nowNs, { ethernetSegment });
          last = ethernetSegment;
          // who hears of a move late is not what this is about
          net.settle(nowNs);
        }
        if (settles) net.settle(nowNs);
      }
      net.settle(nowNs);
      if (last < 0) return;
      const all = [...isUp[last]].sort();
      for (const [own, ways] of net.waysTo(STATION).entries()) {
        // a VTEP whose link came up after nobody heard the station any more goes by way of another
        const expected =
          isUp[last].has(own) && net.vteps[own].isLocal(STATION) ? [own] : all.filter((one) => one !== own);
        expect(ways).toEqual(expected);
      }
    });
    fc.assert(property, { numRuns: 200 });
  });
});
