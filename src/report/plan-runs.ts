import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ParameterValue } from '../metrics/run-file.ts';
import type { FoundRun } from '../results/find-runs.ts';
import { ResultsError } from '../results/run-record.ts';
import { ANSWER_FILE_NAME, PLAN_FORMAT, type PlanQuestion, type PlanRecord } from '../study/plan-record.ts';
import { axisText } from './axis-scale.ts';
import type { ReportedRun } from './compared-runs.ts';
import { chosenFabrics, onceEach, reportedRuns, type StudyFacts } from './study-runs.ts';

/** A search, with the runs of it that are there. */
export interface PlanRuns {
  readonly facts: StudyFacts;
  readonly question: PlanQuestion;
  /** null: the search has not ended. */
  readonly record: PlanRecord | null;
  readonly fabrics: readonly string[];
  /** By fabric, then by value, then by seed. */
  readonly runs: readonly PlanPoint[];
  /** Runs that the answers rest on, and that are not there. */
  readonly missing: number;
}

/** A run at a value of the axis. */
export interface PlanPoint {
  readonly run: ReportedRun;
  /** By number. */
  readonly fabric: number;
  readonly value: ParameterValue;
}

/** What `answer.json` in a folder says; null where there is none. */
export function readPlanRecord(folder: string): PlanRecord | null {
  const path = join(folder, ANSWER_FILE_NAME);
  if (!existsSync(path)) return null;
  let record: PlanRecord | null;
  try {
    record = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ResultsError(`${path} is no JSON: ${(error as Error).message}`);
  }
  if (record?.format === PLAN_FORMAT) return record;
  throw new ResultsError(`${path}: got format ${JSON.stringify(record?.format)}, expected "${PLAN_FORMAT}"`);
}

/**
 * The search of a study: its answers, if they are to what the study asks, with the runs that they rest on, or else the runs
 * there are. null if there is neither. `fabrics` chooses some, in this order.
 */
export function planRuns(
  facts: StudyFacts,
  {
    found,
    answer,
    fabrics = [],
  }: { found: readonly FoundRun[]; answer: PlanRecord | null; fabrics?: readonly string[] },
): PlanRuns | null {
  const question = facts.plan ?? null;
  if (question === null) return null;
  // the plan may ask something else since
  const record = answer !== null && JSON.stringify(answer.plan) === JSON.stringify(question) ? answer : null;
  const shown = chosenFabrics(facts, fabrics);
  const paths = [question.axis, ...Object.keys(question.proportional)].join();
  const runs = reportedRuns(found).filter(
    ({ record: { parameters, fabric } }) => Object.keys(parameters).join() === paths && shown.includes(fabric.name),
  );
  if (record === null && runs.length === 0) return null;
  const wanted = new Set(record?.runs.filter(({ fabric }) => shown.includes(fabric)).map(({ id }) => id));
  const chosen = record === null ? onceEach(runs, facts.version) : runs.filter(({ record: { id } }) => wanted.has(id));
  const points = chosen.map((run): PlanPoint => {
    const { parameters, fabric } = run.record;
    return { run, fabric: shown.indexOf(fabric.name), value: parameters[question.axis]! };
  });
  return {
    ...{ facts, question, record, fabrics: shown },
    runs: points.toSorted(inOrder),
    missing: record === null ? 0 : wanted.size - points.length,
  };
}

function inOrder(one: PlanPoint, other: PlanPoint): number {
  return (
    one.fabric - other.fabric ||
    (typeof one.value === 'number' && typeof other.value === 'number'
      ? one.value - other.value
      : axisText(one.value).localeCompare(axisText(other.value), 'en', { numeric: true })) ||
    one.run.record.seed - other.run.record.seed
  );
}
