import TinyQueue from 'tinyqueue';
import { BYTES_PER_EVENT, EventQueue } from '../src/engine/event-queue.ts';
import { bestCpuNsPerOperation, seededUniform } from './support.ts';

export interface BenchRow {
  mix: string;
  design: string;
  pending: number;
  /** CPU time to pop one event and push one. */
  cpuNsPerOperation: number;
  bytesPerEvent: number | null;
}

/** Delays for nine in ten events, and for the others. An event pushed again keeps to its table. */
export interface Mix {
  readonly name: string;
  readonly delaysNs: Float64Array;
  readonly tenthDelaysNs: Float64Array;
}

/** A design under test, with so many events pending. */
type Design = (mix: Mix, pending: number) => QueueUnderTest;

export interface QueueUnderTest {
  /** Pops one event and pushes one, again and again. */
  run(operations: number): void;
  /** Takes the next event out for good: its time; null if there is none. */
  drain(): number | null;
}

const DELAYS = 1 << 16;

function eventQueue(mix: Mix, pending: number): QueueUnderTest {
  const queue = new EventQueue();
  let next = 0;
  const push = (timeNs: number, a: number): void => {
    const delaysNs = a % 10 === 0 ? mix.tenthDelaysNs : mix.delaysNs;
    queue.push(timeNs + delaysNs[next++ & (DELAYS - 1)]!, 1, a, 0);
  };
  while (next < pending) push(0, next);
  return {
    run(operations) {
      for (let i = 0; i < operations; i++) {
        const event = queue.pop(Infinity);
        push(queue.timeNs, queue.aOf(event));
      }
    },
    drain() {
      const event = queue.pop(Infinity);
      return event === 0 ? null : queue.timeNs;
    },
  };
}

interface EventObject {
  timeNs: number;
  sequence: number;
  kind: number;
  a: number;
  b: number;
}

function tinyQueueOfObjects(mix: Mix, pending: number): QueueUnderTest {
  const queue = new TinyQueue<EventObject>([], (x, y) => x.timeNs - y.timeNs || x.sequence - y.sequence);
  let next = 0;
  const push = (timeNs: number, a: number): void => {
    const delaysNs = a % 10 === 0 ? mix.tenthDelaysNs : mix.delaysNs;
    queue.push({ timeNs: timeNs + delaysNs[next & (DELAYS - 1)]!, sequence: next++, kind: 1, a, b: 0 });
  };
  while (next < pending) push(0, next);
  return {
    run(operations) {
      for (let i = 0; i < operations; i++) {
        const { timeNs, a } = queue.pop()!;
        push(timeNs, a);
      }
    },
    drain: () => queue.pop()?.timeNs ?? null,
  };
}

interface EventClosure {
  timeNs: number;
  sequence: number;
  act: () => void;
}

function closureAt(timeNs: number, sequence: number, act: () => void): EventClosure {
  return { timeNs, sequence, act };
}

function tinyQueueOfClosures(mix: Mix, pending: number): QueueUnderTest {
  const queue = new TinyQueue<EventClosure>([], (x, y) => x.timeNs - y.timeNs || x.sequence - y.sequence);
  let next = 0;
  const push = (nowNs: number, a: number): void => {
    const delaysNs = a % 10 === 0 ? mix.tenthDelaysNs : mix.delaysNs;
    const timeNs = nowNs + delaysNs[next & (DELAYS - 1)]!;
    // tsx gives every function that could have a name one at run time, which is dear: an argument has none
    queue.push(closureAt(timeNs, next++, () => push(timeNs, a)));
  };
  while (next < pending) push(0, next);
  return {
    run(operations) {
      for (let i = 0; i < operations; i++) queue.pop()!.act();
    },
    drain: () => queue.pop()?.timeNs ?? null,
  };
}

/** Our queue, and those that it replaces. */
export const QUEUE_DESIGNS = {
  'event queue': eventQueue,
  'tinyqueue of objects': tinyQueueOfObjects,
  'tinyqueue of closures': tinyQueueOfClosures,
} as const satisfies Record<string, Design>;

export type QueueDesign = keyof typeof QUEUE_DESIGNS;

export function mixes(): Mix[] {
  const uniform = seededUniform(1);
  const delays = (one: () => number): Float64Array => Float64Array.from({ length: DELAYS }, () => Math.round(one()));
  const exponential = delays(() => -10_000 * Math.log(1 - uniform()));
  const wideExponential = delays(() => -1_000_000 * Math.log(1 - uniform()));
  // 10 ns to 100 us, and a third of them one and the same delay
  const frames = delays(() => (uniform() < 1 / 3 ? 672 : 10 ** (1 + 4 * uniform())));
  const timers = delays(() => (uniform() < 0.9 ? 2e9 : 300e9));
  return [
    { name: 'exponential, mean 10 us', delaysNs: exponential, tenthDelaysNs: exponential },
    { name: 'exponential, mean 1 ms', delaysNs: wideExponential, tenthDelaysNs: wideExponential },
    { name: 'frames, a tenth timers', delaysNs: frames, tenthDelaysNs: timers },
    { name: 'timers, a tenth spread', delaysNs: timers, tenthDelaysNs: delays(() => 4e9 * uniform()) },
  ];
}

/**
 * Pops one and pushes one, with as many pending as asked for. A process does this for one design alone: another would be
 * slowed down by what the compiler learned from the first.
 */
export function benchDesign(design: QueueDesign, pendingCounts: readonly number[]): BenchRow[] {
  return mixes().flatMap((mix) =>
    pendingCounts.map((pending) => {
      const operations = design === 'event queue' ? 1_000_000 : 150_000;
      const cpuNsPerOperation = bestCpuNsPerOperation(operations, QUEUE_DESIGNS[design](mix, pending).run);
      const bytesPerEvent = design === 'event queue' ? BYTES_PER_EVENT : null;
      return { mix: mix.name, design, pending, cpuNsPerOperation, bytesPerEvent };
    }),
  );
}
