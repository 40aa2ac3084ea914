import { dirname, isAbsolute, join } from 'node:path';
import { METRIC_HEADS } from '../metrics/metric-paths.ts';
import type { ParameterValue } from '../metrics/run-file.ts';
import { unknownName } from '../scenario/cross-check.ts';
import { didYouMean } from '../scenario/did-you-mean.ts';
import { explainIssue, flattenIssues } from '../scenario/explain-issue.ts';
import { nameOf, readText, sourceProblems } from '../scenario/read-scenario.ts';
import { canonicalJson } from '../scenario/scenario-digest.ts';
import { ScenarioError, type ScenarioProblem } from '../scenario/scenario-error.ts';
import { SourceDocument } from '../scenario/source-document.ts';
import { type Axis, listAxis, rangeAxis } from './axis.ts';
import { refuseOwnPaths } from './own-paths.ts';
import { type PlanSettings, parametersAt, readPlan } from './plan-settings.ts';
import { overridesOf, Study, type StudyBase, type StudyDesign } from './study.ts';
import type { Parameters } from './study-points.ts';
import { StudyProblems } from './study-problems.ts';
import { AXIS_VALUES_MAX, type StudyFile, studySchema } from './study-schema.ts';
import { takesWholeNumbers } from './whole-number-paths.ts';

/**
 * Reads a study from a YAML or JSON file, with its scenario. Every point is tried: throws a ScenarioError that names
 * every problem at once, those of the points where the study file brings them about.
 */
export function readStudy(file: string): Study {
  const source = new SourceDocument(readText(file));
  if (source.problems.length > 0) throw new ScenarioError(sourceProblems(source, file));
  const problems = new StudyProblems(file, source);
  const result = studySchema.safeParse(source.data, { error: explainIssue });
  if (!result.success) {
    for (const { path, message, isAboutKey } of flattenIssues(result.error.issues)) {
      problems.report(path, message, isAboutKey ? 'key' : 'value');
    }
  }
  problems.throwIfAny();
  const content = result.data as StudyFile;
  checkSeeds(content, problems);
  checkMeasures(content, problems);
  const base = readBase(content, file);
  const design = readDesign(content, problems);
  const plan = content.plan === undefined ? null : readPlan(content.plan, problems);
  problems.throwIfAny();
  const seed = content.seed ?? seedOf(base);
  const study = new Study({ name: nameOf(file), content, base, design, seed, seeds: content.seeds ?? null, plan });
  tryPoints(study, content, problems);
  if (plan !== null) tryEnds(study, plan, problems);
  problems.throwIfAny();
  return study;
}

function checkSeeds({ seeds, replications }: StudyFile, problems: StudyProblems): void {
  if (seeds === undefined) return;
  if (replications !== undefined) problems.report(['seeds'], "expected either 'seeds' or 'replications'", 'key');
  if (new Set(seeds).size < seeds.length) problems.report(['seeds'], 'a seed is there twice');
}

/** What runs have to be seen for is told after them. */
function checkMeasures({ measures = [] }: StudyFile, problems: StudyProblems): void {
  for (const [index, path] of measures.entries()) {
    const head = path.split('.', 1)[0]!;
    if (head === '*' || METRIC_HEADS.includes(head)) continue;
    const meant = didYouMean(head, METRIC_HEADS);
    const known = meant === '' ? `; there are ${METRIC_HEADS.join(', ')}` : meant;
    problems.report(['measures', index], `no number of a run begins with '${head}'${known}`);
  }
}

function readBase({ scenario, set }: StudyFile, studyFile: string): StudyBase {
  const file = isAbsolute(scenario) ? scenario : join(dirname(studyFile), scenario);
  const source = new SourceDocument(readText(file));
  if (!source.isReadable) throw new ScenarioError(sourceProblems(source, file));
  return { file, source, overrides: overridesOf(set as Parameters) };
}

/** The seed of the scenario, wrong or not: whether it is one will be seen. */
function seedOf({ source }: StudyBase): number {
  const given = (source.data as { seed?: unknown } | null)?.seed;
  return typeof given === 'number' && Number.isSafeInteger(given) && given >= 0 ? given : 1;
}

function checkPaths(
  places: readonly (readonly [path: string, place: readonly PropertyKey[]])[],
  problems: StudyProblems,
) {
  refuseOwnPaths(
    places.map(([path, place]) => [path, place, 'key']),
    problems,
  );
  for (const [path, place] of places) {
    const inside = places.find(([other]) => path.startsWith(`${other}.`));
    if (inside !== undefined) problems.report(place, `'${inside[0]}' sets this too`, 'key');
  }
}

function readDesign(content: StudyFile, problems: StudyProblems): StudyDesign {
  const { axes, points, combine } = content;
  checkPaths(
    Object.keys(content.set).map((path) => [path, ['set', path]]),
    problems,
  );
  if (points !== undefined) {
    if (Object.keys(axes).length > 0) problems.report(['points'], "expected either 'points' or 'axes'", 'key');
    checkPointPaths(points, problems);
    return { kind: 'listed', points: points as Parameters[] };
  }
  checkPaths(
    Object.keys(axes).map((path) => [path, ['axes', path]]),
    problems,
  );
  const isSampled = typeof combine === 'object';
  const read = Object.entries(axes).flatMap(([path, given]) => readAxis(path, given, { isSampled, problems }));
  if (isSampled) return { kind: 'sampled', axes: read, count: combine.sampled };
  if (combine === 'zipped') checkLengths(read, problems);
  return { kind: combine, axes: read };
}

function readAxis(
  path: string,
  given: StudyFile['axes'][string],
  { isSampled, problems }: { isSampled: boolean; problems: StudyProblems },
): Axis[] {
  const place = ['axes', path];
  if (Array.isArray(given)) {
    const texts = given.map(canonicalJson);
    texts.forEach((text, index) => {
      if (texts.indexOf(text) < index)
        problems.report([...place, index], `${JSON.stringify(given[index])} is there twice`);
    });
    return [listAxis(path, given as ParameterValue[])];
  }
  const axis = rangeAxis(given, {
    ...{ path, isWhole: takesWholeNumbers(path), isSampled, valuesMax: AXIS_VALUES_MAX },
  });
  if ('values' in axis) return [axis];
  problems.report(axis.key === null ? place : [...place, axis.key], axis.message);
  return [];
}

function checkLengths(axes: readonly Axis[], problems: StudyProblems): void {
  const [first, ...others] = axes;
  for (const { path, values } of others) {
    if (values.length === first!.values.length) continue;
    const message = `got ${values.length} values, expected ${first!.values.length} as ${first!.path} has, to zip them`;
    problems.report(['axes', path], message);
  }
}

function checkPointPaths(points: readonly Readonly<Record<string, unknown>>[], problems: StudyProblems): void {
  const paths = Object.keys(points[0]!);
  checkPaths(
    paths.map((path) => [path, ['points', 0, path]]),
    problems,
  );
  points.forEach((point, index) => {
    const own = Object.keys(point);
    const isSame = own.length === paths.length && paths.every((path) => Object.hasOwn(point, path));
    if (!isSame) {
      problems.report(
        ['points', index],
        `got ${own.join(', ') || 'no path'}, expected ${paths.join(', ')} as in the first point`,
      );
    }
  });
}

/** Reads the scenario of every point, and says what is wrong with it where the study file says it. */
function tryPoints(study: Study, content: StudyFile, problems: StudyProblems): void {
  const seen = new Map<string, number>();
  let index = 0;
  for (const parameters of study.points()) {
    if (problems.isFull) return;
    const key = canonicalJson(parameters)!;
    const twin = study.design.kind === 'listed' ? seen.get(key) : undefined;
    if (twin !== undefined) problems.report(['points', index], `this is point ${twin + 1} again`);
    if (study.design.kind === 'listed') seen.set(key, index);
    tryPoint(study, parameters, index, content, problems);
    index++;
  }
}

function tryPoint(
  study: Study,
  parameters: Parameters,
  index: number,
  { fabrics = [], set }: StudyFile,
  problems: StudyProblems,
): void {
  try {
    const names = study.scenarioAt(parameters).fabrics.map(({ name }) => name);
    fabrics.forEach((fabric, place) => {
      if (!names.includes(fabric)) problems.report(['fabrics', place], unknownName('fabric', fabric, names));
    });
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const inSet = placesOf(set as Parameters, (path) => ['set', path]);
    const inPoint = placesOf(parameters, (path, value) => placeOfValue(study.design, { path, value, index }));
    const places = new Map([...inSet, ...inPoint]);
    for (const problem of error.problems) addProblem(problem, { places, parameters, problems });
  }
}

/** Reads the scenario at both ends of a plan's axis. */
function tryEnds(study: Study, plan: PlanSettings, problems: StudyProblems): void {
  const { axis } = plan;
  for (const [key, value] of [['from', axis.values[0]!] as const, ['to', axis.values.at(-1)!] as const]) {
    const parameters = parametersAt(plan, value);
    try {
      study.scenarioAt(parameters);
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      const words = overridesOf(parameters);
      for (const problem of error.problems) {
        const index = words.indexOf(problem.sourceLine);
        const path = Object.keys(parameters)[index];
        if (problem.file !== '--set' || path === undefined) {
          problems.add({ ...problem, message: `${problem.message} (where ${words.join(' ')})` });
          continue;
        }
        const isAboutKey = problem.message.startsWith('unknown key') || problem.column <= path.length;
        const text = isAboutKey || problem.path === path ? problem.message : `${problem.path}: ${problem.message}`;
        if (path !== axis.path) problems.report(['plan', 'proportional', path], text, isAboutKey ? 'key' : 'value');
        else problems.report(['plan', isAboutKey ? 'axis' : key], text);
      }
    }
  }
}

/** By what `--set` would say, where the study file says it. */
function placesOf(
  parameters: Parameters,
  placeOf: (path: string, value: ParameterValue) => readonly PropertyKey[],
): [string, readonly PropertyKey[]][] {
  const places = Object.entries(parameters).map(([path, value]) => placeOf(path, value));
  return overridesOf(parameters).map((text, index) => [text, places[index]!]);
}

function placeOfValue(
  design: StudyDesign,
  { path, value, index }: { path: string; value: ParameterValue; index: number },
): readonly PropertyKey[] {
  if (design.kind === 'listed') return ['points', index, path];
  const axis = design.axes.find((one) => one.path === path)!;
  const place = axis.values.indexOf(value);
  return place < 0 ? ['axes', path] : ['axes', path, place];
}

function addProblem(
  problem: ScenarioProblem,
  {
    places,
    parameters,
    problems,
  }: { places: ReadonlyMap<string, readonly PropertyKey[]>; parameters: Parameters; problems: StudyProblems },
): void {
  const { file, sourceLine, column, message, path } = problem;
  const place = file === '--set' ? places.get(sourceLine) : undefined;
  if (place !== undefined) {
    const setPath = sourceLine.split('=', 1)[0]!;
    const isAboutKey = column <= setPath.length && message.startsWith('unknown key');
    const key = place.slice(0, place.indexOf(setPath) + 1);
    const text = path === setPath ? message : `${path}: ${message}`;
    problems.report(isAboutKey ? key : place, text, isAboutKey ? 'key' : 'value');
    return;
  }
  const where = overridesOf(parameters).join(' ');
  problems.add({ ...problem, message: where === '' ? message : `${message} (where ${where})` }, message);
}
