import { answerPlan, type PlanAnswer } from '../../src/study/answer-plan.ts';
import type { CellStore } from '../../src/study/cell-store.ts';
import { openStudy, type StudyOrder } from '../../src/study/open-study.ts';
import { PlanCells, type PlanPace } from '../../src/study/plan-cells.ts';
import { planRecordOf } from '../../src/study/plan-record.ts';
import { readStudy } from '../../src/study/read-study.ts';
import type { Study } from '../../src/study/study.ts';
import { HERE } from './inline-batch.ts';

export const VERSION = '1.2.3';

export type Pool = Pick<PlanPace['pool'], 'run'>;

export interface PlanOptions extends Partial<Pick<StudyOrder, 'version' | 'parts' | 'keepsVersions' | 'prunes'>> {
  readonly jobs?: number;
  readonly retries?: number;
  readonly pool?: Pool;
}

/** Answers the plan of a study as the command does, in this thread unless a pool says otherwise. */
export async function inlinePlan<S extends CellStore>(
  file: string,
  storeOf: (study: Study) => S,
  options: PlanOptions = {},
) {
  const { jobs = 1, retries = 1, pool = HERE, version = VERSION, ...order } = options;
  const study = readStudy(file);
  const store = storeOf(study);
  const defaults = { keepsVersions: false, prunes: false, parts: 'tables' } as const;
  const opened = await openStudy({ ...defaults, ...order, study, store, version });
  const events = { done: () => {}, retrying: () => {} };
  const cells = new PlanCells(opened, { pool: { stop: () => {}, ...pool }, jobs, memoryBytes: 4e9, retries, events });
  const answers: PlanAnswer[] = [];
  const plan = { plan: study.plan!, version };
  for await (const answer of answerPlan(study, plan, cells.summaryOf.bind(cells))) answers.push(answer);
  await store.writeAnswer(planRecordOf(study, study.plan!, { version, answers, runs: cells.runs }));
  await store.tidy({ isDone: true });
  store.close();
  return { answers, store, simulated: cells.simulated, asked: cells.runs.length };
}
