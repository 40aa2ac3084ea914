import type { ScaleOptions } from '@observablehq/plot';
import type { ParameterValue } from '../metrics/run-file.ts';
import { parseDuration, parseRate, parseSize } from '../units.ts';

/** How the values of a study's axis lie on a line. */
export interface AxisScale {
  /** Where a value lies: a number, or its own text. */
  place(value: ParameterValue): number | string;
  readonly options: ScaleOptions;
}

/** Values so far apart lie better on a logarithmic scale. */
const LOGARITHMIC_RATIO = 20;

/** Values that are named on the axis at most. */
const TICKS_MAX = 8;

/** Pixels that a name needs, and those of the drawing's width that are no axis. */
const TICK_PIXELS = 52;
const MARGIN_PIXELS = 100;

/**
 * The scale of an axis: by size where its values are numbers or quantities of one kind, else one beside the other. Where
 * there is no room to name all of them, the ends are named, then those that come first, then others.
 */
export function axisScale(
  path: string,
  values: readonly ParameterValue[],
  widthPixels: number,
  { firstNamed = [], isLinear = false }: { firstNamed?: readonly ParameterValue[]; isLinear?: boolean } = {},
): AxisScale {
  const label = { label: path, labelAnchor: 'center', labelArrow: 'none' } as const;
  const texts = values.map(axisText);
  const sizes = sizesOf(values);
  if (sizes === null || new Set(sizes).size < 2) {
    return { place: axisText, options: { ...label, type: 'point', domain: [...new Set(texts)], padding: 0.4 } };
  }
  const sizeOf = new Map(texts.map((text, index) => [text, sizes[index]!]));
  const textOf = new Map(sizes.map((size, index) => [size, texts[index]!]));
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const isLogarithmic = !isLinear && least > 0 && most / least >= LOGARITHMIC_RATIO;
  const shareOf = (size: number) =>
    isLogarithmic ? Math.log(size / least) / Math.log(most / least) : (size - least) / (most - least);
  const place = (value: ParameterValue) => sizeOf.get(axisText(value))!;
  const others = sizes.toSorted((one, other) => one - other);
  return {
    place,
    options: {
      ...label,
      type: isLogarithmic ? 'log' : 'linear',
      domain: [least, most],
      inset: 10,
      ticks: ticksOf([least, most, ...firstNamed.map(place), ...others], shareOf, widthPixels - MARGIN_PIXELS),
      tickFormat: (size: number) => textOf.get(size) ?? '',
    },
  };
}

/** Those of the sizes that have room for their names beside the ones before. */
function ticksOf(sizes: readonly number[], shareOf: (size: number) => number, axisPixels: number): number[] {
  const ticks: number[] = [];
  for (const size of sizes) {
    const hasRoom = ticks.every((tick) => Math.abs(shareOf(tick) - shareOf(size)) * axisPixels >= TICK_PIXELS);
    if (hasRoom && ticks.length < TICKS_MAX) ticks.push(size);
  }
  return ticks.toSorted((one, other) => one - other);
}

/** A value as a reader of the study wrote it. */
export function axisText(value: ParameterValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The values as numbers of one unit; null where they are none. */
function sizesOf(values: readonly ParameterValue[]): number[] | null {
  if (values.every((value) => typeof value === 'number')) return [...values];
  if (!values.every((value) => typeof value === 'string')) return null;
  for (const parse of [parseDuration, parseRate, parseSize]) {
    try {
      return values.map(parse);
    } catch {
      // another kind of quantity, or none
    }
  }
  return null;
}
