import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { encodeArrow } from '../results/encode-columns.ts';
import { encodeParquet } from '../results/encode-parquet.ts';
import { type QueryResult, type QueryValue, ResultDatabase, SqlError } from '../results/result-database.ts';
import { csvRow, jsonRow } from '../results/text-rows.ts';
import { closest } from '../scenario/did-you-mean.ts';
import { chosenRuns, tellRepeated } from './chosen-runs.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { writeMessage } from './output.ts';
import type { QueryOptions } from './result-options.ts';
import { textTable } from './text-table.ts';
import { type Sink, writeWholeFile } from './whole-file.ts';

type Format = NonNullable<QueryOptions['format']>;

/** Answers an SQL query about the results below paths. */
export async function query(sql: string, paths: readonly string[], options: QueryOptions): Promise<ExitCode> {
  const format = chosenFormat(options);
  const text = sql === '-' ? readFileSync(0, 'utf8') : sql;
  const runs = chosenRuns(paths, options);
  tellRepeated(runs, options);
  const database = await ResultDatabase.open(runs);
  try {
    const result = await database.query(text);
    const fill = (sink: Sink) => write(result, format, sink, options);
    if (options.output === undefined) await fill({ write: (data) => process.stdout.write(data) });
    else await writeWholeFile(options.output, fill);
    return ExitCode.ok;
  } catch (error) {
    throw error instanceof SqlError ? explained(error) : error;
  } finally {
    database.close();
  }
}

const FORMATS_BY_SUFFIX: Readonly<Record<string, Format>> = {
  ...{ '.csv': 'csv', '.json': 'json', '.jsonl': 'jsonl', '.ndjson': 'jsonl' },
  ...{ '.parquet': 'parquet', '.arrow': 'arrow', '.feather': 'arrow' },
};

function chosenFormat({ format, output }: QueryOptions): Format {
  const chosen = format ?? FORMATS_BY_SUFFIX[extname(output ?? '')] ?? 'table';
  if (output === undefined && (chosen === 'parquet' || chosen === 'arrow') && process.stdout.isTTY) {
    throw new UsageError(`--format ${chosen} is no text: --output says where to write it, or | passes it on`);
  }
  return chosen;
}

async function write(result: QueryResult, format: Format, output: Sink, { quiet }: QueryOptions): Promise<void> {
  const { columns, batches } = result;
  const names = columns.map(({ name }) => name);
  const eachBatch = async (textOf: (row: QueryValue[]) => string) => {
    for await (const rows of batches) if (rows.length > 0) output.write(rows.map((row) => `${textOf(row)}\n`).join(''));
  };
  switch (format) {
    case 'csv':
      output.write(`${csvRow(names)}\n`);
      return eachBatch(csvRow);
    case 'jsonl':
      return eachBatch((row) => jsonRow(names, row));
    case 'json': {
      let before = '[';
      for await (const rows of batches) {
        for (const row of rows) {
          output.write(`${before}\n  ${jsonRow(names, row)}`);
          before = ',';
        }
      }
      return output.write(before === '[' ? '[]\n' : '\n]\n');
    }
    case 'table':
      return writeTable(result, output, quiet);
    case 'arrow':
      return output.write(encodeArrow(columns, await allRows(result), 'file'));
    case 'parquet':
      return output.write(await encodeParquet(encodeArrow(columns, await allRows(result), 'stream')));
  }
}

async function allRows({ batches }: QueryResult): Promise<QueryValue[][]> {
  const rows: QueryValue[][] = [];
  for await (const batch of batches) for (const row of batch) rows.push(row);
  return rows;
}

/** More rows than these are for programs to read. */
const TABLE_ROWS_MAX = 200;

async function writeTable({ columns, batches }: QueryResult, output: Sink, quiet: boolean): Promise<void> {
  const shown: string[][] = [];
  let count = 0;
  for await (const rows of batches) {
    for (const row of rows.slice(0, Math.max(0, TABLE_ROWS_MAX - count))) shown.push(row.map(shownValue));
    count += rows.length;
  }
  const isNumber = ({ type }: { type: string }) => type === 'int64' || type === 'float64';
  const aligned = columns.map((column) => ({
    name: column.name,
    align: isNumber(column) ? ('right' as const) : ('left' as const),
  }));
  output.write(`${textTable(aligned, shown)}\n`);
  if (count > shown.length) {
    writeMessage(`The first ${shown.length} of ${count} rows; --format csv gives all of them.`, { quiet });
  }
}

function shownValue(value: QueryValue): string {
  if (value === null) return '–';
  return typeof value === 'object' ? JSON.stringify(value) : String(value).replaceAll(/\p{Cc}/gu, '\u{fffd}');
}

/** What DuckDB says, with what is meant or what there is. */
function explained({ message, tables, named }: SqlError): UsageError {
  const [first = '', ...lines] = message
    .replace(/^Failed to extract statements: /, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(Did you mean|Candidate bindings)/.test(line));
  const unknownTable = /Table with name (\S+) does not exist/.exec(message)?.[1];
  const unknownColumn = /(?:Referenced column|does not have a column named) "([^"]+)"/.exec(message)?.[1];
  const columns = [...new Set(named.flatMap((name) => tables.get(name) ?? []))];
  const meant =
    unknownTable !== undefined ? closest(unknownTable, tables.keys()) : closest(unknownColumn ?? '', columns);
  const hints =
    unknownColumn !== undefined
      ? named.map((name) => `columns of ${name}: ${tables.get(name)!.map(quotedIfNeeded).join(', ')}`)
      : unknownTable !== undefined
        ? [`tables: ${[...tables.keys()].join(', ')}`]
        : [];
  const head = meant === null ? first : `${first.replace(/!$/, '')}; did you mean '${meant}'?`;
  return new UsageError([head, ...[...lines, ...hints].map((line) => `  ${line}`)].join('\n'));
}

const quotedIfNeeded = (name: string) => (/^[a-z_]\w*$/.test(name) ? name : `"${name}"`);
