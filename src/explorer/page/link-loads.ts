import type { ColumnTable } from '../../results/parse-table.ts';
import type { Graph } from './graph.ts';
import { lastNotAfter, type TimeBlocks, timeBlocks } from './time-blocks.ts';

/** What is asked of the traffic of links: all of it, or copies that a flood made. */
export const TRAFFIC = { all: 'all traffic', flooded: 'flooded traffic' } as const;
export type Traffic = keyof typeof TRAFFIC;

const FLOODED = ['unknown_unicast', 'broadcast', 'multicast'];
const ALL = [...FLOODED, 'known_unicast', 'control'];

/** What links carried between two samples, by link * 2 + direction. */
export interface LoadsAt {
  /** Shares of the link's rate, 0 to 1; bytes as the table counts them, without preamble, FCS and gap. */
  readonly ratios: Float32Array;
  readonly bytes: Float64Array;
  readonly droppedFrames: Float64Array;
}

/**
 * The table `link_samples`, ready to be asked for any sample. It has a row only where a counter changed, so each row
 * knows the row of its link and direction before.
 */
export class LinkLoads {
  readonly blocks: TimeBlocks;
  /** Times of all samples, at which some link need not have changed. */
  sampleTimesNs: Float64Array;
  readonly #graph: Graph;
  readonly #places: Int32Array;
  readonly #rowsBefore: Int32Array;
  readonly #bytes: Record<Traffic, Float64Array>;
  readonly #dropped: Float64Array;

  constructor(table: ColumnTable, graph: Graph) {
    this.#graph = graph;
    const numbers = (column: string) => table.column(column).values as Float64Array;
    this.blocks = timeBlocks(numbers('time_ns'));
    this.sampleTimesNs = this.blocks.timesNs;
    this.#places = placesOf(table, graph);
    this.#rowsBefore = rowsBefore(this.#places, graph.linkNames.length * 2);
    const sum = (classes: readonly string[]) =>
      sumOf(
        classes.map((name) => numbers(`${name}_bytes`)),
        table.rowCount,
      );
    this.#bytes = { all: sum(ALL), flooded: sum(FLOODED) };
    this.#dropped = numbers('dropped_frames');
  }

  /** What was carried in the interval that ended with the last sample not after `timeNs`. */
  at(timeNs: number, traffic: Traffic): LoadsAt {
    const count = this.#graph.linkNames.length * 2;
    const loads: LoadsAt = {
      ratios: new Float32Array(count),
      bytes: new Float64Array(count),
      droppedFrames: new Float64Array(count),
    };
    const sample = lastNotAfter(this.sampleTimesNs, timeNs);
    if (sample < 0) return loads;
    const sampleNs = this.sampleTimesNs[sample]!;
    const beforeNs = sample === 0 ? 0 : this.sampleTimesNs[sample - 1]!;
    const block = lastNotAfter(this.blocks.timesNs, sampleNs);
    if (block < 0 || this.blocks.timesNs[block] !== sampleNs || sampleNs === beforeNs) return loads;
    const bytes = this.#bytes[traffic];
    const seconds = (sampleNs - beforeNs) / 1e9;
    for (let row = this.blocks.starts[block]!; row < this.blocks.starts[block + 1]!; row++) {
      const place = this.#places[row]!;
      if (place < 0) continue;
      const before = this.#rowsBefore[row]!;
      const carried = bytes[row]! - (before < 0 ? 0 : bytes[before]!);
      loads.bytes[place] = carried;
      loads.ratios[place] = (carried * 8) / (seconds * this.#graph.ratesBitsPerSec[place >> 1]!);
      loads.droppedFrames[place] = this.#dropped[row]! - (before < 0 ? 0 : this.#dropped[before]!);
    }
    return loads;
  }
}

/** The busier direction of a link. */
export function loadOfLink({ ratios }: LoadsAt, link: number): number {
  return Math.max(ratios[link * 2]!, ratios[link * 2 + 1]!);
}

function placesOf(table: ColumnTable, graph: Graph): Int32Array {
  const { names, codes } = table.column('link');
  const direction = table.column('direction');
  const linkOfCode = names!.map((name) => graph.linkOfName.get(name) ?? -1);
  const endOfCode = direction.names!.map((name) => (name === 'a_to_b' ? 0 : 1));
  const places = new Int32Array(table.rowCount);
  for (let row = 0; row < places.length; row++) {
    const link = linkOfCode[codes![row]!]!;
    places[row] = link < 0 ? -1 : link * 2 + endOfCode[direction.codes![row]!]!;
  }
  return places;
}

function rowsBefore(places: Int32Array, count: number): Int32Array {
  const last = new Int32Array(count).fill(-1);
  const before = new Int32Array(places.length);
  for (let row = 0; row < places.length; row++) {
    const place = places[row]!;
    if (place < 0) continue;
    before[row] = last[place]!;
    last[place] = row;
  }
  return before;
}

function sumOf(columns: readonly Float64Array[], length: number): Float64Array {
  const sums = new Float64Array(length);
  for (const column of columns) for (let row = 0; row < length; row++) sums[row]! += column[row]!;
  return sums;
}
