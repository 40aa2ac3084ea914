import { rmSync } from 'node:fs';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measuredRate } from '../../src/comparison/format.ts';
import type { Figure } from '../../src/report/figure.ts';
import type { Report } from '../../src/report/report.ts';
import { findRuns } from '../../src/results/find-runs.ts';
import { readTable } from '../../src/results/read-table.ts';
import { formatCount, formatDuration } from '../../src/units.ts';
import { numberIn, ReportedRuns, reportOf } from './reported-runs.ts';

const runs = new ReportedRuns();
afterAll(() => runs.remove());

let report: Report;
beforeAll(async () => {
  report = await runs.report();
});

/** In the order of the scenario. */
const FABRICS = ['tree', 'leaf', 'hypervisor'];
const SPAN_NS = 250e6;

/** Nothing but a second of silence. */
const QUIET = { duration: '1s', hosts: undefined, migrations: undefined, failures: undefined, traffic: undefined };

const TWO_RACKS = { leaves: 2, spines: 1, serversPerLeaf: 1 };

function figure(name: string): Figure {
  return report.figures.find((one) => one.name === name)!;
}

/** The numbers of a column of a figure's table. */
function column({ table }: Figure, head: string): number[] {
  const index = table.head.indexOf(head);
  expect(index).toBeGreaterThan(0);
  return table.rows.map((row) => numberIn(row[index]!));
}

function rowsOf(fabric: string, table: string) {
  const run = findRuns([runs.path]).find(({ record }) => record?.fabric.name === fabric)!;
  return readTable(run.tables.get(table)!).rows();
}

describe('a report', () => {
  it('has a figure for everything that happened, in the order of the questions', () => {
    expect(report.figures.map(({ name }) => name)).toEqual([
      ...['mac-tables', 'flooding', 'links', 'outages', 'worst-migrations', 'failures', 'control-plane'],
    ]);
    for (const { panels, table } of report.figures) {
      expect(panels.length).toBeGreaterThan(0);
      for (const row of table.rows) expect(row.length).toBe(table.head.length);
    }
  });

  it('leaves out figures of what did not happen', async () => {
    const quiet = new ReportedRuns({ ...QUIET, fabrics: ['vlan-no-stp'], topology: TWO_RACKS });
    const { figures } = await quiet.report();
    expect(figures.map(({ name }) => name)).toEqual(['mac-tables', 'flooding', 'links']);
    quiet.remove();
  });

  it('is the same to the byte, and asks for nothing', async () => {
    const again = await runs.report();
    expect(again.html).toBe(report.html);
    expect(report.html.length).toBeLessThan(2_000_000);
    expect(report.html).not.toMatch(/(src|href)=/);
    expect(report.html).toMatch(/content="default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/);
  });

  it('shows the fabrics that are asked for, in that order', async () => {
    const { figures } = await runs.report(['leaf', 'tree']);
    expect(figures[0]!.legend.map(({ label }) => label)).toEqual(['leaf', 'tree']);
    // or all of them as the scenario and its comparison have them
    expect(figure('mac-tables').legend.map(({ label }) => label)).toEqual(FABRICS);
    await expect(runs.report(['none'])).rejects.toThrow(
      /--fabric: no run of "none" there; there are tree, leaf, hypervisor/,
    );
  });

  it('refuses runs that cannot be compared', async () => {
    const other = new ReportedRuns({ ...QUIET });
    const paths = [runs.path, other.path];
    const { createReport } = await import('../../src/report/report.ts');
    const scope = { modelled: [], notModelled: [] };
    await expect(createReport(findRuns(paths), { scope })).rejects.toThrow(/: a run with other settings than/);
    const renamed = runs.rewritten((record) => ({ ...record, scenario: { name: 'four', title: '', digest: 'd1ce' } }));
    await expect(createReport(findRuns([runs.path, renamed]), { scope })).rejects.toThrow(
      /: a run of another scenario, four, than .*; name a folder with runs of one scenario/,
    );
    other.remove();
  });
});

describe('results of another version', () => {
  it('are refused where they lack what this one shows, and shown otherwise', async () => {
    const shown = runs.rewritten((record) => ({ ...record, version: '0.0.1' }));
    expect((await reportOf(shown)).html).toContain('0.0.1');
    const lacking = runs.rewritten((record) => ({ ...record, version: '0.0.1', summary: {} }));
    await expect(reportOf(lacking)).rejects.toThrow(
      /results of version 0\.0\.1, which lack what .* shows; repeat the run/,
    );
    const broken = runs.rewritten((record) => ({ ...record, summary: {} }));
    await expect(reportOf(broken)).rejects.toThrow(TypeError);
  });
});

describe('what is drawn', () => {
  it('of tables is what the samples say', () => {
    for (const fabric of ['leaf', 'tree']) {
      const most = new Map<number, number>();
      for (const { time_ns, tier, table_kind, mac_entries } of rowsOf(fabric, 'switch_samples')) {
        if (tier !== 'leaf' || table_kind !== 'bridge') continue;
        const point = Math.max(0, Math.ceil(Number(time_ns) / SPAN_NS) - 1);
        most.set(point, Math.max(most.get(point) ?? 0, Number(mac_entries)));
      }
      expect(column(figure('mac-tables'), `leaf MAC table, ${fabric}`)).toEqual([...most.values()]);
    }
  });

  it('of floods says on each panel how much it was, as one scale may hide it', () => {
    const { table, panels } = figure('flooding');
    const peaks = FABRICS.map((fabric) => {
      const columns = table.head.flatMap((head, index) => (head.startsWith(`${fabric}, `) ? [index] : []));
      return Math.max(...table.rows.map((row) => columns.reduce((sum, index) => sum + numberIn(row[index]!), 0)));
    });
    const titles = FABRICS.map((fabric, index) => `${fabric}: at most ${measuredRate(peaks[index]!)}`);
    expect(panels.map(({ title }) => title)).toEqual(titles);
  });

  it('of floods adds up to the bytes that the summary has by cause', () => {
    const { table } = figure('flooding');
    for (const { fabric, summary } of runs.results) {
      const causes = table.head.filter((head) => head.startsWith(`${fabric}, `));
      const bits = causes.flatMap((head) => column(figure('flooding'), head)).reduce((sum, rate) => sum + rate, 0);
      const bytes = summary.flooding.byCause.reduce((sum, { linkBytes }) => sum + linkBytes, 0);
      // rates are rounded to a bit per second
      expect(Math.abs((bits * 0.25) / 8 - bytes)).toBeLessThan(causes.length * table.rows.length * 0.02);
      expect(bytes).toBeGreaterThan(0);
    }
  });

  it('of links adds up to the bytes on all of them', () => {
    const { rows } = figure('links').table;
    for (const { fabric, summary } of runs.results) {
      const sum = (index: number) =>
        rows.filter(([name]) => name === fabric).reduce((total, row) => total + numberIn(row[index]!), 0);
      expect([sum(3), sum(4)]).toEqual([summary.flooding.allBytes, summary.flooding.floodedBytes]);
    }
  });

  it('of outages is every one that was measured, and the longest is taken apart', () => {
    const { rows } = figure('outages').table;
    const worst = figure('worst-migrations').table.rows;
    for (const fabric of FABRICS) {
      const measured = rowsOf(fabric, 'migrations')
        .flatMap(({ outage_ns }) => outage_ns ?? [])
        .map(Number)
        .toSorted((one, other) => other - one);
      expect(measured.length).toBeGreaterThan(0);
      expect(rows.filter(([name]) => name === fabric).map((row) => row[2])).toEqual(measured.map(formatDuration));
      expect(worst.find(([name]) => name === fabric)!.at(-1)).toContain(formatDuration(measured[0]!));
    }
  });

  it('of failures is what each fabric has written', () => {
    const { head, rows } = figure('failures').table;
    const converged = head.indexOf('from the failure to the last change');
    for (const fabric of FABRICS) {
      const [failure] = rowsOf(fabric, 'failures');
      const row = rows.find(([, name]) => name === fabric)!;
      expect(row[0]).toBe('link leaf2-spine1 at 30s');
      expect(row[converged]).toBe(formatDuration(Number(failure!.convergence_ns)));
    }
  });

  it('of the control plane adds up to its bytes', () => {
    const rates = column(figure('control-plane'), 'tree');
    const samples = rowsOf('tree', 'link_samples');
    const last = new Map(
      samples.map(({ link, direction, control_bytes }) => [`${link} ${direction}`, Number(control_bytes)]),
    );
    const bytes = [...last.values()].reduce((sum, one) => sum + one, 0);
    const spanNs = 40e9 / rates.length;
    expect(bytes).toBeGreaterThan(0);
    expect(Math.abs((rates.reduce((sum, rate) => sum + rate, 0) * spanNs) / 8e9 - bytes)).toBeLessThan(rates.length);
    // a curve begins with the run, and not where its first span ends
    const drawn = figure('control-plane').panels[0]!.draw(500);
    const curves = [...drawn.querySelectorAll('path')].flatMap((path) =>
      [...path.attributes].filter(({ name, value }) => name === 'd' && value.length > 100).map(({ value }) => value),
    );
    const left = [...drawn.attributes].find(({ name }) => name === 'data-range')!.value.split(' ')[0];
    expect(curves.map((curve) => /^M([\d.]+),/.exec(curve)![1])).toEqual(FABRICS.map(() => left));
  });
});

describe('what is drawn of runs with a warm-up', () => {
  it('agrees with what their summaries leave of it, and curves mark its end', async () => {
    const fabrics = [{ name: 'leaf', kind: 'vxlan-flood-learn' }];
    const failures = ['22s', '32s'].map((at) => ({ at, link: 'leaf2-spine1', restoreAfter: '1s' }));
    const warm = new ReportedRuns({ warmup: '30s', fabrics, failures });
    const { html, figures } = await warm.report();
    const { flooding, migrations } = warm.results[0]!.summary;
    const rows = (name: string) => figures.find((one) => one.name === name)!.table.rows;
    const bytes = [3, 4].map((index) => rows('links').reduce((sum, row) => sum + numberIn(row[index]!), 0));
    expect(bytes).toEqual([flooding.allBytes, flooding.floodedBytes]);
    expect(rows('failures').map(([failure]) => failure)).toEqual(['link leaf2-spine1 at 32s']);
    expect(migrations.outages).toBeGreaterThan(0);
    expect(migrations.outages).toBeLessThan(5);
    expect(rows('outages')).toHaveLength(migrations.outages);
    expect(html).toContain('<li>after a warm-up of 30s</li>');
    expect(html.match(/>warm-up<\/text>/g)!.length).toBeGreaterThanOrEqual(2);
    // the storm of boots is in the numbers of the curve, and not in its scale
    const { table, panels, notes } = figures.find(({ name }) => name === 'flooding')!;
    const rates = table.rows.map((row) => row.slice(1).reduce((sum, cell) => sum + numberIn(cell), 0));
    const after = rates.filter((_, point) => table.times![point]! > 30);
    expect(Math.max(...rates)).toBeGreaterThan(Math.max(...after));
    expect(panels[0]!.title).toContain(`at most ${measuredRate(Math.max(...after))} after the warm-up`);
    expect(notes.at(-1)).toContain('after the warm-up');
    warm.remove();
  });
});

describe('the page', () => {
  it('answers in two sentences and a table of key figures', () => {
    const { document } = parseHTML(report.html);
    expect(document.querySelector('h1')!.textContent).toBe('Three racks');
    expect(document.querySelector('.question')!.textContent).toBe('What is to be seen?');
    const [tables, troubles] = [...document.querySelectorAll('.answer > p')].map(({ textContent }) => textContent);
    expect(tables).toMatch(
      /^The fullest MAC table held .*; floods put .* on the links; a migrated VM was out of reach for /,
    );
    expect(troubles).toMatch(/MAC table exhausted after/);
    const head = [...document.querySelectorAll('#key-figures thead th')].map(({ textContent }) => textContent);
    expect(head).toEqual(FABRICS);
    const flooded = [...document.querySelectorAll('#key-figures tbody tr')].find(({ textContent }) =>
      textContent.startsWith('flooded on the links'),
    )!;
    expect(flooded.querySelectorAll('td').length).toBe(3);
  });

  it('says how to repeat the runs, and what was modelled', () => {
    const { document } = parseHTML(report.html);
    const repeat = document.querySelector('#repeat')!.textContent;
    for (const { fingerprint } of runs.results) expect(repeat).toContain(fingerprint);
    expect(document.querySelector('#scope')!.textContent).toMatch(/people.*bridges/s);
  });

  it('warns of runs that are not to be trusted or not complete', async () => {
    const broken = runs.rewritten((record) => ({
      ...record,
      isComplete: false,
      invariants: [{ holds: false }],
      version: `0.0.${(record.fabric as { name: string }).name.length}`,
    }));
    const { document } = parseHTML((await reportOf(broken)).html);
    const text = [...document.querySelectorAll('.warning')].map(({ textContent }) => textContent).join(' ');
    expect(text).toMatch(/hypervisor with seed 1 was interrupted after 40s/);
    expect(text).toMatch(/counters of tree with seed 1 do not agree/);
    expect(text).toMatch(/different versions \(0\.0\.4, 0\.0\.10\)/);
  });

  it('says how little was simulated, and which runs have none beside them', async () => {
    const short = new ReportedRuns({ ...QUIET, topology: TWO_RACKS, replications: 2 });
    const whole = parseHTML((await short.report()).html).document;
    expect(whole.querySelector('header')!.textContent).toContain('1s simulated');
    expect(whole.querySelectorAll('.warning')).toHaveLength(0);
    const [run] = findRuns([short.path]).filter(({ record }) => record!.seed !== 1);
    rmSync(run!.folder, { recursive: true });
    const cut = short.rewritten((record) => ({ ...record, isComplete: false, simulatedNs: 312_345_678 }));
    const { document } = parseHTML((await reportOf(cut)).html);
    expect(document.querySelector('header')!.textContent).toContain('only 312ms of 1s simulated');
    expect(document.querySelector('.warning')!.textContent).toBe(
      '2 runs are left out: not every fabric was simulated with that seed.',
    );
    short.remove();
  });

  it('never takes text for markup', async () => {
    const evil = `</script></style></title><img src=x onerror="alert(1)">'"&<!--`;
    const hostile = runs.rewritten((record) => ({
      ...record,
      scenario: { ...(record.scenario as object), title: evil },
      fabric: { ...(record.fabric as object), name: `${(record.fabric as { name: string }).name}${evil}` },
      command: ['run', evil],
      settings: { ...(record.settings as object), question: evil, tenants: [{ name: evil }] },
    }));
    const { html, figures } = await reportOf(hostile);
    const { document } = parseHTML(html);
    expect(html).not.toContain('<img');
    expect([document.querySelectorAll('script').length, document.querySelectorAll('style').length]).toEqual([1, 1]);
    expect(document.querySelector('h1')!.textContent).toBe(evil);
    expect(figures.length).toBe(7);
  });

  it('names a capacity that would flatten the curves, and draws one that is near', () => {
    const [leaf] = figure('mac-tables').panels;
    expect(leaf!.label).toContain(`Capacity: ${formatCount(10)}.`);
    expect(leaf!.draw(500).textContent).toContain('capacity 10');
    expect(figure('mac-tables').notes[0]).toContain('Dotted');
  });

  it('speaks of no capacity where there is none', async () => {
    const unlimited = new ReportedRuns({ ...QUIET, fabrics: ['vlan-no-stp'], topology: TWO_RACKS });
    const { figures } = await unlimited.report();
    const { lead, notes } = figures[0]!;
    expect([lead, ...notes].join(' ')).not.toMatch(/Dotted|hold\b/);
    unlimited.remove();
  });
});
