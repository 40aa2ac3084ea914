import uPlot from 'uplot';
import type { Palette } from './palette.ts';

/** A line of a chart. */
export interface ChartLine {
  readonly label: string;
  readonly timesNs: readonly number[];
  readonly values: readonly number[];
  readonly colour: string;
  /** A limit rather than what was measured. */
  readonly isDashed?: boolean;
}

const HEIGHT = 180;
const NS_PER_S = 1e9;

/** Entries of tables over time, with the present and the end of the warm-up, if there is one, marked. */
export class Chart {
  readonly #plot: uPlot;
  #nowNs = 0;

  constructor(
    place: HTMLElement,
    { lines, warmUpNs, palette }: { lines: readonly ChartLine[]; warmUpNs: number; palette: Palette },
  ) {
    const allNs = [...new Set(lines.flatMap(({ timesNs }) => timesNs))].sort((one, other) => one - other);
    const axis = { stroke: palette.ink, grid: { stroke: palette.box }, ticks: { stroke: palette.faint } };
    this.#plot = new uPlot(
      {
        width: Math.max(200, place.clientWidth),
        height: HEIGHT,
        scales: { x: { time: false }, y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.05)] } },
        series: [
          {
            label: 'time',
            value: (_plot, value) => (value === null ? '' : `${Number((value / NS_PER_S).toFixed(3))} s`),
          },
          ...lines.map(({ label, colour, isDashed = false }) => ({
            label,
            stroke: colour,
            width: 1.5,
            spanGaps: true,
            points: { show: false },
            ...(isDashed && { dash: [6, 4] }),
          })),
        ],
        axes: [
          { ...axis, label: 'seconds', values: (_plot, ticks) => ticks.map((tick) => String(tick / NS_PER_S)) },
          { ...axis, label: 'entries', size: 56 },
        ],
        hooks: {
          draw: [
            (plot) => {
              if (warmUpNs > 0) mark(plot, warmUpNs, { colour: palette.faint, dash: [3, 3] });
              mark(plot, this.#nowNs, { colour: palette.accent, dash: [] });
            },
          ],
        },
      },
      [allNs, ...lines.map((line) => aligned(line, allNs))] as uPlot.AlignedData,
      place,
    );
  }

  setNow(timeNs: number): void {
    this.#nowNs = timeNs;
    this.#plot.redraw(false);
  }

  destroy(): void {
    this.#plot.destroy();
  }
}

/** A line from top to bottom. */
function mark(plot: uPlot, timeNs: number, { colour, dash }: { colour: string; dash: readonly number[] }): void {
  const x = plot.valToPos(timeNs, 'x', true);
  const { left, top, width, height } = plot.bbox;
  if (x < left || x > left + width) return;
  plot.ctx.save();
  plot.ctx.setLineDash([...dash]);
  plot.ctx.strokeStyle = colour;
  plot.ctx.lineWidth = 2;
  plot.ctx.beginPath();
  plot.ctx.moveTo(x, top);
  plot.ctx.lineTo(x, top + height);
  plot.ctx.stroke();
  plot.ctx.restore();
}

function aligned({ timesNs, values }: ChartLine, allNs: readonly number[]): (number | null)[] {
  const valueAt = new Map(timesNs.map((timeNs, index) => [timeNs, values[index]!]));
  return allNs.map((timeNs) => valueAt.get(timeNs) ?? null);
}
