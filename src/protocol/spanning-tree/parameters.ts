import { milliseconds, seconds } from '../../units.ts';
import { exactExpiryNs, linuxRoundedExpiryNs, linuxWheelExpiryNs, type TimerExpiry } from '../timer-expiry.ts';

/** The three times that a root bridge gives to its tree. IEEE 802.1D-1998, 8.5.3. */
export interface BridgeTimes {
  /** Interval between the root's configuration messages. */
  readonly helloTimeNs: number;
  /** Age at which received information is discarded. */
  readonly maxAgeNs: number;
  /** Time spent in the listening state and again in the learning state. */
  readonly forwardDelayNs: number;
}

/** Recommended values. IEEE 802.1D-1998, 8.10.2, Table 8-3; the defaults of Linux too. */
export const DEFAULT_BRIDGE_TIMES: BridgeTimes = {
  helloTimeNs: seconds(2),
  maxAgeNs: seconds(20),
  forwardDelayNs: seconds(15),
};

/** Default bridge priority. IEEE 802.1D-1998, Table 8-4. */
export const DEFAULT_BRIDGE_PRIORITY = 0x8000;

/** Default port priority on the scale of 0…63 that `portIdOf` takes: 128 of 255 in IEEE 802.1D-1998, Table 8-4. */
export const DEFAULT_PORT_PRIORITY = 32;

/** Shortest time between two configuration messages out of one port. IEEE 802.1D-1998, Table 8-3. */
export const HOLD_TIME_NS = seconds(1);

type PathCosts = readonly (readonly [rateBitsPerSec: number, cost: number])[];

/** Recommended path costs, fastest first. IEEE 802.1D-1998, Table 8-5. */
const IEEE_PATH_COSTS: PathCosts = [
  [10e9, 2],
  [1e9, 4],
  [100e6, 19],
  [16e6, 62],
  [10e6, 100],
  [4e6, 250],
];

/** Linux, net/bridge/br_if.c: as the standard, with 2.5 and 5 Gb/s fitted in and 1 for all that is faster than 10 Gb/s. */
const LINUX_PATH_COSTS: PathCosts = [
  [10e9 + 1, 1],
  [10e9, 2],
  [5e9, 3],
  [2.5e9, 4],
  [1e9, 5],
  [100e6, 19],
  [10e6, 100],
];

/** The cost of the fastest listed rate that the link reaches, or else that of the slowest. */
function costOfRate(costs: PathCosts, rateBitsPerSec: number): number {
  const [, cost] = costs.find(([listed]) => rateBitsPerSec >= listed) ?? costs[costs.length - 1];
  return cost;
}

/** What bridges that follow the same standard do differently. */
export interface SpanningTreeProfile {
  readonly name: string;
  /** What a bridge adds to the age of the information that it passes on. */
  readonly messageAgeIncrementNs: number;
  /** Whether a bridge that starts sends its first configuration messages at once or after one hello time. */
  readonly transmitsOnStart: boolean;
  /** When timers really go off. */
  readonly timerExpiryNs: TimerExpiry;
  /** The same for the hello timer and the hold timer. */
  readonly periodicExpiryNs: TimerExpiry;
  /** How long a message whose hold time is over waits for a newer one, which arrives in the same instant. */
  readonly holdGraceNs: number;
  /** The cost of a path over a link of this rate. */
  pathCostOf(rateBitsPerSec: number): number;
}

/**
 * The bridge of the Linux kernel, 6.18, net/bridge.
 * Differs from the standard: the message age grows by one tick of a 250 Hz clock per bridge instead of 1 s, so max age
 * limits the time that information lives, not the bridges it may cross; and the first message waits for the hello timer.
 */
export const LINUX_6_18: SpanningTreeProfile = {
  name: 'linux-6.18',
  messageAgeIncrementNs: milliseconds(4),
  transmitsOnStart: false,
  timerExpiryNs: linuxWheelExpiryNs,
  periodicExpiryNs: linuxRoundedExpiryNs,
  holdGraceNs: milliseconds(1),
  pathCostOf: (rateBitsPerSec) => costOfRate(LINUX_PATH_COSTS, rateBitsPerSec),
};

/** The standard with its recommended message age increment overestimate of 1 s. IEEE 802.1D-1998, 8.8.1 and 8.10.2. */
export const IEEE_802_1D: SpanningTreeProfile = {
  name: 'ieee-802.1d',
  messageAgeIncrementNs: seconds(1),
  transmitsOnStart: true,
  timerExpiryNs: exactExpiryNs,
  periodicExpiryNs: exactExpiryNs,
  holdGraceNs: 0,
  pathCostOf: (rateBitsPerSec) => costOfRate(IEEE_PATH_COSTS, rateBitsPerSec),
};
