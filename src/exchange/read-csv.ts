import { linkFacts, nodeFacts } from './attributes.ts';
import { ExchangeError } from './exchange-error.ts';
import type { NetworkGraph, NetworkLink, NetworkNode, Source } from './network-graph.ts';

// how tools call the columns; in lower case
const COLUMNS = {
  a: ['a', 'source', 'src', 'from', 'node_a', 'node1', 'device_a', 'a_device', 'side_a_device', 'source_device'],
  b: ['b', 'target', 'dst', 'to', 'node_b', 'node2', 'device_b', 'b_device', 'side_b_device', 'target_device'],
  roleOfA: ['a_role', 'role_a', 'source_role'],
  roleOfB: ['b_role', 'role_b', 'target_role'],
} as const;

type Column = keyof typeof COLUMNS;

interface Row {
  /** From 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads a list of links, one in each line: `a,b` with or without a header. With one, columns are found by name, those of
 * NetBox's cable imports among them; without, a third and a fourth column are rate and delay. RFC 4180; `;` and tabs
 * separate too, and lines that begin with `#` are comments.
 */
export function readCsv({ text, file, notes }: Source): NetworkGraph {
  const [first, ...others] = readRows(text, file);
  if (first === undefined) throw new ExchangeError(file, null, 'expected a link in each line, got none');
  const names = first.cells.map((cell) => cell.trim().toLowerCase());
  const indexOf = (column: Column) => names.findIndex((name) => (COLUMNS[column] as readonly string[]).includes(name));
  const hasHeader = indexOf('a') >= 0 && indexOf('b') >= 0;
  const header = hasHeader ? names : ['a', 'b', 'rate', 'delay'];
  const place: Record<Column, number> = hasHeader
    ? { a: indexOf('a'), b: indexOf('b'), roleOfA: indexOf('roleOfA'), roleOfB: indexOf('roleOfB') }
    : { a: 0, b: 1, roleOfA: -1, roleOfB: -1 };
  const nodes = new Map<string, NetworkNode>();
  const links = (hasHeader ? others : [first, ...others]).map(({ line, cells }): NetworkLink => {
    const cell = (column: Column) => cells[place[column]]?.trim() ?? '';
    const [a, b] = [cell('a'), cell('b')];
    if (a === '' || b === '') throw new ExchangeError(file, line, `got a link with one end, expected two names`);
    for (const [id, role] of [[a, cell('roleOfA')] as const, [b, cell('roleOfB')] as const]) {
      if (!nodes.has(id)) nodes.set(id, { id, name: id, ...nodeFacts({ role }) });
    }
    const attributes = Object.fromEntries(header.map((name, index) => [name, cells[index] ?? '']));
    return { a, b, ...linkFacts(attributes, `${a} - ${b}`, notes) };
  });
  return { name: '', nodes: [...nodes.values()], links };
}

function readRows(text: string, file: string): Row[] {
  const separator = separatorOf(text);
  const rows: Row[] = [];
  let cells: string[] = [];
  let line = 1;
  let startLine = 1;
  // a cell in quotes, in which two stand for one, or a cell up to the next separator
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${separator}\\r\\n]*))(${separator}|\\r?\\n|$)`, 'y');
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    if (match === null)
      throw new ExchangeError(file, line, 'got a quotation mark within a cell or one that never ends');
    const { 0: all, 1: quoted, 2: plain = '', 3: end } = match;
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    line += all.split('\n').length - 1;
    if (end === separator && cell.lastIndex < text.length) continue;
    const isBlank = cells.every((one) => one.trim() === '');
    if (!isBlank && !cells[0]!.trimStart().startsWith('#')) rows.push({ line: startLine, cells });
    cells = [];
    startLine = line;
  }
  return rows;
}

/** Of comma, semicolon and tab that which the first line with any of them has most of. */
function separatorOf(text: string): string {
  const line = text.split(/\r?\n/).find((one) => !one.startsWith('#') && /[,;\t]/.test(one)) ?? '';
  const counts = [',', ';', '\t'].map((separator) => ({ separator, count: line.split(separator).length }));
  return counts.reduce((most, one) => (one.count > most.count ? one : most)).separator;
}
