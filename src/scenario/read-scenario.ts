import { parse } from 'node:path';
import { CROSS_CHECKS } from './cross-checks.ts';
import { explainIssue, flattenIssues } from './explain-issue.ts';
import { applyOverrides, type Overridden, overridePosition } from './overrides.ts';
import { resolveScenario, resolveTopology } from './resolve-scenario.ts';
import type { Scenario } from './scenario.ts';
import { ScenarioError, type ScenarioProblem } from './scenario-error.ts';
import { type ScenarioFile, scenarioSchema } from './schema.ts';
import { SourceDocument } from './source-document.ts';
import { readTextFile, STDIN_PATH, TextFileError } from './text-file.ts';
import { type TopologyNodes, topologyNodes } from './topology-nodes.ts';

export interface ReadOptions {
  /** As `--set` takes them: `topology.leaves=16`. */
  readonly overrides?: readonly string[];
  /** Takes the place of the file's seed. */
  readonly seed?: number;
}

/** Reads a scenario from a YAML or JSON file; throws a ScenarioError that names every problem at once. */
export function readScenario(path: string, options: ReadOptions = {}): Scenario {
  return parseScenario(readText(path), path, options);
}

/** Reads a scenario from a text; `file` is what problems call it. */
export function parseScenario(text: string, file: string, options: ReadOptions = {}): Scenario {
  return scenarioFrom(new SourceDocument(text), file, options);
}

/** Reads a scenario from a text that was parsed before: with other overrides each time, it costs the parsing once. */
export function scenarioFrom(
  source: SourceDocument,
  file: string,
  { overrides = [], seed }: ReadOptions = {},
): Scenario {
  const ofSource = sourceProblems(source, file);
  if (!source.isReadable) throw new ScenarioError(ofSource);
  const seedOverride = seed === undefined ? [] : [`seed=${seed}`];
  const overridden = applyOverrides(source.data, [...overrides, ...seedOverride]);
  const complaints: Complaint[] = [];
  const scenario = validate(overridden.data, (complaint) => complaints.push(complaint));
  const ofData = complaints.map((complaint) => locate(complaint, { file, source, overridden }));
  const spoiled = new Set(ofSource.map(({ path }) => path));
  const problems = [
    ...[...ofSource, ...ofData.filter(({ path }) => !spoiled.has(path))].sort(byPosition),
    ...overridden.problems.map(overrideProblem),
  ];
  if (problems.length > 0) throw new ScenarioError(problems);
  return resolveScenario(scenario as ScenarioFile, nameOf(file));
}

/** What a text itself does wrong, in the words of a file's problems. */
export function sourceProblems(source: SourceDocument, file: string): ScenarioProblem[] {
  return source.problems.map(({ position, path, message }) => ({ file, ...position, path: path.join('.'), message }));
}

/** Of a file, without folder and extension: it becomes a folder's name, and `...yaml` must not name the one above. */
export function nameOf(file: string): string {
  if (file === STDIN_PATH) return 'stdin';
  const { name } = parse(file);
  return /^\.*$/.test(name) ? 'scenario' : name;
}

/** Something that is wrong with the data at a path. */
interface Complaint {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly isAboutKey: boolean;
}

/** The valid sections of the data, after every complaint was made. */
function validate(data: unknown, complain: (complaint: Complaint) => void): Partial<ScenarioFile> {
  // most commands read one scenario: to compile its checks takes longer than to make them once
  const result = scenarioSchema.safeParse(data, { error: explainIssue, jitless: true });
  if (!result.success) flattenIssues(result.error.issues).forEach(complain);
  const file: Partial<ScenarioFile> = result.success ? result.data : validSections(data);
  let nodes: TopologyNodes | null = null;
  const nodesOnce = () => (nodes ??= topologyNodes(resolveTopology((file as ScenarioFile).topology)));
  for (const { reads, check } of CROSS_CHECKS) {
    if (!result.success && !reads.every((section) => section in file)) continue;
    const report = (path: readonly PropertyKey[], message: string) => complain({ path, message, isAboutKey: false });
    check(file as ScenarioFile, report, nodesOnce);
  }
  return file;
}

/** The sections that are valid by themselves, so that one mistake does not hide another. */
function validSections(data: unknown): Partial<ScenarioFile> {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return {};
  const sections = Object.entries(scenarioSchema.shape).flatMap(([key, schema]) => {
    const result = schema.safeParse(Object.hasOwn(data, key) ? (data as Record<string, unknown>)[key] : undefined);
    return result.success ? [[key, result.data]] : [];
  });
  return Object.fromEntries(sections) as Partial<ScenarioFile>;
}

function locate(
  { path, message, isAboutKey }: Complaint,
  { file, source, overridden }: { file: string; source: SourceDocument; overridden: Overridden },
): ScenarioProblem {
  const which = isAboutKey ? 'key' : 'value';
  const place = { path: path.join('.'), message };
  const inOverride = overridePosition({ overrides: overridden.overrides, source }, path, which);
  if (inOverride !== null) return { file: '--set', ...inOverride, ...place };
  return { file, ...source.positionOf(path, which), ...place };
}

function overrideProblem({
  text,
  column,
  message,
}: {
  text: string;
  column: number;
  message: string;
}): ScenarioProblem {
  return { file: '--set', line: 1, column, path: text.split('=', 1)[0]!, message, sourceLine: text };
}

/** The file from top to bottom, then the overrides. */
function byPosition(one: ScenarioProblem, other: ScenarioProblem): number {
  const isOverride = (problem: ScenarioProblem) => (problem.file === '--set' ? 1 : 0);
  if (isOverride(one) || isOverride(other)) return isOverride(one) - isOverride(other);
  return one.line - other.line || one.column - other.column;
}

/** The text of a scenario or a study. */
export function readText(path: string): string {
  try {
    return readTextFile(path);
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    const { message } = error;
    throw new ScenarioError([{ file: path, line: 1, column: 1, path: '', message, sourceLine: '' }]);
  }
}
