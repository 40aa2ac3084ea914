import { measuredDuration, NOTHING } from '../comparison/format.ts';
import { formatDuration } from '../units.ts';
import { timeUnit } from './axes.ts';
import type { Drawing, SvgNode } from './drawing.ts';
import type { Figure, Panel } from './figure.ts';
import type { Row } from './run-series.ts';

/** Phases of a migration, in nanoseconds from its pause. */
interface Anatomy {
  readonly fabric: string;
  readonly vm: string;
  readonly from: string;
  readonly to: string;
  readonly startNs: number;
  readonly resumeNs: number | null;
  readonly firstAnnouncedNs: number | null;
  readonly lastAnnouncedNs: number | null;
  readonly firstDeliveryNs: number | null;
  readonly halfRightNs: number | null;
  readonly allRightNs: number | null;
  readonly stillWrongTables: number;
  readonly outageNs: number;
  readonly isOver: boolean;
}

/** The migration with the longest outage on each fabric, phase by phase; null if no outage was measured. */
export function drawWorstMigrations(
  drawing: Drawing,
  { fabrics, migrations }: { fabrics: readonly string[]; migrations: readonly (readonly Row[])[] },
): Figure | null {
  const worst = fabrics.flatMap((fabric, index) => worstOf(fabric, migrations[index]!) ?? []);
  if (worst.length === 0) return null;
  return {
    name: 'worst-migrations',
    title: 'The worst migration, step by step',
    lead: 'The migration with the longest outage on each fabric. Time counts from the pause of the VM; each panel has its own scale.',
    panels: worst.map(
      (anatomy): Panel => ({
        title: `${anatomy.fabric}: ${anatomy.vm}, ${measuredDuration(anatomy.outageNs)}${anatomy.isOver ? '' : ' and more'}`,
        label: `${anatomy.fabric}: ${phasesOf(anatomy)
          .map(({ name, shown }) => `${name} ${shown}`)
          .join(', ')}.`,
        span: 'half',
        draw: (width) => drawAnatomy(drawing, anatomy, width),
      }),
    ),
    legend: [],
    notes: [
      'The outage is drawn from the pause on; it counts from the last probe that arrived before it, so that it ended as much earlier.',
    ],
    table: {
      caption: 'Phases, counted from the pause',
      head: ['fabric', 'VM', 'from', 'to', ...phasesOf(worst[0]!).map(({ name }) => name)],
      rows: worst.map((anatomy) => [
        ...[anatomy.fabric, anatomy.vm, anatomy.from, anatomy.to],
        ...phasesOf(anatomy).map(({ shown }) => shown),
      ]),
      textColumns: [0, 1, 2, 3],
    },
  };
}

function worstOf(fabric: string, rows: readonly Row[]): Anatomy | null {
  const measured = rows.filter(({ outage_ns, pause_ns }) => outage_ns !== null && pause_ns !== null);
  if (measured.length === 0) return null;
  const row = measured.reduce((worst, one) => (Number(one.outage_ns) > Number(worst.outage_ns) ? one : worst));
  const pauseNs = Number(row.pause_ns);
  const sincePause = (name: string) => (row[name] === null ? null : Number(row[name]) - pauseNs);
  const resumeNs = sincePause('resume_ns');
  const sinceResume = (name: string) => (row[name] === null || resumeNs === null ? null : Number(row[name]) + resumeNs);
  return {
    fabric,
    vm: String(row.vm),
    from: String(row.from_server ?? NOTHING),
    to: String(row.to_server ?? NOTHING),
    startNs: sincePause('start_ns')!,
    resumeNs,
    firstAnnouncedNs: sincePause('first_announced_ns'),
    lastAnnouncedNs: sincePause('last_announced_ns'),
    firstDeliveryNs: sincePause('first_delivery_ns'),
    halfRightNs: sinceResume('half_right_ns'),
    allRightNs: sinceResume('all_right_ns'),
    stillWrongTables: Number(row.still_wrong_tables ?? 0),
    outageNs: Number(row.outage_ns),
    isOver: row.is_outage_over === true,
  };
}

function phasesOf(anatomy: Anatomy): { name: string; shown: string }[] {
  const at = (ns: number | null) => (ns === null ? NOTHING : formatDuration(ns));
  return [
    { name: 'copied before', shown: formatDuration(-anatomy.startNs) },
    { name: 'resumed after', shown: at(anatomy.resumeNs) },
    { name: 'first announced after', shown: at(anatomy.firstAnnouncedNs) },
    { name: 'last announced after', shown: at(anatomy.lastAnnouncedNs) },
    { name: 'first datagram after', shown: at(anatomy.firstDeliveryNs) },
    { name: 'half of the tables right after', shown: at(anatomy.halfRightNs) },
    { name: 'all tables right after', shown: at(anatomy.allRightNs) },
    { name: 'outage', shown: `${formatDuration(anatomy.outageNs)}${anatomy.isOver ? '' : ' and more'}` },
  ];
}

/** A stretch of time in a row of the drawing. */
interface Stretch {
  readonly row: number;
  readonly name: string;
  readonly fromNs: number;
  readonly toNs: number;
  readonly colour: string;
  readonly shown: string;
}

/** A moment in a row of the drawing. */
interface Moment {
  readonly row: number;
  readonly atNs: number;
  readonly name: string;
}

const ROW_NAMES = ['copying', 'paused', 'out of reach', 'tables catch up', 'announced', 'first datagram'] as const;
const ROW_PIXELS = 27;
const MARGIN_LEFT_PIXELS = 112;
const MARGIN_RIGHT_PIXELS = 16;

/** Between a stretch and what is said of it. */
const SAID_AFTER_PIXELS = 11;

/** About how wide a letter is, in pixels: enough to keep what is said within the drawing. */
const LETTER_PIXELS = 6.6;

function drawAnatomy({ Plot, plot }: Drawing, anatomy: Anatomy, width: number): SvgNode {
  const moments = momentsOf(anatomy);
  const lastNs = Math.max(
    anatomy.outageNs,
    anatomy.resumeNs ?? 0,
    anatomy.allRightNs ?? 0,
    ...moments.map(({ atNs }) => atNs),
    1,
  );
  const fromNs = -Math.min(lastNs * 0.3, -anatomy.startNs || lastNs * 0.3);
  const stretches = stretchesOf(anatomy, { fromNs, toNs: lastNs * 1.12 });
  const widthPixels = width - MARGIN_LEFT_PIXELS - MARGIN_RIGHT_PIXELS;
  const toNs = Math.max(lastNs * 1.12, endNs(stretches, { fromNs, widthPixels }));
  const unit = timeUnit(toNs - fromNs);
  return plot({
    width,
    height: 48 + ROW_NAMES.length * ROW_PIXELS,
    marginTop: 4,
    marginLeft: MARGIN_LEFT_PIXELS,
    marginRight: MARGIN_RIGHT_PIXELS,
    x: {
      domain: [fromNs / unit.ns, toNs / unit.ns],
      label: `since the pause (${unit.name})`,
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: Math.max(3, Math.floor(width / 110)),
      grid: true,
    },
    y: { axis: null, domain: [0, ROW_NAMES.length], reverse: true },
    marks: [
      Plot.ruleX([0], { stroke: 'var(--axis)' }),
      Plot.text([...ROW_NAMES], {
        frameAnchor: 'left',
        y: (_: string, row: number) => row + 0.5,
        dx: -10,
        textAnchor: 'end',
      }),
      ...stretches.map((stretch) =>
        Plot.rect([stretch], {
          x1: stretch.fromNs / unit.ns,
          x2: stretch.toNs / unit.ns,
          y1: stretch.row + 0.22,
          y2: stretch.row + 0.78,
          fill: stretch.colour,
          title: () => `${stretch.name}: ${stretch.shown}`,
          className: 'marks',
        }),
      ),
      Plot.text(stretches, {
        x: ({ fromNs: from, toNs: to }: Stretch) => (from < 0 ? from : to) / unit.ns,
        y: ({ row }: Stretch) => row + 0.5,
        text: 'shown',
        dx: SAID_AFTER_PIXELS,
        textAnchor: 'start',
        fill: ({ fromNs: from }: Stretch) => (from < 0 ? 'var(--on-phase)' : 'currentColor'),
      }),
      Plot.dot(moments, {
        x: ({ atNs }: Moment) => atNs / unit.ns,
        y: ({ row }: Moment) => row + 0.5,
        symbol: 'diamond',
        r: 5,
        fill: 'var(--moment)',
        title: ({ name, atNs }: Moment) => `${name}: ${measuredDuration(atNs)} after the pause`,
        className: 'marks',
      }),
    ],
  });
}

/** Where the drawing has to end so that whatever is said behind a stretch has room. */
function endNs(
  stretches: readonly Stretch[],
  { fromNs, widthPixels }: { fromNs: number; widthPixels: number },
): number {
  const ends = stretches.map(({ fromNs: from, toNs, shown }) => {
    const saidPixels = from < 0 ? 0 : SAID_AFTER_PIXELS + shown.length * LETTER_PIXELS;
    const share = Math.max(0.1, 1 - saidPixels / widthPixels);
    return fromNs + (toNs - fromNs) / share;
  });
  return Math.max(...ends);
}

function momentsOf({ firstAnnouncedNs, lastAnnouncedNs, firstDeliveryNs, halfRightNs }: Anatomy): Moment[] {
  const moment = (row: number, name: string, atNs: number | null): Moment[] =>
    atNs === null ? [] : [{ row, name, atNs }];
  return [
    ...moment(3, 'half of the tables right', halfRightNs),
    ...moment(4, 'first announced', firstAnnouncedNs),
    ...(lastAnnouncedNs === firstAnnouncedNs ? [] : moment(4, 'last announced', lastAnnouncedNs)),
    ...moment(5, 'first datagram at the new place', firstDeliveryNs),
  ];
}

/** Those that begin before what is drawn, or end after it, are cut off there. */
function stretchesOf(anatomy: Anatomy, { fromNs, toNs }: { fromNs: number; toNs: number }): Stretch[] {
  const { resumeNs, allRightNs, stillWrongTables, outageNs, isOver, startNs } = anatomy;
  const stretch = (row: number, from: number, to: number, colour: string, shown: string): Stretch => {
    return { row, name: ROW_NAMES[row]!, fromNs: Math.max(from, fromNs), toNs: Math.min(to, toNs), colour, shown };
  };
  const open = isOver ? '' : ' and more';
  return [
    stretch(0, startNs, 0, 'var(--phase-copy)', measuredDuration(-startNs)),
    ...(resumeNs === null ? [] : [stretch(1, 0, resumeNs, 'var(--phase-pause)', measuredDuration(resumeNs))]),
    stretch(2, 0, isOver ? outageNs : toNs, 'var(--phase-outage)', `${measuredDuration(outageNs)}${open}`),
    ...(resumeNs === null
      ? []
      : allRightNs !== null
        ? [stretch(3, resumeNs, allRightNs, 'var(--phase-tables)', measuredDuration(allRightNs - resumeNs))]
        : stillWrongTables > 0
          ? [stretch(3, resumeNs, toNs, 'var(--phase-tables)', 'not by the end')]
          : []),
  ];
}
