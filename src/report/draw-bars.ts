import type { Drawing, SvgNode } from './drawing.ts';
import { fabricSign } from './fabric-signs.ts';

/** A bar with its name before it and its value behind it. */
export interface Bar {
  readonly fabric: number;
  readonly name: string;
  /** null: there is none, which `shown` says. */
  readonly value: number | null;
  readonly shown: string;
}

/** Bars under a common heading. */
export interface BarGroup {
  readonly heading: string;
  readonly bars: readonly Bar[];
}

const BAR_PIXELS = 22;
const HEADING_PIXELS = 26;

/** About how wide a letter is, in pixels: enough to keep names apart from bars. */
const LETTER_PIXELS = 6.6;

/** Bars from the left, all on one scale, group below group. */
export function drawBars({ Plot, plot }: Drawing, groups: readonly BarGroup[], width: number): SvgNode {
  const all = groups.flatMap(({ bars }) => bars);
  const most = Math.max(0, ...all.map(({ value }) => value ?? 0));
  const longestName = Math.max(...all.map(({ name }) => name.length));
  const longestShown = Math.max(...all.map(({ shown }) => shown.length));
  const marginLeft = Math.min(width * 0.42, longestName * LETTER_PIXELS + 14);
  const marginRight = longestShown * LETTER_PIXELS + 14;
  let top = 2;
  const headings: { heading: string; y: number }[] = [];
  const placed: (Bar & { y: number })[] = [];
  for (const { heading, bars } of groups) {
    if (heading !== '') {
      headings.push({ heading, y: top + HEADING_PIXELS / 2 });
      top += HEADING_PIXELS;
    }
    for (const bar of bars) {
      placed.push({ ...bar, y: top });
      top += BAR_PIXELS;
    }
    top += 6;
  }
  return plot({
    width,
    height: top,
    marginTop: 0,
    marginBottom: 0,
    marginLeft,
    marginRight,
    x: { axis: null, domain: [0, most === 0 ? 1 : most] },
    y: { axis: null, type: 'identity' },
    marks: [
      Plot.text(headings, {
        frameAnchor: 'left',
        dx: -marginLeft + 2,
        y: 'y',
        text: 'heading',
        textAnchor: 'start',
        fontWeight: 600,
      }),
      ...placed.flatMap((bar) => {
        const { colour, className } = fabricSign(bar.fabric);
        const middle = bar.y + BAR_PIXELS / 2;
        return [
          Plot.text([shortened(bar.name, (marginLeft - 12) / LETTER_PIXELS)], {
            frameAnchor: 'left',
            dx: -8,
            y: middle,
            textAnchor: 'end',
            className,
          }),
          Plot.rect([bar], {
            x1: 0,
            x2: bar.value ?? 0,
            y1: bar.y + 4,
            y2: bar.y + BAR_PIXELS - 4,
            fill: colour,
            title: () => `${bar.name}: ${bar.shown}`,
            className: `marks ${className}`,
          }),
          Plot.text([bar.shown], { x: bar.value ?? 0, y: middle, dx: 6, textAnchor: 'start', className }),
        ];
      }),
    ],
  });
}

function shortened(name: string, letters: number): string {
  return name.length <= letters ? name : `${name.slice(0, Math.max(1, Math.floor(letters) - 1))}…`;
}
