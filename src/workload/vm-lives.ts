import type { RandomStreams } from '../engine/random.ts';
import { type Lifetimes, lifetimeSampler } from './lifetimes.ts';
import type { Placement } from './placement.ts';

/** How the VMs of a datacenter become more, and fewer. */
export interface Growth {
  /** VMs that are there from the start. */
  readonly initialVms: number;
  /** The others come one by one: so many per second on average, or all by a time; null: none comes. */
  readonly arrivals: { readonly perSecond: number } | { readonly allByNs: number } | null;
  readonly lifetimes: Lifetimes;
}

/** For each VM two draws: when it boots, and its interface's reachable time. */
const BOOT_STREAM = 'boot';

/** What the lives of VMs depend on. */
export interface VmLivesParameters {
  readonly vmCount: number;
  readonly placement: Placement;
  /** What begins later is no part of the run. */
  readonly durationNs: number;
  /** VMs of the start boot within `bootWindowNs` from then; the others come after that. */
  readonly bootStartNs: number;
  readonly bootWindowNs: number;
  /** null: all VMs are there from the start and stay. */
  readonly growth: Growth | null;
  readonly streams: RandomStreams;
}

/** When each VM boots and ends, and where it starts: known before the run, and the same on every fabric. */
export interface VmLives {
  /** Indexed by VM; Infinity for one that never boots. */
  readonly bootNs: Float64Array;
  /** Indexed by VM; Infinity for one that outlives the run; null if all do. */
  readonly endNs: Float64Array | null;
  /** Indexed by VM: the server, by index, that it starts on; -1 for one that never boots. */
  readonly servers: Int32Array;
  /** The VMs that come during the run; the others that have a server are on it from the start, switched off until they boot. */
  readonly laterVms: Int32Array;
  /** The VMs that boot, and those that end, in order of time. */
  readonly bootOrder: Int32Array;
  readonly endOrder: Int32Array;
  /** For each VM a draw from 0 to 1, for its interface's reachable time: drawn anew each time, so that nobody keeps them. */
  readonly reachableDraws: () => Iterable<number>;
  /** VMs that came when no server would take them, and never boot. */
  readonly refusedCount: number;
}

/**
 * Plans the lives of all VMs that will ever be there. VMs of the start are placed first, in the order of their numbers; the
 * others as they come, by chance in any order; a VM that ends makes room on its server.
 *
 * A VM that comes during the run has a lifetime from the beginning. One that is there at the start has been for a while, as
 * if VMs had come and gone forever, so what is left of its lifetime is drawn: `Lifetimes`.
 */
export function planVmLives(parameters: VmLivesParameters): VmLives {
  const { vmCount, placement, durationNs, bootStartNs, bootWindowNs, growth, streams } = parameters;
  const bootNs = new Float64Array(vmCount);
  const stream = streams.stream(BOOT_STREAM);
  for (let vm = 0; vm < vmCount; vm++) {
    bootNs[vm] = bootStartNs + Math.floor(stream.uniform(0, bootWindowNs));
    stream.next();
  }
  const arriving = growth === null ? new Int32Array(0) : drawArrivals(growth, bootNs, parameters);
  const endNs = growth === null ? null : drawEnds(growth, { bootNs, arriving, streams });
  const servers = new Int32Array(vmCount).fill(-1);
  let refusedCount = 0;
  const place = (vm: number) => {
    servers[vm] = placement.place(vm);
    if (servers[vm] >= 0) return;
    refusedCount++;
    bootNs[vm] = Infinity;
    if (endNs !== null) endNs[vm] = Infinity;
  };
  const isArriving = new Uint8Array(vmCount);
  for (const vm of arriving) isArriving[vm] = 1;
  for (let vm = 0; vm < vmCount; vm++) if (isArriving[vm] === 0 && bootNs[vm] < Infinity) place(vm);
  const ending = endNs === null ? new Int32Array(0) : byTime(endNs, (timeNs) => timeNs <= durationNs);
  let next = 0;
  for (const vm of arriving) {
    for (; next < ending.length && endNs![ending[next]] <= bootNs[vm]; next++) {
      if (servers[ending[next]] >= 0) placement.remove(ending[next], servers[ending[next]]);
    }
    place(vm);
  }
  return {
    bootNs,
    endNs,
    servers,
    laterVms: arriving.filter((vm) => servers[vm] >= 0),
    bootOrder: byTime(bootNs, (timeNs) => timeNs < Infinity),
    endOrder: ending.filter((vm) => servers[vm] >= 0),
    reachableDraws: () => drawReachable(vmCount, streams),
    refusedCount,
  };
}

/** Every second draw of the stream that says when VMs boot. */
function* drawReachable(vmCount: number, streams: RandomStreams): Generator<number> {
  const stream = streams.stream(BOOT_STREAM);
  for (let vm = 0; vm < vmCount; vm++) {
    stream.next();
    yield stream.next();
  }
}

/** Draws who comes when: sets the boot times of all VMs that are not there from the start, and returns those in order. */
function drawArrivals(growth: Growth, bootNs: Float64Array, parameters: VmLivesParameters): Int32Array {
  const { vmCount, durationNs, bootStartNs, bootWindowNs, streams } = parameters;
  const order = Int32Array.from({ length: vmCount }, (_, vm) => vm);
  const orders = streams.stream('order of arrival');
  for (let last = vmCount - 1; last > 0; last--) {
    const other = orders.integer(last + 1);
    const vm = order[last];
    order[last] = order[other];
    order[other] = vm;
  }
  const coming = order.subarray(Math.min(vmCount, growth.initialVms));
  for (const vm of coming) bootNs[vm] = Infinity;
  const beginNs = bootStartNs + bootWindowNs;
  const times = drawTimes(growth.arrivals, { count: coming.length, beginNs, durationNs, streams });
  for (const [index, timeNs] of times.entries()) bootNs[coming[index]] = timeNs;
  return coming.slice(0, times.length);
}

/** Times from `beginNs` to the end of the run, in order, at most `count`. */
function drawTimes(
  arrivals: Growth['arrivals'],
  run: { count: number; beginNs: number; durationNs: number; streams: RandomStreams },
): Float64Array {
  const { count, beginNs, durationNs } = run;
  const stream = run.streams.stream('times of arrival');
  if (arrivals === null) return new Float64Array(0);
  if ('allByNs' in arrivals) {
    const times = Float64Array.from({ length: count }, () => Math.floor(stream.uniform(beginNs, arrivals.allByNs)));
    return times.sort().filter((timeNs) => timeNs <= durationNs);
  }
  const times = new Float64Array(count);
  const meanNs = 1e9 / arrivals.perSecond;
  let timeNs = beginNs;
  for (let index = 0; index < count; index++) {
    timeNs += stream.exponential(meanNs);
    if (timeNs > durationNs) return times.slice(0, index);
    times[index] = Math.floor(timeNs);
  }
  return times;
}

/** When each VM ends. As many draws for each VM, in the order of VMs, whenever it comes. */
function drawEnds(
  { lifetimes }: Growth,
  { bootNs, arriving, streams }: { bootNs: Float64Array; arriving: Int32Array; streams: RandomStreams },
): Float64Array {
  const stream = streams.stream('lifetimes');
  const { whole, rest } = lifetimeSampler(lifetimes);
  const isArriving = new Uint8Array(bootNs.length);
  for (const vm of arriving) isArriving[vm] = 1;
  return bootNs.map(
    (timeNs, vm) => timeNs + Math.max(1, Math.floor(isArriving[vm] === 1 ? whole(stream) : rest(stream))),
  );
}

/** Indices of the times that count, earliest first. */
function byTime(times: Float64Array, counts: (timeNs: number) => boolean): Int32Array {
  return Int32Array.from(times.keys())
    .filter((index) => counts(times[index]))
    .sort((one, other) => times[one] - times[other] || one - other);
}
