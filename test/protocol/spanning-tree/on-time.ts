import { LINUX_6_18, type SpanningTreeProfile } from '../../../src/protocol/spanning-tree/parameters.ts';
import { exactExpiryNs } from '../../../src/protocol/timer-expiry.ts';

/** The Linux bridge on a machine whose timers are never late, so that rules can be checked to the nanosecond. */
export const LINUX_ON_TIME: SpanningTreeProfile = {
  ...LINUX_6_18,
  timerExpiryNs: exactExpiryNs,
  periodicExpiryNs: exactExpiryNs,
  holdGraceNs: 0,
};
