import { NOTHING } from '../comparison/format.ts';
import { rangeOf } from '../results/describe-column.ts';
import type { Cell, ColumnTable } from '../results/parse-table.ts';
import { readTable } from '../results/read-table.ts';
import { formatCount } from '../units.ts';
import { createPalette } from './colour.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { writeData, writeJson } from './output.ts';
import type { InspectOptions } from './result-options.ts';
import { textTable } from './text-table.ts';

/** Shows what Arrow files hold. */
export function inspect(files: readonly string[], { rows, json }: InspectOptions): ExitCode {
  const rowsMax = Number(rows);
  if (!/^\d+$/.test(rows)) throw new UsageError(`--rows: got ${rows}, expected a whole number from 0`);
  const tables = files.map(readTable);
  if (json) writeJson(tables.map((table) => asJson(table, rowsMax)));
  else writeData(tables.map((table) => asText(table, rowsMax)).join('\n\n'));
  return ExitCode.ok;
}

function asJson(table: ColumnTable, rowsMax: number): object {
  const { path, isComplete, rowCount, metadata, columns } = table;
  const described = columns.map((column) => {
    const { name, type, unit, description, nullable } = column;
    return { name, type, unit, nullable, description, ...rangeOf(column) };
  });
  const plain = JSON.stringify({ columns: described, rows: table.rows(0, rowsMax) }, (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return { file: path, isComplete, rowCount, metadata, ...JSON.parse(plain) };
}

function asText(table: ColumnTable, rowsMax: number): string {
  const { bold, dim, yellow } = createPalette(process.stdout);
  const { path, isComplete, rowCount, metadata, columns } = table;
  const { description, table: _, ...others } = metadata;
  const parts = [
    `${bold(path)}: ${formatCount(rowCount)} ${rowCount === 1 ? 'row' : 'rows'}, ${columns.length} columns` +
      (isComplete ? '' : `\n${yellow('This file was cut off: these are the rows of the batches that are complete.')}`) +
      (description === undefined ? '' : `\n${description}`),
    Object.entries(others)
      .map(([key, value]) => `${dim(key)} ${value}`)
      .join('\n'),
    columnsText(table),
  ];
  if (rowsMax > 0 && rowCount > 0) parts.push(rowsText(table, rowsMax));
  return parts.filter((part) => part !== '').join('\n\n');
}

function columnsText({ columns }: ColumnTable): string {
  const shown = columns.map((column) => {
    const { min, max, nulls, distinct } = rangeOf(column);
    const values = distinct === null ? NOTHING : formatCount(distinct);
    return [column.name, column.type, column.unit ?? '', formatCount(nulls), values, shownCell(min), shownCell(max)];
  });
  const [left, right] = ['left', 'right'] as const;
  return textTable(
    [
      { name: 'column', align: left },
      { name: 'type', align: left },
      { name: 'unit', align: left },
      { name: 'nulls', align: right },
      { name: 'distinct', align: right },
      { name: 'least', align: right },
      { name: 'greatest', align: right },
    ],
    shown,
  );
}

/** Rows stand as columns: tables have many columns, and terminals few. */
function rowsText(table: ColumnTable, rowsMax: number): string {
  const rows = table.rows(0, rowsMax);
  const names = table.columns.map(({ name }) => name);
  const heads = [{ name: 'row', align: 'left' as const }];
  return textTable(
    [...heads, ...rows.map((_, index) => ({ name: String(index + 1), align: 'right' as const }))],
    names.map((name) => [name, ...rows.map((row) => shownCell(row[name] ?? null))]),
  );
}

const CELL_LETTERS_MAX = 24;

function shownCell(value: Cell): string {
  if (value === null) return NOTHING;
  const text = String(value).replaceAll(/\p{Cc}/gu, '\u{fffd}');
  return text.length > CELL_LETTERS_MAX ? `${text.slice(0, CELL_LETTERS_MAX - 1)}…` : text;
}
