import { type ColumnTable, parseTable } from '../../results/parse-table.ts';
import type { CatalogueRun, PageTable } from './catalogue.ts';
import type { DataSource } from './data-source.ts';
import { type Graph, readGraph } from './graph.ts';
import { LinkLoads } from './link-loads.ts';
import { LinkStates } from './link-states.ts';
import { TableFills } from './table-fills.ts';
import { unionOfTimes } from './time-blocks.ts';
import { readWaves, type Wave } from './waves.ts';

/** A run that is shown: the fabric at once, and what was seen of it as soon as it has been read. */
export class RunData {
  readonly run: CatalogueRun;
  readonly graph: Graph;
  fills: TableFills | null = null;
  states: LinkStates | null = null;
  loads: LinkLoads | null = null;
  migrations: ColumnTable | null = null;
  waves: Wave[] | null = null;
  readonly #source: DataSource;
  readonly #index: number;

  private constructor(source: DataSource, { run, index, graph }: { run: CatalogueRun; index: number; graph: Graph }) {
    this.#source = source;
    this.#index = index;
    this.run = run;
    this.graph = graph;
  }

  /** What is cabled to what, which is enough for a first drawing. */
  static async open(source: DataSource, run: CatalogueRun, index: number): Promise<RunData> {
    const [nodes, links] = await Promise.all([read(source, index, 'nodes'), read(source, index, 'links')]);
    return new RunData(source, { run, index, graph: readGraph(nodes, links) });
  }

  /** Reads the rest, small tables first; `changed` hears of each part that has come. */
  async readRest(changed: () => void): Promise<void> {
    const [fills, linkEvents, stpEvents] = await Promise.all([
      this.#read('switch_samples'),
      this.#read('link_events'),
      this.#read('stp_events'),
    ]);
    this.fills = new TableFills(fills);
    this.states = new LinkStates(linkEvents, stpEvents, this.graph);
    changed();
    this.migrations = await this.#read('migrations');
    const [traces, hops, tables] = await Promise.all([
      this.#read('traces'),
      this.#read('trace_hops'),
      this.#read('trace_tables'),
    ]);
    this.waves = readWaves({ traces, hops, tables }, this.graph);
    changed();
    const loads = new LinkLoads(await this.#read('link_samples'), this.graph);
    loads.sampleTimesNs = unionOfTimes([loads.blocks.timesNs, this.fills.blocks.timesNs]);
    this.loads = loads;
    changed();
  }

  /** Times at which something to be seen changes, ascending. */
  get timesNs(): Float64Array {
    const samples = [this.fills?.blocks.timesNs, this.loads?.blocks.timesNs].filter((times) => times !== undefined);
    return unionOfTimes([[0], ...samples, ...(this.states === null ? [] : [this.states.linkTimesNs])]);
  }

  #read(table: PageTable): Promise<ColumnTable> {
    return read(this.#source, this.#index, table);
  }
}

async function read(source: DataSource, run: number, table: PageTable): Promise<ColumnTable> {
  return parseTable(await source.table(run, table), `${table}.arrow`);
}
