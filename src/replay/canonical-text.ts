/**
 * A value as JSON with sorted keys and `", "` and `": "` between parts, as Python's json.dumps(sort_keys=True) writes it:
 * recordings are sorted by this text.
 */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${canonicalText(member)}`).join(', ')}}`;
}
