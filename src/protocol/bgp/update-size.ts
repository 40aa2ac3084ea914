import { grownCopy } from '../../grown-copy.ts';
import { RouteKind } from './route-kind.ts';

/** Header of each message: marker, length, type. RFC 4271, 4.1. */
const HEADER_BYTES = 19;

/** Lengths of withdrawn routes and of path attributes. RFC 4271, 4.3. */
const UPDATE_LENGTHS_BYTES = 4;

/** An UPDATE that says that a neighbour has everything of IPv4, or of EVPN, now. RFC 4724, 2. */
export const END_OF_RIB_BYTES = { ipv4: HEADER_BYTES + UPDATE_LENGTHS_BYTES, evpn: HEADER_BYTES + 10 } as const;

/** Largest message: RFC 4271, 4.1, and with the capability of RFC 8654. */
export const MESSAGE_BYTES_MAX = { standard: 4096, extended: 65_535 } as const;

/** ORIGIN, and the header and segment header of AS_PATH. RFC 4271, 4.3 and 5.1. */
const ORIGIN_BYTES = 4;
const AS_PATH_BYTES = 5;

/** LOCAL_PREF and ORIGINATOR_ID, and the header of CLUSTER_LIST. RFC 4271, 5.1.5; RFC 4456, 8. */
const REFLECTION_BYTES = 7 + 7 + 3;

/** One extended community. RFC 4360, 2. */
const EXTENDED_COMMUNITY_BYTES = 8;

/** MP_REACH_NLRI without its NLRI: header (extended length), AFI, SAFI, next hop, reserved. RFC 4760, 3. */
const MP_REACH_BYTES = 4 + 3 + 5 + 1;

/** MP_UNREACH_NLRI without its NLRI. RFC 4760, 4. */
const MP_UNREACH_BYTES = 4 + 3;

/** NEXT_HOP of IPv4. RFC 4271, 5.1.3. */
const NEXT_HOP_BYTES = 7;

/** PMSI tunnel attribute with an IPv4 address, of type-3 routes. RFC 6514, 5. */
const PMSI_TUNNEL_BYTES = 3 + 9;

/** Type and length, then the fields of each route: RFC 7432, 7.1 to 7.4; RFC 9136, 3.1; a /32 in IPv4. */
export const NLRI_BYTES: readonly number[] = [];
const ROUTE_HEADER_BYTES = 2;
Object.assign(NLRI_BYTES, {
  [RouteKind.ipv4]: 5,
  [RouteKind.autoDiscovery]: ROUTE_HEADER_BYTES + 25,
  [RouteKind.macOnly]: ROUTE_HEADER_BYTES + 33,
  [RouteKind.macIp]: ROUTE_HEADER_BYTES + 37,
  [RouteKind.inclusiveMulticast]: ROUTE_HEADER_BYTES + 17,
  [RouteKind.ethernetSegment]: ROUTE_HEADER_BYTES + 23,
  [RouteKind.ipPrefix]: ROUTE_HEADER_BYTES + 34,
});

/** A second label, for the VNI of the routing table. RFC 9135, 5.1. */
export const SECOND_LABEL_BYTES = 3;

/** What the attributes of a set of routes are, as far as their size goes. */
export interface AttributeSetShape {
  readonly kind: number;
  /** Of a type 1: whether it is of all EVIs of the Ethernet segment, and has an ESI label. RFC 7432, 7.5. */
  readonly isOfWholeSegment?: boolean;
  /** Whether it has the MAC mobility community. RFC 7432, 7.7. */
  readonly hasMobility: boolean;
  /**
   * Whether it says that its origin has not heard the station itself: a flag of draft-rbickhart-evpn-ip-mac-proxy-adv in the
   * EVPN ARP/ND community (RFC 9047, 2), as FRR sends it.
   */
  readonly isProxy?: boolean;
  /** Route target and router's MAC of a routing table. RFC 9135, 5.1 and 8.1. */
  readonly hasRouterMac: boolean;
}

/** Bytes that each AS, or cluster, of its path adds to an UPDATE. */
export const PATH_HOP_BYTES = 4;

/**
 * Bytes of an UPDATE before its NLRI, with an empty path. Every EVPN route has a route target and the encapsulation
 * (RFC 8365, 5.1.3).
 *
 * Differs from the standard: a type 1 of a whole Ethernet segment has one route target, not those of all VNIs that are there
 * (RFC 7432, 8.2.1).
 */
export function announcementHeadBytes(shape: AttributeSetShape, isReflected: boolean): number {
  const { kind, isOfWholeSegment = false, hasMobility, isProxy = false, hasRouterMac } = shape;
  const path = AS_PATH_BYTES + (isReflected ? REFLECTION_BYTES : 0);
  const common = HEADER_BYTES + UPDATE_LENGTHS_BYTES + ORIGIN_BYTES + path;
  if (kind === RouteKind.ipv4) return common + NEXT_HOP_BYTES;
  // the ESI label of a type 1, the DF election of a type 4 (RFC 8584, 2.2)
  const ofSegment = isOfWholeSegment || kind === RouteKind.ethernetSegment ? 1 : 0;
  const communities = 2 + ofSegment + (hasMobility ? 1 : 0) + (isProxy ? 1 : 0) + (hasRouterMac ? 2 : 0);
  const tunnel = kind === RouteKind.inclusiveMulticast ? PMSI_TUNNEL_BYTES : 0;
  return common + MP_REACH_BYTES + 3 + communities * EXTENDED_COMMUNITY_BYTES + tunnel;
}

/** The attribute sets of messages that only withdraw: of IPv4, and of EVPN. */
const WITHDRAWN_IPV4 = 0;
const WITHDRAWN_EVPN = 1;
const FIRST_SET = 2;

/**
 * Counts the UPDATEs that a batch of routes needs: routes share one as long as they have the same attributes and it has
 * room (RFC 4271, 4.3); all that is withdrawn of one address family shares another.
 */
export class UpdateCounter {
  messages = 0;
  bytes = 0;
  /** Most routes that one message announces. */
  announcedMax = 0;

  readonly #messageBytesMax: number;
  #batch = 0;
  // indexed by attribute set: the last batch that had a message of it, and the bytes in the last such message
  #batches = new Int32Array(64);
  #filled = new Int32Array(64);
  // and the routes in it
  #routes = new Int32Array(64);

  constructor(messageBytesMax: number) {
    this.#messageBytesMax = messageBytesMax;
  }

  /** Begins to count a batch. */
  begin(): void {
    this.#batch++;
    this.messages = 0;
    this.bytes = 0;
    this.announcedMax = 0;
  }

  /** Adds a route with the attributes of a set. */
  announce(attributeSet: number, headBytes: number, nlriBytes: number): void {
    const routes = this.#add(attributeSet + FIRST_SET, headBytes, nlriBytes);
    if (routes > this.announcedMax) this.announcedMax = routes;
  }

  /** Adds a route that is withdrawn. */
  withdraw(kind: number, nlriBytes: number): void {
    const isIpv4 = kind === RouteKind.ipv4;
    const headBytes = HEADER_BYTES + UPDATE_LENGTHS_BYTES + (isIpv4 ? 0 : MP_UNREACH_BYTES);
    this.#add(isIpv4 ? WITHDRAWN_IPV4 : WITHDRAWN_EVPN, headBytes, nlriBytes);
  }

  /** Returns how many routes the message has now that this one is in. */
  #add(set: number, headBytes: number, nlriBytes: number): number {
    if (set >= this.#batches.length) {
      const length = Math.max(set + 1, this.#batches.length * 2);
      this.#batches = grownCopy(this.#batches, length);
      this.#filled = grownCopy(this.#filled, length);
      this.#routes = grownCopy(this.#routes, length);
    }
    if (this.#batches[set] === this.#batch && this.#filled[set] + nlriBytes <= this.#messageBytesMax) {
      this.#filled[set] += nlriBytes;
      this.bytes += nlriBytes;
      return ++this.#routes[set];
    }
    this.#batches[set] = this.#batch;
    // the head is needed in each message of a set
    this.#filled[set] = headBytes + nlriBytes;
    this.bytes += headBytes + nlriBytes;
    this.messages++;
    this.#routes[set] = 1;
    return 1;
  }
}
