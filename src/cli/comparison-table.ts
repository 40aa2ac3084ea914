import Table from 'cli-table3';
import { type ComparisonCell, comparisonCells } from '../comparison/comparison-cells.ts';
import { type ComparisonGroup, type ComparisonRow, comparisonGroups } from '../comparison/comparison-rows.ts';
import { NOTHING } from '../comparison/format.ts';
import type { ReplicatedResults } from '../comparison/replicated-results.ts';
import type { Palette } from './colour.ts';

/** A table that is wider is cut into several, each with the first fabric and some of the others. */
const COLUMNS_MAX = 100;

/** Fabrics beside the first in one table at most: more are hard to follow even where they fit. */
const OTHERS_MAX = 3;

/**
 * Results side by side; those after the first also with how they differ from the first. Of several replications, means,
 * and confidence intervals of the differences.
 */
export function comparisonTable(compared: ReplicatedResults, palette: Palette): string {
  const groups = comparisonGroups(compared.results);
  const others = compared.fabrics.map((_, index) => index).slice(1);
  const tables: string[] = [];
  for (let start = 0; start === 0 || start < others.length; ) {
    let count = Math.min(OTHERS_MAX, others.length - start);
    const draw = () => oneTable(compared, groups, { shown: others.slice(start, start + Math.max(count, 0)), palette });
    let table = draw();
    while (count > 1 && columnsOf(table) > COLUMNS_MAX) {
      count--;
      table = draw();
    }
    tables.push(table);
    start += Math.max(count, 1);
  }
  return tables.join('\n\n');
}

interface Layout {
  /** Indexes of the fabrics beside the first. */
  readonly shown: readonly number[];
  readonly palette: Palette;
}

const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

function oneTable(compared: ReplicatedResults, groups: readonly ComparisonGroup[], layout: Layout): string {
  const { shown, palette } = layout;
  const { bold, cyan } = palette;
  const table = new Table({
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    colAligns: ['left', 'right', ...shown.flatMap((): ('right' | 'left')[] => ['right', 'left'])],
  });
  const shownCells = groups.map(({ title, rows }) => ({
    title,
    // what only fabrics of other tables have is left out
    rows: rows.map((row) => cellsOf(row, compared, layout)).filter((cells) => cells.some(saysSomething)),
  }));
  const allCells = shownCells.flatMap(({ rows }) => rows);
  const widths = shown.map((_, other) => widestValue(allCells, other + 1));
  // a name may be longer than the values in its column: it goes on above the differences
  const named = (text: string, other: number, style = (shownText: string) => shownText) => {
    return { content: style(text.padStart(widths[other]!)), colSpan: 2, hAlign: 'left' as const };
  };
  const { fabrics } = compared;
  table.push(['', bold(fabrics[0]!), ...shown.map((index, other) => named(fabrics[index]!, other, bold))]);
  for (const { title, rows } of shownCells) {
    table.push([bold(cyan(title)), '', ...shown.flatMap(() => ['', ''])]);
    for (const [label, first, ...others] of rows) {
      const line: Table.Cell[] = [`  ${label!.value}`, first!.value];
      for (const [other, { value, difference: shift }] of others.entries()) {
        if (shift === '') line.push(named(value, other));
        else line.push(value, palette.dim(shift));
      }
      table.push(line);
    }
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Of a row: its label, the first fabric, and the others that are shown. */
function cellsOf(row: ComparisonRow, compared: ReplicatedResults, { shown }: Layout): ComparisonCell[] {
  const cells = comparisonCells(row, compared);
  return [{ value: row.label, difference: '' }, cells[0]!, ...shown.map((index) => cells[index]!)];
}

function saysSomething({ value }: ComparisonCell, column: number): boolean {
  return column > 0 && value !== NOTHING;
}

/** Characters of the widest value with a difference beside it, or of any if there is none such. */
function widestValue(rows: readonly (readonly ComparisonCell[])[], column: number): number {
  const cells = rows.map((row) => row[column]!);
  const compared = cells.filter(({ difference: shift }) => shift !== '');
  return (compared.length > 0 ? compared : cells).reduce((most, { value }) => Math.max(most, value.length), 0);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no columns
const COLOUR = /\u001b\[\d+m/g;

function columnsOf(table: string): number {
  return table.split('\n').reduce((most, line) => Math.max(most, line.replaceAll(COLOUR, '').length), 0);
}
