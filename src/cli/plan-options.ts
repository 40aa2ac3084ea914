import type { GlobalOptions } from './options.ts';

export interface PlanOptions extends GlobalOptions {
  /** A folder, or s3://bucket/prefix. */
  readonly out: string;
  /** Whether runs keep their tables, or their summary alone. */
  readonly tables: boolean;
  readonly json: boolean;
  readonly progress: boolean;
  /** Runs at a time. */
  readonly jobs?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly retries: number;
  readonly anyVersion?: boolean;
  readonly prune?: boolean;
}
