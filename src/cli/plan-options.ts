import type { GlobalOptions } from './options.ts';

export interface PlanOptions extends GlobalOptions {
  readonly json: boolean;
  readonly progress: boolean;
  /** Runs at a time. */
  readonly jobs?: number;
  /** Bytes. */
  readonly memory?: number;
}
