import type { ComparedResult } from '../comparison/compared-result.ts';
import { measuredCount, measuredRate, NOTHING } from '../comparison/format.ts';
import { distinct } from '../comparison/words.ts';
import { formatCount, formatDuration } from '../units.ts';
import { AMOUNT_ROOM, amountAxis, simulatedTimeAxis } from './axes.ts';
import { type BarGroup, drawBars } from './draw-bars.ts';
import type { Drawing } from './drawing.ts';
import { fabricSign } from './fabric-signs.ts';
import type { Figure, Panel } from './figure.ts';
import { type TimeGrid, timesOf } from './time-grid.ts';
import { pointsAfterWarmUp, scaleNotes, warmUpMarks } from './warm-up-marks.ts';

const PROTOCOL_WORDS: Readonly<Record<string, string>> = { bpdu: 'BPDUs', bgp: 'BGP updates' };

type Load = ComparedResult['summary']['controlPlane']['messages'][number];

/** What control protocols send; null if none says anything. */
export function drawControlPlane(
  drawing: Drawing,
  {
    fabrics,
    controlRates,
    results,
    grid,
  }: {
    fabrics: readonly string[];
    controlRates: readonly (readonly number[])[];
    results: readonly ComparedResult[];
    grid: TimeGrid;
  },
): Figure | null {
  const loads = results.map(({ summary }) => summary.controlPlane.messages);
  const isSilent = controlRates.every((rates) => rates.every((rate) => rate === 0));
  if (isSilent && loads.every((messages) => messages.length === 0)) return null;
  return {
    name: 'control-plane',
    title: 'What the control plane costs',
    lead: 'Messages of spanning trees and of BGP: on all links over time, in all, and at the busiest device.',
    panels: [
      ...(isSilent ? [] : [overTime(drawing, { fabrics, controlRates, grid })]),
      ...messagePanels(drawing, fabrics, loads),
    ],
    legend: fabrics.map((label, fabric) => ({ label, sign: { fabric } })),
    notes: [
      'BPDUs, and updates of BGP as TCP segments; its keepalives and acknowledgements, and the routing of the underlay, are not modelled.',
      ...(isSilent ? [] : scaleNotes(grid)),
    ],
    table: {
      caption: 'Control protocols on all links, in bit/s',
      head: ['time', ...fabrics],
      times: timesOf(grid),
      rows: grid.endsNs.map((endNs, point) => [
        formatDuration(endNs),
        ...controlRates.map((rates) => formatCount(Math.round(rates[point]!))),
      ]),
    },
  };
}

function overTime(
  drawing: Drawing,
  {
    fabrics,
    controlRates,
    grid,
  }: { fabrics: readonly string[]; controlRates: readonly (readonly number[])[]; grid: TimeGrid },
): Panel {
  const { Plot, plot } = drawing;
  const durationNs = grid.endsNs.at(-1)!;
  const points = pointsAfterWarmUp(grid);
  const most = controlRates.map((rates) => Math.max(...points.map((point) => rates[point]!)));
  const mostOfAll = Math.max(...most);
  // a step has the height of its span from the start of the span on
  const edges = [0, ...timesOf(grid)];
  return {
    title: 'on all links',
    label: `Control protocols on all links over time; at most ${fabrics.map((name, fabric) => `${name} ${measuredRate(most[fabric]!)}`).join(', ')}.`,
    span: 'half',
    columns: fabrics.map((_, fabric) => 1 + fabric),
    draw: (width) =>
      plot(
        {
          width,
          height: 230,
          marginLeft: 66,
          x: simulatedTimeAxis(durationNs, width),
          y: amountAxis('control traffic', mostOfAll, measuredRate),
          marks: [
            Plot.ruleY([0], { stroke: 'var(--axis)' }),
            ...warmUpMarks(drawing, grid),
            ...controlRates.map((rates, fabric) => {
              const { colour, dash, className } = fabricSign(fabric);
              return Plot.lineY(edges, {
                x: edges,
                y: [rates[0]!, ...rates].map((rate) => Math.min(rate, mostOfAll * AMOUNT_ROOM)),
                curve: 'step-before',
                stroke: colour,
                strokeWidth: 1.75,
                ...(dash === '' ? {} : { strokeDasharray: dash }),
                className,
              });
            }),
          ],
        },
        { isOverTime: true },
      ),
  };
}

function messagePanels(drawing: Drawing, fabrics: readonly string[], loads: readonly (readonly Load[])[]): Panel[] {
  const protocols = distinct(loads.flatMap((messages) => messages.map(({ protocol }) => protocol)));
  const panel = (title: string, value: (load: Load) => number, say: (load: Load) => string): Panel => {
    const groups = protocols.map(
      (protocol): BarGroup => ({
        heading: PROTOCOL_WORDS[protocol] ?? protocol,
        bars: fabrics.map((name, fabric) => {
          const load = loads[fabric]!.find((one) => one.protocol === protocol);
          return {
            fabric,
            name,
            value: load === undefined ? null : value(load),
            shown: load === undefined ? NOTHING : say(load),
          };
        }),
      }),
    );
    const said = groups.map(
      ({ heading, bars }) => `${heading}: ${bars.map(({ name, shown }) => `${name} ${shown}`).join(', ')}`,
    );
    return {
      title,
      label: `${title}. ${said.join('. ')}.`,
      span: 'half',
      draw: (width) => drawBars(drawing, groups, width),
    };
  };
  if (protocols.length === 0) return [];
  return [
    panel(
      'sent by all devices',
      ({ sent }) => sent,
      ({ sent }) => measuredCount(sent),
    ),
    panel(
      'sent and received in a second by the busiest device',
      ({ perSecondMax }) => perSecondMax,
      ({ perSecondMax, device }) => `${measuredCount(perSecondMax)} (${device})`,
    ),
  ];
}
