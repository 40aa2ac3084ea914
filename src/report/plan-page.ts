import { NOTHING } from '../comparison/format.ts';
import { distinct, listed } from '../comparison/words.ts';
import { formatCount } from '../units.ts';
import { axisText } from './axis-scale.ts';
import type { SvgNode } from './drawing.ts';
import type { Elements } from './elements.ts';
import type { Figure } from './figure.ts';
import { dataTable, figureSection } from './figure-elements.ts';
import type { ModelScope } from './model-scope.ts';
import { answerSection, pageFoot, scopeSection, warnings } from './page-sections.ts';
import { planAnswer } from './plan-answer.ts';
import type { PlanRuns } from './plan-runs.ts';
import { brokenWords, intervalWords, lastWords, proportionalWords, type ToldAnswer, valueWords } from './plan-words.ts';
import { repeatSection } from './repeat-section.ts';
import { studyHead } from './study-head.ts';

/** Everything between the head and the end of a report about a search. */
export function planBody(
  h: Elements,
  { plan, figures, scope }: { plan: PlanRuns; figures: readonly Figure[]; scope: ModelScope },
): SvgNode[] {
  const { facts, fabrics, question, runs } = plan;
  const { goal, axis, from, to } = question;
  return [
    studyHead(h, {
      ...{ facts, fabrics, runs: runs.map(({ run }) => run) },
      kicker: 'Capacity of simulated datacenters',
      about: `${goal} ${axis} from ${axisText(from)} to ${axisText(to)}${proportionalWords(question).replace(/,$/, '')}`,
    }),
    h(
      'main',
      {},
      warnings(
        h,
        runs.map(({ run }) => run),
        troubleOf(plan),
      ),
      answerSection(h, { sentences: planAnswer(plan), fabrics }, answerTable(h, plan)),
      figures.map((figure) => figureSection(h, figure)),
      scopeSection(h, scope),
      repeatPlanSection(h, plan),
    ),
    pageFoot(h, facts.version),
  ];
}

function troubleOf({ record, missing, facts }: PlanRuns): string[] {
  return [
    ...(record === null
      ? [
          `The search has not ended, or it asks something else since: dcfabric plan with the file of ${facts.name} ends it.`,
        ]
      : []),
    ...(missing > 0
      ? [`${formatCount(missing)} of the runs that the answers rest on ${missing === 1 ? 'is' : 'are'} not there.`]
      : []),
  ];
}

function answerTable(h: Elements, { record, fabrics, question }: PlanRuns): SvgNode | null {
  if (record === null) return null;
  const rows = fabrics.map((fabric) => {
    const answer = record.answers.find((one) => one.fabric === fabric);
    if (answer === undefined) return [fabric, NOTHING, NOTHING, NOTHING, NOTHING];
    const absent = answer.absentLimits.flatMap((limit) => (limit.kind === 'hardware' ? [] : [limit.metric]));
    const lacks = absent.length === 0 ? [] : [`it has no ${listed(distinct(absent))}, which is no limit to it`];
    return [
      fabric,
      answer.outcome === 'not-monotone' ? 'none' : valueWords(answer, question),
      intervalWords(answer) || NOTHING,
      [...boundWords(answer), ...lacks].join('; ') || NOTHING,
      nextWords(answer, lastWords(question)),
    ];
  });
  const caption = `The ${question.goal} ${question.axis} that keeps the limits`;
  const head = ['fabric', 'value', 'how sure', 'what binds', 'without that'];
  return dataTable(h, { caption, head, rows, textColumns: [0, 1, 2, 3, 4] }, 'plan-answer');
}

function boundWords({ bound, contradiction }: ToldAnswer): string[] {
  if (contradiction !== null) {
    const { seed, broken, kept } = contradiction;
    const limits = broken.limits.map(brokenWords).join('; ');
    return [`with seed ${seed}, at ${broken.value}: ${limits}; but kept at ${kept}`];
  }
  return bound === null ? [] : [`at ${bound.value}: ${bound.limits.map(brokenWords).join('; ')}`];
}

function nextWords({ bound, next }: ToldAnswer, last: string): string {
  if (bound === null) return NOTHING;
  if (next === null) return `nothing else is broken ${last}`;
  return `at ${next.value}: ${next.limits.map(brokenWords).join('; ')}`;
}

/** The runs at the values that were found, and those next to them that broke a limit: each by itself. */
function repeatPlanSection(h: Elements, { facts, record, runs, fabrics }: PlanRuns): SvgNode {
  const commands = runs.flatMap(({ run, fabric, value }) => {
    const answer = record?.answers.find((one) => one.fabric === fabrics[fabric]);
    const isTold = value === answer?.value || value === answer?.bound?.value;
    return isTold && run.record.seed === facts.seeds[0] && run.record.command !== null ? [run.record.command] : [];
  });
  const lead =
    `dcfabric plan with the file of the study ${facts.name}, seeds ${facts.seeds.join(', ')}, dcfabric ${facts.version}: ` +
    'the same version, study and seeds do the same to the byte. answer.json names the run of every mark, and run.json ' +
    `of each has the command that repeats it alone${commands.length === 0 ? '.' : '; at the values that were found, and next to them:'}`;
  return repeatSection(h, { lead, commands });
}
