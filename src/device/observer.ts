/** What became of a frame at a port: ends up in the fingerprint and in the ledger of frames. */
export const Outcome = {
  delivered: 0,
  forwarded: 1,
  flooded: 2,
  /** The destination lies behind the port it came from. IEEE 802.1D-2004, 7.7.1. */
  filtered: 3,
  /** Consumed by a control protocol of the device itself. */
  consumed: 4,
  /** Flooded to a server that has no station for it. */
  notForHere: 5,
  dropLinkDown: 6,
  dropQueueFull: 7,
  dropPortBlocked: 8,
  dropVlanFiltered: 9,
  dropBadSource: 10,
  dropNoRoute: 11,
  dropTtl: 12,
  dropUnresolved: 13,
  /** A flood that found no other port, or a tunnel with nobody to flood to. */
  dropNoEgress: 14,
  /** Reached the place that a station has left, or a station that is paused. */
  dropStationGone: 15,
  dropUnknownVni: 16,
  /** Its source is one more than its port may have. */
  dropPortLimit: 17,
  /** More of its kind came in by its port within a second than storm control lets in. */
  dropStormControl: 18,
} as const;

export const OUTCOME_NAMES = Object.keys(Outcome) as (keyof typeof Outcome)[];
export const OUTCOME_COUNT = OUTCOME_NAMES.length;

/** How a link counts the copies it carries, by the decision that sent them there. */
export const TrafficClass = { knownUnicast: 0, unknownUnicast: 1, broadcast: 2, multicast: 3, control: 4 } as const;

export const TRAFFIC_CLASS_NAMES = ['known_unicast', 'unknown_unicast', 'broadcast', 'multicast', 'control'] as const;
export const TRAFFIC_CLASS_COUNT = TRAFFIC_CLASS_NAMES.length;

/** Why a frame was flooded. */
export const FloodCause = {
  broadcastArp: 0,
  broadcastOther: 1,
  multicast: 2,
  neverLearned: 3,
  agedOut: 4,
  portFlushed: 5,
  refused: 6,
  moved: 7,
  topologyChanged: 8,
  evicted: 9,
  collided: 10,
  postponed: 11,
  portLimited: 12,
  withdrawn: 13,
} as const;

export const FLOOD_CAUSE_NAMES = [
  'broadcast_arp',
  'broadcast_other',
  'multicast',
  'never_learned',
  'aged_out',
  'port_flushed',
  'table_full',
  'moved',
  'topology_change',
  'evicted',
  'hash_collision',
  'learning_rate',
  'port_limit',
  'withdrawn',
] as const;
export const FLOOD_CAUSE_COUNT = FLOOD_CAUSE_NAMES.length;

/**
 * What a link carries, by the last forwarding decision: a switch knew where the destination is; a switch flooded it, for
 * which there is one kind per FloodCause (`carriedByFlood`); a station or gateway sent it to a group itself; a protocol
 * of the switches.
 */
export const Carried = {
  knownUnicast: 0,
  ownBroadcast: FLOOD_CAUSE_COUNT + 1,
  ownMulticast: FLOOD_CAUSE_COUNT + 2,
  control: FLOOD_CAUSE_COUNT + 3,
} as const;
export const CARRIED_COUNT = FLOOD_CAUSE_COUNT + 4;

/** The Carried of a copy that was flooded for a FloodCause. */
export function carriedByFlood(cause: number): number {
  return cause + 1;
}

/** The FloodCause of a Carried, or -1 if it was not flooded. */
export function floodCauseOf(carried: number): number {
  return carried <= FLOOD_CAUSE_COUNT ? carried - 1 : -1;
}

/** For each TrafficClass the kinds of Carried that it is made of. */
export const CARRIED_OF_TRAFFIC_CLASS: readonly (readonly number[])[] = TRAFFIC_CLASS_NAMES.map((_, trafficClass) =>
  Array.from({ length: CARRIED_COUNT }, (_none, carried) => carried).filter(
    (carried) => trafficClassOf(carried) === trafficClass,
  ),
);

function trafficClassOf(carried: number): number {
  switch (carried) {
    case Carried.knownUnicast:
      return TrafficClass.knownUnicast;
    case Carried.ownBroadcast:
    case carriedByFlood(FloodCause.broadcastArp):
    case carriedByFlood(FloodCause.broadcastOther):
      return TrafficClass.broadcast;
    case Carried.ownMulticast:
    case carriedByFlood(FloodCause.multicast):
      return TrafficClass.multicast;
    case Carried.control:
      return TrafficClass.control;
    default:
      return TrafficClass.unknownUnicast;
  }
}

/** Sees every frame on every wire, as a capture would. */
export interface Tap {
  /**
   * Whether it is content with what is an event: copies that nobody reacts to are then counted as if there were no tap, and
   * it hears of them by `sentToServers` and `sentToDeadEnd`.
   */
  readonly isSelective?: boolean;
  sent(port: number, frame: number): void;
  received(port: number, frame: number): void;
  /** A frame ended at a port, while the tap's caller still holds it; an Outcome. */
  ended?(port: number, frame: number, outcome: number): void;
  /** Copies left a switch for servers that do not react; the port is one of theirs. */
  sentToServers?(port: number, frame: number, copies: number): void;
  /** A copy left by a port to an end that the spanning tree blocks. */
  sentToDeadEnd?(port: number, frame: number): void;
}

/** Hears of what happens seldom. Every call is made at the moment it happens. */
export interface Observer {
  /** In one tree of the network, 0 where there is one. */
  portStateChanged?(bridge: number, port: number, from: number, to: number, tree: number): void;
  /** The flag of a spanning tree of 1998 was raised or lowered. */
  topologyChangeChanged?(bridge: number, isActive: boolean, tree: number): void;
  /** A port began to forward in a rapid tree, and all that the tree's bridges learned elsewhere is forgotten. */
  topologyChangeDetected?(bridge: number, tree: number): void;
  linkChanged?(port: number, isUp: boolean): void;
  /**
   * A frame for a station that is not at this server (it left, or the frame was flooded), or is there but paused. Or the
   * node is a switch that goes no further with it: its VTEP carries the segment no more, or the station is known to be
   * where the frame came from.
   */
  misdelivered?(station: number, frame: number, node: number): void;
  /** A node made copies of a unicast frame because it doesn't know where its destination, an address id, is. */
  floodedUnicast?(address: number, copies: number): void;
}

/** An observer that tells two: `first` hears of everything before `second`. */
export function bothObservers(first: Observer, second: Observer): Required<Observer> {
  return {
    portStateChanged(bridge, port, from, to, tree) {
      first.portStateChanged?.(bridge, port, from, to, tree);
      second.portStateChanged?.(bridge, port, from, to, tree);
    },
    topologyChangeChanged(bridge, isActive, tree) {
      first.topologyChangeChanged?.(bridge, isActive, tree);
      second.topologyChangeChanged?.(bridge, isActive, tree);
    },
    topologyChangeDetected(bridge, tree) {
      first.topologyChangeDetected?.(bridge, tree);
      second.topologyChangeDetected?.(bridge, tree);
    },
    linkChanged(port, isUp) {
      first.linkChanged?.(port, isUp);
      second.linkChanged?.(port, isUp);
    },
    misdelivered(station, frame, node) {
      first.misdelivered?.(station, frame, node);
      second.misdelivered?.(station, frame, node);
    },
    floodedUnicast(address, copies) {
      first.floodedUnicast?.(address, copies);
      second.floodedUnicast?.(address, copies);
    },
  };
}
