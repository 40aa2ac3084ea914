import { comparisonCells } from '../comparison/comparison-cells.ts';
import { comparisonNotes } from '../comparison/comparison-notes.ts';
import { type ComparisonRow, comparisonGroups } from '../comparison/comparison-rows.ts';
import { measuredDuration } from '../comparison/format.ts';
import { headline } from '../comparison/headline.ts';
import type { ReplicatedResults } from '../comparison/replicated-results.ts';
import { formatCount, formatDuration } from '../units.ts';
import type { ComparedRuns } from './compared-runs.ts';
import type { SvgNode } from './drawing.ts';
import type { Elements } from './elements.ts';
import type { Figure } from './figure.ts';
import { figureSection, scrolled } from './figure-elements.ts';
import { keyTable } from './key-table.ts';
import type { ModelScope } from './model-scope.ts';
import {
  answerSection,
  type PageSubject,
  pageFoot,
  pageHead,
  scopeSection,
  warmUpFact,
  warnings,
} from './page-sections.ts';
import { repeatRunsSection } from './repeat-section.ts';

/** Everything between the head and the end of a report about one scenario. */
export function comparisonBody(
  h: Elements,
  { compared, figures, scope }: { compared: ComparedRuns; figures: readonly Figure[]; scope: ModelScope },
): SvgNode[] {
  const results = replicated(compared);
  return [
    pageHead(h, subjectOf(compared)),
    h(
      'main',
      {},
      warnings(h, compared.runs, leftOutSentences(compared)),
      comparisonAnswer(h, results),
      figures.map((figure) => figureSection(h, figure)),
      allNumbers(h, results, compared.everyNs),
      scopeSection(h, scope),
      repeatRunsSection(h, compared.runs),
    ),
    pageFoot(h, compared.runs[0]!.record.version),
  ];
}

function subjectOf({ title, question, fabrics, seeds, durationNs, runs, digest }: ComparedRuns): PageSubject {
  const facts = [
    fabrics.length === 1 ? `Fabric ${fabrics[0]}` : `${fabrics.length} fabrics`,
    seeds.length === 1 ? `seed ${seeds[0]}` : `${seeds.length} seeds`,
    simulatedFact(runs, durationNs),
    warmUpFact(runs),
    `scenario ${digest.slice(0, 12)}`,
    `dcfabric ${runs[0]!.record.version}`,
  ];
  return { kicker: 'Simulated datacenter', title, question, facts };
}

/** `10min simulated`, or how little of it where a run was interrupted. */
function simulatedFact(runs: ComparedRuns['runs'], durationNs: number): string {
  const leastNs = Math.min(...runs.map(({ result }) => result.simulatedNs));
  const wanted = formatDuration(durationNs);
  return leastNs < durationNs ? `only ${measuredDuration(leastNs)} of ${wanted} simulated` : `${wanted} simulated`;
}

function leftOutSentences({ leftOut }: ComparedRuns): string[] {
  if (leftOut === 0) return [];
  const runs = leftOut === 1 ? 'One run is' : `${formatCount(leftOut)} runs are`;
  return [`${runs} left out: not every fabric was simulated with that seed.`];
}

function replicated({ fabrics, seeds, runs }: ComparedRuns): ReplicatedResults {
  return { fabrics, seeds, results: runs.map(({ result }) => result) };
}

function comparisonAnswer(h: Elements, results: ReplicatedResults): SvgNode {
  const { fabrics, seeds } = results;
  const first = results.results.slice(0, fabrics.length);
  const note = `These sentences are about seed ${seeds[0]}; the table below has means over all.`;
  return answerSection(
    h,
    { sentences: headline(first), fabrics },
    seeds.length === 1 ? null : h('p', { class: 'lead' }, note),
    keyTable(h, results),
  );
}

function allNumbers(h: Elements, results: ReplicatedResults, everyNs: number): SvgNode {
  const groups = comparisonGroups(results.results);
  const { fabrics } = results;
  return h(
    'section',
    { id: 'all-numbers', 'aria-labelledby': 'all-numbers-title' },
    h('h2', { id: 'all-numbers-title' }, 'All numbers'),
    comparisonNotes(results, everyNs).map((note) => h('p', { class: 'lead' }, note)),
    h(
      'details',
      {},
      h('summary', {}, 'Every quantity of the comparison'),
      scrolled(
        h,
        'Every quantity of the comparison',
        h(
          'table',
          {},
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              h('td', {}),
              fabrics.map((name) => h('th', { scope: 'col' }, name)),
            ),
          ),
          groups.map(({ title, rows }) =>
            h(
              'tbody',
              { class: 'group' },
              h('tr', {}, h('th', { scope: 'rowgroup', colspan: String(fabrics.length + 1) }, title)),
              rows
                .filter(({ values }) => values.some((value) => value !== null))
                .map((row) => numbersRow(h, row, results)),
            ),
          ),
        ),
      ),
    ),
  );
}

function numbersRow(h: Elements, row: ComparisonRow, results: ReplicatedResults): SvgNode {
  const isPart = row.label.startsWith(' ');
  return h(
    'tr',
    {},
    h('th', { scope: 'row', class: isPart ? 'part' : null }, row.label.trim()),
    comparisonCells(row, results).map(({ value, difference }) =>
      h('td', {}, value, difference === '' ? null : h('span', { class: 'difference' }, difference)),
    ),
  );
}
