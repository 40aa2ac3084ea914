import { commandLine } from './command-line.ts';
import type { ReportedRun } from './compared-runs.ts';
import type { SvgNode } from './drawing.ts';
import type { Elements } from './elements.ts';
import { scrolled } from './figure-elements.ts';

/** Commands that repeat something, if there are any, under words that say what they do. */
export function repeatSection(
  h: Elements,
  { lead, commands }: { lead: string; commands: readonly (readonly string[])[] },
  ...more: (SvgNode | null)[]
): SvgNode {
  return h(
    'section',
    { id: 'repeat', 'aria-labelledby': 'repeat-title' },
    h('h2', { id: 'repeat-title' }, 'How to repeat it'),
    h('p', { class: 'lead' }, lead),
    commands.length === 0 ? null : h('pre', { class: 'command' }, commands.map(commandLine).join('\n')),
    ...more,
  );
}

/** What repeats the runs of a comparison, and how to see that it did. */
export function repeatRunsSection(h: Elements, runs: readonly ReportedRun[]): SvgNode {
  const commands = runs.flatMap(({ record: { command } }) => (command === null ? [] : [command]));
  const head = ['fabric', 'kind', 'seed', 'version', 'scenario', 'fingerprint'];
  const lead = 'The same version, scenario and seed do the same to the byte: the fingerprint says whether they did.';
  return repeatSection(
    h,
    { lead, commands },
    scrolled(
      h,
      'The runs of this report',
      h(
        'table',
        {},
        h('caption', {}, 'The runs of this report'),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            head.map((text) => h('th', { scope: 'col', class: 'text' }, text)),
          ),
        ),
        h(
          'tbody',
          {},
          runs.map(({ record: { fabric, seed, version, scenario, fingerprint } }) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row' }, fabric.name),
              h('td', { class: 'text' }, fabric.kind),
              h('td', { class: 'text' }, String(seed)),
              h('td', { class: 'text' }, version),
              h('td', { class: 'text hash' }, scenario.digest.slice(0, 16)),
              h('td', { class: 'text hash' }, fingerprint),
            ),
          ),
        ),
      ),
    ),
    settingsDetails(h, runs),
  );
}

/** Settings beyond this are a topology cabled by hand: they stay in `run.json`. */
const SETTINGS_CHARACTERS_MAX = 100_000;

function settingsDetails(h: Elements, runs: readonly ReportedRun[]): SvgNode | null {
  const { settings } = runs[0]!;
  const fabrics = new Map(runs.map((run) => [run.record.fabric.name, run.settings.fabrics[0]]));
  const text = JSON.stringify({ ...settings, fabrics: [...fabrics.values()] }, null, 2);
  if (text.length > SETTINGS_CHARACTERS_MAX)
    return h('p', { class: 'lead' }, 'run.json beside the results has all settings.');
  return h(
    'details',
    {},
    h('summary', {}, 'The scenario with all its defaults'),
    h('pre', { tabindex: '0', role: 'region', 'aria-label': 'The scenario with all its defaults' }, text),
  );
}
