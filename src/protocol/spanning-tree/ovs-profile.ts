import { seconds } from '../../units.ts';
import { IEEE_802_1D, type SpanningTreeProfile } from './parameters.ts';

/** A tick of its clock: lib/stp.c counts in 1/256 s. */
const TICK_MS = 1000 / 256;

/** The switch is awake at least so often without traffic. */
const QUIET_PASS_MS = 100;

/**
 * How much faster than real time the spanning tree of a switch runs that looks at its clock every `passMs` milliseconds.
 * It rounds the time that has passed down to whole ticks, and takes off what these are in whole milliseconds, which is
 * less: a tick of 3.9 ms is charged as 3 (lib/stp.c, stp_tick).
 */
export function ovsClockRate(passMs: number): number {
  const ticks = Math.max(1, Math.floor(passMs / TICK_MS));
  return (ticks * TICK_MS) / Math.floor(ticks * TICK_MS);
}

/**
 * The older spanning tree of Open vSwitch 3.1, lib/stp.c: the standard by a clock that is fast while there is traffic.
 *
 * Differs from the standard: times are shorter by what `ovsClockRate` says for a frame every `frameIntervalNs`.
 */
export function ovsStpProfile(frameIntervalNs: number): SpanningTreeProfile {
  const rate = ovsClockRate(Math.min(QUIET_PASS_MS, frameIntervalNs / 1e6));
  const expiryNs = (nowNs: number, durationNs: number) => nowNs + Math.ceil(durationNs / rate);
  return {
    ...IEEE_802_1D,
    name: 'ovs-3.1',
    messageAgeIncrementNs: seconds(1),
    timerExpiryNs: expiryNs,
    periodicExpiryNs: expiryNs,
  };
}
