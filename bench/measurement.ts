/** One number that a bench found. */
export interface Measurement {
  readonly bench: string;
  /** What was measured, and of how much. */
  readonly subject: string;
  readonly unit: 'ns' | 'per_second' | 'bytes' | 'count';
  readonly value: number;
}

/** The best of several rounds for each thing measured: the least time or memory, the most per second. */
export function bestOf(rounds: readonly Measurement[]): Measurement[] {
  const best = new Map<string, Measurement>();
  for (const measurement of rounds) {
    const key = `${measurement.bench}/${measurement.subject}/${measurement.unit}`;
    const known = best.get(key);
    const isBetter =
      known === undefined ||
      (measurement.unit === 'per_second' ? measurement.value > known.value : measurement.value < known.value);
    if (isBetter) best.set(key, measurement);
  }
  return [...best.values()];
}
