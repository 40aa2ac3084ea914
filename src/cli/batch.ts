import { warmUpWords } from '../comparison/words.ts';
import { CONFIDENCE } from '../metrics/estimate.ts';
import { readVersion } from '../scenario/version.ts';
import { CellPool } from '../study/cell-pool.ts';
import type { CellStore } from '../study/cell-store.ts';
import { storeOpener } from '../study/open-store.ts';
import { planLine } from '../study/plan-lines.ts';
import { countLeft, type PreparedBatch, prepareBatch } from '../study/prepare-batch.ts';
import { parseQueueAddress, type QueueAddress } from '../study/queue-address.ts';
import { readStudy } from '../study/read-study.ts';
import { type BatchEnd, runBatch } from '../study/run-batch.ts';
import { chooseShard, isInShard, type Shard } from '../study/shard.ts';
import { overridesOf, type PointCell, type Study } from '../study/study.ts';
import { StudySummary } from '../study/study-summary.ts';
import { formatCount } from '../units.ts';
import { createBatchProgress } from './batch-progress.ts';
import { BatchTable } from './batch-summary.ts';
import { errorWords } from './cell-words.ts';
import { createPalette } from './colour.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import type { BatchOptions } from './options.ts';
import { writeData, writeJson, writeMessage } from './output.ts';
import { poolSize } from './pool-size.ts';
import { sayOnce } from './say-once.ts';
import { stopOnSignals } from './stop-on-signals.ts';

/** Simulates every run of a study, or says which there are. */
export async function batch(file: string, options: BatchOptions): Promise<ExitCode> {
  const study = readStudy(file);
  const shard = chooseShard(options.shard, process.env);
  if (shard.source !== '') {
    writeMessage(`Part ${shard.index + 1} of ${shard.count} of the plan (${shard.source}).`, options);
  }
  if (options.dryRun) return printPlan(study, shard);
  const address = options.queue === undefined ? null : parseQueueAddress(options.queue, process.env);
  if (address !== null) {
    const { reachQueue } = await import('../study/cell-queue.ts');
    await reachQueue(address, readVersion());
  }
  const store = (await storeOpener(options.out))(study.name);
  try {
    return await batchInto(store, { file, study, shard, address }, options);
  } finally {
    store.close();
  }
}

interface BatchTask {
  /** Of the study. */
  readonly file: string;
  readonly study: Study;
  readonly shard: Shard;
  /** null: the cells are simulated here. */
  readonly address: QueueAddress | null;
}

async function batchInto(
  store: CellStore,
  { file, study, shard, address }: BatchTask,
  options: BatchOptions,
): Promise<ExitCode> {
  const prepared = await prepareBatch({
    study,
    store,
    shard,
    version: readVersion(),
    keepsVersions: options.anyVersion === true,
    prunes: options.prune === true,
  });
  const { end, interruption } =
    address === null ? await simulateCells(prepared, options) : await awaitWorkers(prepared, address, options);
  if (end.done + prepared.done === prepared.cells && shard.count === 1) await store.tidy({ isDone: true });
  const problems = await showEnd(prepared, { end, interruption }, options);
  if (interruption !== null) {
    const elsewhere = address === null ? '' : ' Runs that are on the queue stay there for its workers.';
    writeMessage(`Interrupted. The same command goes on where this one stopped.${elsewhere}`, options);
    return interruption;
  }
  // a part of the runs may lack what others have
  if (problems.length > 0 && shard.count === 1) throw unknownMeasures(file, problems);
  return end.failed.length > 0 || end.violating.length > 0 ? ExitCode.failure : ExitCode.ok;
}

function unknownMeasures(file: string, problems: readonly string[]): UsageError {
  const kept = 'All runs are kept: with other measures the same command has only to sum them up.';
  return new UsageError([...problems.map((problem) => `${file}: measures: ${problem}`), kept].join('\n'));
}

/** The plan as JSON Lines, in the order in which runs begin. */
function printPlan(study: Study, shard: Shard): ExitCode {
  const version = readVersion();
  let number = 0;
  for (const cell of study.cells(version)) {
    if (isInShard(shard, number++)) writeData(JSON.stringify(planLine(cell, version)));
  }
  return ExitCode.ok;
}

/** Shown this often. */
const PROGRESS_INTERVAL_MS = 250;

/** What a run costs beside its events, in events: to begin it and to write its files. */
const CELL_COST = 20_000;

interface SimulatedCells {
  readonly end: BatchEnd;
  readonly interruption: ExitCode | null;
}

async function simulateCells(prepared: PreparedBatch, options: BatchOptions): Promise<SimulatedCells> {
  const { cells, done: doneBefore, events } = prepared;
  const toDo = cells - doneBefore;
  if (toDo === 0) return { end: { done: 0, failed: [], violating: [] }, interruption: null };
  const size = poolSize(options);
  const jobs = Math.min(size.jobs, toDo);
  const { memoryBytes } = size;
  const pool = new CellPool({ jobs, memoryBytes, events });
  const view = createBatchProgress(process.stderr, {
    isShown: options.progress && !options.quiet,
    nowMs: () => performance.now(),
  });
  const totalCost = events + toDo * CELL_COST;
  const count = { done: 0, failed: 0, cost: 0 };
  const update = () => {
    const underWay = (pool.progress * totalCost) / toDo;
    const share = Math.min(1, (count.cost + underWay) / totalCost);
    view.update({ cells, done: doneBefore + count.done, failed: count.failed, share });
  };
  const timer = setInterval(update, PROGRESS_INTERVAL_MS);
  const say = (text: string) => {
    if (!options.quiet) process.stderr.write(`${text}\n`);
  };
  const signals = stopOnSignals(() => {
    view.stop();
    say('Interrupted: ending the runs under way. Once more to end at once.');
    pool.stop();
  });
  try {
    const end = await runBatch(prepared, {
      pool,
      jobs,
      memoryBytes,
      retries: options.retries,
      events: {
        done: (_, cost) => {
          count.done++;
          count.cost += cost + CELL_COST;
          update();
        },
        retrying: (failed) =>
          say(`${cellWords(failed.cell)} failed and will be tried again: ${errorWords(failed.error)}`),
        failed: (failed) => {
          count.failed++;
          say(`${cellWords(failed.cell)} failed: ${errorWords(failed.error)}`);
        },
      },
    });
    return { end, interruption: signals.interruption() };
  } finally {
    clearInterval(timer);
    view.stop();
    signals.release();
    await pool.close();
  }
}

/** Sums up what is there; says what is wrong with the measures that were asked for. */
async function showEnd(prepared: PreparedBatch, { end }: SimulatedCells, options: BatchOptions): Promise<string[]> {
  const { study, store, versions, cells, done: doneBefore } = prepared;
  const { precision } = options;
  const summary = await StudySummary.of(study, { store, versions, precision });
  const rest = cells - doneBefore - end.done - end.failed.length;
  // another process may have been at the same
  const left = rest === 0 ? 0 : await countLeft(prepared, new Set(end.failed.map(({ cell }) => cell.id)));
  const byOthers = Math.max(0, rest - left);
  const counts = { cells, done: end.done, skipped: doneBefore, byOthers, failed: end.failed.length, left };
  if (options.json) {
    const points = [];
    for await (const point of summary.points()) points.push(point);
    const failed = end.failed.map(({ cell: { id, parameters, run }, attempts, error }) => {
      return { id, parameters, fabric: run.fabric.name, seed: run.scenario.seed, attempts, message: error.message };
    });
    const measures = summary.measures.map(({ name, unit }) => ({ name, unit }));
    writeJson({
      study: study.name,
      place: store.place,
      version: versions[0],
      warmUpNs: study.warmUpNs,
      ...counts,
      failures: failed,
      confidence: CONFIDENCE,
      precision,
      reference: summary.reference,
      measures,
      points,
    });
  } else {
    const table = new BatchTable({
      measures: summary.measures,
      paths: study.paths,
      reference: summary.reference,
      precision,
      hasPercentiles: options.percentiles === true,
    });
    for await (const point of summary.points()) table.add(point);
    const { bold, dim, red } = createPalette(process.stdout);
    const warmUp = warmUpWords(study.warmUpNs ?? 0);
    writeData(
      [
        `${bold(study.title || study.name)}${warmUp === '' ? '' : dim(` (${warmUp})`)}`,
        ...(study.question === '' ? [] : [study.question]),
        ...['', String(table), '', table.precisionWords()],
      ].join('\n'),
    );
    if (end.violating.length > 0) {
      writeData(red(`Not to be trusted: counters of ${end.violating.join(', ')} do not agree with one another.`));
    }
  }
  writeMessage(countWords(counts, store.place), options);
  return summary.problems();
}

interface RunCounts {
  readonly cells: number;
  readonly done: number;
  readonly skipped: number;
  readonly byOthers: number;
  readonly failed: number;
  readonly left: number;
}

function countWords({ cells, done, skipped, byOthers, failed, left }: RunCounts, place: string): string {
  const parts = [`${formatCount(done)} simulated`];
  if (skipped > 0) parts.push(`${formatCount(skipped)} there before`);
  if (byOthers > 0) parts.push(`${formatCount(byOthers)} by others`);
  if (failed > 0) parts.push(`${formatCount(failed)} failed`);
  if (left > 0) parts.push(`${formatCount(left)} left`);
  return `\n${formatCount(cells)} runs: ${parts.join(', ')}. Results are in ${place}`;
}

function cellWords({ id, parameters, run }: PointCell): string {
  return [id, ...overridesOf(parameters), run.fabric.name, `seed ${run.scenario.seed}`].join(' ');
}

/** How often is looked whether workers have done something. */
const QUEUE_INTERVAL_MS = 1000;

/** After this time without a worker, the user is told. */
const NO_WORKER_MS = 10_000;

/** Leaves the cells to the workers of a queue. */
async function awaitWorkers(
  prepared: PreparedBatch,
  address: QueueAddress,
  options: BatchOptions,
): Promise<SimulatedCells> {
  const { study, version, cells, done: doneBefore } = prepared;
  const { CellQueue } = await import('../study/cell-queue.ts');
  const { runQueueBatch } = await import('../study/queue-batch.ts');
  const toDo = cells - doneBefore;
  const say = (text: string) => writeMessage(text, options);
  const trouble = sayOnce((reason) => say(`${address.place}: ${reason}; trying again until it is back`));
  const { place } = prepared.store;
  const astray = sayOnce((id) => say(`A worker is done with ${id}, which is not in ${place}. Do all have that --out?`));
  const queue = new CellQueue(address, {
    study: study.name,
    version,
    retries: options.retries,
    onTrouble: trouble.say,
  });
  const view = createBatchProgress(process.stderr, {
    isShown: options.progress && !options.quiet,
    nowMs: () => performance.now(),
  });
  let wake = () => {};
  const signals = stopOnSignals(() => {
    view.stop();
    wake();
  });
  const count = { done: 0, failed: 0 };
  const timer = setTimeout(async () => {
    if (count.done === 0 && (await queue.workers()) === 0) {
      say(`No worker of version ${version} is on the queue. Start some: dcfabric worker --queue ${address.place}`);
    }
  }, NO_WORKER_MS);
  try {
    const end = await runQueueBatch(prepared, {
      queue,
      isStopped: () => signals.interruption() !== null,
      pause: () =>
        new Promise((resolve) => {
          wake = resolve;
          setTimeout(resolve, QUEUE_INTERVAL_MS);
        }),
      events: {
        progress: (done) => {
          trouble.reset();
          count.done = done;
          view.update({ cells, done: doneBefore + done, failed: count.failed, share: (done + count.failed) / toDo });
        },
        failed: ({ cell, message }) => {
          count.failed++;
          say(`${cellWords(cell)} failed: ${message}`);
        },
        astray: astray.say,
      },
    });
    const failed = end.failed.map(({ message, ...rest }) => ({ ...rest, error: { name: 'Error', message } }));
    return { end: { done: end.done, failed, violating: [] }, interruption: signals.interruption() };
  } finally {
    clearTimeout(timer);
    view.stop();
    signals.release();
    await queue.close();
  }
}
