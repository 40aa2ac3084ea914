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

/** Values of a list that are named one by one on the axis at most. */
const TICKS_MAX = 8;

/** The scale of an axis: by size where its values are numbers or quantities of one kind, else one beside the other. */
export function axisScale(path: string, values: readonly ParameterValue[], widthPixels: number): AxisScale {
  const label = { label: path, labelAnchor: 'center', labelArrow: 'none' } as const;
  const texts = values.map(axisText);
  const sizes = sizesOf(values);
  if (sizes === null || new Set(sizes).size < 2) {
    return { place: axisText, options: { ...label, type: 'point', domain: [...new Set(texts)], padding: 0.4 } };
  }
  const sizeOf = new Map(texts.map((text, index) => [text, sizes[index]!]));
  const textOf = new Map(sizes.map((size, index) => [size, texts[index]!]));
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const ticks = [...new Set(sizes)].toSorted((one, other) => one - other);
  const step = Math.ceil(ticks.length / Math.min(TICKS_MAX, Math.floor(widthPixels / 60)));
  return {
    place: (value) => sizeOf.get(axisText(value))!,
    options: {
      ...label,
      type: least > 0 && most / least >= LOGARITHMIC_RATIO ? 'log' : 'linear',
      domain: [least, most],
      inset: 10,
      ticks: ticks.filter((_, index) => index % step === 0),
      tickFormat: (size: number) => textOf.get(size) ?? '',
    },
  };
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
