import { formatDuration } from '../units.ts';

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[], comma = ', '): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(comma)} and ${parts.at(-1)}`;
}

/** `unknown unicast` from `unknown_unicast`. */
export function inWords(name: string): string {
  return name.replaceAll(/[_-]/g, ' ');
}

/** `after a warm-up of 10s`, as headings say what their numbers leave out; empty where that is nothing. */
export function warmUpWords(warmUpNs: number): string {
  return warmUpNs === 0 ? '' : `after a warm-up of ${formatDuration(warmUpNs)}`;
}

/** Each once, in the order of their first. */
export function distinct<T extends string | number>(names: readonly T[]): T[] {
  return [...new Set(names)];
}
