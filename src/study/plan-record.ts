import { CONFIDENCE } from '../metrics/estimate.ts';
import type { ParameterValue } from '../metrics/run-file.ts';
import type { PlanAnswer } from './answer-plan.ts';
import type { PlanLimit, PlanSettings } from './plan-settings.ts';
import type { Study } from './study.ts';

/** What a search found is in this file, beside `study.json`. */
export const ANSWER_FILE_NAME = 'answer.json';

/** Version of what `answer.json` holds. */
export const PLAN_FORMAT = 'dcfabric-plan/1';

/** What is looked for, as `study.json` and `answer.json` say it. */
export interface PlanQuestion {
  readonly axis: string;
  readonly proportional: PlanSettings['proportional'];
  readonly goal: PlanSettings['goal'];
  readonly from: ParameterValue;
  readonly to: ParameterValue;
  /** How many values there are to choose from, the ends among them. */
  readonly values: number;
  readonly probes: number;
  readonly limits: readonly PlanLimit[];
}

/** A run that an answer rests on. */
export interface PlanRun {
  /** The name of its folder in `cells`. */
  readonly id: string;
  readonly fabric: string;
  readonly value: ParameterValue;
  readonly seed: number;
}

/** What `answer.json` says. It holds no time of the wall clock: the same input gives the same bytes. */
export interface PlanRecord {
  readonly format: typeof PLAN_FORMAT;
  readonly study: { readonly name: string; readonly title: string; readonly question: string };
  readonly version: string;
  /** What all measurements leave out as warm-up; null where values of the axis differ in it. */
  readonly warmUpNs: number | null;
  readonly plan: PlanQuestion;
  /** How sure the intervals of the estimates are. */
  readonly confidence: number;
  /** Fabric by fabric; limits that name nothing that it has are there in full. */
  readonly answers: readonly RecordedAnswer[];
  /** By fabric, then by value, then by seed. */
  readonly runs: readonly PlanRun[];
}

/** An answer with the limits that it lacks in full. */
export interface RecordedAnswer extends Omit<PlanAnswer, 'absent'> {
  readonly absentLimits: readonly PlanLimit[];
}

/** What a plan asks. */
export function questionOf({ axis, proportional, goal, probes, limits }: PlanSettings): PlanQuestion {
  const { path, values } = axis;
  return {
    ...{ axis: path, proportional, goal, from: values[0]!, to: values.at(-1)!, values: values.length },
    ...{ probes, limits },
  };
}

/** What `answer.json` is to say; the runs may come in any order. */
export function planRecordOf(
  { name, title, question, warmUpNs }: Study,
  plan: PlanSettings,
  { version, answers, runs }: { version: string; answers: readonly PlanAnswer[]; runs: readonly PlanRun[] },
): PlanRecord {
  const placeOf = (place: ReadonlyMap<string, number>, of: string) => place.get(of)!;
  const fabrics = new Map(answers.map(({ fabric }, place) => [fabric, place]));
  const values = new Map(plan.axis.values.map((value, place) => [JSON.stringify(value), place]));
  const inOrder = (one: PlanRun, other: PlanRun) =>
    placeOf(fabrics, one.fabric) - placeOf(fabrics, other.fabric) ||
    placeOf(values, JSON.stringify(one.value)) - placeOf(values, JSON.stringify(other.value)) ||
    one.seed - other.seed;
  return {
    format: PLAN_FORMAT,
    study: { name, title, question },
    version,
    warmUpNs,
    plan: questionOf(plan),
    confidence: CONFIDENCE,
    answers: answers.map(({ absent, ...answer }) => {
      return { ...answer, absentLimits: absent.map((index) => plan.limits[index]!) };
    }),
    runs: runs.toSorted(inOrder),
  };
}
