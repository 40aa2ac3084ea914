/** The runs that a page can show. */
export interface Catalogue {
  /** Of dcfabric, which made the page. */
  readonly version: string;
  readonly runs: readonly CatalogueRun[];
}

/** A run that a page can show. */
export interface CatalogueRun {
  /** Names the run in the page's address: its folder below the path that was asked for, with `/`. */
  readonly key: string;
  readonly title: string;
  readonly fabric: string;
  readonly kind: string;
  readonly seed: number;
  /** What a study set for it, as `path=value`; empty without one. */
  readonly parameters: string;
  /** Whether the run reached the end of its duration. */
  readonly isComplete: boolean;
  readonly durationNs: number;
  /** What the numbers of its summary leave out at the beginning; the page shows that too, and says so. */
  readonly warmUpNs: number;
  /** Sizes of the files that there are, by table. */
  readonly tableBytes: Readonly<Record<string, number>>;
}

/** Tables that the page reads; no others are served. */
export const PAGE_TABLES = [
  'nodes',
  'links',
  'link_samples',
  'switch_samples',
  'link_events',
  'stp_events',
  'migrations',
  'traces',
  'trace_hops',
  'trace_tables',
] as const;

export type PageTable = (typeof PAGE_TABLES)[number];
