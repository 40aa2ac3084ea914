import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPlanRecord } from '../../src/report/plan-runs.ts';
import { createStudyReport, type Report } from '../../src/report/report.ts';
import { readStudyFacts } from '../../src/report/study-runs.ts';
import { findRuns } from '../../src/results/find-runs.ts';
import { readVersion } from '../../src/scenario/version.ts';
import { FolderStore } from '../../src/study/folder-store.ts';
import { accessibilityProblems, DESKTOP, describeInBrowser, PHONE } from '../browser/browser.ts';
import { inlineBatch } from '../study/inline-batch.ts';
import { inlinePlan } from '../study/inline-plan.ts';
import { StudyFolder } from '../study/study-file.ts';

const HOSTILE = '</title><script>document.title = "mine"</script><b>racks';
const AXIS = 'tenants.0.vmsPerSegment';

const folder = new StudyFolder();
let report: Report;

beforeAll(async () => {
  const file = folder.study(
    'fits',
    `title: ${JSON.stringify(HOSTILE)}`,
    'question: How many?',
    'set:',
    '  duration: 200ms',
    '  hardware: {leaf: {macTable: {entries: 12}}}',
    '  traffic: {flowsPerVmPerSecond: 1, sizes: {fixed: 1kB}}',
    'replications: 2',
    'plan:',
    `  axis: ${AXIS}`,
    '  from: 4',
    '  to: 16',
    '  limits: [{metric: macTables.leaf.bridge.entriesMax, most: 9}, hardware, {metric: macTables.leaf.tunnel.fill, most: 1}]',
  );
  await inlinePlan(file, storeOf, { version: readVersion() });
  report = await reportOf('fits');
});
afterAll(() => folder.remove());

const storeOf = ({ name }: { name: string }) => new FolderStore(join(folder.path, 'out', name));

function reportOf(study: string, fabrics: string[] = []): Promise<Report> {
  const place = join(folder.path, 'out', study);
  const answer = readPlanRecord(place);
  const scope = { modelled: ['this'], notModelled: ['that'] };
  return createStudyReport({ facts: readStudyFacts(place)!, found: findRuns([place]), answer }, { scope, fabrics });
}

const textsOf = (selector: string, { html } = report) =>
  [...parseHTML(html).document.querySelectorAll(selector)].map(({ textContent }) => textContent);

describe('the report of a plan', () => {
  it('answers in two sentences and a table', () => {
    expect(textsOf('.answer > p')).toEqual([
      `The largest ${AXIS} that keeps the limits is 9 under vlan-no-stp and vxlan-flood-learn.`,
      'What binds first: macTables.leaf.bridge.entriesMax under vlan-no-stp and vxlan-flood-learn; what would bind without ' +
        'that: MAC table under vlan-no-stp and vxlan-flood-learn.',
    ]);
    const rows = textsOf('#plan-answer tbody tr');
    expect(rows).toHaveLength(2);
    const [cells] = [...parseHTML(report.html).document.querySelectorAll('#plan-answer tbody tr')];
    expect([...cells!.children].map(({ textContent }) => textContent)).toEqual([
      'vlan-no-stp',
      '9',
      'in 2 replications 9; mean 9 ± 0 (95 %)',
      'at 10: macTables.leaf.bridge.entriesMax is 10, at most 9; it has no macTables.leaf.tunnel.fill, which is no limit to it',
      expect.stringMatching(/^at 13: room in a MAC table \(mac_table\): \d+ times, first after .* at leaf\d$/),
    ]);
    expect(textsOf('.warning')).toEqual([]);
    expect(textsOf('#repeat pre')[0]).toContain(`--set ${AXIS}=9 --fabric vlan-no-stp --seed 1`);
    expect(textsOf('#scope li')).toEqual(['that', 'this']);
  });

  it('draws every run of each limit, with the bound and the value that was found', () => {
    const [{ panels, table }] = report.figures as [Report['figures'][number]];
    expect(panels.map(({ title }) => title)).toEqual([
      'macTables.leaf.bridge.entriesMax',
      'MAC table: used',
      'macTables.leaf.tunnel.fill',
    ]);
    const runs = readPlanRecord(join(folder.path, 'out/fits'))!.runs;
    expect(table.rows).toHaveLength(runs.length);
    // each VM is in the table of every leaf, as far as it has room
    for (const [index, [value, fabric, seed, entries, used, , limits, found]] of table.rows.entries()) {
      const run = runs[index]!;
      expect([value, fabric, seed]).toEqual([String(run.value), run.fabric, String(run.seed)]);
      expect(Number(entries)).toBe(Math.min(Number(value), 12));
      expect(used).toBe(`${Number(((100 * Number(entries)) / 12).toPrecision(4))}%`);
      expect([limits, found]).toEqual([Number(value) > 9 ? 'broken' : 'kept', value === '9' ? 'found' : '']);
    }
    const drawn = panels[0]!.draw(500);
    const titles = [...drawn.querySelectorAll('.marks.fabric-1 title')].map(({ textContent }) => textContent);
    const own = table.rows.filter(([, fabric]) => fabric === 'vxlan-flood-learn');
    expect(titles.toSorted()).toEqual(
      own
        .map(([value, fabric, seed, entries]) => {
          return `${fabric}\n${AXIS} ${value}, seed ${seed}\nmacTables.leaf.bridge.entriesMax: ${entries}`;
        })
        .toSorted(),
    );
    expect(drawn.textContent).toContain('at most 9');
    expect(panels[0]!.label).toBe(
      `macTables.leaf.bridge.entriesMax over ${AXIS}, at most 9: vlan-no-stp 9 at 9, 10 at 10; vxlan-flood-learn 9 at 9, 10 at 10.`,
    );
  });

  it('shows fabrics that are asked for, and is the same to the byte', async () => {
    expect(textsOf('#plan-answer tbody th', await reportOf('fits', ['vxlan-flood-learn']))).toEqual([
      'vxlan-flood-learn',
    ]);
    await expect(reportOf('fits', ['x'])).rejects.toThrow('the study has no fabric "x"');
    expect((await reportOf('fits')).html).toBe(report.html);
  });

  it('says where a search has not ended, and shows a batch beside it', async () => {
    const lines = (limit: number) => [
      'fabrics: [vlan-no-stp]',
      'set: {duration: 200ms}',
      `axes: {${AXIS}: [4, 6]}`,
      'plan:',
      `  axis: ${AXIS}`,
      '  from: 4',
      '  to: 8',
      `  limits: [{metric: macTables.leaf.bridge.entriesMax, most: ${limit}}]`,
    ];
    const file = folder.study('both', ...lines(5));
    await inlineBatch(file, storeOf, readVersion());
    // before the search, its values are those of the batch
    expect(textsOf('.answer > p', await reportOf('both'))).toEqual(['There is no answer yet.']);
    await inlinePlan(file, storeOf, { version: readVersion() });
    const both = await reportOf('both');
    expect(textsOf('.answer > p', both)[0]).toBe(`The largest ${AXIS} that keeps the limits is 5 under vlan-no-stp.`);
    const [limits, ...others] = both.figures;
    expect(limits!.table.rows.map(([value]) => value)).toEqual(['4', '5', '6', '7', '8']);
    expect(others[0]!.table.rows.map(([value]) => value)).toEqual(['4', '6']);

    // with another limit, what was found is no answer any more
    await inlineBatch(folder.study('both', ...lines(6)), storeOf, readVersion());
    expect(textsOf('.warning', await reportOf('both'))[0]).toMatch(
      /^The search has not ended, or it asks something else/,
    );
    rmSync(join(folder.path, 'out/both/answer.json'));
    writeFileSync(join(folder.path, 'out/both/answer.json'), '{"format": "x"}');
    expect(() => readPlanRecord(join(folder.path, 'out/both'))).toThrow(/got format "x", expected "dcfabric-plan\/1"/);
  });
});

describeInBrowser('the page of a plan', (open) => {
  it.each([
    ['on a desk, in the light', { ...DESKTOP, colorScheme: 'light' }, 'wide'],
    ['on a telephone, in the dark', { ...PHONE, colorScheme: 'dark' }, 'narrow'],
  ] as const)('can be read %s, asks for nothing, and takes no text for markup', async (_, options, shown) => {
    const path = join(folder.path, 'report.html');
    writeFileSync(path, report.html);
    const url = pathToFileURL(path).href;
    const { page, complaints, requests } = await open(url, { ...options, offline: true });
    expect([complaints, requests]).toEqual([[], [url]]);
    expect(await page.title()).toBe(HOSTILE);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(options.viewport.width);
    const drawing = page.locator(`#limits .drawing.${shown}`).first();
    await drawing.locator('.marks.fabric-1 > *').last().hover();
    expect(await page.locator('#tip').textContent()).toMatch(/^vxlan-flood-learn\n.*16, seed \d+\n.*entriesMax: 12$/);
    await page.locator('#limits button', { hasText: 'vxlan-flood-learn' }).click();
    expect(await drawing.locator('.marks.fabric-1').isVisible()).toBe(false);
    expect(await drawing.locator('.marks.fabric-0').isVisible()).toBe(true);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.context().close();
  });
});
