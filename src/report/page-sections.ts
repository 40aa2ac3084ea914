import { distinct, warmUpWords } from '../comparison/words.ts';
import { formatDuration } from '../units.ts';
import type { ReportedRun } from './compared-runs.ts';
import type { SvgNode } from './drawing.ts';
import type { Child, Elements } from './elements.ts';
import type { ModelScope } from './model-scope.ts';

/** What a page is about. */
export interface PageSubject {
  readonly kicker: string;
  readonly title: string;
  readonly question: string;
  readonly facts: readonly string[];
}

export function pageHead(h: Elements, { kicker, title, question, facts }: PageSubject): SvgNode {
  return h(
    'header',
    {},
    h('p', { class: 'kicker' }, kicker),
    h('h1', {}, title),
    question === '' ? null : h('p', { class: 'question' }, question),
    h(
      'ul',
      { class: 'facts' },
      facts.filter((fact) => fact !== '').map((fact) => h('li', {}, fact)),
    ),
  );
}

/** What the numbers of runs leave out, as a fact of a page's head; empty where that is nothing. */
export function warmUpFact(runs: readonly Pick<ReportedRun, 'result'>[]): string {
  const warmUpsNs = distinct(runs.map(({ result }) => result.warmUpNs)).sort((one, other) => one - other);
  if (warmUpsNs.length < 2) return warmUpWords(warmUpsNs[0] ?? 0);
  return `after warm-ups from ${formatDuration(warmUpsNs[0]!)} to ${formatDuration(warmUpsNs.at(-1)!)}`;
}

export function pageFoot(h: Elements, version: string): SvgNode {
  return h('footer', {}, `Made by dcfabric ${version}. This file holds all that it shows and asks for nothing.`);
}

/** What takes trust from the numbers comes before them. */
export function warnings(h: Elements, runs: readonly ReportedRun[], others: readonly string[] = []): SvgNode[] {
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
  return [...others, ...texts].map((text) => h('div', { class: 'warning', role: 'note' }, h('p', {}, text)));
}

/** What a reader wants to know first: sentences, in which names of fabrics stay whole, and what stands below them. */
export function answerSection(
  h: Elements,
  { sentences, fabrics }: { sentences: readonly string[]; fabrics: readonly string[] },
  ...below: readonly Child[]
): SvgNode {
  return h(
    'section',
    { class: 'answer', 'aria-labelledby': 'answer-title' },
    h('h2', { id: 'answer-title' }, 'The answer'),
    sentences.map((sentence) => h('p', {}, unbroken(h, sentence, fabrics))),
    ...below,
  );
}

export function scopeSection(h: Elements, { modelled, notModelled }: ModelScope): SvgNode {
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
