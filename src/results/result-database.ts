import type {
  DuckDBConnection,
  DuckDBInstance,
  DuckDBPreparedStatement,
  DuckDBResult,
  DuckDBType,
} from '@duckdb/node-api';
import type { TableDefinition } from '../metrics/table-definition.ts';
import { RESULT_TABLES } from '../metrics/tables.ts';
import type { FoundRun } from './find-runs.ts';
import { type DuckDb, loadDuckDb } from './load-duckdb.ts';
import { type RunColumn, runColumns } from './run-columns.ts';
import { labelsOf } from './run-labels.ts';
import { ResultsError } from './run-record.ts';
import { SummaryScan } from './summary-scan.ts';
import { duckDbType, RUN_INDEX, TableScan } from './table-scan.ts';

/** A value of a query's result: what is no number, text or truth value is as JSON has it. */
export type QueryValue = number | bigint | string | boolean | null | object;

export interface QueryColumn {
  readonly name: string;
  /** How it is stored where types matter; what is neither whole, nor a number, nor a truth value is text. */
  readonly type: 'int64' | 'float64' | 'bool' | 'utf8';
}

/** What a query answers; the rows come in batches while DuckDB works, once. */
export interface QueryResult {
  readonly columns: readonly QueryColumn[];
  readonly batches: AsyncIterable<QueryValue[][]>;
}

/** SQL that DuckDB refused: its message, and what there is to ask. */
export class SqlError extends Error {
  override name = 'SqlError';
  /** The tables, each with its columns. */
  readonly tables: ReadonlyMap<string, readonly string[]>;
  /** Those of them that the SQL names. */
  readonly named: readonly string[];

  constructor(message: string, tables: ReadonlyMap<string, readonly string[]>, named: readonly string[]) {
    super(message);
    this.tables = tables;
    this.named = named;
  }
}

/**
 * The result tables of many runs as a database: each table of the manual is a view of that name over the files of all
 * runs, read when and as far as a query needs it. Nothing is copied, cached or written, and SQL reaches neither files
 * nor the network.
 */
export class ResultDatabase {
  readonly #duckDb: DuckDb;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #runs: readonly FoundRun[];
  readonly #tables = new Map<string, readonly string[]>();
  #scanError: unknown = null;

  private constructor(
    duckDb: DuckDb,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    runs: readonly FoundRun[],
  ) {
    this.#duckDb = duckDb;
    this.#instance = instance;
    this.#connection = connection;
    this.#runs = runs;
  }

  static async open(runs: readonly FoundRun[]): Promise<ResultDatabase> {
    const duckDb = await loadDuckDb();
    const instance = await duckDb.DuckDBInstance.create(':memory:', CLOSED_TO_THE_WORLD);
    const database = new ResultDatabase(duckDb, instance, await instance.connect(), runs);
    await database.#defineTables();
    return database;
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  /** The result of the last of the statements. */
  async query(sql: string): Promise<QueryResult> {
    const result = await this.#run(sql);
    const names = result.deduplicatedColumnNames();
    const columns = result.columnTypes().map((type, index) => ({ name: names[index]!, type: this.#storedType(type) }));
    return { columns, batches: this.#batches(sql, result) };
  }

  async #run(sql: string): Promise<DuckDBResult> {
    if (sql.trim() === '') throw new ResultsError('the SQL holds no statement');
    try {
      const statements = await this.#connection.extractStatements(sql);
      let last: DuckDBPreparedStatement | null = null;
      for (let index = 0; index < statements.count; index++) {
        if (last !== null) await last.run();
        last = await statements.prepare(index);
      }
      if (last === null) throw new ResultsError('the SQL holds no statement');
      return await last.stream();
    } catch (error) {
      throw this.#explained(sql, error);
    }
  }

  async *#batches(sql: string, result: DuckDBResult): AsyncIterable<QueryValue[][]> {
    const convert = (value: unknown, type: DuckDBType) => this.#valueOf(value, type);
    try {
      for await (const rows of result.yieldConvertedRows<QueryValue>(convert as never)) yield rows as QueryValue[][];
    } catch (error) {
      throw this.#explained(sql, error);
    }
  }

  /** What went wrong in reading files comes before what DuckDB makes of it. */
  #explained(sql: string, error: unknown): unknown {
    if (this.#scanError !== null) return this.#scanError;
    if (error instanceof ResultsError) return error;
    return new SqlError((error as Error).message, this.#tables, this.#namedTables(sql));
  }

  /** Without asking DuckDB, which would call back into this thread while it waits. */
  #namedTables(sql: string): string[] {
    const words = new Set(sql.toLowerCase().split(/\W+/));
    return [...this.#tables.keys()].filter((name) => words.has(name));
  }

  async #defineTables(): Promise<void> {
    const labels = this.#runs.map(labelsOf);
    const columns: RunColumn[] = [
      ...runColumns(labels),
      { name: 'is_complete', type: 'bool', values: labels.map(({ isComplete }) => isComplete) },
      { name: 'folder', type: 'utf8', values: this.#runs.map(({ folder }) => folder) },
    ];
    await this.#defineRuns(columns);
    for (const table of RESULT_TABLES) await this.#defineTable(table, columns.slice(0, -2));
    await this.#defineSummary(columns.slice(0, -2));
    await this.#connection.run('SET lock_configuration = true');
  }

  /** `runs`: what is known of each run without opening its tables. */
  async #defineRuns(columns: readonly RunColumn[]): Promise<void> {
    const types = { utf8: 'VARCHAR', int64: 'BIGINT', float64: 'DOUBLE', bool: 'BOOLEAN' };
    const declared = columns.map(({ name, type }) => `${quoted(name)} ${types[type]}`);
    await this.#connection.run(`CREATE TABLE ${LABELS} (${[`${RUN_INDEX} INTEGER`, ...declared].join(', ')})`);
    const appender = await this.#connection.createAppender(LABELS);
    for (const index of this.#runs.keys()) {
      appender.appendInteger(index);
      for (const { type, values } of columns) {
        const value = values[index]!;
        if (value === null) appender.appendNull();
        else if (type === 'utf8') appender.appendVarchar(value as string);
        else if (type === 'int64') appender.appendBigInt(BigInt(value as number));
        else if (type === 'float64') appender.appendDouble(value as number);
        else appender.appendBoolean(value as boolean);
      }
      appender.endRow();
    }
    appender.closeSync();
    const names = columns.map(({ name }) => name);
    await this.#connection.run(`CREATE VIEW runs AS SELECT ${names.map(quoted).join(', ')} FROM ${LABELS}`);
    this.#tables.set('runs', names);
  }

  async #defineTable(table: TableDefinition, columns: readonly RunColumn[]): Promise<void> {
    this.#registerScan(table);
    const own = table.columns.map(({ name }) => name);
    // a table that says itself what its run is needs not be told
    const added = columns.filter(({ name }) => !own.includes(name));
    const selected = [
      ...added.map(({ name }) => `r.${quoted(name)}`),
      // enumerations would sort by the order of their meanings
      ...table.columns.map(({ name, type }) => (type === 'dictionary' ? `t.${name}::VARCHAR AS ${name}` : `t.${name}`)),
    ];
    await this.#connection.run(
      `CREATE VIEW ${table.name} AS SELECT ${selected.join(', ')} FROM ${scanOf(table)}() t JOIN ${LABELS} r USING (${RUN_INDEX})`,
    );
    this.#tables.set(table.name, [...added.map(({ name }) => name), ...own]);
  }

  /** `summary`: the numbers of `run.json`, a row for each. */
  async #defineSummary(columns: readonly RunColumn[]): Promise<void> {
    const { DuckDBTableFunction, INTEGER, VARCHAR, DOUBLE } = this.#duckDb;
    const scan = DuckDBTableFunction.create({
      name: 'scan_summary',
      bindFunction: (info) => {
        info.addResultColumn(RUN_INDEX, INTEGER);
        info.addResultColumn('metric', VARCHAR);
        info.addResultColumn('value', DOUBLE);
      },
      initFunction: (info) => info.setInitData(new SummaryScan(this.#runs)),
      mainFunction: (info, chunk) => (info.initData as SummaryScan).fill(chunk),
    });
    this.#connection.registerTableFunction(scan);
    const added = columns.map(({ name }) => `r.${quoted(name)}`);
    const selected = [...added, 't.metric', 't.value'].join(', ');
    await this.#connection.run(
      `CREATE VIEW summary AS SELECT ${selected} FROM scan_summary() t JOIN ${LABELS} r USING (${RUN_INDEX})`,
    );
    this.#tables.set('summary', [...columns.map(({ name }) => name), 'metric', 'value']);
  }

  #registerScan(table: TableDefinition): void {
    const { DuckDBTableFunction, INTEGER } = this.#duckDb;
    const scan = DuckDBTableFunction.create({
      name: scanOf(table),
      supportsProjectionPushdown: true,
      bindFunction: (info) => {
        info.addResultColumn(RUN_INDEX, INTEGER);
        for (const column of table.columns) info.addResultColumn(column.name, duckDbType(column, this.#duckDb));
        // more than there are runs, so that joins look up runs for rows and not the other way
        info.setCardinality(this.#runs.length * TYPICAL_ROWS, false);
      },
      initFunction: (info) => info.setInitData(new TableScan(table, this.#runs, info.getColumnIndexes())),
      mainFunction: (info, chunk) => {
        try {
          (info.initData as TableScan).fill(chunk);
        } catch (error) {
          this.#scanError ??= error;
          chunk.rowCount = 0;
          info.setError(String(error));
        }
      },
    });
    this.#connection.registerTableFunction(scan);
  }

  #storedType({ typeId }: DuckDBType): QueryColumn['type'] {
    const { DuckDBTypeId: Id } = this.#duckDb;
    const whole = [Id.TINYINT, Id.SMALLINT, Id.INTEGER, Id.BIGINT, Id.HUGEINT];
    const natural = [Id.UTINYINT, Id.USMALLINT, Id.UINTEGER, Id.UBIGINT, Id.UHUGEINT];
    if ([...whole, ...natural].includes(typeId)) return 'int64';
    if ([Id.FLOAT, Id.DOUBLE, Id.DECIMAL].includes(typeId)) return 'float64';
    return typeId === Id.BOOLEAN ? 'bool' : 'utf8';
  }

  #valueOf(value: unknown, type: DuckDBType): QueryValue {
    if (value === null || value === undefined) return null;
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    if (typeof value !== 'object') return value as QueryValue;
    const { JsonDuckDBValueConverter: convert, DuckDBTypeId } = this.#duckDb;
    const json = convert(value as never, type, convert);
    return type.typeId === DuckDBTypeId.DECIMAL ? Number(json) : json;
  }
}

/** The table that holds the labels of runs, by their index. */
const LABELS = 'run_labels';

/** Rows that a table of one run may have; only an order of magnitude. */
const TYPICAL_ROWS = 1000;

const CLOSED_TO_THE_WORLD = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  // an empty name: what does not fit into memory fails instead of being written to a disk
  temp_directory: '',
  // the last: it fixes the place for temporary files
  enable_external_access: 'false',
};

const scanOf = ({ name }: TableDefinition) => `scan_${name}`;

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
