import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startExplorerServer } from '../../src/explorer/explorer-server.ts';
import { pageFiles } from '../../src/explorer/page-files.ts';
import { findRunFiles } from '../../src/explorer/run-files.ts';
import { writeStaticFolder } from '../../src/explorer/static-folder.ts';
import { type CellValue, readArrowFile } from '../../src/metrics/arrow-file.ts';
import { formatDuration, seconds } from '../../src/units.ts';
import { HOSTILE_TITLE, SmallResults } from '../explorer/small-results.ts';
import { accessibilityProblems, describeInBrowser, type OpenedPage, PHONE } from './browser.ts';

/** A text of the page as a number: `1,234`, `12.5%` or nothing. */
const numberOf = (text: string) => (text === '' ? 0 : Number(text.replace(/[,%]/g, '')));

const idle = (page: Page) => page.waitForSelector('body[data-ready="true"]');

/** The cells of a table of the page, by row. */
const cellsOf = (page: Page, id: string) =>
  page.$$eval(`#${id} tbody tr`, (rows) =>
    rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')),
  );

const open = (page: Page, id: string) =>
  page.$eval(`#${id}`, (details) => details.setAttribute('open', '')).then(() => page.waitForSelector(`#${id} td`));

const fieldValue = (page: Page, id: string) => page.inputValue(`#${id}`);

/** Waits by the page's own clock: what it does within the time is done then, however slow the machine. */
const wait = (page: Page, ms: number) =>
  page.evaluate((timeMs) => new Promise<void>((resolve) => setTimeout(resolve, timeMs)), ms);

const hashOf = async (page: Page) => {
  // the address follows a fifth of a second later
  await wait(page, 300);
  return new URLSearchParams((await page.evaluate<string>('location.hash')).slice(1));
};

describeInBrowser('explorer', (openPage) => {
  let results: SmallResults;
  let server: RunningServer;
  beforeAll(async () => {
    results = new SmallResults();
    server = await startExplorerServer(await pageFiles({ isStatic: false }), findRunFiles(results.folder), { port: 0 });
  });
  afterAll(async () => {
    await server.close();
    results.remove();
  });

  const rowsOf = (fabric: string, table: string) => {
    const { folder } = results.results.find((result) => result.fabric === fabric)!;
    return readArrowFile(join(folder!, `${table}.arrow`)).rows();
  };
  const openAt = async (hash: string, options?: Parameters<typeof openPage>[1]): Promise<OpenedPage> => {
    const opened = await openPage(`${server.url}#${hash}`, options);
    await idle(opened.page);
    return opened;
  };
  const close = async ({ page, complaints }: OpenedPage) => {
    expect(complaints).toEqual([]);
    await page.context().close();
  };

  it('asks its own origin and nobody else, and takes text for text', async () => {
    const opened = await openPage(server.url);
    const { page, requests } = opened;
    await idle(page);
    expect(requests.length).toBeGreaterThan(10);
    expect(requests.filter((url) => !url.startsWith(server.url) && !url.startsWith('data:'))).toEqual([]);
    expect(await page.textContent('#title')).toBe(HOSTILE_TITLE);
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
    expect(await page.$$eval('img, script:not([src])', (found) => found.length)).toBe(0);
    // side by side, without having been asked
    expect(await page.$$eval('canvas', (canvases) => canvases.length)).toBe(2);
    await close(opened);
  });

  it.each(['tree', 'overlay'])('shows what the files of %s say of links and tables', async (fabric) => {
    const timeNs = seconds(27);
    const opened = await openAt(`a=small/${fabric}-seed1&t=${timeNs}`);
    const { page } = opened;
    const samples = rowsOf(fabric, 'link_samples');
    const bytesUntil = (endNs: number, link: string, direction: string) => {
      const rows = samples.filter(
        (row) => row.link === link && row.direction === direction && Number(row.time_ns) <= endNs,
      );
      return bytesOf(rows.at(-1) ?? {});
    };
    await open(page, 'links');
    const shown = await cellsOf(page, 'links-table');
    const links = rowsOf(fabric, 'links');
    expect(shown.map(([link]) => link)).toEqual(links.map(({ link }) => link));
    let total = 0;
    for (const [index, { link, rate_bits_per_sec }] of links.entries()) {
      const [, , aToB, bToA, aToBBytes, bToABytes] = shown[index].map(numberOf);
      for (const [direction, load, bytes] of [
        ['a_to_b', aToB, aToBBytes],
        ['b_to_a', bToA, bToABytes],
      ] as const) {
        const carried =
          bytesUntil(timeNs, String(link), direction) - bytesUntil(timeNs - seconds(1), String(link), direction);
        expect([link, direction, bytes]).toEqual([link, direction, carried]);
        expect(load).toBeCloseTo((carried * 8 * 100) / Number(rate_bits_per_sec), 2);
        total += carried;
      }
    }
    expect(total).toBeGreaterThan(10_000);
    await open(page, 'switches');
    const tables = await cellsOf(page, 'switches-table');
    const expected = rowsOf(fabric, 'switch_samples').filter((row) => row.time_ns === timeNs);
    expect(tables.map(([name, , kind, entries]) => [name, kind, numberOf(entries)])).toEqual(
      expected.map((row) => [row.switch, row.table_kind, row.mac_entries]),
    );
    await open(page, 'migrations');
    const migrations = rowsOf(fabric, 'migrations');
    const durations = migrations.map((row) =>
      [row.downtime_ns, row.outage_ns, row.all_right_ns].map((ns) => (ns === null ? '–' : formatDuration(Number(ns)))),
    );
    expect((await cellsOf(page, 'migrations-table')).map((cells) => cells.slice(-3))).toEqual(durations);
    await close(opened);
  });

  it('shows which links are down and which are blocked', async () => {
    const states = async (page: Page, wanted: string) =>
      (await cellsOf(page, 'links-table')).filter(([, state]) => state === wanted).map(([link]) => link);
    for (const [fabric, blocked] of [
      ['tree', results.results[0].summary.links.blocked],
      ['overlay', 0],
    ] as const) {
      const opened = await openAt(`a=small/${fabric}-seed1&t=${seconds(31)}`);
      await open(opened.page, 'links');
      expect([fabric, await states(opened.page, 'down')]).toEqual([fabric, ['leaf2-spine1']]);
      await opened.page.focus('#time');
      await opened.page.keyboard.press('End');
      await wait(opened.page, 600);
      expect([fabric, await states(opened.page, 'down')]).toEqual([fabric, []]);
      expect([fabric, (await states(opened.page, 'blocked')).length]).toEqual([fabric, blocked]);
      await close(opened);
    }
    expect(results.results[0].summary.links.blocked).toBeGreaterThan(0);
  });

  it('is worked by keys', async () => {
    const opened = await openAt('a=small/tree-seed1&b=small/overlay-seed1');
    const { page } = opened;
    await page.focus('canvas');
    for (const key of ['+', '+', 'ArrowRight', 'n', 'n', '.', '.', '.']) await page.keyboard.press(key);
    const hash = await hashOf(page);
    expect([hash.get('node'), Number(hash.get('t')), Number(hash.get('zoom'))]).toEqual(['leaf2', seconds(3), 1.69]);
    expect(Number(hash.get('x'))).toBeGreaterThan(0.5);
    expect(await page.textContent('#selected-name')).toBe('leaf2');
    for (const key of ['0', 'p', ',']) await page.keyboard.press(key);
    const after = await hashOf(page);
    expect([after.get('node'), Number(after.get('t')), after.get('zoom')]).toEqual(['leaf1', seconds(2), null]);
    await page.selectOption('#speed', '10');
    await page.focus('canvas');
    await page.keyboard.press('Space');
    expect(await page.textContent('#play')).toBe('Pause');
    await expect.poll(async () => Number(await fieldValue(page, 'time')), { timeout: 20_000 }).toBeGreaterThan(3);
    await page.keyboard.press('Space');
    expect(await page.textContent('#play')).toBe('Play');
    await page.focus('#time');
    const before = Number(await fieldValue(page, 'time'));
    await page.keyboard.press('ArrowRight');
    expect(Number(await fieldValue(page, 'time'))).toBe(before + 1);
    await close(opened);
  });

  it('is worked by the pointer', async () => {
    const opened = await openAt(`a=small/tree-seed1&t=${seconds(25)}`);
    const { page } = opened;
    const box = (await page.locator('canvas').boundingBox())!;
    // the middle one of three leaves
    await page.mouse.click(box.x + box.width / 2, box.y + box.height * 0.68);
    expect((await hashOf(page)).get('node')).toBe('leaf2');
    expect(await page.$$eval('#selected-charts canvas', (canvases) => canvases.length)).toBe(1);
    const samples = rowsOf('tree', 'switch_samples').filter((row) => row.switch === 'leaf2');
    const shown = await cellsOf(page, 'selected-table');
    expect(shown.map((cells) => numberOf(cells[3]))).toEqual(samples.map(({ mac_entries }) => mac_entries));
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.wheel(0, -400);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 80, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    const hash = await hashOf(page);
    expect([Number(hash.get('zoom')) > 1.5, Number(hash.get('x')) < 0.5]).toEqual([true, true]);
    await page.getByRole('button', { name: 'Fit' }).click();
    expect((await hashOf(page)).get('zoom')).toBe(null);
    await page.selectOption('#run-b', 'small/overlay-seed1');
    await page.waitForSelector('#panes figure:nth-child(2)');
    await page.click('#play');
    expect(await page.textContent('#play')).toBe('Pause');
    await close(opened);
  });

  it('follows a migration hop by hop, in both fabrics on one clock', async () => {
    const opened = await openAt('a=small/tree-seed1&b=small/overlay-seed1');
    const { page } = opened;
    await open(page, 'traces');
    const traces = rowsOf('tree', 'traces');
    const names = (await cellsOf(page, 'traces-table')).map(([name]) => name);
    expect(names).toHaveLength(traces.length);
    const index = traces.findIndex(({ kind }) => kind === 'announcement');
    await page.getByRole('button', { name: names[index], exact: true }).click();
    const followed = traces[index];
    const hash = await hashOf(page);
    expect([Number(hash.get('trace')), Number(hash.get('t'))]).toEqual([followed.trace, followed.start_ns]);
    const migration = rowsOf('tree', 'migrations')[Number(followed.migration)];
    expect((await cellsOf(page, 'traces-table'))[index][2]).toBe(migration.vm);
    const expectHopsOf = async (fabric: string, trace: CellValue) => {
      const hops = rowsOf(fabric, 'trace_hops').filter((hop) => hop.trace === trace);
      const shown = await cellsOf(page, 'hops-table > div:first-child');
      expect(shown.map(([from, to, , , outcome, , copies]) => [from, to, outcome, numberOf(copies)])).toEqual(
        hops.map((hop) => [
          hop.from_node,
          hop.to_node ?? 'its servers',
          String(hop.outcome).replaceAll('_', ' '),
          hop.copies,
        ]),
      );
      return hops;
    };
    const hops = await expectHopsOf('tree', followed.trace);
    await page.focus('canvas');
    await page.keyboard.press(']');
    const firstNs = Number((await hashOf(page)).get('wave'));
    expect(firstNs).toBe(Number(hops[0].arrived_ns) - Number(followed.start_ns));
    await page.click('#hop-on');
    expect(Number((await hashOf(page)).get('wave'))).toBeGreaterThan(firstNs);
    await page.keyboard.press('[');
    expect(Number((await hashOf(page)).get('wave'))).toBe(firstNs);
    await page.selectOption('#table-run', { label: 'overlay' });
    const beside = rowsOf('overlay', 'traces').find(
      ({ migration: its, round }) => its === followed.migration && round === followed.round,
    )!;
    await expectHopsOf('overlay', beside.trace);
    await page.click('#wave-end');
    expect((await hashOf(page)).get('trace')).toBe(null);
    await close(opened);
  });

  it('shows to another what its address holds', async () => {
    const opened = await openAt(`a=small/overlay-seed1&node=spine1&t=${seconds(12)}&traffic=flooded&zoom=2&x=0.4`);
    const { page } = opened;
    expect(await page.textContent('#selected-name')).toBe('spine1');
    expect(await fieldValue(page, 'traffic')).toBe('flooded');
    expect(await page.textContent('#now')).toBe('12s');
    expect(await page.$$eval('#panes canvas', (canvases) => canvases.length)).toBe(1);
    await close(opened);
  });

  it.each([
    ['desktop, light', {}],
    ['desktop, dark', { colorScheme: 'dark' as const }],
    ['phone', PHONE],
  ])('can be used by everybody: %s', async (_name, options) => {
    const opened = await openAt(
      `a=small/tree-seed1&b=small/overlay-seed1&node=leaf1&t=${seconds(31)}&trace=1&wave=9000`,
      options,
    );
    const { page } = opened;
    for (const id of ['switches', 'links', 'migrations', 'traces']) await open(page, id);
    await page.click('#keys');
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    await close(opened);
  });

  it('works from disk, as a folder without a server', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dcfabric-static-'));
    try {
      writeStaticFolder(folder, await pageFiles({ isStatic: true }), findRunFiles(results.folder));
      const at = `${pathToFileURL(join(folder, 'index.html'))}#a=small/tree-seed1&t=${seconds(27)}`;
      const opened = await openPage(at);
      await idle(opened.page);
      await open(opened.page, 'links');
      expect((await cellsOf(opened.page, 'links-table')).length).toBe(rowsOf('tree', 'links').length);
      expect(opened.requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
      await close(opened);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function bytesOf(row: Record<string, CellValue>): number {
  const classes = Object.keys(row).filter((column) => column.endsWith('_bytes') && column !== 'overhead_bytes');
  return classes.reduce((sum, column) => sum + Number(row[column]), 0);
}
