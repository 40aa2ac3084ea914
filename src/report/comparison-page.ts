import { comparisonCells } from '../comparison/comparison-cells.ts';
import { comparisonNotes } from '../comparison/comparison-notes.ts';
import { type ComparisonRow, comparisonGroups } from '../comparison/comparison-rows.ts';
import { headline } from '../comparison/headline.ts';
import type { ReplicatedResults } from '../comparison/replicated-results.ts';
import { formatDuration } from '../units.ts';
import type { ComparedRuns, ReportedRun } from './compared-runs.ts';
import type { SvgNode } from './drawing.ts';
import type { Child, Elements } from './elements.ts';
import type { Figure } from './figure.ts';
import { figureSection, scrolled } from './figure-elements.ts';
import { keyTable } from './key-table.ts';
import type { ModelScope } from './model-scope.ts';
import { repeatSection } from './repeat-section.ts';

/** Everything between the head and the end of a report about one scenario. */
export function comparisonBody(
  h: Elements,
  { compared, figures, scope }: { compared: ComparedRuns; figures: readonly Figure[]; scope: ModelScope },
): SvgNode[] {
  const results = replicated(compared);
  return [
    pageHead(h, compared),
    h(
      'main',
      {},
      warnings(h, compared.runs),
      answerSection(h, results),
      figures.map((figure) => figureSection(h, figure)),
      allNumbers(h, results, compared.everyNs),
      scopeSection(h, scope),
      repeatSection(h, compared.runs),
    ),
    h(
      'footer',
      {},
      `Made by dcfabric ${compared.runs[0]!.record.version}. This file holds all that it shows and asks for nothing.`,
    ),
  ];
}

function replicated({ fabrics, seeds, runs }: ComparedRuns): ReplicatedResults {
  return { fabrics, seeds, results: runs.map(({ result }) => result) };
}

function pageHead(h: Elements, { title, question, fabrics, seeds, durationNs, runs, digest }: ComparedRuns): SvgNode {
  const facts = [
    fabrics.length === 1 ? `Fabric ${fabrics[0]}` : `${fabrics.length} fabrics`,
    seeds.length === 1 ? `seed ${seeds[0]}` : `${seeds.length} seeds`,
    `${formatDuration(durationNs)} simulated`,
    `scenario ${digest.slice(0, 12)}`,
    `dcfabric ${runs[0]!.record.version}`,
  ];
  return h(
    'header',
    {},
    h('p', { class: 'kicker' }, 'Simulated datacenter'),
    h('h1', {}, title),
    question === '' ? null : h('p', { class: 'question' }, question),
    h(
      'ul',
      { class: 'facts' },
      facts.map((fact) => h('li', {}, fact)),
    ),
  );
}

/** What takes trust from the numbers comes before them. */
function warnings(h: Elements, runs: readonly ReportedRun[]): SvgNode[] {
  const texts = runs.flatMap(({ record, result: { simulatedNs } }) => {
    const name = `${record.fabric.name} with seed ${record.seed}`;
    const broken = record.invariants.filter(({ holds }) => !holds).length;
    return [
      ...(record.isComplete
        ? []
        : [`${name} was interrupted after ${formatDuration(simulatedNs)}: its numbers are those of that time.`]),
      ...(broken > 0
        ? [`The counters of ${name} do not agree with one another: its numbers are not to be trusted.`]
        : []),
    ];
  });
  const versions = [...new Set(runs.map(({ record }) => record.version))];
  if (versions.length > 1)
    texts.push(`The runs are of different versions (${versions.join(', ')}): what differs may be due to these.`);
  return texts.map((text) => h('div', { class: 'warning', role: 'note' }, h('p', {}, text)));
}

function answerSection(h: Elements, results: ReplicatedResults): SvgNode {
  const first = results.results.slice(0, results.fabrics.length);
  return h(
    'section',
    { class: 'answer', 'aria-labelledby': 'answer-title' },
    h('h2', { id: 'answer-title' }, 'The answer'),
    headline(first).map((sentence) => h('p', {}, unbroken(h, sentence, results.fabrics))),
    results.seeds.length === 1
      ? null
      : h(
          'p',
          { class: 'lead' },
          `These sentences are about seed ${results.seeds[0]}; the table below has means over all.`,
        ),
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

function scopeSection(h: Elements, { modelled, notModelled }: ModelScope): SvgNode {
  const list = (title: string, items: readonly string[]) =>
    h(
      'div',
      {},
      h('h3', {}, title),
      h(
        'ul',
        {},
        items.map((item) => h('li', {}, item)),
      ),
    );
  return h(
    'section',
    { id: 'scope', 'aria-labelledby': 'scope-title' },
    h('h2', { id: 'scope-title' }, 'What was modelled, and what was not'),
    h('p', { class: 'lead' }, 'A simulation answers for what it models. Of this version:'),
    h('div', { class: 'scope' }, list('Not modelled', notModelled), list('Modelled', modelled)),
  );
}

/** Names beyond this may be broken into lines. */
const UNBROKEN_MAX = 28;

/** A sentence in which names of fabrics stay on one line. */
function unbroken(h: Elements, sentence: string, names: readonly string[]): Child[] {
  const short = names.filter((name) => name.length <= UNBROKEN_MAX).toSorted((one, other) => other.length - one.length);
  let parts: (string | SvgNode)[] = [sentence];
  for (const name of short) {
    parts = parts.flatMap((part) => {
      if (typeof part !== 'string') return [part];
      return part
        .split(name)
        .flatMap((text, index) => (index === 0 ? [text] : [h('span', { class: 'name' }, name), text]));
    });
  }
  return parts;
}
