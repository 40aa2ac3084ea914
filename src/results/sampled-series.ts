import { FLOODED_CLASSES, TRAFFIC_CLASSES } from '../metrics/column-values.ts';
import type { FoundRun } from './find-runs.ts';
import type { ColumnTable, NumberArray } from './parse-table.ts';
import { readTable } from './read-table.ts';

/** One quantity of a run, sample by sample. */
export interface SampledSeries {
  readonly name: string;
  readonly unit: 'bit/s' | 'entries' | 'frames/s';
  readonly values: Float64Array;
}

/** What a run's samples say of the datacenter as a whole. */
export interface RunSeries {
  /** The ends of the intervals that values are of, in order. */
  readonly timesNs: Float64Array;
  readonly series: readonly SampledSeries[];
}

const NS_PER_SECOND = 1e9;

const bytesOf = (classes: readonly string[]) => classes.map((name) => `${name}_bytes`);

/** What links carried between one sample and the next, and what tables held at it, over all of them. */
export function seriesOf(run: FoundRun): RunSeries | null {
  const [links, switches] = ['link_samples', 'switch_samples'].map((name) => run.tables.get(name));
  if (links === undefined || switches === undefined) return null;
  const tables = readTable(switches);
  const timesNs = distinct(numbersOf(tables, 'time_ns'));
  const carried = readTable(links);
  const perSecond = (columns: readonly string[], factor: number) =>
    ratesOf(growthOf(carried, columns, timesNs), timesNs, factor);
  const held = sumsAt(timesNs, numbersOf(tables, 'time_ns'), numbersOf(tables, 'mac_entries'));
  // the first sample ends no interval
  const skipped = timesNs[0] === 0 ? 1 : 0;
  const all: SampledSeries[] = [
    { name: 'flooded', unit: 'bit/s', values: perSecond(bytesOf(FLOODED_CLASSES), 8) },
    { name: 'carried', unit: 'bit/s', values: perSecond(bytesOf(TRAFFIC_CLASSES), 8) },
    { name: 'dropped', unit: 'frames/s', values: perSecond(['dropped_frames'], 1) },
    { name: 'learned addresses', unit: 'entries', values: held },
  ];
  return {
    timesNs: timesNs.subarray(skipped),
    series: all.map(({ values, ...rest }) => ({ ...rest, values: values.subarray(skipped) })),
  };
}

function numbersOf(table: ColumnTable, column: string): NumberArray {
  return table.column(column).values as NumberArray;
}

function distinct(sorted: ArrayLike<number>): Float64Array {
  return Float64Array.from(new Set(Array.from(sorted)));
}

function placesOf(timesNs: Float64Array): Map<number, number> {
  return new Map(Array.from(timesNs, (time, place) => [time, place]));
}

/** By how much cumulative columns grew up to each time, over all links: no row is no growth. */
function growthOf(table: ColumnTable, columns: readonly string[], timesNs: Float64Array): Float64Array {
  const places = placesOf(timesNs);
  const growth = new Float64Array(timesNs.length);
  const times = numbersOf(table, 'time_ns');
  const [links, directions] = [table.column('link'), table.column('direction')];
  const directionCount = directions.names!.length;
  const [linkCodes, directionCodes] = [links.codes!, directions.codes!];
  for (const column of columns) {
    const values = numbersOf(table, column);
    const last = new Float64Array(links.names!.length * directionCount);
    for (let row = 0; row < table.rowCount; row++) {
      const end = linkCodes[row]! * directionCount + directionCodes[row]!;
      growth[places.get(times[row]!)!]! += values[row]! - last[end]!;
      last[end] = values[row]!;
    }
  }
  return growth;
}

function ratesOf(growth: Float64Array, timesNs: Float64Array, factor: number): Float64Array {
  return growth.map((value, place) => {
    const intervalNs = timesNs[place]! - (place === 0 ? 0 : timesNs[place - 1]!);
    return intervalNs === 0 ? 0 : (value * factor * NS_PER_SECOND) / intervalNs;
  });
}

function sumsAt(timesNs: Float64Array, times: ArrayLike<number>, values: ArrayLike<number>): Float64Array {
  const places = placesOf(timesNs);
  const sums = new Float64Array(timesNs.length);
  for (let row = 0; row < times.length; row++) sums[places.get(times[row]!)!]! += values[row]!;
  return sums;
}
