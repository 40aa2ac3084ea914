export type Mapping = Readonly<Record<string, unknown>>;

/** A mapping as it is, and an empty one for anything else. */
export function mappingOr(value: unknown): Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Mapping) : {};
}

/** A list as it is, and an empty one for anything else. */
export function listOr(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
