import { measuredCount, measuredDuration, NOTHING } from '../comparison/format.ts';
import { formatCount, formatDuration } from '../units.ts';
import { type BarGroup, drawBars } from './draw-bars.ts';
import type { Drawing } from './drawing.ts';
import type { Figure, Panel } from './figure.ts';
import { TABLE_ROWS_MAX } from './figure.ts';
import type { Row } from './run-series.ts';

/** A failure of the scenario, and what it did on each fabric. */
interface Failure {
  readonly name: string;
  readonly byFabric: readonly (Row | undefined)[];
}

/** Failures drawn at most. */
const SHOWN_MAX = 8;

const LOST_COLUMNS = ['link_down_frames', 'no_route_frames', 'unresolved_frames'] as const;

const QUANTITIES = [
  {
    title: 'from the failure to the last change',
    value: (row: Row) => numberOf(row.convergence_ns),
    format: measuredDuration,
    exact: formatDuration,
  },
  {
    title: 'from the repair to the last change',
    value: (row: Row) => numberOf(row.repair_convergence_ns),
    format: measuredDuration,
    exact: formatDuration,
  },
  {
    title: 'frames lost at dead links or without a route until the repair',
    value: (row: Row) => LOST_COLUMNS.reduce((sum, column) => sum + Number(row[column] ?? 0), 0),
    format: measuredCount,
    exact: formatCount,
  },
  {
    title: 'flows that failed meanwhile',
    value: (row: Row) => numberOf(row.failed_flows),
    format: measuredCount,
    exact: formatCount,
  },
] as const;

/** How fabrics got over each failure; null if nothing failed. */
export function drawFailures(
  drawing: Drawing,
  { fabrics, failures }: { fabrics: readonly string[]; failures: readonly (readonly Row[])[] },
): Figure | null {
  const all = laidSideBySide(failures);
  if (all.length === 0) return null;
  const worst = (failure: Failure) =>
    Math.max(...failure.byFabric.map((row) => (row === undefined ? 0 : (QUANTITIES[0].value(row) ?? 0))));
  const shown =
    all.length <= SHOWN_MAX ? all : all.toSorted((one, other) => worst(other) - worst(one)).slice(0, SHOWN_MAX);
  const quantities = QUANTITIES.filter(({ value }) =>
    all.some(({ byFabric }) => byFabric.some((row) => row !== undefined && value(row) !== null)),
  );
  const panels = quantities.map(({ title, value, format }): Panel => {
    const groups = shown.map(
      ({ name, byFabric }): BarGroup => ({
        heading: name,
        bars: byFabric.map((row, fabric) => {
          const number = row === undefined ? null : value(row);
          return { fabric, name: fabrics[fabric]!, value: number, shown: number === null ? NOTHING : format(number) };
        }),
      }),
    );
    const said = groups.map(
      ({ heading, bars }) => `${heading}: ${bars.map((bar) => `${bar.name} ${bar.shown}`).join(', ')}`,
    );
    return {
      title,
      label: `${title}. ${said.join('. ')}.`,
      span: 'half',
      draw: (width) => drawBars(drawing, groups, width),
    };
  });
  return {
    name: 'failures',
    title: 'How fabrics get over failures',
    lead: 'When the last link, port state or route changed after each failure, and what was lost until its repair.',
    panels,
    legend: [],
    notes: [
      ...(all.length > shown.length
        ? [`Of ${formatCount(all.length)} failures, the ${SHOWN_MAX} that took longest.`]
        : []),
      'Failures that overlap count the same losses. Without a repair, losses count to the end of the run.',
    ],
    table: {
      caption: all.length > TABLE_ROWS_MAX ? `The first ${TABLE_ROWS_MAX} failures` : 'Every failure',
      head: ['failure', 'fabric', ...quantities.map(({ title }) => title)],
      rows: all
        .flatMap(({ name, byFabric }) =>
          byFabric.flatMap((row, fabric) => {
            if (row === undefined) return [];
            const cells = quantities.map(({ value, exact }) => {
              const number = value(row);
              return number === null ? NOTHING : exact(number);
            });
            return [[name, fabrics[fabric]!, ...cells]];
          }),
        )
        .slice(0, TABLE_ROWS_MAX),
      textColumns: [0, 1],
    },
  };
}

/** Fabrics have the same failures, but where one of them has no such device or ended early. */
function laidSideBySide(failures: readonly (readonly Row[])[]): Failure[] {
  const byName = new Map<string, (Row | undefined)[]>();
  for (const [fabric, rows] of failures.entries()) {
    for (const row of rows) {
      const name = `${row.kind} ${row.name} at ${formatDuration(Number(row.fail_ns))}`;
      const byFabric = byName.get(name) ?? new Array<Row | undefined>(failures.length).fill(undefined);
      byFabric[fabric] = row;
      byName.set(name, byFabric);
    }
  }
  return [...byName].map(([name, byFabric]) => ({ name, byFabric }));
}

function numberOf(cell: Row[string] | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}
