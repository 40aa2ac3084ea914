/** When a timer that is set at `nowNs` for `durationNs` really goes off; never before `nowNs + durationNs`. */
export type TimerExpiry = (nowNs: number, durationNs: number) => number;

/** To the nanosecond, as standards write of timers. */
export const exactExpiryNs: TimerExpiry = (nowNs, durationNs) => nowNs + durationNs;

/** A tick of the kernel's clock at HZ = 250. */
const TICK_NS = 4e6;

/** Ticks that a level of the timer wheel spans, over those of the level below. kernel/time/timer.c (LVL_CLK_SHIFT 3). */
const LEVEL_SHIFT = 3;

/** Buckets of a level, less one. kernel/time/timer.c (LVL_SIZE 64). */
const LEVEL_BUCKETS = 63;

/**
 * How far the wheel had turned at the start of a simulation. On a real machine this is anything, and a timer of seconds
 * is late by anything up to its bucket; here it is one value, so that runs repeat.
 */
const WHEEL_PHASE_NS = 40e6;

/** Ticks in a second. */
const TICKS_PER_SECOND = 250;

/**
 * As Linux's timer wheel keeps timers: the further off, the coarser the bucket, and always rounded up. At 250 Hz a timer
 * of 1 s is late by up to 32 ms, of 5 or 15 s by up to 256 ms, of 20 or 35 s by up to 2 s, of 300 s by up to 16 s.
 * kernel/time/timer.c (calc_index, calc_wheel_index).
 */
export const linuxWheelExpiryNs: TimerExpiry = (nowNs, durationNs) => {
  const nowTicks = ticksAt(nowNs);
  return wheelExpiryNs(nowTicks, nowTicks + Math.ceil(durationNs / TICK_NS));
};

/**
 * The same for a timer that is first rounded to a whole second of the machine's clock, down if it is less than a quarter
 * of a second beyond, so that all such timers of a machine go off together. kernel/time/timer.c (round_jiffies).
 */
export const linuxRoundedExpiryNs: TimerExpiry = (nowNs, durationNs) => {
  const nowTicks = ticksAt(nowNs);
  const dueTicks = nowTicks + Math.ceil(durationNs / TICK_NS);
  const beyond = dueTicks % TICKS_PER_SECOND;
  const roundedTicks = dueTicks - beyond + (beyond < TICKS_PER_SECOND / 4 ? 0 : TICKS_PER_SECOND);
  return wheelExpiryNs(nowTicks, roundedTicks > nowTicks ? roundedTicks : dueTicks);
};

function ticksAt(timeNs: number): number {
  return Math.floor((timeNs + WHEEL_PHASE_NS) / TICK_NS);
}

function wheelExpiryNs(nowTicks: number, dueTicks: number): number {
  let ticksPerBucket = 1;
  while (dueTicks - nowTicks >= LEVEL_BUCKETS * ticksPerBucket) ticksPerBucket <<= LEVEL_SHIFT;
  return (Math.floor(dueTicks / ticksPerBucket) + 1) * ticksPerBucket * TICK_NS - WHEEL_PHASE_NS;
}
