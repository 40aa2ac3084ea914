import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessibilityProblems, DESKTOP, describeInBrowser, PHONE } from '../browser/browser.ts';
import { numberIn, ReportedRuns, reportOf } from './reported-runs.ts';

describeInBrowser('the page of a report', (open) => {
  let runs: ReportedRuns;
  let url: string;

  beforeAll(async () => {
    runs = new ReportedRuns();
    const { html } = await runs.report();
    writeFileSync(runs.file('report.html'), html);
    url = pathToFileURL(runs.file('report.html')).href;
  });
  afterAll(() => runs.remove());

  it.each([
    ['on a desk, in the light', { ...DESKTOP, colorScheme: 'light' }, 'wide', 'rgb(255, 255, 255)'],
    ['on a telephone, in the dark', { ...PHONE, colorScheme: 'dark' }, 'narrow', 'rgb(20, 23, 27)'],
  ] as const)('can be read %s, and asks for nothing', async (_, options, shown, paper) => {
    const { page, complaints, requests } = await open(url, { ...options, offline: true });
    expect([complaints, requests]).toEqual([[], [url]]);
    const [pageWidth, background] = (await page.evaluate(
      '[document.documentElement.scrollWidth, getComputedStyle(document.body).backgroundColor]',
    )) as [number, string];
    expect(pageWidth).toBeLessThanOrEqual(options.viewport.width);
    expect(background).toBe(paper);
    const visible = await page
      .locator('.drawing:visible')
      .evaluateAll((drawings) => drawings.map((one) => one.className));
    expect(visible.length).toBeGreaterThan(10);
    expect(new Set(visible)).toEqual(new Set([`drawing ${shown}`]));
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.context().close();
  });

  it('draws the numbers of its tables, and reads them off by pointer and by keys', async () => {
    const { page, complaints } = await open(url);
    const numbers = (await page
      .locator('#mac-tables-numbers tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.children].map(({ textContent }) => textContent)))) as string[][];
    const head = await page.locator('#mac-tables-numbers thead th').allTextContents();
    const column = head.indexOf('leaf MAC table, tree');
    const values = numbers.map((row) => numberIn(row[column]!));
    const drawing = page.locator('#mac-tables .panel', { hasText: 'leaf MAC table' }).locator('.drawing.wide');
    const path = (await drawing.locator('.fabric-0 path').getAttribute('d'))!;
    const points = path
      .split(/[ML]/)
      .slice(1)
      .map((point) => point.split(',').map(Number) as [number, number]);
    // heights are in proportion to the numbers, above the height of 0
    const [floor, ceiling] = [points[values.indexOf(0)]![1], points[values.indexOf(10)]![1]];
    expect(points.length).toBe(values.length);
    for (const [index, [, y]] of points.entries())
      expect((floor - y) / (floor - ceiling)).toBeCloseTo(values[index]! / 10, 1);

    const tip = page.locator('#tip');
    expect(await tip.isVisible()).toBe(false);
    await drawing.focus();
    await page.keyboard.press('End');
    const last = numbers.at(-1)!;
    expect(await tip.textContent()).toContain(last[0]);
    expect(await tip.textContent()).toContain(`leaf MAC table, tree: ${last[column]}`);
    await page.keyboard.press('ArrowLeft');
    expect(await tip.textContent()).toContain(`${numbers.at(-2)![0]}\n`);
    await page.keyboard.press('Escape');
    expect(await tip.isVisible()).toBe(false);

    await page.locator('#failures .marks > *').first().hover();
    expect(await tip.textContent()).toMatch(/^tree: [\d.]+m?s$/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('hides a fabric by its legend, with the mouse or the keyboard', async () => {
    const { page } = await open(url);
    const curve = page.locator('#mac-tables .panel', { hasText: 'leaf MAC table' }).locator('.wide .fabric-0');
    const button = page.locator('#mac-tables button', { hasText: 'tree' });
    await button.click();
    expect([await curve.isVisible(), await button.getAttribute('aria-pressed')]).toEqual([false, 'false']);
    expect(await page.locator('#key-figures th.fabric-0').isVisible()).toBe(false);
    const other = page.locator('#outages button', { hasText: 'tree' });
    expect(await other.getAttribute('aria-pressed')).toBe('false');
    await other.focus();
    await page.keyboard.press('Enter');
    expect([await curve.isVisible(), await button.getAttribute('aria-pressed')]).toEqual([true, 'true']);
    await page.context().close();
  });

  it('shows hostile names as they are written', async () => {
    const evil = `</script><img src="x" onerror="document.title='taken'"><b>`;
    const path = runs.rewritten((record) => ({
      ...record,
      scenario: { ...(record.scenario as object), title: evil },
      fabric: { ...(record.fabric as object), name: `${(record.fabric as { name: string }).name}${evil}` },
    }));
    const { html } = await reportOf(path);
    writeFileSync(runs.file('hostile.html'), html);
    const hostile = pathToFileURL(runs.file('hostile.html')).href;
    const { page, complaints, requests } = await open(hostile);
    expect([complaints, requests]).toEqual([[], [hostile]]);
    expect(await page.title()).toBe(evil);
    expect(await page.locator('h1').textContent()).toBe(evil);
    expect(await page.locator('img, b').count()).toBe(0);
    expect(await page.locator('#key-figures thead th').first().textContent()).toBe(`hypervisor${evil}`);
    await page.locator('#failures .marks > *').first().hover();
    expect(await page.locator('#tip').textContent()).toContain(evil);
    await page.context().close();
  });
});
