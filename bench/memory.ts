import { EventQueue } from '../src/engine/event-queue.ts';
import { Datacenter } from '../src/scenario/datacenter.ts';
import { readScenario } from '../src/scenario/read-scenario.ts';
import type { Measurement } from './measurement.ts';

/** Bytes held by live objects and buffers: needs `node --expose-gc`. */
function heldBytes(): number {
  // buffers of what is dead go only at a second collection
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** What a VM and a pending event occupy: the growth of heap and buffers when many are made. */
export function benchMemory(pendingEvents = 1_000_000): Measurement[] {
  const bench = 'memory';
  const queueBefore = heldBytes();
  const queue = new EventQueue();
  for (let i = 0; i < pendingEvents; i++) queue.push(i, 1, i, 0);
  const eventBytes = (heldBytes() - queueBefore) / queue.size;
  // all are kept until the end: what is collected between two looks would count as a saving
  const kept: Datacenter[] = [];
  const sizeOf = (vmsPerSegment: number) => {
    const overrides = [`tenants.0.vmsPerSegment=${vmsPerSegment}`];
    const scenario = readScenario('scenarios/first-look.yaml', { overrides });
    const before = heldBytes();
    const datacenter = new Datacenter(scenario, scenario.fabrics[0]!, { folder: null, version: '', digest: '' });
    datacenter.start();
    kept.push(datacenter);
    return { bytes: heldBytes() - before, vms: datacenter.devices.servers.stationCount };
  };
  sizeOf(10);
  const small = sizeOf(10);
  const large = sizeOf(320);
  if (kept.length !== 3) throw new Error('a datacenter was lost');
  return [
    { bench, subject: 'a VM, first-look', unit: 'bytes', value: (large.bytes - small.bytes) / (large.vms - small.vms) },
    { bench, subject: `a pending event of ${pendingEvents}`, unit: 'bytes', value: eventBytes },
  ];
}
