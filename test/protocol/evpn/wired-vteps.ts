import { AsPaths } from '../../../src/protocol/bgp/as-paths.ts';
import { BgpSpeaker } from '../../../src/protocol/bgp/bgp-speaker.ts';
import { RouteBook } from '../../../src/protocol/bgp/route-book.ts';
import { UpdateCounter } from '../../../src/protocol/bgp/update-size.ts';
import type { DfAlgorithm } from '../../../src/protocol/evpn/designated-forwarder.ts';
import { DEFAULT_DUPLICATE_DETECTION } from '../../../src/protocol/evpn/duplicate-detection.ts';
import { EthernetSegments } from '../../../src/protocol/evpn/ethernet-segments.ts';
import { EvpnVtep } from '../../../src/protocol/evpn/evpn-vtep.ts';
import { StationMemory } from '../../../src/protocol/evpn/local-stations.ts';

/** The only broadcast domain of most tests. */
export const SEGMENT = 0;

/** VTEPs below one speaker that passes everything on; what they say is heard when `settle` is called. */
export class WiredVteps {
  readonly routes = new RouteBook({ isReflected: false });
  readonly speakers: BgpSpeaker[] = [];
  readonly vteps: EvpnVtep[] = [];
  readonly segments: EthernetSegments[] = [];
  /** What each VTEP was told to enter at its own link, and until when it keeps what nobody hears. */
  readonly synchronised: [vtep: number, address: number][] = [];
  readonly unheard: [vtep: number, address: number, untilNs: number][] = [];
  readonly #stations = new StationMemory();
  readonly #spine: BgpSpeaker;

  constructor(count: number, { algorithm = 'modulo' as DfAlgorithm, broadcastDomains = 1, dfWaitNs = 0 } = {}) {
    const paths = new AsPaths();
    const counter = new UpdateCounter(4096);
    const speaker = (index: number) =>
      new BgpSpeaker(this.routes, paths, counter, {
        index,
        as: 65_000 + index,
        speakerCount: count + 1,
        passesOn: true,
        holdNs: 0,
        mraiNs: 0,
      });
    this.#spine = speaker(count);
    for (let index = 0; index < count; index++) {
      const one = speaker(index);
      one.addSession(this.#spine, true);
      this.#spine.addSession(one, false);
      this.speakers.push(one);
      const vtepOf = (origin: number) => origin;
      const parameters = { implementation: 'rfc-7432' as const, duplicates: DEFAULT_DUPLICATE_DETECTION, learnNs: 0 };
      const effects = {
        stationChanged: () => {},
        floodListChanged: () => {},
        frozen: () => {},
        routeChanged: () => {},
        synchronised: (address: number) => this.synchronised.push([index, address]),
        unheard: (address: number, untilNs: number) => this.unheard.push([index, address, untilNs]),
      };
      const vtep = new EvpnVtep(one, this.routes, this.#stations, parameters, effects, vtepOf);
      vtep.ethernetSegments = new EthernetSegments(
        one,
        this.routes,
        { algorithm, dfWaitNs, tagOf: (segment) => segment },
        vtepOf,
      );
      this.vteps.push(vtep);
      this.segments.push(vtep.ethernetSegments);
      for (let segment = 0; segment < broadcastDomains; segment++) vtep.join(segment, 0);
    }
    this.settle(0);
  }

  /** Brings up the links of VTEPs to an Ethernet segment, on which there is something of the first broadcast domain. */
  attach(ethernetSegment: number, vteps: readonly number[], nowNs = 0): void {
    for (const vtep of vteps) {
      this.vteps[vtep].ethernetSegmentUp(ethernetSegment, nowNs);
      this.segments[vtep].addSegment(ethernetSegment, SEGMENT, nowNs);
    }
    this.settle(nowNs);
  }

  /** Delivers what speakers have to say until none has anything. Returns how many routes were withdrawn by VTEPs. */
  settle(nowNs: number): void {
    for (let isQuiet = false; !isQuiet; ) {
      isQuiet = true;
      for (const [index, speaker] of this.speakers.entries()) {
        const batch = speaker.takeBatch(nowNs);
        if (batch === null) continue;
        isQuiet = false;
        this.#spine.receive(batch, index, nowNs);
      }
      const batch = this.#spine.takeBatch(nowNs);
      if (batch === null) continue;
      isQuiet = false;
      for (const speaker of this.speakers) speaker.receive(batch, 0, nowNs);
    }
  }

  /** A VTEP hears a station on an Ethernet segment, and all hear of it. */
  hear(vtep: number, address: number, ethernetSegment: number, nowNs = 0): void {
    this.vteps[vtep].stationHeard(SEGMENT, address, nowNs, { ethernetSegment });
    this.settle(nowNs);
  }

  /** Through which VTEPs each VTEP reaches a station: its own number if it is here. */
  waysTo(address: number): number[][] {
    return this.vteps.map((vtep, own) => {
      if (vtep.isLocal(address)) return [own];
      const ethernetSegment = vtep.heard.ethernetSegmentOfStation(address);
      if (ethernetSegment >= 0) return this.segments[own].nextHopsOf(ethernetSegment);
      const other = vtep.vtepOfStation(address);
      return other < 0 ? [] : [other];
    });
  }
}
