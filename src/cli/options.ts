import type { ExportFormat } from '../exchange/export-topology.ts';
import type { ImportFormat } from '../exchange/import-network.ts';
import type { FirstScenario } from '../scenario/first-scenario.ts';
import type { ColourChoice } from './colour.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly quiet: boolean;
  readonly color: ColourChoice;
  readonly debug: boolean;
}

/** Options of commands that read scenarios. */
export interface ScenarioOptions {
  /** Each as `path=value`. */
  readonly set: readonly string[];
  readonly seed?: number;
}

/** Options of commands that simulate. */
export interface SimulateOptions extends GlobalOptions, ScenarioOptions {
  readonly json: boolean;
  readonly replications?: number;
  /** false: no files are written. */
  readonly out: string | false;
  readonly progress: boolean;
}

export interface RunOptions extends SimulateOptions {
  readonly fabric?: string;
}

export interface CompareOptions extends SimulateOptions {
  readonly fabric?: readonly string[];
}

export interface ValidateOptions extends GlobalOptions, ScenarioOptions {
  readonly json: boolean;
}

export interface ExploreOptions extends GlobalOptions {
  /** 0 takes any that is free. */
  readonly port: number;
  /** A folder to write the page into, instead of serving it. */
  readonly static?: string;
}

export interface ReplayOptions extends GlobalOptions {
  readonly json: boolean;
  readonly out?: string;
}

export interface InitOptions extends GlobalOptions, Partial<Omit<FirstScenario, 'file'>> {
  readonly yes?: boolean;
  readonly force?: boolean;
}

export interface ImportOptions extends GlobalOptions {
  readonly from?: ImportFormat;
  readonly out?: string;
  readonly force?: boolean;
  /** Each as `regex=role`. */
  readonly role?: readonly string[];
  readonly serversPerLeaf: number;
}

export interface TopologyOptions extends GlobalOptions, ScenarioOptions {
  readonly to: ExportFormat;
  readonly fabric?: string;
  readonly image?: string;
  readonly out?: string;
  readonly force?: boolean;
}

export interface SchemaOptions extends GlobalOptions {
  readonly study?: boolean;
}

export interface ReportOptions extends GlobalOptions {
  readonly fabric?: readonly string[];
  /** The page; beside the results where it is not said. */
  readonly out?: string;
  readonly svg?: string;
  readonly png?: string;
  readonly progress: boolean;
}

export interface BatchOptions extends GlobalOptions {
  readonly json: boolean;
  readonly progress: boolean;
  readonly dryRun?: boolean;
  /** As `i/n`. */
  readonly shard?: string;
  readonly out: string;
  readonly jobs?: number;
  readonly memory?: number;
  readonly retries: number;
  readonly anyVersion?: boolean;
  readonly prune?: boolean;
  /** Half of the confidence interval that is wanted, as a share of the mean. */
  readonly precision: number;
  readonly percentiles?: boolean;
  readonly queue?: string;
}

export interface WorkerOptions extends GlobalOptions {
  readonly queue: string;
  readonly out: string;
  readonly jobs?: number;
  readonly memory?: number;
  readonly stallMs: number;
  readonly drain?: boolean;
}
