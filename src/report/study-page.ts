import { NOTHING } from '../comparison/format.ts';
import { listed } from '../comparison/words.ts';
import { CONFIDENCE } from '../metrics/estimate.ts';
import { formatCount } from '../units.ts';
import { axisText } from './axis-scale.ts';
import type { SvgNode } from './drawing.ts';
import type { Elements } from './elements.ts';
import type { Figure } from './figure.ts';
import { dataTable, figureSection } from './figure-elements.ts';
import type { ModelScope } from './model-scope.ts';
import { answerSection, pageFoot, scopeSection, warnings } from './page-sections.ts';
import { repeatSection } from './repeat-section.ts';
import { differenceRange, figureRange, studyAnswer } from './study-answer.ts';
import { studyFigures } from './study-figures.ts';
import { studyHead } from './study-head.ts';
import type { StudyRuns } from './study-runs.ts';

/** Everything between the head and the end of a report about a study. */
export function studyBody(
  h: Elements,
  { study, figures, scope }: { study: StudyRuns; figures: readonly Figure[]; scope: ModelScope },
): SvgNode[] {
  const { facts, fabrics, points, runs, axes } = study;
  const missing = Math.round((facts.cells * fabrics.length) / facts.fabrics.length) - runs.length;
  return [
    studyHead(h, {
      ...{ facts, fabrics, runs },
      kicker: 'Study of simulated datacenters',
      about: `${formatCount(points.length)} points of ${listed(axes)}`,
    }),
    h(
      'main',
      {},
      warnings(h, runs, missing > 0 ? [missingSentence(missing)] : []),
      answerSection(h, { sentences: studyAnswer(study), fabrics }, rangesTable(h, study), differencesTable(h, study)),
      figures.map((figure) => figureSection(h, figure)),
      scopeSection(h, scope),
      repeatStudySection(h, study),
    ),
    pageFoot(h, facts.version),
  ];
}

function missingSentence(count: number): string {
  return count === 1
    ? 'One run of the study is not there yet.'
    : `${formatCount(count)} runs of the study are not there yet.`;
}

function rangesTable(h: Elements, study: StudyRuns): SvgNode {
  const { fabrics } = study;
  const rows = studyFigures(study)
    .map((figure) => [figure.label, ...fabrics.map((_, fabric) => figureRange(study, fabric, figure) ?? NOTHING)])
    .filter(([, ...cells]) => cells.some((cell) => cell !== NOTHING));
  const caption = 'Key figures, from the least to the most of all points';
  return dataTable(h, { caption, head: ['', ...fabrics], rows }, 'key-figures');
}

/** How fabrics differ from the first one; null where there is no other, or no replication. */
function differencesTable(h: Elements, study: StudyRuns): SvgNode | null {
  const { fabrics, facts } = study;
  const [first, ...others] = fabrics;
  if (others.length === 0 || facts.seeds.length < 2) return null;
  const rows = studyFigures(study)
    .map((figure) => [figure.label, ...others.map((_, other) => differenceRange(study, other + 1, figure) ?? NOTHING)])
    .filter(([, ...cells]) => cells.some((cell) => cell !== NOTHING && cell !== '='));
  if (rows.length === 0) return null;
  const caption =
    `How each differs from ${first} in runs of one seed: means, from the least to the most of all points, and at how many ` +
    `points it is sure, as the ${CONFIDENCE * 100}% confidence interval leaves out 0`;
  return dataTable(h, { caption, head: ['', ...others], rows }, 'differences');
}

function repeatStudySection(h: Elements, { facts, runs }: StudyRuns): SvgNode {
  const head = ['axis', 'values'];
  const rows = facts.axes.map(({ path, values }) => [
    path,
    values === null ? 'listed point by point' : values.map(axisText).join(', '),
  ]);
  const commands = runs.flatMap(({ record }) => (record.command === null ? [] : [record.command])).slice(0, 1);
  const lead =
    `Study ${facts.name}, seeds ${facts.seeds.join(', ')}, dcfabric ${facts.version}. The same version, study and seeds do ` +
    'the same to the byte; run.json of each run has its fingerprint, its settings and the command that repeats it alone' +
    `${commands.length === 0 ? '.' : ', such as:'}`;
  const axes = dataTable(h, { caption: 'The axes of the study', head, rows, textColumns: [0, 1] }, 'axes');
  return repeatSection(h, { lead, commands }, axes);
}
