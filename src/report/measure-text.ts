import type { Trend } from '../benchmark/trends.ts';
import { measuredDuration, measuredSize } from '../comparison/format.ts';
import { formatCount } from '../units.ts';

/** Times below this keep their fractions of a nanosecond. */
const FRACTIONS_BELOW_NS = 100;

/** A value of a bench's measure with its unit, or a text as it is. */
export function measureText(value: number | string, unit: Trend['unit']): string {
  if (typeof value === 'string') return value;
  if (unit === 'bytes') return measuredSize(value);
  if (unit !== 'ns') return formatCount(value);
  return value < FRACTIONS_BELOW_NS ? `${Number(value.toPrecision(3))}ns` : measuredDuration(value);
}
