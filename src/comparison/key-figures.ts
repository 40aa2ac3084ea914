import type { ComparedResult } from './compared-result.ts';
import { type ComparisonRow, floodedRatio } from './comparison-rows.ts';
import { measuredCount, measuredDuration, measuredRate, measuredRatio, measuredSize } from './format.ts';

/** One of the few numbers that tell fabrics apart at a glance. */
export interface KeyFigure {
  /** Names it in addresses and files. */
  readonly name: string;
  readonly label: string;
  /** null where a fabric does not have it. */
  readonly value: (result: ComparedResult) => number | null;
  readonly format: (value: number) => string;
}

export const KEY_FIGURES: readonly KeyFigure[] = [
  { name: 'mac-entries', label: 'most addresses in one table', value: mostEntries, format: measuredCount },
  {
    name: 'flooded-bytes',
    label: 'flooded on the links',
    value: ({ summary }) => summary.flooding.floodedBytes,
    format: measuredSize,
  },
  { name: 'flooded-share', label: 'flooded share of all bytes', value: floodedRatio, format: measuredRatio },
  {
    name: 'useless-frames',
    label: 'frames taken in for nothing',
    value: ({ summary }) => summary.flooding.uselessFrames,
    format: measuredCount,
  },
  {
    name: 'outage-median',
    label: 'outage of a migrated VM, median',
    value: ({ summary }) => summary.migrations.outageNsP50,
    format: measuredDuration,
  },
  {
    name: 'outage-longest',
    label: 'outage of a migrated VM, longest',
    value: ({ summary }) => summary.migrations.outageNsMax,
    format: measuredDuration,
  },
  {
    name: 'convergence',
    label: 'last change after a failure, longest',
    value: ({ summary }) => summary.failures.convergenceNsMax,
    format: measuredDuration,
  },
  {
    name: 'failed-flows',
    label: 'flows failed',
    value: ({ summary }) => summary.flows.failed,
    format: measuredCount,
  },
  { name: 'control-messages', label: 'control messages sent', value: controlMessages, format: measuredCount },
  {
    name: 'bisection',
    label: 'usable bisection bandwidth',
    value: ({ summary }) => summary.links.bisectionBitsPerSec,
    format: measuredRate,
  },
  {
    name: 'overhead',
    label: 'encapsulation overhead',
    value: ({ summary }) => summary.flooding.overheadBytes,
    format: measuredSize,
  },
];

/** The key figures of results, without those that are zero or missing everywhere. */
export function keyFigureRows(results: readonly ComparedResult[]): (ComparisonRow & KeyFigure)[] {
  return KEY_FIGURES.map((figure) => ({ ...figure, values: results.map(figure.value) })).filter(({ values }) =>
    values.some((value) => value !== null && value !== 0),
  );
}

/** Addresses in the fullest of all MAC and VTEP tables; null where there are none. */
function mostEntries({ summary: { macTables } }: ComparedResult): number | null {
  return macTables.length === 0 ? null : Math.max(...macTables.map(({ entriesMax }) => entriesMax));
}

function controlMessages({ summary }: ComparedResult): number {
  return summary.controlPlane.messages.reduce((sum, { sent }) => sum + sent, 0);
}
