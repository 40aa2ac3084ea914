import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../src/engine/event-queue.ts';
import { hours, milliseconds, seconds } from '../../src/units.ts';

interface PlainEvent {
  timeNs: number;
  sequence: number;
}

/** The contract in its plainest form: a list, sorted by time and then by order of scheduling. */
class SortedList {
  readonly events: PlainEvent[] = [];

  push(timeNs: number, sequence: number): void {
    const behind = this.events.findIndex((event) => event.timeNs > timeNs);
    this.events.splice(behind < 0 ? this.events.length : behind, 0, { timeNs, sequence });
  }

  pop(limitNs: number): PlainEvent | null {
    const first = this.events[0];
    return first !== undefined && first.timeNs <= limitNs ? this.events.shift()! : null;
  }

  cancel(sequence: number): boolean {
    const index = this.events.findIndex((event) => event.sequence === sequence);
    if (index >= 0) this.events.splice(index, 1);
    return index >= 0;
  }
}

function popAll(queue: EventQueue): number[] {
  const order: number[] = [];
  for (let event = queue.pop(Infinity); event !== 0; event = queue.pop(Infinity)) order.push(queue.aOf(event));
  return order;
}

// delays that fall on and around the borders of ring, wheel and far buckets, with many ties
const delayNs = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 2, arbitrary: fc.integer({ min: 10, max: 100_000 }) },
  { weight: 2, arbitrary: fc.constantFrom(2 ** 15 - 1, 2 ** 15, 2 ** 16 - 1, 2 ** 16, 2 ** 16 + 1) },
  { weight: 2, arbitrary: fc.constantFrom(2 ** 23 - 1, 2 ** 23, 2 ** 24 - 1, 2 ** 24, 2 ** 24 + 2 ** 15) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: milliseconds(40) }) },
  { weight: 1, arbitrary: fc.constantFrom(seconds(2), seconds(300), hours(1)) },
);

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ act: fc.constant('push' as const), delayNs }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('pop' as const), delayNs }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('popAny' as const), count: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('cancel' as const), which: fc.nat() }) },
);

describe('event queue', () => {
  it('agrees with a sorted list under any mix of pushes, pops up to a limit and cancellations', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.array(step, { maxLength: 250, size: 'max' }),
        (startNs, steps) => {
          const queue = new EventQueue();
          const list = new SortedList();
          const handles: number[] = [];
          let nowNs = startNs;
          const popBoth = (limitNs: number): boolean => {
            const expected = list.pop(limitNs);
            const event = queue.pop(limitNs);
            expect(event !== 0).toBe(expected !== null);
            if (expected !== null) {
              expect({ timeNs: queue.timeNs, sequence: queue.aOf(event) }).toEqual(expected);
            }
            nowNs = expected?.timeNs ?? (limitNs === Infinity ? nowNs : limitNs);
            return expected !== null;
          };
          for (const each of steps) {
            if (each.act === 'push') {
              list.push(nowNs + each.delayNs, handles.length);
              handles.push(queue.push(nowNs + each.delayNs, 1, handles.length, -1));
            } else if (each.act === 'pop') {
              popBoth(nowNs + each.delayNs);
            } else if (each.act === 'popAny') {
              for (let i = 0; i < each.count; i++) popBoth(Infinity);
            } else if (handles.length > 0) {
              const sequence = each.which % handles.length;
              expect(queue.cancel(handles[sequence]!)).toBe(list.cancel(sequence));
            }
            expect(queue.size).toBe(list.events.length);
          }
          while (popBoth(Infinity));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('hands back what was pushed, the extremes of 32 bits included', () => {
    const queue = new EventQueue();
    queue.push(7, 2 ** 31 - 1, -(2 ** 31), -1);
    const event = queue.pop(7);
    expect([queue.timeNs, queue.kindOf(event), queue.aOf(event), queue.bOf(event)]).toEqual([
      7,
      2 ** 31 - 1,
      -(2 ** 31),
      -1,
    ]);
  });

  it('keeps the order of scheduling when events of one time were pushed from an hour to an instant ahead', () => {
    const queue = new EventQueue();
    const timeNs = hours(1) + 123_456;
    const aheadNs = [
      hours(1),
      milliseconds(17),
      milliseconds(16),
      milliseconds(9),
      milliseconds(8),
      65_536,
      32_768,
      1,
      0,
    ];
    aheadNs.forEach((ahead, i) => {
      queue.pop(timeNs - ahead - 1);
      queue.push(timeNs, 0, 2 * i, 0);
      queue.push(timeNs, 0, 2 * i + 1, 0);
    });
    expect(popAll(queue)).toEqual(Array.from({ length: 2 * aheadNs.length }, (_, i) => i));
  });

  it('takes events before a pending one after it was asked up to a limit in between', () => {
    const queue = new EventQueue();
    queue.push(hours(1), 0, 3, 0);
    expect(queue.pop(hours(1) - 1)).toBe(0);
    queue.push(hours(1) - 1, 0, 2, 0);
    expect(queue.pop(hours(1) - 2)).toBe(0);
    queue.push(hours(1) - 2, 0, 1, 0);
    expect(popAll(queue)).toEqual([1, 2, 3]);
  });

  it('reaches the last time that a number can hold exactly', () => {
    const queue = new EventQueue();
    queue.push(Number.MAX_SAFE_INTEGER, 0, 2, 0);
    queue.push(Number.MAX_SAFE_INTEGER - 1, 0, 1, 0);
    const timesNs = [1, 2].map(() => (queue.pop(Infinity) === 0 ? -1 : queue.timeNs));
    expect(timesNs).toEqual([Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER]);
  });

  it('stays where it is while all that lies far ahead was cancelled', () => {
    const queue = new EventQueue();
    const handles = [seconds(1), hours(1)].map((timeNs) => queue.push(timeNs, 0, 0, 0));
    for (const handle of handles) expect(queue.cancel(handle)).toBe(true);
    expect([queue.size, queue.pop(Infinity), queue.size]).toEqual([0, 0, 0]);
    queue.push(5, 0, 7, 0);
    expect(queue.aOf(queue.pop(Infinity))).toBe(7);
    expect(queue.timeNs).toBe(5);
  });

  it('refuses a stale handle even when its memory holds another event', () => {
    const queue = new EventQueue();
    const popped = queue.push(1, 0, 0, 0);
    queue.pop(1);
    const cancelled = queue.push(2, 0, 0, 0);
    expect(queue.cancel(cancelled)).toBe(true);
    const pending = queue.push(3, 0, 0, 0);
    expect([popped, cancelled, 0, -1, pending + 1].map((handle) => queue.cancel(handle))).toEqual(
      Array.from({ length: 5 }, () => false),
    );
    expect(queue.size).toBe(1);
    expect(queue.cancel(pending)).toBe(true);
  });

  it.each([5, 40_000, milliseconds(5), seconds(2)])(
    'closes the gaps when neighbours at %d ns are cancelled, from the front, the middle and the end',
    (timeNs) => {
      const queue = new EventQueue();
      const handles = Array.from({ length: 8 }, (_, i) => queue.push(timeNs, 0, i, 0));
      for (const i of [2, 3, 0, 7, 6, 4]) expect(queue.cancel(handles[i]!)).toBe(true);
      for (let i = 8; i < 12; i++) queue.push(timeNs, 0, i, 0);
      expect(popAll(queue)).toEqual([1, 5, 8, 9, 10, 11]);
    },
  );

  it('is empty after the last of far, near and next events is cancelled, and can be filled again', () => {
    const queue = new EventQueue();
    const handles = [0, 40_000, milliseconds(5), seconds(2), hours(1)].map((timeNs) => queue.push(timeNs, 0, 0, 0));
    for (const handle of handles) expect(queue.cancel(handle)).toBe(true);
    expect([queue.size, queue.pop(Infinity)]).toEqual([0, 0]);
    queue.push(5, 0, 1, 0);
    queue.push(hours(1), 0, 2, 0);
    expect(popAll(queue)).toEqual([1, 2]);
  });

  it('keeps its order while it grows to many times its first size', () => {
    const queue = new EventQueue();
    const count = 20_000;
    for (let i = 0; i < count; i++) {
      // 7,919 and 20,000 have no common divisor: every time comes once, in no order
      const time = (i * 7_919) % count;
      queue.push(time * milliseconds(9), 0, time, 0);
    }
    const order = popAll(queue);
    expect(order).toEqual(Array.from({ length: count }, (_, i) => i));
  });
});
