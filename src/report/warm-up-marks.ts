import type { Markish } from '@observablehq/plot';
import { timeUnit } from './axes.ts';
import type { Drawing } from './drawing.ts';
import type { TimeGrid } from './time-grid.ts';

/** The points that the numbers of a page are of: those that end after the warm-up, or all where none does. */
export function pointsAfterWarmUp({ endsNs, warmUpNs = 0 }: TimeGrid): number[] {
  const points = [...endsNs.keys()];
  const after = points.filter((point) => endsNs[point]! > warmUpNs);
  return after.length > 0 ? after : points;
}

/** What is said of curves that are drawn to the scale of `pointsAfterWarmUp`; nothing where these are all. */
export function scaleNotes(grid: TimeGrid): string[] {
  if (pointsAfterWarmUp(grid).length === grid.endsNs.length) return [];
  return ['The scale is that of what comes after the warm-up; what was more before is cut off there.'];
}

/** A line over time where the warm-up ends, which the numbers of a page leave out; nothing where there is none. */
export function warmUpMarks({ Plot }: Drawing, { endsNs, warmUpNs = 0 }: TimeGrid): Markish[] {
  if (warmUpNs === 0) return [];
  const x = warmUpNs / timeUnit(endsNs.at(-1)!).ns;
  return [
    Plot.ruleX([x], { stroke: 'var(--axis)', strokeDasharray: '3 3' }),
    Plot.text(['warm-up'], { x, frameAnchor: 'top', textAnchor: 'end', dx: -4, dy: 2, fill: 'var(--axis)' }),
  ];
}
