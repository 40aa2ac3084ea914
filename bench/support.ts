/** CPU time of this process, in nanoseconds: steadier than the time on the wall when a machine is shared. */
export function cpuTimeNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** CPU nanoseconds per operation of `run(operations)`, the best of some rounds after one that warms up. */
export function bestCpuNsPerOperation(operations: number, run: (operations: number) => void, rounds = 3): number {
  run(operations);
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const startNs = cpuTimeNs();
    run(operations);
    best = Math.min(best, (cpuTimeNs() - startNs) / operations);
  }
  return best;
}

/** Numbers in [0, 1) from a seed: xorshift32, so that the bench times the subject and not its chance. */
export function seededUniform(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** A table for people: words to the left, numbers to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [header, ...rows].map((row) =>
    row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en-US', { maximumFractionDigits: 2 }) : cell)),
  );
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, i) =>
          Number.isNaN(Number(rows[0]?.[i] ?? 0)) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
