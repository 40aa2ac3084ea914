import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BenchRun } from '../../src/benchmark/bench-file.ts';
import { trendsOf } from '../../src/benchmark/trends.ts';
import { createBenchReport } from '../../src/report/bench-page.ts';
import { changeText } from '../../src/report/change-text.ts';
import { labelsInRows } from '../../src/report/label-rows.ts';
import { measureText } from '../../src/report/measure-text.ts';
import { accessibilityProblems, DESKTOP, describeInBrowser, PHONE } from '../browser/browser.ts';

/** A run of each day: from the seventh on it takes half as long again, from the ninth on it does other work. */
function history(days: number, name = 'small/tree'): BenchRun[] {
  return Array.from({ length: days }, (_, day): BenchRun => {
    const timeNs = (day < 6 ? 1e9 : 1.5e9) + day * 1e6;
    return {
      path: '',
      startedAt: `2026-05-${String(day + 1).padStart(2, '0')}T12:00:00.000Z`,
      commit: `${day}`.repeat(40).slice(0, 40),
      isDirty: day === 1,
      version: '1.2.3',
      machine: 'a processor, 2 cores, Node 20.0.0',
      cases: [
        {
          case: name,
          level: 'macro',
          counters: { events: day < 8 ? 100 : 120, fingerprint: day < 8 ? 'cafe' : 'beef' },
          samplesNs: { run: [[timeNs]] },
          peakRssBytes: [80e6],
        },
      ],
    };
  });
}

describe('a page of benches', () => {
  it('says what changed, when, and by how much', async () => {
    const runs = history(12);
    const { title, html, figures } = await createBenchReport(runs, trendsOf(runs));
    expect(title).toBe('Benches over 12 runs');
    expect(html).toContain('3 of 4 measures changed.');
    expect(figures.map(({ name }) => name)).toEqual(['case-small-tree']);
    const [{ lead, panels, table }] = figures as [(typeof figures)[0]];
    expect(lead).toBe('Changed: CPU time of one run (×1.50), events (×1.20) and fingerprint (changed).');
    expect(panels.map(({ label }) => label)).toEqual([
      'CPU time of one run of small/tree over 12 runs, 1.51s in the newest: ×1.50 at run 7, 2026-05-07 666666666.',
      'most memory held of small/tree over 12 runs, 80MB in the newest: no change.',
      'events of small/tree over 12 runs, 120 in the newest: ×1.20 at run 9, 2026-05-09 888888888.',
    ]);
    expect(table.rows[1]).toEqual(['2: 2026-05-02 12:00', '111111111 and changes', '1s', '80MB', '100', 'cafe']);
  });

  it('says which case is new, and which the newest run lacks', async () => {
    const [old, young] = [history(3, 'old'), history(3, 'young')];
    const runs = old.map((run, day) => ({ ...run, cases: day === 0 ? run.cases : young[day]!.cases }));
    const { figures } = await createBenchReport(runs, trendsOf(runs));
    expect(figures.map(({ name, lead }) => [name, lead])).toEqual([
      ['case-young', 'No measure changed. New with run 2, 2026-05-02 111111111 and changes.'],
      ['case-old', 'No measure changed. Not in the newest run, last in run 1, 2026-05-01 000000000.'],
    ]);
  });

  it('writes changes with as many digits as tell them', () => {
    const told = (ratio: number | null) => changeText({ kind: 'level', run: 1, ratio });
    expect([1.5, 1.005, 0.995, 1.083, 1 + 1 / 9_266_799, 2 / 3, null].map(told)).toEqual([
      ...['×1.50', '+0.5%', '−0.5%', '+8.3%', '+0.000011%', '×0.67', 'changed'],
    ]);
    expect(changeText({ kind: 'appeared', run: 1, ratio: null })).toBe('appeared');
  });

  it('puts labels of neighbours into rows', () => {
    const labels = [0, 10, 60, 62, 64].map((at) => ({ at, text: '×1.10' }));
    expect(labelsInRows(labels, { pixelsAt: (at) => 10 * at, rowsMax: 2 })).toEqual([
      ...[
        { ...labels[0], row: 0 },
        { ...labels[1], row: 0 },
        { ...labels[2], row: 0 },
      ],
      { ...labels[3], row: 1 },
    ]);
    expect(labelsInRows(labels, { pixelsAt: (at) => 30 * at, rowsMax: 2 }).map(({ row }) => row)).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });

  it('says that nothing changed, of one run too', async () => {
    const runs = history(1);
    const { title, html } = await createBenchReport(runs, trendsOf(runs));
    expect(title).toBe('Benches over one run');
    expect(html).toContain('None of 4 measures changed.');
    expect(html).not.toContain('id="changes"');
  });

  it('tells cases apart whose names look alike in a file system', async () => {
    const [one, other] = [history(1, 'a/b'), history(1, 'a-b')];
    const runs = [{ ...one[0]!, cases: [...one[0]!.cases, ...other[0]!.cases] }];
    const { figures } = await createBenchReport(runs, trendsOf(runs));
    expect(figures.map(({ name }) => name)).toEqual(['case-a-b', 'case-a-b-2']);
  });

  it('writes measures with their units', () => {
    expect([measureText(33.447, 'ns'), measureText(1_234_567, 'ns'), measureText(2e6, 'bytes')]).toEqual([
      '33.4ns',
      '1.23ms',
      '2MB',
    ]);
    expect([measureText(12_345, 'count'), measureText('cafe', 'text')]).toEqual(['12,345', 'cafe']);
  });
});

describeInBrowser('the page of a history of benches', (open) => {
  const folder = mkdtempSync(join(tmpdir(), 'dcfabric-test-'));
  const file = join(folder, 'trends.html');
  const url = pathToFileURL(file).href;
  beforeAll(async () => {
    const runs = history(12, 'small/<b>tree</b>');
    writeFileSync(file, (await createBenchReport(runs, trendsOf(runs))).html);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['on a desk, in the light', { ...DESKTOP, colorScheme: 'light' }, 'wide'],
    ['on a telephone, in the dark', { ...PHONE, colorScheme: 'dark' }, 'narrow'],
  ] as const)('can be read %s, and asks for nothing', async (_, options, shown) => {
    const { page, complaints, requests } = await open(url, { ...options, offline: true });
    expect([complaints, requests]).toEqual([[], [url]]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(options.viewport.width);
    expect(await page.locator(`.drawing.${shown}:visible`).count()).toBe(3);
    expect(await page.locator('b').count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.context().close();
  });

  it('marks changes between the runs, and reads values off by keys', async () => {
    const { page } = await open(url);
    const drawing = page.locator('.panel', { hasText: 'CPU time' }).locator('.drawing.wide');
    const dots = await drawing
      .locator('circle')
      .evaluateAll((circles) => circles.map((one) => [one.getAttribute('cx'), one.getAttribute('cy')].map(Number)));
    expect(dots.length).toBe(12);
    const mark = Number(await drawing.locator('line[stroke-dasharray], [stroke-dasharray] line').getAttribute('x1'));
    expect([dots[5]![0]! < mark, mark < dots[6]![0]!]).toEqual([true, true]);
    // higher up is more
    expect(dots[6]![1]).toBeLessThan(dots[5]![1]!);
    await drawing.focus();
    await page.keyboard.press('End');
    expect(await page.locator('#tip').textContent()).toBe(
      '12: 2026-05-12 12:00\ncommit: 111111111\nCPU time of one run: 1.51s',
    );
    await page.context().close();
  });
});
