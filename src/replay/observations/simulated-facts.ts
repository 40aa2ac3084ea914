/** What was simulated instead of what was observed. */
export interface SimulatedFacts {
  /** Values that come out the same every time. */
  readonly exact: Readonly<Record<string, unknown>>;
  /** Numbers where an observation has a range; null: it never happened. */
  readonly ranges: Readonly<Record<string, unknown>>;
  /** What an observation lists run by run: what one run gave here. */
  readonly perRun?: Readonly<Record<string, unknown>>;
}

/** A fact of which an observation lists one value per run: what one run gave here. */
export class PerRun {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}
