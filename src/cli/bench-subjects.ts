import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchProgram, outputOf } from '../benchmark/bench-program.ts';
import type { BenchSubject } from '../benchmark/measure-cases.ts';
import { buildRevision, cloneRoot, isRevision } from '../benchmark/revisions.ts';
import { scenarioCaseName } from '../benchmark/scenario-case.ts';
import { readScenario } from '../scenario/read-scenario.ts';
import { UsageError } from './exit-code.ts';
import { chooseFabrics } from './job.ts';

/** Where revisions are built and kept unless said otherwise, below the top folder of the clone. */
const BUILDS_DEFAULT = 'results/bench/builds';

/**
 * The version that a word of the command line names: a compiled folder, or a revision of the clone around the current
 * folder, which is built below `builds`.
 */
export async function programOf(word: string, builds: string | undefined): Promise<BenchProgram> {
  const main = join(word, 'cli/main.js');
  if (existsSync(main)) return { label: word, command: [process.execPath, main], suite: null };
  const repository = await cloneRoot(process.cwd());
  if (!(await isRevision(repository, word))) {
    throw new UsageError(
      `${word}: expected a revision of this repository, \`worktree\`, or a compiled folder with cli/main.js in it`,
    );
  }
  return buildRevision(repository, word, builds ?? join(repository, BUILDS_DEFAULT));
}

/** Whether a word names the file of a run that was kept. */
export function isRunFile(word: string): boolean {
  return word.endsWith('.arrow') || statSync(word, { throwIfNoEntry: false })?.isFile() === true;
}

/** A case of scenarios, by the words that make a version run it. */
export interface ScenarioCase {
  readonly name: string;
  readonly words: readonly string[];
}

/** Each scenario on each of its fabrics, or on those named. Throws for two files whose cases would have one name. */
export function scenarioCases(
  files: readonly string[],
  { fabric, set }: { fabric?: readonly string[] | undefined; set: readonly string[] },
): ScenarioCase[] {
  const overrides = set.flatMap((text) => ['--set', text]);
  const fileByName = new Map<string, string>();
  return files.flatMap((file) => {
    const scenario = readScenario(file, { overrides: set });
    const fabrics = fabric === undefined ? scenario.fabrics : chooseFabrics(scenario, fabric);
    return fabrics.map((one) => {
      const name = scenarioCaseName(scenario, one);
      const other = fileByName.get(name);
      if (other !== undefined)
        throw new UsageError(`${other} and ${file}: both make a case ${name}; expected files of different names`);
      fileByName.set(name, file);
      return { name, words: ['bench', 'sample', file, '--fabric', one.name, ...overrides] };
    });
  });
}

/** A version that runs cases of scenarios. */
export function scenarioSubject({ label, command }: BenchProgram, cases: readonly ScenarioCase[]): BenchSubject {
  return { label, commandFor: (name) => [...command, ...cases.find((one) => one.name === name)!.words] };
}

/** A version that runs cases of its own suite, and what these are called and exercise. */
export async function suiteSubject({ label, suite }: BenchProgram) {
  if (suite === null) throw new UsageError(`${label} has no suite of benches; expected --scenario`);
  const listed = JSON.parse(await outputOf([...suite, '--list'], `the suite of ${label}`)) as SuiteCase[];
  const names = new Set(listed.map(({ name }) => name));
  const subject: BenchSubject = { label, commandFor: (name) => (names.has(name) ? [...suite, name] : null) };
  return { subject, cases: listed };
}

export interface SuiteCase {
  readonly name: string;
  readonly level: string;
}

/** Cases by name or level; throws for a word that is neither. */
export function chooseCases(cases: readonly SuiteCase[], only: readonly string[] | undefined): string[] {
  for (const word of only ?? []) {
    if (cases.some(({ name, level }) => name === word || level === word)) continue;
    throw new UsageError(
      `--only ${word}: no such case or level, expected one of ${cases.map(({ name }) => name).join(', ')}`,
    );
  }
  return cases
    .filter(({ name, level }) => only?.some((word) => word === name || word === level) ?? true)
    .map(({ name }) => name);
}
