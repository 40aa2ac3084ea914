import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EventQueue } from '../src/engine/event-queue.ts';
import { macHash } from '../src/protocol/mac-hash.ts';
import { MacTables } from '../src/protocol/mac-tables.ts';
import { MaxMinSharing } from '../src/workload/max-min-sharing.ts';
import { writeRows } from './arrow.ts';
import { FloodBench } from './flood.ts';
import { FRAME_HOP_SIZES, FrameHopBench } from './frame-hops.ts';
import { seededUniform } from './support.ts';

/** A piece of the program at work, again and again. */
export interface MicroCase {
  /** What one call of `run` does, so that times are of one of these: so many that it takes 10 ms or more. */
  readonly operations: number;
  /** Does the work; the same work each time, whatever was before. */
  run(): void;
  /** Counts of what was done so far: after the same number of runs, the same on any machine. */
  counters(): Record<string, number | string>;
}

const OPERATIONS = 200_000;

/** Pop one event and push one, with delays from nanoseconds to minutes. */
function eventQueue(pending: number): MicroCase {
  const uniform = seededUniform(1);
  const delays = Float64Array.from({ length: 1 << 16 }, () => Math.round(10 ** (1 + 9 * uniform())));
  const queue = new EventQueue();
  let lastTimeNs = 0;
  let next = 0;
  const push = (timeNs: number, a: number) => queue.push(timeNs + delays[next++ & 0xffff]!, 1, a, 0);
  while (next < pending) push(0, next);
  // so that times are of all of its work, turning over what is pending included
  const operations = Math.max(OPERATIONS, pending);
  return {
    operations,
    run() {
      for (let i = 0; i < operations; i++) {
        const event = queue.pop(Number.POSITIVE_INFINITY);
        lastTimeNs = queue.timeNs;
        push(lastTimeNs, queue.aOf(event));
      }
    },
    counters: () => ({ pushed: next, pending: queue.size, last_time_ns: lastTimeNs }),
  };
}

/** A frame's two probes in one of 64 tables: learn the source, look up the destination. */
function macTables(addresses: number): MicroCase {
  const tables = new MacTables();
  const tableCount = 64;
  for (let i = 0; i < tableCount; i++) tables.addTable({ holdMs: 300_000 });
  const uniform = seededUniform(2);
  const draws = Int32Array.from({ length: 1 << 16 }, () => Math.floor(uniform() * addresses));
  let probes = 0;
  let hits = 0;
  const operations = 5 * OPERATIONS;
  return {
    operations,
    run() {
      for (let i = 0; i < operations; i++) {
        const source = draws[i & 0xffff]!;
        const place = tables.learnAndLookUp(i % tableCount, source, source & 63, draws[(i * 7) & 0xffff]!, 1_000);
        probes += 2;
        if (place >= 0) hits++;
      }
    },
    counters: () => ({
      table_probes: probes,
      hits,
      learned: tables.learnedCounts.reduce((sum, count) => sum + count, 0),
      table_bytes: tables.sizeBytes,
    }),
  };
}

function hashing(): MicroCase {
  let checksum = 0;
  let hashed = 0;
  const operations = 20 * OPERATIONS;
  return {
    operations,
    run() {
      for (let i = 0; i < operations; i++)
        checksum = (checksum + macHash(0x02_00_00_00_00_00 + i * 257, i & 4_095)) | 0;
      hashed += operations;
    },
    counters: () => ({ hashed, checksum }),
  };
}

/** Flows come and go over a leaf–spine, and each time all of them share the links anew. */
function maxMinSharing(flowCount: number): MicroCase {
  const leaves = 32;
  const spines = 4;
  const uniform = seededUniform(3);
  const integer = (count: number) => Math.floor(uniform() * count);
  const sharing = new MaxMinSharing(() => 100e9);
  const add = () => {
    const [from, to, spine] = [integer(leaves), integer(leaves), integer(spines)];
    const path =
      from === to ? [from] : [from, leaves + from * spines + spine, leaves * (spines + 1) + to * spines + spine];
    return sharing.add(Int32Array.from(path), 1e9 * (1 + integer(40)));
  };
  const flows = Array.from({ length: flowCount }, add);
  sharing.settle();
  let settled = 0;
  const operations = 100;
  return {
    operations,
    run() {
      for (let i = 0; i < operations; i++) {
        const slot = integer(flowCount);
        sharing.remove(flows[slot]!);
        flows[slot] = add();
        if (sharing.settle()) settled++;
      }
    },
    counters: () => ({
      settled,
      rates_bits_per_sec: flows.reduce((sum, flow) => sum + Math.round(sharing.rateOf(flow)), 0),
    }),
  };
}

function arrowWriting(folder: string): MicroCase {
  const path = join(folder, 'rows.arrow');
  let rows = 0;
  let bytes = 0;
  const operations = 5 * OPERATIONS;
  return {
    operations,
    run() {
      writeRows(path, operations);
      rows += operations;
      bytes += statSync(path).size;
      rmSync(path);
    },
    counters: () => ({ rows, written_bytes: bytes }),
  };
}

function frameHops(name: string): MicroCase {
  const bench = new FrameHopBench(FRAME_HOP_SIZES.find((size) => size.name === name)!);
  let hops = 0;
  let events = 0;
  let last = { fingerprint: '', tableBytes: 0, macEntries: 0 };
  return {
    operations: OPERATIONS,
    run() {
      const result = bench.run(OPERATIONS);
      hops += result.hops;
      events += result.events;
      last = result;
    },
    counters: () => ({
      hops,
      events,
      mac_entries: last.macEntries,
      table_bytes: last.tableBytes,
      fingerprint: last.fingerprint,
    }),
  };
}

function flood(leaves: number, serversPerLeaf: number): MicroCase {
  const bench = new FloodBench({ leaves, serversPerLeaf });
  // V8 compiles for the first 5,000, as long as each of them is a broadcast by somebody new
  const operations = 2_000;
  return {
    operations,
    run: () => bench.broadcast(operations),
    counters: () => bench.counters(),
  };
}

/** By name, how each is made ready; `folder` is for files. */
export const MICRO_CASES: Readonly<Record<string, (folder: string) => MicroCase>> = {
  'event-queue-100': () => eventQueue(100),
  'event-queue-10k': () => eventQueue(10_000),
  'event-queue-1M': () => eventQueue(1_000_000),
  'mac-tables-1k': () => macTables(1_000),
  'mac-tables-100k': () => macTables(100_000),
  'mac-hash': hashing,
  'max-min-sharing': () => maxMinSharing(300),
  'arrow-writing': arrowWriting,
  'frame-hops-S': () => frameHops('S'),
  'frame-hops-M': () => frameHops('M'),
  'flood-100x40': () => flood(100, 40),
};
