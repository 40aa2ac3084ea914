/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[], comma = ', '): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(comma)} and ${parts.at(-1)}`;
}

/** `unknown unicast` from `unknown_unicast`. */
export function inWords(name: string): string {
  return name.replaceAll(/[_-]/g, ' ');
}

/** Each once, in the order of their first. */
export function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}
