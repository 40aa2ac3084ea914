import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { glance, glanceOverTime } from '../../src/cli/glance.ts';
import { runCurves } from '../../src/cli/run-curves.ts';
import { sparkline, textBar } from '../../src/cli/text-charts.ts';
import { comparableResults } from '../../src/comparison/replicated-results.ts';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { scenarioOf } from '../support/scenario-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'dcfabric-glance-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('charts of text', () => {
  it('have bars in eighths of a character, where nothing is nothing and little is seen', () => {
    expect([0, 0.0001, 0.5, 0.51, 1, 7].map((share) => textBar(share, 4))).toEqual([
      '    ',
      '▏   ',
      '██  ',
      '██  ',
      '████',
      '████',
    ]);
    expect(textBar(0.55, 4)).toBe('██▎ ');
  });

  it('have sparklines from nothing to the most', () => {
    expect(sparkline([0, 1, 4, 8, 8])).toBe('▁▂▅██');
    expect(sparkline([0, 0])).toBe('▁▁');
  });
});

describe('a comparison at a glance', () => {
  const scenario = scenarioOf({
    fabrics: ['vxlan-flood-learn', { name: 'hypervisor', kind: 'vxlan-flood-learn', vteps: 'hypervisor' }],
    failures: undefined,
  });
  const names = scenario.fabrics.map(({ name }) => name);
  const results = compareFabrics(scenario, { outDir: folder });

  it('has a line for each fabric, with bars as long as their numbers say', () => {
    const [head, leaf, hypervisor] = glance(comparableResults(results, names)).split('\n');
    expect(head).toMatch(/^At a glance +fullest table +flooded +longest outage$/);
    expect(leaf).toMatch(/^ {2}vxlan-flood-learn {3}████████ 12 {2,}/);
    const most = results.map(({ summary }) => Math.max(...summary.macTables.map(({ entriesMax }) => entriesMax)));
    expect(hypervisor).toContain(`  hypervisor          ${textBar(most[1]! / 12, 8)} ${most[1]}`);
    expect(glance(comparableResults(results.slice(0, 1), names.slice(0, 1)))).toBe('');
  });

  it('has sparklines of what was written, with their peaks', () => {
    const curves = runCurves(results, scenario.samples.everyNs);
    const [head, leaf] = glanceOverTime('Over time', curves).split('\n');
    expect(head).toMatch(/^Over time +fullest table +flooded on all links, means of 2s$/);
    expect(leaf).toMatch(/^ {2}vxlan-flood-learn {3}▁+█+ up to 12 +[▁▂▃▄▅▆▇█]+ up to [\d.]+[kM]bps$/);
    expect(
      runCurves(
        results.map((result) => ({ ...result, folder: null })),
        1e9,
      ),
    ).toEqual([]);
  });
});
