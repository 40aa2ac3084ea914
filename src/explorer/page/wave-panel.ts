import { formatCount, formatDuration } from '../../units.ts';
import { type CellContent, element, showTable } from './dom.ts';
import type { Pane } from './pane.ts';
import { clockTime } from './text.ts';
import type { Wave } from './waves.ts';

const ROWS_MAX = 500;

/** The frames of a run that were followed; a click follows one again. */
export function showTraces({ data }: Pane, chosen: number | null, follow: (wave: Wave) => void): void {
  const { waves, migrations, run } = data;
  if (waves === null) return;
  const place = element('traces-table');
  if (waves.length === 0) {
    place.textContent =
      `None were followed in ${run.fabric}. Let the scenario say, for example, ` +
      'trace: { floods: 5, migrations: 3 }, and run it again.';
    return;
  }
  const vmOf = ({ migration, source }: Wave) =>
    migration === null || migrations === null ? source : String(migrations.column('vm').values[migration]);
  showTable(place, {
    caption: `Frames that were followed in ${run.fabric}: ${formatCount(waves.length)}`,
    columns: ['frame', 'sent at', 'by', 'from', 'cause', 'segment', 'hops'],
    rows: waves.map((wave) => ({
      cells: [
        { text: nameOf(wave), click: () => follow(wave) },
        clockTime(wave.startNs),
        vmOf(wave),
        wave.fromNode,
        wave.cause,
        String(wave.segment),
        `${formatCount(wave.hops.length)}${wave.isCut ? ' and more' : ''}`,
      ],
      isCurrent: wave.trace === chosen,
    })),
  });
}

/** A frame in a few words. */
export function nameOf({ trace, kind, migration, round }: Wave): string {
  return kind === 'flood' ? `flood ${trace + 1}` : `migration ${migration! + 1}, announced ${round! + 1}`;
}

/** The hops of a frame, and the tables that it is to put right. */
export function showHops({ data: { graph, run } }: Pane, wave: Wave | null, waveNs: number): void {
  const place = element('hops-table');
  if (wave === null) {
    place.replaceChildren();
    return;
  }
  if (place.childElementCount !== 2)
    place.replaceChildren(document.createElement('div'), document.createElement('div'));
  const [hopsPlace, tablesPlace] = place.children as unknown as [HTMLElement, HTMLElement];
  const nowNs = wave.startNs + waveNs;
  const since = (timeNs: number | null): CellContent => (timeNs === null ? '–' : formatDuration(timeNs - wave.startNs));
  const last = wave.hops.findLastIndex(({ sentNs }) => sentNs <= nowNs);
  const first = Math.max(0, Math.min(last - ROWS_MAX / 2, wave.hops.length - ROWS_MAX));
  const shown = wave.hops.slice(first, first + ROWS_MAX);
  showTable(hopsPlace, {
    caption: `Hops of ${nameOf(wave)} in ${run.fabric}: ${formatCount(shown.length)} of ${formatCount(wave.hops.length)}`,
    columns: ['from', 'to', 'sent after', 'arrived after', 'what became of it', 'in a tunnel', 'copies'],
    rows: shown.map((hop, index) => ({
      cells: [
        graph.nodeNames[hop.from] ?? '–',
        hop.to < 0 ? 'its servers' : graph.nodeNames[hop.to]!,
        since(hop.sentNs),
        since(hop.arrivedNs),
        hop.outcome.replaceAll('_', ' '),
        hop.isEncapsulated ? 'yes' : 'no',
        hop.copies,
      ],
      isCurrent: first + index === last,
    })),
  });
  if (wave.tables.length === 0) {
    tablesPlace.replaceChildren();
    return;
  }
  showTable(tablesPlace, {
    caption: `Tables that pointed elsewhere when the VM resumed: ${formatCount(wave.tables.length)}`,
    columns: ['switch', 'table', 'right after', 'now'],
    rows: wave.tables.slice(0, ROWS_MAX).map(({ owner, kind, rightNs }) => ({
      cells: [owner, kind, since(rightNs), rightNs !== null && rightNs <= nowNs ? 'right' : 'points elsewhere'],
    })),
  });
}
