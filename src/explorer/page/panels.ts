import { formatCount, formatDuration } from '../../units.ts';
import { Chart, type ChartLine } from './chart.ts';
import { type CellContent, element, showTable } from './dom.ts';
import type { Palette } from './palette.ts';
import { fillText, type Pane } from './pane.ts';
import { clockTime, percent } from './text.ts';

/** Rows of a table that are shown at once. */
const ROWS_MAX = 500;

/** Colours of the tables of two fabrics: Okabe and Ito's, told apart with any kind of colour vision. */
const LINE_COLOURS = {
  light: ['#0072b2', '#d55e00', '#009e73', '#cc79a7'],
  dark: ['#56b4e9', '#e69f00', '#2fd6a5', '#e8a6cd'],
};

type Choose = (name: string) => void;

/** Opens and closes what follows a heading, and hears when it has been opened. */
export function isOpen(id: string): boolean {
  return element<HTMLDetailsElement>(id).open;
}

const textOf = (id: string) => element<HTMLInputElement>(id).value.trim().toLowerCase();

const ofAll = (shown: number, all: number) =>
  shown === all ? formatCount(all) : `${formatCount(shown)} of ${formatCount(all)}; others by their names`;

/** All tables of learned addresses of a fabric, as the drawing has them. */
export function showSwitches({ fills }: Pane, timeNs: number, choose: Choose): void {
  const wanted = textOf('switches-filter');
  const found = fills.filter(({ owner }) => owner.toLowerCase().includes(wanted));
  const shown = found.slice(0, ROWS_MAX);
  showTable(element('switches-table'), {
    caption: `Tables at ${clockTime(timeNs)}: ${ofAll(shown.length, found.length)}`,
    columns: ['name', 'tier', 'table', 'entries', 'room for', 'refused'],
    rows: shown.map(({ owner, tier, kind, entries, capacity, refused }) => ({
      cells: [{ text: owner, click: () => choose(owner) }, tier, kind, entries, capacity ?? 'no limit', refused],
    })),
  });
}

/** All links of a fabric, as the drawing has them. */
export function showLinks({ data: { graph }, states, loads }: Pane, timeNs: number): void {
  const wanted = textOf('links-filter');
  const all = graph.linkNames.map((_, link) => link);
  const found = all.filter((link) => graph.linkNames[link]!.toLowerCase().includes(wanted));
  const shown = found.slice(0, ROWS_MAX);
  const share = (place: number) => (loads === null ? '' : percent(loads.ratios[place]!));
  showTable(element('links-table'), {
    caption: `Links until ${clockTime(timeNs)}, since the sample before: ${ofAll(shown.length, found.length)}`,
    columns: ['link', 'state', 'load a to b', 'load b to a', 'bytes a to b', 'bytes b to a', 'dropped frames'],
    rows: shown.map((link) => ({
      cells: [
        graph.linkNames[link]!,
        states?.[link] ?? '',
        share(link * 2),
        share(link * 2 + 1),
        loads?.bytes[link * 2] ?? '',
        loads?.bytes[link * 2 + 1] ?? '',
        loads === null ? '' : loads.droppedFrames[link * 2]! + loads.droppedFrames[link * 2 + 1]!,
      ],
    })),
  });
}

/** The migrations of a run; a click goes to the time of one. */
export function showMigrations({ data: { migrations } }: Pane, timeNs: number, goTo: (timeNs: number) => void): void {
  if (migrations === null) return;
  const text = (row: number, column: string) => String(migrations.column(column).values[row] ?? '–');
  const time = (row: number, column: string): CellContent => {
    const value = migrations.column(column).values[row];
    return typeof value === 'number' ? { text: clockTime(value), click: () => goTo(value) } : '–';
  };
  const duration = (row: number, column: string) => {
    const value = migrations.column(column).values[row];
    return typeof value === 'number' ? formatDuration(value) : '–';
  };
  const rows = Array.from({ length: Math.min(ROWS_MAX, migrations.rowCount) }, (_, row) => row);
  showTable(element('migrations-table'), {
    caption: `Migrations: ${ofAll(rows.length, migrations.rowCount)}`,
    columns: [
      'VM',
      'from',
      'to',
      'what became of it',
      'start',
      'runs there',
      'paused for',
      'outage',
      'tables right after',
    ],
    rows: rows.map((row) => ({
      cells: [
        text(row, 'vm'),
        text(row, 'from_server'),
        text(row, 'to_server'),
        text(row, 'status'),
        time(row, 'start_ns'),
        time(row, 'resume_ns'),
        duration(row, 'downtime_ns'),
        duration(row, 'outage_ns'),
        duration(row, 'all_right_ns'),
      ],
      isCurrent: isUnderWay(
        migrations.column('start_ns').values[row],
        migrations.column('resume_ns').values[row],
        timeNs,
      ),
    })),
  });
}

function isUnderWay(startNs: unknown, resumeNs: unknown, timeNs: number): boolean {
  return typeof startNs === 'number' && startNs <= timeNs && typeof resumeNs === 'number' && timeNs <= resumeNs;
}

/** The chosen node: its tables over time, in every fabric that is shown. */
export class ChosenNode {
  #chart: Chart | null = null;
  #key = '';

  /** Draws anew only what has changed. */
  show(panes: readonly Pane[], name: string | null, timeNs: number, palette: Palette): void {
    const key = JSON.stringify([name, palette.paper, panes.map(({ data }) => [data.run.key, data.fills !== null])]);
    if (key !== this.#key) {
      this.#key = key;
      this.#build(panes, name, palette);
    }
    this.#chart?.setNow(timeNs);
    if (name === null) return;
    const lines = panes.map((pane) => {
      const fills = pane.fills.filter(({ owner }) => owner === name);
      const known = pane.data.graph.nodeOfName.has(name);
      return `${pane.data.run.fabric}: ${known ? fills.map(fillText).join('; ') || 'no table of addresses' : 'not there'}`;
    });
    element('selected-text').textContent = `At ${clockTime(timeNs)}: ${lines.join('. ')}.`;
  }

  #build(panes: readonly Pane[], name: string | null, palette: Palette): void {
    this.#chart?.destroy();
    this.#chart = null;
    element('selected-charts').replaceChildren();
    element('selected-table').replaceChildren();
    element('selected-name').textContent = name ?? 'nothing';
    if (name === null) {
      element('selected-text').textContent =
        'Choose a switch or a server in the drawing, or by its name in a table below.';
      return;
    }
    const isDark = palette.loads[0] === '#3a3f4a';
    const colours = LINE_COLOURS[isDark ? 'dark' : 'light'];
    const histories = panes.flatMap(({ data }) =>
      (data.fills?.historyOf(name) ?? []).map((history) => ({ ...history, fabric: data.run.fabric })),
    );
    if (histories.length === 0) return;
    const lines = histories.flatMap(({ fabric, kind, timesNs, fills }, index): ChartLine[] => {
      const colour = colours[index % colours.length]!;
      const label = `${fabric}, ${kind}`;
      const entries = { label, timesNs, values: fills.map((fill) => fill.entries), colour };
      const { capacity } = fills[0]!;
      if (capacity === null) return [entries];
      return [
        entries,
        { label: `${label}, room`, timesNs, values: timesNs.map(() => capacity), colour, isDashed: true },
      ];
    });
    const warmUpNs = Math.max(...panes.map(({ data }) => data.run.warmUpNs));
    this.#chart = new Chart(element('selected-charts'), { lines, warmUpNs, palette });
    const samples = histories.flatMap(({ fabric, kind, timesNs, fills }) =>
      fills.map((fill, index) => ({ fabric, kind, timeNs: timesNs[index]!, fill })),
    );
    const step = Math.ceil(samples.length / ROWS_MAX);
    const shown = samples.filter((_, index) => index % step === 0);
    showTable(element('selected-table'), {
      caption: `Entries of ${name}${step > 1 ? `, one sample in ${formatCount(step)}` : ''}`,
      columns: ['fabric', 'table', 'time', 'entries', 'room for', 'refused'],
      rows: shown.map(({ fabric, kind, timeNs, fill }) => ({
        cells: [fabric, kind, clockTime(timeNs), fill.entries, fill.capacity ?? 'no limit', fill.refused],
      })),
    });
  }
}
