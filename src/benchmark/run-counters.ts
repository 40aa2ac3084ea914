import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Datacenter } from '../scenario/datacenter.ts';
import type { FabricResult } from '../scenario/run-scenario.ts';

/**
 * The work that a run did: equal for equal versions on any machine, so that a change of one is a change of the program.
 * `folder` is where its tables are.
 */
export function runCounters(
  result: FabricResult,
  { devices }: Datacenter,
  folder: string,
): Record<string, number | string> {
  const { network, bridges, tunnels } = devices;
  const tables = [bridges.tables, tunnels.tables];
  const ofTables = (countsOf: (one: (typeof tables)[number]) => readonly number[]): number =>
    sumOf(tables.flatMap((one) => countsOf(one)));
  return {
    events: result.events,
    hops: result.hops,
    grouped_hops: result.groupedHops,
    frame_hops: result.frameHops,
    created_frames: network.createdFrames,
    flooded_frames: sumOf(network.floodFrames),
    flood_copies: sumOf(network.floodCopies),
    table_learned: ofTables(({ learnedCounts }) => learnedCounts),
    table_moved: ofTables(({ movedCounts }) => movedCounts),
    table_aged: ofTables(({ agedCounts }) => agedCounts),
    table_bytes: sumOf(tables.map(({ sizeBytes }) => sizeBytes)),
    frame_records: network.frames.usedCount,
    written_bytes: sumOf(readdirSync(folder).map((name) => statSync(join(folder, name)).size)),
    fingerprint: result.fingerprint,
  };
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
