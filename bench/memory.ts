import { EventQueue } from '../src/engine/event-queue.ts';
import type { Measurement } from './measurement.ts';

/** Bytes held by live objects and buffers: needs `node --expose-gc`. */
function heldBytes(): number {
  // buffers of what is dead go only at a second collection
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** What a pending event occupies: the growth of heap and buffers when many are made. */
export function benchMemory(pendingEvents = 1_000_000): Measurement[] {
  const queueBefore = heldBytes();
  const queue = new EventQueue();
  for (let i = 0; i < pendingEvents; i++) queue.push(i, 1, i, 0);
  const eventBytes = (heldBytes() - queueBefore) / queue.size;
  return [{ bench: 'memory', subject: `a pending event of ${pendingEvents}`, unit: 'bytes', value: eventBytes }];
}
