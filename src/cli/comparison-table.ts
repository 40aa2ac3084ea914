import { type ComparisonCell, comparisonCells } from '../comparison/comparison-cells.ts';
import { type ComparisonGroup, type ComparisonRow, comparisonGroups } from '../comparison/comparison-rows.ts';
import { NOTHING } from '../comparison/format.ts';
import type { ReplicatedResults } from '../comparison/replicated-results.ts';
import type { Palette } from './colour.ts';
import { type Align, alignedLines, textWidth } from './text-table.ts';

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
    while (count > 1 && table.some((line) => textWidth(line) > COLUMNS_MAX)) {
      count--;
      table = draw();
    }
    tables.push(table.join('\n'));
    start += Math.max(count, 1);
  }
  return tables.join('\n\n');
}

interface Layout {
  /** Indexes of the fabrics beside the first. */
  readonly shown: readonly number[];
  readonly palette: Palette;
}

function oneTable(compared: ReplicatedResults, groups: readonly ComparisonGroup[], layout: Layout): string[] {
  const { shown, palette } = layout;
  const { bold, cyan, dim } = palette;
  const shownCells = groups.map(({ title, rows }) => ({
    title,
    // what only fabrics of other tables have is left out
    rows: rows.map((row) => cellsOf(row, compared, layout)).filter((cells) => cells.some(saysSomething)),
  }));
  const allCells = shownCells.flatMap(({ rows }) => rows);
  const widths = shown.map((_, other) => widestValue(allCells, other + 1));
  const { fabrics } = compared;
  const lines = [
    ['', bold(fabrics[0]!), ...shown.map((index, other) => bold(fabrics[index]!.padStart(widths[other]!)))],
  ];
  for (const { title, rows } of shownCells) {
    lines.push([bold(cyan(title)), '', ...shown.map(() => '')]);
    for (const [label, first, ...others] of rows) {
      // a name or a value may be longer than those in its column: it goes on above the differences
      const cells = others.map(({ value, difference }, other) => {
        const aligned = value.padStart(widths[other]!);
        return difference === '' ? aligned : `${aligned}  ${dim(difference)}`;
      });
      lines.push([`  ${label!.value}`, first!.value, ...cells]);
    }
  }
  return alignedLines(lines, ['left', 'right', ...shown.map((): Align => 'left')]);
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
