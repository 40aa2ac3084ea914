import type { TrackerFormat } from '../benchmark/tracker-names.ts';
import type { GlobalOptions } from './options.ts';

/** Options of `bench run`. */
export interface BenchRunOptions extends GlobalOptions {
  readonly fabric?: readonly string[];
  readonly set: readonly string[];
  readonly processes: number;
  readonly history: string;
  readonly output?: string;
  readonly json: boolean;
}

export interface BenchCompareOptions extends GlobalOptions {
  readonly only?: readonly string[];
  readonly scenario?: readonly string[];
  readonly processes?: number;
  readonly countersOnly?: boolean;
  readonly inTurns?: boolean;
  readonly minEffect: number;
  readonly alpha: number;
  readonly accept?: string;
  readonly builds?: string;
  readonly json: boolean;
}

export interface BenchReportOptions extends GlobalOptions {
  readonly history: string;
  readonly only?: readonly string[];
  readonly all?: boolean;
  readonly to?: TrackerFormat;
  readonly html?: string;
  readonly svg?: string;
  readonly json: boolean;
}

export interface BenchDivergeOptions extends GlobalOptions {
  readonly scenario: string;
  readonly fabric?: string;
  readonly set: readonly string[];
  readonly builds?: string;
  readonly json: boolean;
}

export interface BenchSampleOptions extends GlobalOptions {
  readonly fabric: string;
  readonly set: readonly string[];
  readonly slowDown: number;
}

export interface BenchTrailOptions extends GlobalOptions {
  readonly fabric: string;
  readonly set: readonly string[];
  readonly every?: number;
  readonly from: number;
  readonly to: number;
}
