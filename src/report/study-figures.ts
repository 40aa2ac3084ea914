import type { ComparedResult } from '../comparison/compared-result.ts';
import { FORMATS_BY_UNIT } from '../comparison/format.ts';
import { KEY_FIGURES, type KeyFigure } from '../comparison/key-figures.ts';
import { type MeasuredRun, MeasurePaths, measuredRun } from '../study/measures.ts';
import type { StudyRuns } from './study-runs.ts';

/** The numbers that a page about a study shows: what the study asks of its runs, and the key figures. */
export function studyFigures({ facts, runs }: Pick<StudyRuns, 'facts' | 'runs'>): readonly KeyFigure[] {
  const asked = facts.measures ?? [];
  if (asked.length === 0) return KEY_FIGURES;
  const measured = new Map<ComparedResult, MeasuredRun>(
    runs.map(({ result }) => [result, measuredRun(result.summary)]),
  );
  const paths = new MeasurePaths(asked);
  for (const run of measured.values()) paths.learn(run);
  const own = paths.measures().map(
    ({ name, unit, of }): KeyFigure => ({
      name: nameInFiles(name),
      label: name,
      value: (result) => of(measured.get(result)!),
      format: FORMATS_BY_UNIT[unit],
    }),
  );
  const isKeyFigure = ({ value }: KeyFigure) =>
    KEY_FIGURES.some((figure) => runs.every(({ result }) => figure.value(result) === value(result)));
  return [...own.filter((figure) => !isKeyFigure(figure)), ...KEY_FIGURES];
}

/** `flooding.byCause.*.frames` as a name in addresses and files. */
function nameInFiles(path: string): string {
  return path
    .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
