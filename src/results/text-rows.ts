import type { QueryValue } from './result-database.ts';

/** A row of CSV (RFC 4180) without its line break; null is nothing, an empty text is quoted. */
export function csvRow(values: readonly QueryValue[]): string {
  return values.map(csvField).join(',');
}

function csvField(value: QueryValue): string {
  if (value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A row as a JSON object on one line. Whole numbers beyond 2^53 are texts, since most readers would round them. */
export function jsonRow(names: readonly string[], values: readonly QueryValue[]): string {
  const entries = names.map((name, index) => [name, values[index] ?? null]);
  return JSON.stringify(Object.fromEntries(entries), (_, value) => (typeof value === 'bigint' ? String(value) : value));
}
