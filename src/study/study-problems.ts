import { ScenarioError, type ScenarioProblem } from '../scenario/scenario-error.ts';
import type { SourceDocument } from '../scenario/source-document.ts';

/** Problems of a study: more than these are not looked for. */
const PROBLEMS_MAX = 50;

/** Gathers everything that is wrong with a study file, each once, at its place in the file. */
export class StudyProblems {
  readonly #file: string;
  readonly #source: SourceDocument;
  /** By place and message. */
  readonly #problems = new Map<string, ScenarioProblem>();

  constructor(file: string, source: SourceDocument) {
    this.#file = file;
    this.#source = source;
  }

  get isFull(): boolean {
    return this.#problems.size >= PROBLEMS_MAX;
  }

  /** Something is wrong at a path of the study file. */
  report(path: readonly PropertyKey[], message: string, which: 'key' | 'value' = 'value'): void {
    this.add({ file: this.#file, ...this.#source.positionOf(path, which), path: path.join('.'), message });
  }

  /** An error that is this one problem, for what is seen only later. */
  errorAt(path: readonly PropertyKey[], message: string): ScenarioError {
    const place = this.#source.positionOf(path, 'value');
    return new ScenarioError([{ file: this.#file, ...place, path: path.join('.'), message }]);
  }

  /** `key` tells problems apart; those that share it are one. */
  add(problem: ScenarioProblem, key = problem.message): void {
    const { file, line, column } = problem;
    const place = [file, line, column, key].join(':');
    if (!this.#problems.has(place)) this.#problems.set(place, problem);
  }

  /** Throws if anything was wrong. */
  throwIfAny(): void {
    if (this.#problems.size > 0) throw new ScenarioError([...this.#problems.values()].sort(byPosition));
  }
}

function byPosition(one: ScenarioProblem, other: ScenarioProblem): number {
  return one.file.localeCompare(other.file, 'en') || one.line - other.line || one.column - other.column;
}
