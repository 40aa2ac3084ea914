import type { Change } from '../benchmark/trends.ts';
import { measuredTimes } from '../comparison/format.ts';

/** Changes by a smaller share are told as one. */
const SHARE_BELOW = 0.1;

/** `×1.12`, `+0.5%` of a small one, or a word where a change is not one of numbers. */
export function changeText({ kind, ratio }: Change): string {
  if (kind !== 'level') return kind;
  if (ratio === null) return 'changed';
  return Math.abs(ratio - 1) < SHARE_BELOW ? shareText(ratio - 1) : `×${measuredTimes(ratio)}`;
}

/** With two digits, wherever these are: the least change of a large count is one. */
function shareText(share: number): string {
  const percent = Math.abs(share) * 100;
  const decimals = Math.min(20, Math.max(0, 1 - Math.floor(Math.log10(percent))));
  return `${share < 0 ? '−' : '+'}${percent.toFixed(decimals).replace(/\.?0+$/, '')}%`;
}
