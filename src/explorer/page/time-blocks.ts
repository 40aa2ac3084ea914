/** Rows of a table that is sorted by time, in blocks of one time each. */
export interface TimeBlocks {
  readonly timesNs: Float64Array;
  /** By block, and one more: the row at which it begins. */
  readonly starts: Int32Array;
}

/** The blocks of a column of times that never falls. */
export function timeBlocks(column: ArrayLike<number>): TimeBlocks {
  const times: number[] = [];
  const starts: number[] = [];
  for (let row = 0; row < column.length; row++) {
    if (row > 0 && column[row] === column[row - 1]) continue;
    times.push(column[row]!);
    starts.push(row);
  }
  starts.push(column.length);
  return { timesNs: Float64Array.from(times), starts: Int32Array.from(starts) };
}

/** The index of the last of ascending times that is not after `timeNs`; -1 if all are. */
export function lastNotAfter(timesNs: ArrayLike<number>, timeNs: number): number {
  let low = 0;
  let high = timesNs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timesNs[middle]! <= timeNs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Ascending times, each once. */
export function unionOfTimes(lists: readonly ArrayLike<number>[]): Float64Array {
  const times = new Set<number>();
  for (const list of lists) for (let i = 0; i < list.length; i++) times.add(list[i]!);
  return Float64Array.from(times).sort();
}
