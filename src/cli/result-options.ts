import type { GlobalOptions } from './options.ts';

export interface QueryOptions extends GlobalOptions {
  readonly format?: 'table' | 'csv' | 'json' | 'jsonl' | 'parquet' | 'arrow';
  readonly output?: string;
  readonly incomplete?: boolean;
}

export interface ExportOptions extends GlobalOptions {
  readonly to: 'parquet' | 'csv' | 'jsonl';
  readonly out: string;
  readonly table?: readonly string[];
  readonly incomplete?: boolean;
}

export interface InspectOptions extends GlobalOptions {
  readonly rows: string;
  readonly json: boolean;
}

export interface StatisticsOptions extends GlobalOptions {
  readonly warmup?: string;
  readonly precision: string;
  readonly incomplete?: boolean;
  readonly json: boolean;
}
