import { estimatedDifference, measuredCount, measuredDuration, measuredRate, NOTHING } from '../comparison/format.ts';
import { CONFIDENCE, type Estimate } from '../metrics/estimate.ts';
import { type SteadyGroup, type SteadyQuantity, steadyStates } from '../study/steady-state.ts';
import { formatDuration, parseDuration, parseRatio, UnitError } from '../units.ts';
import { chosenRuns, withoutRepeated } from './chosen-runs.ts';
import { createPalette } from './colour.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { writeData, writeJson } from './output.ts';
import type { StatisticsOptions } from './result-options.ts';
import { textTable } from './text-table.ts';

/** Says what samples settle at after the warm-up, over replications, and how sure that is. */
export function statistics(paths: readonly string[], options: StatisticsOptions): ExitCode {
  const warmUpNs = options.warmup === undefined ? null : parsed('--warmup', options.warmup, parseDuration);
  const precision = parsed('--precision', options.precision, parseRatio);
  const runs = withoutRepeated(chosenRuns(paths, options), options);
  const groups = steadyStates(runs, { warmUpNs, precision });
  if (groups.length === 0) throw new UsageError(`${paths.join(', ')}: no run there has samples`);
  if (options.json) {
    const isFound = groups.some(({ isWarmUpFound }) => isWarmUpFound);
    writeJson({ confidence: CONFIDENCE, warmUp: warmUpNs ?? (isFound ? 'MSER-5' : 'scenario'), precision, groups });
    return ExitCode.ok;
  }
  writeData([...groups.map((group) => groupText(group, precision)), ...warmUpHint(groups)].join('\n\n'));
  return ExitCode.ok;
}

/** How to leave out of all other numbers what MSER-5 found, where everything settled. */
function warmUpHint(groups: readonly SteadyGroup[]): string[] {
  const found = groups.filter(({ isWarmUpFound }) => isWarmUpFound).flatMap(({ quantities }) => quantities);
  const longestNs = found.reduce((longest, { warmUpNs }) => Math.max(longest, warmUpNs), 0);
  if (longestNs === 0 || found.some(({ unsettledRuns }) => unsettledRuns > 0)) return [];
  const longest = formatDuration(longestNs);
  const { dim } = createPalette(process.stdout);
  return [
    dim(`All of it had settled after ${longest}. 'warmup: ${longest}' in a scenario leaves that out of its numbers.`),
  ];
}

function parsed(option: string, text: string, parse: (text: string) => number): number {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof UnitError) throw new UsageError(`${option}: ${error.message}`);
    throw error;
  }
}

/** Settings that tell groups apart, as many as a head has room for. */
const SETTINGS_MAX = 3;

function settingWords(settings: SteadyGroup['apart']): string[] {
  const words = Object.entries(settings).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
  const hidden = words.length - SETTINGS_MAX;
  return hidden > 0 ? [...words.slice(0, SETTINGS_MAX), `and ${hidden} settings more`] : words;
}

function groupText(group: SteadyGroup, precision: number): string {
  const { scenario, parameters, apart, fabric, reference, seeds, quantities } = group;
  const { bold, dim, yellow } = createPalette(process.stdout);
  const values = Object.entries(parameters).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
  const count = seeds.length === 1 ? `seed ${seeds[0]}` : `${seeds.length} replications`;
  const right = (name: string) => ({ name, align: 'right' as const });
  const columns = [
    { name: '', align: 'left' as const },
    ...['warm-up', 'mean', 'p50', 'p95', 'p99'].map(right),
    ...(reference === null ? [] : [right(`to ${reference}`)]),
    right(`for ±${100 * precision} %`),
  ];
  const unsettled = quantities.filter(({ unsettledRuns }) => unsettledRuns > 0);
  return [
    `${bold([scenario, ...values, ...settingWords(apart), fabric].join(' '))} ${dim(`(${count})`)}`,
    textTable(
      columns,
      quantities.map((quantity) => rowOf(quantity, reference)),
    ),
    ...unsettled.map(({ name, unsettledRuns }) =>
      yellow(
        `${name}: ${unsettledRuns} of ${seeds.length} had not settled at half of the run; its numbers may be of the start.`,
      ),
    ),
  ].join('\n');
}

const FORMATS: Readonly<Record<SteadyQuantity['unit'], (value: number) => string>> = {
  'bit/s': (value) => measuredRate(Math.round(value)),
  'frames/s': (value) => `${measuredCount(value)}/s`,
  entries: measuredCount,
};

function rowOf(quantity: SteadyQuantity, reference: string | null): string[] {
  const format = FORMATS[quantity.unit];
  const { p50, p95, p99 } = quantity.percentiles;
  const { replicationsNeeded: needed } = quantity;
  return [
    quantity.name,
    measuredDuration(quantity.warmUpNs),
    shown(quantity.mean, format),
    ...[p50, p95, p99].map((estimate) => shown(estimate, format)),
    ...(reference === null ? [] : [estimatedDifference(quantity.difference, format) || NOTHING]),
    needed === null ? NOTHING : needed === quantity.mean!.count ? 'enough' : `${needed} runs`,
  ];
}

function shown(estimate: Estimate | null, format: (value: number) => string): string {
  if (estimate === null) return NOTHING;
  const { mean, halfWidth } = estimate;
  return halfWidth === null || halfWidth === 0 ? format(mean) : `${format(mean)} ± ${format(halfWidth)}`;
}
