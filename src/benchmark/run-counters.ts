import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sum } from 'simple-statistics';
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
  const floods = network.nodeNames.flatMap((_name, node) => network.floodsOf(node));
  const ofTables = (countsOf: (one: (typeof tables)[number]) => readonly number[]): number =>
    sum(tables.flatMap((one) => countsOf(one)));
  return {
    events: result.events,
    hops: result.hops,
    grouped_hops: result.groupedHops,
    frame_hops: result.frameHops,
    created_frames: network.createdFrames,
    flooded_frames: sum(floods.map(({ frames }) => frames)),
    flood_copies: sum(floods.map(({ copies }) => copies)),
    table_learned: ofTables(({ learnedCounts }) => learnedCounts),
    table_moved: ofTables(({ movedCounts }) => movedCounts),
    table_aged: ofTables(({ agedCounts }) => agedCounts),
    table_bytes: sum(tables.map(({ sizeBytes }) => sizeBytes)),
    frame_records: network.frames.usedCount,
    written_bytes: sum(readdirSync(folder).map((name) => statSync(join(folder, name)).size)),
    fingerprint: result.fingerprint,
  };
}
