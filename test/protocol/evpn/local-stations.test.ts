import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AsPaths } from '../../../src/protocol/bgp/as-paths.ts';
import { BgpSpeaker, NEVER_NS } from '../../../src/protocol/bgp/bgp-speaker.ts';
import { RouteBook } from '../../../src/protocol/bgp/route-book.ts';
import { UpdateCounter } from '../../../src/protocol/bgp/update-size.ts';
import { LocalStations, NO_STATION, StationMemory } from '../../../src/protocol/evpn/local-stations.ts';

/** Stations of two VTEPs that share their memory, beside what maps say of them. */
class TwoVteps {
  readonly routes = new RouteBook({ isReflected: false });
  readonly speakers: BgpSpeaker[] = [];
  readonly stations: LocalStations[] = [];
  readonly expected = [new Map<number, Expected>(), new Map<number, Expected>()];

  constructor() {
    const memory = new StationMemory();
    for (const index of [0, 1]) {
      const parameters = { index, as: 65_000 + index, speakerCount: 2, passesOn: true, holdNs: 0, mraiNs: 0 };
      this.speakers.push(new BgpSpeaker(this.routes, new AsPaths(), new UpdateCounter(4096), parameters));
      this.stations.push(new LocalStations(this.speakers[index], this.routes, memory));
    }
  }

  step([vtep, kind, address, value]: Step): void {
    const stations = this.stations[vtep];
    const expected = this.expected[vtep];
    const station = stations.find(address);
    const known = expected.get(address);
    expect(station === NO_STATION).toBe(known === undefined);
    if (kind === 'clear') {
      stations.clear();
      expected.clear();
    } else if (known === undefined) {
      const isSticky = value % 2 === 1;
      const added = { segment: value % 3, ethernetSegment: (value % 4) - 1, sequence: value, isSticky };
      stations.add(address, added);
      expected.set(address, { ...added, isHeard: true, isFollowed: false, keptUntilNs: NEVER_NS, ips: [], routes: 0 });
    } else if (kind === 'withdraw') {
      stations.withdraw(address, 0);
      expected.delete(address);
    } else if (kind === 'ip' && !known.ips.includes(value + 1)) {
      stations.addIp(station, value + 1);
      known.ips.push(value + 1);
    } else if (kind === 'announce') {
      stations.forgetRoutes(station);
      stations.announceAll(station, 0);
      known.routes = 1 + known.ips.length;
    } else if (kind === 'state') {
      known.sequence = value;
      known.isHeard = value % 2 === 0;
      known.isFollowed = value % 3 === 0;
      known.keptUntilNs = value % 5 === 0 ? NEVER_NS : value;
      stations.setSequence(station, known.sequence);
      stations.setHeard(station, known.isHeard);
      stations.setFollowed(station, known.isFollowed);
      stations.keepUntil(station, known.keptUntilNs);
    }
  }

  check(): void {
    for (const [vtep, expected] of this.expected.entries()) {
      const stations = this.stations[vtep];
      expect(stations.addresses(() => true)).toEqual([...expected.keys()]);
      expect(stations.addresses((station) => !stations.isSticky(station))).toEqual(
        [...expected].filter(([, { isSticky }]) => !isSticky).map(([address]) => address),
      );
      for (const segment of [0, 1, 2]) {
        expect(stations.count(segment)).toBe([...expected.values()].filter((one) => one.segment === segment).length);
      }
      for (const [address, one] of expected) {
        const station = stations.find(address);
        expect({
          segment: stations.segmentOf(station),
          ethernetSegment: stations.ethernetSegmentOf(station),
          sequence: stations.sequenceOf(station),
          isSticky: stations.isSticky(station),
          isHeard: stations.isHeard(station),
          isFollowed: stations.isFollowed(station),
          keptUntilNs: stations.keptUntilNs(station),
          ips: one.ips.filter((ip) => stations.hasIp(station, ip)),
          routes: one.routes,
        }).toEqual(one);
        expect(stations.firstIpOf(station)).toBe(one.ips[0] ?? 0);
      }
    }
  }
}

interface Expected {
  segment: number;
  ethernetSegment: number;
  sequence: number;
  isSticky: boolean;
  isHeard: boolean;
  isFollowed: boolean;
  keptUntilNs: number;
  ips: number[];
  routes: number;
}

type Step = [vtep: number, kind: string, address: number, value: number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.nat(1),
  fc.constantFrom('add', 'add', 'withdraw', 'ip', 'ip', 'state', 'announce', 'clear'),
  fc.nat(20),
  fc.nat(1000),
);

describe('local stations', () => {
  it('of two VTEPs are kept apart, in the order in which they came, as in maps', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const both = new TwoVteps();
        for (const one of steps) both.step(one);
        both.check();
      }),
    );
  });

  it('take all of their routes with them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const both = new TwoVteps();
        for (const one of steps) {
          // what `clear` forgets stays announced, and what is announced anew takes the place of routes with its prefixes
          if (one[1] !== 'clear' && one[1] !== 'state') both.step(one);
        }
        for (const [vtep, speaker] of both.speakers.entries()) {
          const announced = [...both.expected[vtep].values()].reduce((sum, { routes }) => sum + routes, 0);
          expect(speaker.heldCount).toBe(announced);
          for (const address of both.stations[vtep].addresses(() => true)) both.stations[vtep].withdraw(address, 0);
          expect(speaker.heldCount).toBe(0);
        }
      }),
    );
  });
});
