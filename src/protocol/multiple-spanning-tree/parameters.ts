import { seconds } from '../../units.ts';

/** What bridges that follow the same standard do differently. */
export interface RapidProfile {
  readonly name: string;
  /** Timers count ticks of this length of the bridge's clock, as IEEE 802.1D-2004, 17.22 has it; 0 makes them exact. */
  readonly tickNs: number;
  /** How long a port tells of a topology change, in hello times and beyond them. */
  readonly tcWhile: { readonly helloTimes: number; readonly extraNs: number };
  /** Whether designated ports say too that all is in step. IEEE 802.1Q-2018, 13.37; not in IEEE 802.1D-2004, 17.29. */
  readonly designatedAgrees: boolean;
  /** Whether agreements in the messages of designated ports count. IEEE 802.1Q-2018, 13.35. */
  readonly hearsDesignated: boolean;
  /** Whether alternate and backup ports answer proposals. */
  readonly alternateAgrees: boolean;
  /**
   * Whether a designated port that hears a worse designated port which learns goes back to discarding. IEEE 802.1Q-2018,
   * 13.29 (recordDispute). IEEE 802.1D-2004, 17.21.10 says to take it for an agreement, which lets loops forward as soon as bridges
   * start; nobody is known to do so any more.
   */
  readonly disputes: boolean;
}

/** The machines of bridges that run several trees, and of those of one tree too, with exact timers. */
export const IEEE_802_1Q: RapidProfile = {
  name: 'ieee-802.1q',
  tickNs: 0,
  tcWhile: { helloTimes: 1, extraNs: seconds(1) },
  designatedAgrees: true,
  hearsDesignated: true,
  alternateAgrees: true,
  disputes: true,
};

/** IEEE 802.1D-2004, clause 17, with exact timers; newTcWhile: 17.21.7. */
export const IEEE_802_1D_2004: RapidProfile = {
  ...IEEE_802_1Q,
  name: 'ieee-802.1d-2004',
  designatedAgrees: false,
  hearsDesignated: false,
};

/** IEEE 802.1w-2001, clause 17, which tells of a change for twice the hello time and does not know disputes. */
export const IEEE_802_1W: RapidProfile = {
  ...IEEE_802_1D_2004,
  name: 'ieee-802.1w',
  tcWhile: { helloTimes: 2, extraNs: 0 },
  disputes: false,
};

/**
 * Open vSwitch 3.1, lib/rstp-state-machines.c.
 * Differs from the standard: timers run by whole seconds of a clock that each bridge starts itself; and an alternate port
 * never answers a proposal, since it compares its timer, set to the forward delay, with the hello time and begins anew
 * (PORT_ROLE_TRANSITION_SM_ALTERNATE_PORT), so that its neighbour takes itself for an edge after three seconds.
 */
export const OVS_3_1: RapidProfile = {
  ...IEEE_802_1D_2004,
  name: 'ovs-3.1',
  tickNs: seconds(1),
  hearsDesignated: true,
  alternateAgrees: false,
};

/** The names of all profiles. */
export const RAPID_IMPLEMENTATIONS = ['ieee-802.1q', 'ieee-802.1d-2004', 'ieee-802.1w', 'ovs-3.1'] as const;

/** All profiles, by name. */
export const RAPID_PROFILES: Readonly<Record<(typeof RAPID_IMPLEMENTATIONS)[number], RapidProfile>> = {
  'ieee-802.1q': IEEE_802_1Q,
  'ieee-802.1d-2004': IEEE_802_1D_2004,
  'ieee-802.1w': IEEE_802_1W,
  'ovs-3.1': OVS_3_1,
};

/** How long a port sticks to a version of the protocol, and waits before it takes itself for an edge. IEEE 802.1D-2004, Table 17-1. */
export const MIGRATE_TIME_NS = seconds(3);

/** BPDUs that a port may send at once, and then one per second. IEEE 802.1D-2004, Table 17-1. */
export const DEFAULT_TRANSMIT_HOLD_COUNT = 6;

/** Bridges that information crosses in a region. IEEE 802.1Q-2018, Table 13-5. */
export const DEFAULT_MAX_HOPS = 20;

/** What a bridge adds to the age of information from outside its region. IEEE 802.1D-2004, 17.21.23. */
export const MESSAGE_AGE_INCREMENT_NS = seconds(1);

/** Largest cost of a port. IEEE 802.1D-2004, 17.14. */
const PATH_COST_MAX = 200_000_000;

/** The recommended cost of a path over a link of this rate: 20,000,000 per Mbit/s. IEEE 802.1D-2004, Table 17-3. */
export function rapidPathCostOf(rateBitsPerSec: number): number {
  return Math.max(1, Math.min(PATH_COST_MAX, Math.round(20e12 / rateBitsPerSec)));
}
