import { SourceDocument, type SourcePosition } from './source-document.ts';

/** A value from the command line that takes the place of one in the file. */
export interface Override {
  /** As it was given: `topology.leaves=16`. */
  readonly text: string;
  readonly path: readonly (string | number)[];
  readonly source: SourceDocument;
  /** Characters before the value. */
  readonly valueOffset: number;
}

/** Something that is wrong with an override, in its text. */
export interface OverrideProblem {
  readonly text: string;
  /** From 1, in the text. */
  readonly column: number;
  readonly message: string;
}

/** Data with overrides put in; `problems` is empty or says which could not be. */
export interface Overridden {
  readonly data: unknown;
  readonly overrides: readonly Override[];
  readonly problems: readonly OverrideProblem[];
}

type Container = Record<string, unknown> | unknown[];

/**
 * Puts values such as `topology.leaves=16` or `fabrics.0.name=tree` into a document, the later over the earlier.
 * What is left of `=` names keys and list indexes; what is right of it is YAML. The document is not changed.
 */
export function applyOverrides(document: unknown, texts: readonly string[]): Overridden {
  const root = { document: structuredClone(document) ?? {} };
  const overrides: Override[] = [];
  const problems: OverrideProblem[] = [];
  for (const text of texts) {
    const override = parseOverride(text);
    const problem = 'message' in override ? override : put(root, override);
    if (problem !== null) problems.push(problem);
    else overrides.push(override as Override);
  }
  return { data: root.document, overrides, problems };
}

/** Where a path of the document was set by an override, or null if it comes from the file. The last override counts. */
export function overridePosition(
  { overrides, source }: { overrides: readonly Override[]; source: SourceDocument },
  path: readonly PropertyKey[],
  which: 'key' | 'value',
): SourcePosition | null {
  const setter = overrides.findLast((override) => startsWith(path, override.path));
  if (setter === undefined) return makerPosition({ overrides, source }, path);
  const inner = path.slice(setter.path.length);
  const isItself = inner.length === 0;
  const keyColumn = setter.path.slice(0, -1).join('.').length + (setter.path.length > 1 ? 2 : 1);
  const column =
    isItself && which === 'key' ? keyColumn : setter.valueOffset + setter.source.positionOf(inner, which).column;
  return { line: 1, column, sourceLine: setter.text };
}

/** Where an override made the closest part above a path that the file does not have. */
function makerPosition(
  { overrides, source }: { overrides: readonly Override[]; source: SourceDocument },
  path: readonly PropertyKey[],
): SourcePosition | null {
  for (let length = path.length; length > 0 && !source.has(path.slice(0, length)); length--) {
    const maker = overrides.find((override) => startsWith(override.path, path.slice(0, length)));
    if (maker !== undefined) return { line: 1, column: 1, sourceLine: maker.text };
  }
  return null;
}

function startsWith(path: readonly PropertyKey[], start: readonly PropertyKey[]): boolean {
  return start.every((part, index) => part === path[index]);
}

function parseOverride(text: string): Override | OverrideProblem {
  const equals = text.indexOf('=');
  if (equals < 1) return { text, column: 1, message: 'expected path=value, such as topology.leaves=16' };
  const segments = text.slice(0, equals).split('.');
  if (!segments.every((segment) => /^[$\w-]+$/.test(segment) && segment !== '__proto__')) {
    return {
      text,
      column: 1,
      message: 'expected keys and list indexes joined by dots before the =, such as fabrics.0.name',
    };
  }
  const path = segments.map((segment) => (/^\d+$/.test(segment) ? Number(segment) : segment));
  const source = new SourceDocument(text.slice(equals + 1));
  const [problem] = source.problems;
  if (problem === undefined) return { text, path, source, valueOffset: equals + 1 };
  return { text, column: equals + 1 + problem.position.column, message: problem.message };
}

/** Sets one value, making mappings on the way; null on success. */
function put(root: Container, { text, path, source }: Override): OverrideProblem | null {
  let parent: Container = root;
  let key: string | number = 'document';
  for (const [index, segment] of path.entries()) {
    let container = member(parent, key);
    if (container === undefined || container === null) {
      container = typeof segment === 'number' ? [] : {};
      assign(parent, key, container);
    }
    const problem = misfit(container, segment, path.slice(0, index).join('.'));
    if (problem !== null) return { text, column: 1, message: problem };
    parent = container as Container;
    key = segment;
  }
  assign(parent, key, structuredClone(source.data));
  return null;
}

/** Why a value has no such member; null if it may have. */
function misfit(container: unknown, segment: string | number, where: string): string | null {
  const name = where === '' ? 'the scenario' : where;
  if (Array.isArray(container)) {
    if (typeof segment !== 'number') return `${name} is a list; expected an index such as ${name}.0, got '${segment}'`;
    if (segment <= container.length) return null;
    return `${name} has ${container.length} entries; expected an index of 0 to ${container.length}, got ${segment}`;
  }
  if (typeof container === 'object' && container !== null) return null;
  return `${name} is ${JSON.stringify(container)} and has nothing inside; set ${name} itself, for example ${name}={…}`;
}

function member(container: Container, key: string | number): unknown {
  return Object.hasOwn(container, key) ? (container as Record<string | number, unknown>)[key] : undefined;
}

function assign(container: Container, key: string | number, value: unknown): void {
  (container as Record<string | number, unknown>)[key] = value;
}
