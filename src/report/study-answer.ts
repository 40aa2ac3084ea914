import { LIMIT_WORDS } from '../comparison/comparison-rows.ts';
import { estimatedDifference, measuredCount } from '../comparison/format.ts';
import { KEY_FIGURES, type KeyFigure } from '../comparison/key-figures.ts';
import { distinct, listed } from '../comparison/words.ts';
import { differenceAt, estimateAt, type StudyRuns } from './study-runs.ts';

/** How each key figure is said of a fabric. */
const TOLD = [
  { name: 'mac-entries', say: (range: string) => `the fullest MAC table held ${range} addresses` },
  { name: 'flooded-bytes', say: (range: string) => `floods put ${range} on the links` },
  { name: 'outage-longest', say: (range: string) => `a migrated VM was out of reach for at most ${range}` },
] as const;

/** The answer of a study in two sentences: how far its axes move each fabric, and in how many runs something went wrong. */
export function studyAnswer(study: StudyRuns): string[] {
  const { axes, fabrics, points } = study;
  const parts = TOLD.flatMap(({ name, say }) => {
    const ranges = fabrics.flatMap((fabric, index) => {
      const range = figureRange(study, index, KEY_FIGURES.find((figure) => figure.name === name)!);
      return range === null ? [] : [{ fabric, range }];
    });
    if (ranges.length === 0) return [];
    const all = distinct(ranges.map(({ range }) => range));
    const told = all.map((range) => {
      const under = ranges.filter((one) => one.range === range).map(({ fabric }) => fabric);
      return all.length === 1 ? range : `${range} under ${listed(under)}`;
    });
    return [say(listed(told))];
  });
  const where = `Over ${measuredCount(points.length)} ${points.length === 1 ? 'point' : 'points'} of ${listed(axes)}`;
  return [...(parts.length === 0 ? [] : [`${where}, ${parts.join('; ')}.`]), troubleSentence(study)];
}

/** `300 to 3,000`: the least and the most of a fabric's means; null where it has none, or nothing but 0. */
export function figureRange({ points }: StudyRuns, fabric: number, { value, format }: KeyFigure): string | null {
  const means = points.flatMap((point) => estimateAt(point, fabric, value)?.mean ?? []);
  if (means.length === 0 || means.every((mean) => mean === 0)) return null;
  const [least, most] = [format(Math.min(...means)), format(Math.max(...means))];
  return least === most ? most : `${least} to ${most}`;
}

/**
 * `−30 to +4, sure at 5 of 6 points`: the least and the most of the differences of a fabric to the first one, and at how many points
 * the confidence interval leaves out 0; null where nothing can be compared.
 */
export function differenceRange({ points }: StudyRuns, fabric: number, { value, format }: KeyFigure): string | null {
  const differences = points.flatMap((point) => differenceAt(point, fabric, value) ?? []);
  if (differences.length === 0) return null;
  const inOrder = differences.toSorted((one, other) => one.mean - other.mean);
  const [least, most] = [inOrder[0]!, inOrder.at(-1)!].map((one) =>
    estimatedDifference({ ...one, halfWidth: null }, format),
  );
  const sure = differences.filter(({ mean, halfWidth }) => halfWidth !== null && Math.abs(mean) > halfWidth).length;
  const range = least === most ? most! : `${least} to ${most}`;
  if (range === '=') return range;
  return `${range}, sure at ${measuredCount(sure)} of ${measuredCount(differences.length)}`;
}

function troubleSentence({ runs }: StudyRuns): string {
  const limits = new Map<string, number>();
  for (const { result } of runs) {
    for (const limit of distinct(result.summary.limits.map(({ limit: name }) => name))) {
      const words = LIMIT_WORDS[limit as keyof typeof LIMIT_WORDS];
      limits.set(words, (limits.get(words) ?? 0) + 1);
    }
  }
  const failed = runs.filter(({ result }) => result.summary.flows.failed > 0).length;
  const unended = runs.filter(({ result }) => result.summary.migrations.unendedOutages > 0).length;
  const troubles = [
    ...[...limits].map(([words, count]) => `${words} exhausted in ${measuredCount(count)}`),
    ...(failed > 0 ? [`flows failed in ${measuredCount(failed)}`] : []),
    ...(unended > 0 ? [`outages without an end in ${measuredCount(unended)}`] : []),
  ];
  const count = measuredCount(runs.length);
  if (troubles.length === 0) return `In none of ${count} runs did anything run out or a flow fail.`;
  return `What went wrong, of ${count} runs: ${listed(troubles)}.`;
}
