import type { ColumnTable } from '../../results/parse-table.ts';
import type { Graph } from './graph.ts';
import { lastNotAfter } from './time-blocks.ts';

/** A copy of a frame on its way. */
export interface WaveHop {
  readonly sentNs: number;
  /** null: it did not arrive, or nobody looked. */
  readonly arrivedNs: number | null;
  /** -1 for copies to several servers. */
  readonly link: number;
  readonly from: number;
  /** -1 for several servers. */
  readonly to: number;
  readonly isEncapsulated: boolean;
  readonly copies: number;
  readonly outcome: string;
}

/** A table that a migration made wrong. */
export interface FollowedTable {
  readonly owner: string;
  readonly kind: string;
  readonly resumeNs: number;
  /** null: not by the end of the run. */
  readonly rightNs: number | null;
}

/** A frame that was followed. */
export interface Wave {
  readonly trace: number;
  readonly kind: 'flood' | 'announcement';
  readonly cause: string;
  readonly segment: number;
  readonly fromNode: string;
  readonly source: string;
  readonly destination: string;
  /** The row of the migration that it announces, and which time; null for a flood. */
  readonly migration: number | null;
  readonly round: number | null;
  readonly startNs: number;
  readonly isCut: boolean;
  readonly hops: readonly WaveHop[];
  /** Of a first announcement: the tables that it is to put right. */
  readonly tables: readonly FollowedTable[];
  /** When something happens, from its start, ascending: a copy is sent or arrives, a table is right. */
  readonly stepsNs: Float64Array;
}

/** All frames of a run that were followed. */
export function readWaves(
  { traces, hops, tables }: { readonly traces: ColumnTable; readonly hops: ColumnTable; readonly tables: ColumnTable },
  graph: Graph,
): Wave[] {
  const hopsOf = hopsByTrace(hops, graph);
  const rows = traces.rows();
  const followed = tables.rows();
  return rows.map((row): Wave => {
    const trace = Number(row.trace);
    const startNs = Number(row.start_ns);
    const migration = row.migration === null ? null : Number(row.migration);
    const ownTables = followed
      .filter((table) => migration !== null && row.round === 0 && Number(table.migration) === migration)
      .map((table) => ({
        owner: String(table.switch),
        kind: String(table.table_kind),
        resumeNs: Number(table.resume_ns),
        rightNs: table.right_ns === null ? null : Number(table.right_ns),
      }));
    const ownHops = hopsOf.get(trace) ?? [];
    return {
      trace,
      kind: row.kind as Wave['kind'],
      cause: String(row.cause),
      segment: Number(row.segment),
      fromNode: String(row.from_node),
      source: String(row.source),
      destination: String(row.destination),
      migration,
      round: row.round === null ? null : Number(row.round),
      startNs,
      isCut: row.is_cut === true,
      hops: ownHops,
      tables: ownTables,
      stepsNs: stepsOf(startNs, ownHops, ownTables),
    };
  });
}

function hopsByTrace(hops: ColumnTable, graph: Graph): Map<number, WaveHop[]> {
  const byTrace = new Map<number, WaveHop[]>();
  for (const row of hops.rows()) {
    const trace = Number(row.trace);
    const list = byTrace.get(trace) ?? [];
    byTrace.set(trace, list);
    list.push({
      sentNs: Number(row.sent_ns),
      arrivedNs: row.arrived_ns === null ? null : Number(row.arrived_ns),
      link: graph.linkOfName.get(String(row.link)) ?? -1,
      from: graph.nodeOfName.get(String(row.from_node)) ?? -1,
      to: row.to_node === null ? -1 : (graph.nodeOfName.get(String(row.to_node)) ?? -1),
      isEncapsulated: row.is_encapsulated === true,
      copies: Number(row.copies),
      outcome: String(row.outcome),
    });
  }
  return byTrace;
}

function stepsOf(startNs: number, hops: readonly WaveHop[], tables: readonly FollowedTable[]): Float64Array {
  const steps = new Set([0]);
  for (const { sentNs, arrivedNs } of hops) {
    steps.add(sentNs - startNs);
    if (arrivedNs !== null) steps.add(arrivedNs - startNs);
  }
  for (const { rightNs } of tables) if (rightNs !== null && rightNs >= startNs) steps.add(rightNs - startNs);
  return Float64Array.from(steps).sort();
}

/**
 * The frame of another run that is the counterpart of this one: the same announcement of the same migration, or the flood
 * that was followed as the first, second, … there; null if there is none.
 */
export function counterpart(wave: Wave, waves: readonly Wave[], others: readonly Wave[]): Wave | null {
  if (wave.kind === 'announcement') {
    const same = others.filter(({ migration, round }) => migration === wave.migration && round === wave.round);
    return same.find(({ cause }) => cause === wave.cause) ?? same[0] ?? null;
  }
  const floods = (list: readonly Wave[]) => list.filter(({ kind }) => kind === 'flood');
  return floods(others)[floods(waves).indexOf(wave)] ?? null;
}

/** Steps with the time between them stretched evenly: the position of a time, and back. */
export function stepAt(stepsNs: Float64Array, waveNs: number): number {
  const step = Math.max(0, lastNotAfter(stepsNs, waveNs));
  const [from, to] = [stepsNs[step] ?? 0, stepsNs[step + 1]];
  return to === undefined ? step : step + Math.max(0, (waveNs - from) / (to - from));
}

/** The time at a position between steps, in whole nanoseconds. */
export function timeOfStep(stepsNs: Float64Array, position: number): number {
  const step = Math.min(stepsNs.length - 1, Math.max(0, Math.floor(position)));
  const [from, to] = [stepsNs[step] ?? 0, stepsNs[step + 1]];
  return to === undefined ? from : Math.round(from + (to - from) * (position - step));
}
