import type { BgpSpeaker } from '../bgp/bgp-speaker.ts';
import { NO_ROUTE, type RouteBook } from '../bgp/route-book.ts';
import { RouteKind } from '../bgp/route-kind.ts';
import { type DfAlgorithm, designatedForwarder } from './designated-forwarder.ts';

/** What Ethernet segments are run with. */
export interface EthernetSegmentParameters {
  readonly algorithm: DfAlgorithm;
  /** From a segment that came up until this VTEP may be its designated forwarder. */
  readonly dfWaitNs: number;
  /** The VLAN or VNI of a broadcast domain, as the election counts them. */
  readonly tagOf: (segment: number) => number;
}

/** The scope of a type-1 route of a whole Ethernet segment, and of type-4 routes. */
const NO_EVI = -1;

/** An Ethernet segment that this VTEP has a link to. */
interface Attachment {
  isUp: boolean;
  /** When this VTEP may be its designated forwarder. */
  electionNs: number;
  /** Broadcast domains that are announced for it. */
  readonly segments: Set<number>;
  /** The VTEPs that say that they are attached, this one among them; null until they are asked for. */
  vteps: readonly number[] | null;
}

/**
 * Ethernet segments at one VTEP: those that it has links to, and where the others are. RFC 7432, 8; RFC 8365, 8. All-active:
 * every VTEP of a segment forwards unicast to it and takes frames from it, one of them floods into it.
 *
 * What else is flooded into it is by local bias (RFC 8365, 8.3.1): what came from a VTEP of the same segment is flooded by
 * none, because that VTEP has done so itself, whether or not it is the designated forwarder.
 */
export class EthernetSegments {
  readonly #speaker: BgpSpeaker;
  readonly #routes: RouteBook;
  readonly #parameters: EthernetSegmentParameters;
  readonly #vtepOf: (origin: number) => number;
  // by Ethernet segment
  readonly #attachments = new Map<number, Attachment>();

  constructor(
    speaker: BgpSpeaker,
    routes: RouteBook,
    parameters: EthernetSegmentParameters,
    vtepOf: (origin: number) => number,
  ) {
    this.#speaker = speaker;
    this.#routes = routes;
    this.#parameters = parameters;
    this.#vtepOf = vtepOf;
  }

  /** This VTEP's link to an Ethernet segment came up: it announces that it is attached (types 4 and 1). RFC 7432, 8.1 and 8.2. */
  up(ethernetSegment: number, nowNs: number): void {
    const attachment = this.#attachmentTo(ethernetSegment);
    if (attachment.isUp) return;
    attachment.isUp = true;
    attachment.electionNs = nowNs + this.#parameters.dfWaitNs;
    attachment.vteps = null;
    this.#speaker.originate(this.#segmentRouteOf(ethernetSegment), nowNs);
    this.#speaker.originate(this.#discoveryRouteOf(ethernetSegment, NO_EVI), nowNs);
    for (const segment of attachment.segments) {
      this.#speaker.originate(this.#discoveryRouteOf(ethernetSegment, segment), nowNs);
    }
  }

  /** The link went down. One withdrawal tells all others, whatever the number of stations: mass withdraw. RFC 7432, 8.2. */
  down(ethernetSegment: number, nowNs: number): void {
    const attachment = this.#attachments.get(ethernetSegment);
    if (attachment?.isUp !== true) return;
    attachment.isUp = false;
    attachment.vteps = null;
    this.#speaker.withdraw(this.#discoveryRouteOf(ethernetSegment, NO_EVI), nowNs);
    this.#speaker.withdraw(this.#segmentRouteOf(ethernetSegment), nowNs);
    for (const segment of attachment.segments) {
      this.#speaker.withdraw(this.#discoveryRouteOf(ethernetSegment, segment), nowNs);
    }
  }

  /** Something of a broadcast domain is on an Ethernet segment: this VTEP announces that too. RFC 7432, 8.4. */
  addSegment(ethernetSegment: number, segment: number, nowNs: number): void {
    const attachment = this.#attachmentTo(ethernetSegment);
    if (attachment.segments.has(segment)) return;
    attachment.segments.add(segment);
    if (attachment.isUp) this.#speaker.originate(this.#discoveryRouteOf(ethernetSegment, segment), nowNs);
  }

  /** This VTEP carries a broadcast domain no more. */
  dropSegment(segment: number, nowNs: number): void {
    for (const [ethernetSegment, { isUp, segments }] of this.#attachments) {
      if (segments.delete(segment) && isUp) {
        this.#speaker.withdraw(this.#discoveryRouteOf(ethernetSegment, segment), nowNs);
      }
    }
  }

  /** Whether this VTEP has a link to an Ethernet segment, and it is up. */
  isUp(ethernetSegment: number): boolean {
    return this.#attachments.get(ethernetSegment)?.isUp === true;
  }

  /** The Ethernet segments that it has links to that are up. */
  attached(): number[] {
    return [...this.#attachments].flatMap(([ethernetSegment, { isUp }]) => (isUp ? [ethernetSegment] : []));
  }

  /** Another VTEP's route of type 4 came or went. */
  vtepsChanged(ethernetSegment: number): void {
    const attachment = this.#attachments.get(ethernetSegment);
    if (attachment !== undefined) attachment.vteps = null;
  }

  /** The VTEPs of an Ethernet segment, ascending: those whose type-4 routes are held, and this one if its link is up. */
  vtepsOf(ethernetSegment: number): readonly number[] {
    const attachment = this.#attachments.get(ethernetSegment);
    if (attachment?.vteps != null) return attachment.vteps;
    const vteps = this.#others(ethernetSegment, (route) => this.#routes.kinds[route] === RouteKind.ethernetSegment);
    if (attachment?.isUp === true) vteps.push(this.#own);
    vteps.sort((a, b) => a - b);
    if (attachment !== undefined) attachment.vteps = vteps;
    return vteps;
  }

  /** When this VTEP took part, or takes part, in the election of an Ethernet segment. */
  electionNsOf(ethernetSegment: number): number {
    return this.#attachments.get(ethernetSegment)?.electionNs ?? 0;
  }

  /** Whether this VTEP is the designated forwarder for a broadcast domain: it waits for others first. RFC 7432, 8.5. */
  isForwarder(ethernetSegment: number, segment: number, nowNs: number): boolean {
    const attachment = this.#attachments.get(ethernetSegment);
    if (attachment?.isUp !== true || nowNs < attachment.electionNs) return false;
    const { algorithm, tagOf } = this.#parameters;
    return designatedForwarder(this.vtepsOf(ethernetSegment), tagOf(segment), algorithm) === this.#own;
  }

  /** Whether this VTEP floods into an Ethernet segment what came through the overlay from another VTEP. RFC 8365, 8.3.1. */
  mayFlood(ethernetSegment: number, segment: number, fromVtep: number, nowNs: number): boolean {
    if (this.vtepsOf(ethernetSegment).includes(fromVtep)) return false;
    return this.isForwarder(ethernetSegment, segment, nowNs);
  }

  /**
   * The other VTEPs through which stations on an Ethernet segment can be reached, ascending: all that announce the segment as
   * a whole and a broadcast domain of it, whether or not they announced the station (aliasing). RFC 7432, 8.2 and 8.4.
   *
   * Differs from the standard: any broadcast domain will do, as in FRR, so that all stations of a segment have the same next
   * hops; the VTEPs of a segment carry the same ones.
   */
  nextHopsOf(ethernetSegment: number): number[] {
    const whole = this.#others(ethernetSegment, (route) => this.#isDiscovery(route, true));
    const parts = new Set(this.#others(ethernetSegment, (route) => this.#isDiscovery(route, false)));
    return whole.filter((vtep) => parts.has(vtep)).sort((a, b) => a - b);
  }

  /** Forgets what it announced and heard, as one whose power went; its links are down, and come up when it is back. */
  reset(): void {
    for (const attachment of this.#attachments.values()) {
      attachment.isUp = false;
      attachment.vteps = null;
    }
  }

  get #own(): number {
    return this.#vtepOf(this.#speaker.index);
  }

  #attachmentTo(ethernetSegment: number): Attachment {
    let attachment = this.#attachments.get(ethernetSegment);
    if (attachment === undefined) {
      attachment = { isUp: false, electionNs: 0, segments: new Set(), vteps: null };
      this.#attachments.set(ethernetSegment, attachment);
    }
    return attachment;
  }

  /** The other VTEPs with a route of an Ethernet segment of this kind. */
  #others(ethernetSegment: number, isWanted: (route: number) => boolean): number[] {
    const routes = this.#routes;
    const vteps = new Set<number>();
    let route = routes.firstOfEthernetSegment(ethernetSegment);
    for (; route !== NO_ROUTE; route = routes.nextOfEthernetSegment(route)) {
      const origin = routes.origins[route];
      if (origin !== this.#speaker.index && isWanted(route) && this.#speaker.holds(route))
        vteps.add(this.#vtepOf(origin));
    }
    return [...vteps];
  }

  #isDiscovery(route: number, isWhole: boolean): boolean {
    const { kinds, scopes } = this.#routes;
    return kinds[route] === RouteKind.autoDiscovery && (scopes[route] === NO_EVI) === isWhole;
  }

  #segmentRouteOf(ethernetSegment: number): number {
    const kind = RouteKind.ethernetSegment;
    return this.#routes.idOf({ origin: this.#speaker.index, kind, scope: NO_EVI, address: ethernetSegment });
  }

  #discoveryRouteOf(ethernetSegment: number, segment: number): number {
    const kind = RouteKind.autoDiscovery;
    return this.#routes.idOf({ origin: this.#speaker.index, kind, scope: segment, address: ethernetSegment });
  }
}
