import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLParseError,
  type YAMLWarning,
} from 'yaml';

/** A place in a text, both from 1, with the line it is on. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  readonly sourceLine: string;
}

/** Something that the text itself does wrong. */
export interface SourceProblem {
  readonly position: SourcePosition;
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Mappings and lists inside one another: more than a scenario needs, less than a stack holds. */
const NESTING_MAX = 64;
/** Aliases may repeat parts of a file at most this often, counted through aliases of aliases. */
const ALIAS_COUNT_MAX = 10_000;

/** A YAML 1.2 text (JSON is a part of it) as plain data that remembers where each value was written. */
export class SourceDocument {
  /** Mappings, lists, texts, numbers, booleans and null; nothing is shared between two places. */
  readonly data: unknown;
  /** What the text does wrong. */
  readonly problems: readonly SourceProblem[];
  /** Whether there are data at all: the text is YAML and can be expanded. */
  readonly isReadable: boolean;
  readonly #text: string;
  readonly #lineCounter = new LineCounter();
  readonly #document;

  constructor(text: string) {
    this.#text = text;
    this.#document = parseDocument(text, {
      lineCounter: this.#lineCounter,
      intAsBigInt: true,
      merge: true,
      prettyErrors: false,
      stringKeys: true,
    });
    const problems: SourceProblem[] = toldOnce([...this.#document.errors, ...this.#document.warnings]).map((error) => ({
      position: this.#positionAt(error.pos[0]),
      path: [],
      message: messageOf(error),
    }));
    const data = problems.length === 0 ? this.#toData(problems) : undefined;
    this.isReadable = data !== undefined;
    this.data = data ?? null;
    this.problems = problems;
  }

  /** Where the value at a path begins, or its key; where there is neither, the closest key above. */
  positionOf(path: readonly PropertyKey[], which: 'key' | 'value'): SourcePosition {
    let node: unknown = this.#document.contents;
    let position = offsetOf(node) ?? 0;
    for (const [index, segment] of path.entries()) {
      const found = this.#child(node, segment);
      if (found === null) break;
      const isLast = index === path.length - 1;
      const valueOffset = isLast && which === 'value' ? offsetOf(found.value) : null;
      position = valueOffset ?? offsetOf(found.key) ?? offsetOf(found.value) ?? position;
      node = found.value;
    }
    return this.#positionAt(position);
  }

  /** Whether the text itself says something at a path. */
  has(path: readonly PropertyKey[]): boolean {
    let node: unknown = this.#document.contents;
    for (const segment of path) {
      const found = this.#child(node, segment);
      if (found === null) return false;
      node = found.value;
    }
    return true;
  }

  #positionAt(offset: number): SourcePosition {
    const { line, col } = this.#lineCounter.linePos(offset);
    const start = this.#lineCounter.lineStarts[line - 1] ?? 0;
    const [sourceLine = ''] = this.#text.slice(start).split(/\r?\n/, 1);
    return { line: Math.max(1, line), column: Math.max(1, col), sourceLine };
  }

  #child(parent: unknown, segment: PropertyKey): { key: unknown; value: unknown } | null {
    const node = this.#resolved(parent);
    if (isSeq(node)) {
      const value = node.items[Number(segment)];
      return value === undefined ? null : { key: value, value };
    }
    if (!isMap(node)) return null;
    const own = node.items.find(({ key }) => keyText(key) === String(segment));
    return own ?? this.#mergedChild(node.items, segment);
  }

  /** Looks into what `<<` brings in. */
  #mergedChild(items: readonly Pair[], segment: PropertyKey): { key: unknown; value: unknown } | null {
    for (const { key, value } of items) {
      if (keyText(key) !== '<<') continue;
      const merged = this.#resolved(value);
      for (const source of isSeq(merged) ? merged.items : [merged]) {
        const found = this.#child(source, segment);
        if (found !== null) return found;
      }
    }
    return null;
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? (node as Alias).resolve(this.#document) : node;
  }

  #toData(problems: SourceProblem[]): unknown {
    try {
      const value: unknown = this.#document.toJS({ maxAliasCount: ALIAS_COUNT_MAX });
      return this.#plain(value, [], problems);
    } catch (error) {
      if (!(error instanceof ReferenceError || error instanceof RangeError)) throw error;
      const alias = this.#strayAlias();
      const message =
        alias === null
          ? `cannot be expanded: ${error.message}`
          : `*${alias.source} stands for nothing: expected &${alias.source} somewhere above`;
      problems.push({ position: this.#positionAt(offsetOf(alias) ?? 0), path: [], message });
      return undefined;
    }
  }

  /** The first alias before which no anchor has its name; null if there is none. */
  #strayAlias(): Alias | null {
    let stray: Alias | null = null;
    visit(this.#document, {
      Alias: (_, alias) => {
        if (alias.resolve(this.#document) !== undefined) return;
        stray = alias;
        return visit.BREAK;
      },
    });
    return stray;
  }

  #plain(value: unknown, path: readonly (string | number)[], problems: SourceProblem[]): unknown {
    const complain = (message: string) => {
      problems.push({ position: this.positionOf(path, 'value'), path, message });
      return Number.NaN;
    };
    if (typeof value === 'bigint') {
      const isExact = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
      return isExact ? Number(value) : complain(`got ${value}, expected a whole number below 2^53, which stays exact`);
    }
    if (typeof value !== 'object' || value === null) return value;
    if (path.length >= NESTING_MAX) throw new RangeError(`it is nested more than ${NESTING_MAX} deep`);
    if (Array.isArray(value)) return value.map((item, index) => this.#plain(item, [...path, index], problems));
    if (Object.getPrototypeOf(value) !== Object.prototype) return complain('expected plain YAML without special types');
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.#plain(item, [...path, key], problems)]),
    );
  }
}

type Complaint = YAMLParseError | YAMLWarning;

/** What was nested so deep that the parser gave up, with thousands of complaints about what it left unread. */
function isTooDeep({ message }: Complaint): boolean {
  return message === 'Maximum call stack size exceeded';
}

function toldOnce(complaints: readonly Complaint[]): readonly Complaint[] {
  const tooDeep = complaints.find(isTooDeep);
  return tooDeep === undefined ? complaints : [tooDeep];
}

function messageOf(complaint: Complaint): string {
  if (isTooDeep(complaint)) return `cannot be expanded: it is nested more than ${NESTING_MAX} deep`;
  return complaint.code === 'MULTIPLE_DOCS' ? 'a second document begins, expected one' : complaint.message;
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function offsetOf(node: unknown): number | null {
  return (node as Node | null | undefined)?.range?.[0] ?? null;
}
