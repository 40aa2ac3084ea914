import type { Markish } from '@observablehq/plot';
import { timeUnit } from './axes.ts';
import type { Drawing } from './drawing.ts';
import type { TimeGrid } from './time-grid.ts';

/** A line over time where the warm-up ends, which the numbers of a page leave out; nothing where there is none. */
export function warmUpMarks({ Plot }: Drawing, { endsNs, warmUpNs = 0 }: TimeGrid): Markish[] {
  if (warmUpNs === 0) return [];
  const x = warmUpNs / timeUnit(endsNs.at(-1)!).ns;
  return [
    Plot.ruleX([x], { stroke: 'var(--axis)', strokeDasharray: '3 3' }),
    Plot.text(['warm-up'], { x, frameAnchor: 'top', textAnchor: 'end', dx: -4, dy: 2, fill: 'var(--axis)' }),
  ];
}
