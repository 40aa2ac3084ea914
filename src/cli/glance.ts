import { NOTHING } from '../comparison/format.ts';
import { type KeyFigure, keyFigureRows } from '../comparison/key-figures.ts';
import { meanOf, type ReplicatedResults } from '../comparison/replicated-results.ts';
import { sparkline, textBar } from './text-charts.ts';

/** The key figures that have room beside each other on a terminal, and what they are called there. */
const SHOWN: readonly (readonly [KeyFigure['name'], string])[] = [
  ['mac-entries', 'fullest table'],
  ['flooded-bytes', 'flooded'],
  ['outage-longest', 'longest outage'],
  ['failed-flows', 'flows failed'],
];

const BAR_COLUMNS = 8;

/** Key figures as bars, a line for each fabric; nothing where there is only one to look at. */
export function glance(compared: ReplicatedResults): string {
  const { fabrics, results } = compared;
  if (fabrics.length < 2) return '';
  const rows = keyFigureRows(results);
  const columns = SHOWN.flatMap(([name, heading]) => {
    const row = rows.find((one) => one.name === name);
    return row === undefined ? [] : [{ heading, row }];
  }).map(({ heading, row }) => {
    const means = fabrics.map((_, fabric) => meanOf(row, fabric, fabrics.length)?.mean ?? null);
    const most = Math.max(...means.map((mean) => mean ?? 0));
    const values = means.map((mean) => (mean === null ? NOTHING : row.format(mean)));
    const cells = means.map((mean, fabric) => `${textBar((mean ?? 0) / most, BAR_COLUMNS)} ${values[fabric]}`);
    return { heading, cells };
  });
  return inColumns([{ heading: 'At a glance', cells: fabrics.map((name) => `  ${name}`) }, ...columns]);
}

/** What happened on a fabric, point by point over the time of a run. */
export interface CurvesOfFabric {
  readonly fabric: string;
  readonly curves: readonly { readonly heading: string; readonly values: readonly number[]; readonly peak: string }[];
}

/** Curves as sparklines with their peaks, a line for each fabric. */
export function glanceOverTime(heading: string, fabrics: readonly CurvesOfFabric[]): string {
  const [first] = fabrics;
  if (first === undefined) return '';
  return inColumns([
    { heading, cells: fabrics.map(({ fabric }) => `  ${fabric}`) },
    ...first.curves.map(({ heading: name }, curve) => ({
      heading: name,
      cells: fabrics.map(({ curves }) => `${sparkline(curves[curve]!.values)} up to ${curves[curve]!.peak}`),
    })),
  ]);
}

interface TextColumn {
  readonly heading: string;
  readonly cells: readonly string[];
}

/** Columns side by side, each as wide as its widest cell. */
function inColumns(columns: readonly TextColumn[]): string {
  const texts = columns.map(({ heading, cells }) => {
    const lines = [heading, ...cells];
    const width = Math.max(...lines.map((line) => line.length));
    return lines.map((line) => line.padEnd(width));
  });
  return texts[0]!
    .map((_, line) =>
      texts
        .map((lines) => lines[line])
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
