import Table from 'cli-table3';
import type { Palette } from './colour.ts';
import { type ComparisonGroup, type ComparisonRow, comparisonGroups } from './comparison-rows.ts';
import { difference, NOTHING } from './format.ts';
import type { TimedResult } from './simulation-worker.ts';

/** Fabrics beside the first in one table; more of them get a table of their own, so that each fits on a screen. */
const OTHERS_PER_TABLE = 3;

/** Results side by side; those after the first also with how they differ from the first. */
export function comparisonTable(results: readonly TimedResult[], palette: Palette): string {
  const groups = comparisonGroups(results);
  const others = results.map((_, index) => index).slice(1);
  const tables: string[] = [];
  for (let start = 0; start === 0 || start < others.length; start += OTHERS_PER_TABLE) {
    tables.push(oneTable(results, groups, { shown: others.slice(start, start + OTHERS_PER_TABLE), palette }));
  }
  return tables.join('\n\n');
}

interface Layout {
  /** Indexes of the results beside the first. */
  readonly shown: readonly number[];
  readonly palette: Palette;
}

const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

function oneTable(
  results: readonly TimedResult[],
  groups: readonly ComparisonGroup[],
  { shown, palette }: Layout,
): string {
  const { bold, cyan } = palette;
  const table = new Table({
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    colAligns: ['left', 'right', ...shown.flatMap((): ('right' | 'left')[] => ['right', 'left'])],
  });
  const heading = (index: number) => bold(results[index]!.fabric);
  table.push(['', heading(0), ...shown.flatMap((index) => [heading(index), ''])]);
  for (const { title, rows } of groups) {
    table.push([bold(cyan(title)), '', ...shown.flatMap(() => ['', ''])]);
    for (const row of rows) table.push(cellsOf(row, { shown, palette }));
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function cellsOf({ label, values, format, isPlain = false }: ComparisonRow, { shown, palette }: Layout): string[] {
  const show = (value: number | string | null) => (typeof value === 'number' ? format(value) : (value ?? NOTHING));
  const differenceOf = (value: number | string | null) => {
    const first = values[0]!;
    if (isPlain || typeof first === 'string' || typeof value === 'string') return '';
    return palette.dim(difference(first, value, format));
  };
  return [
    `  ${label}`,
    show(values[0] ?? null),
    ...shown.flatMap((index) => [show(values[index] ?? null), differenceOf(values[index] ?? null)]),
  ];
}
