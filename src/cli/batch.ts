import { availableParallelism, freemem } from 'node:os';
import { join } from 'node:path';
import { CONFIDENCE } from '../metrics/estimate.ts';
import { readVersion } from '../scenario/version.ts';
import { CellPool } from '../study/cell-pool.ts';
import type { CellStore } from '../study/cell-store.ts';
import { FolderStore } from '../study/folder-store.ts';
import { planLine } from '../study/plan-lines.ts';
import { type PreparedBatch, prepareBatch } from '../study/prepare-batch.ts';
import { readStudy } from '../study/read-study.ts';
import { type BatchEnd, type FailedCell, runBatch } from '../study/run-batch.ts';
import { chooseShard, isInShard, type Shard } from '../study/shard.ts';
import { overridesOf, type Study, type StudyCell } from '../study/study.ts';
import { measuresOf, summarizeStudy } from '../study/study-summary.ts';
import { formatCount } from '../units.ts';
import { createBatchProgress } from './batch-progress.ts';
import { BatchTable } from './batch-summary.ts';
import { createPalette } from './colour.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import type { BatchOptions } from './options.ts';
import { writeData, writeJson, writeMessage } from './output.ts';

/** Simulates every run of a study, or says which there are. */
export async function batch(file: string, options: BatchOptions): Promise<ExitCode> {
  const study = readStudy(file);
  const shard = chooseShard(options.shard, process.env);
  if (shard.source !== '') {
    writeMessage(`Part ${shard.index + 1} of ${shard.count} of the plan (${shard.source}).`, options);
  }
  if (options.dryRun) return printPlan(study, shard);
  const store = openStore(study, options);
  const prepared = await prepareBatch({
    study,
    store,
    shard,
    version: readVersion(),
    keepsVersions: options.anyVersion === true,
    prunes: options.prune === true,
  });
  const { end, interruption } = await simulateCells(prepared, options);
  await showEnd(prepared, { end, interruption }, options);
  if (interruption !== null) {
    writeMessage('Interrupted. The same command goes on where this one stopped.', options);
    return interruption;
  }
  return end.failed.length > 0 || end.violating.length > 0 ? ExitCode.failure : ExitCode.ok;
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

function openStore({ name }: Study, { out }: BatchOptions): CellStore {
  if (out === '') throw new UsageError('--out: got nothing, expected a folder');
  return new FolderStore(join(out, name));
}

/** Of what is free, how much runs may need when nobody says. */
const MEMORY_SHARE = 0.8;

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
  const jobs = Math.min(options.jobs ?? availableParallelism(), toDo);
  const memoryBytes = options.memory ?? freeMemory() * MEMORY_SHARE;
  const pool = new CellPool({ jobs, memoryBytes });
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
        retrying: (failed) => say(`${cellWords(failed.cell)} failed and will be tried again: ${errorWords(failed)}`),
        failed: (failed) => {
          count.failed++;
          say(`${cellWords(failed.cell)} failed: ${errorWords(failed)}`);
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

const SIGNAL_EXIT_CODES = { SIGINT: ExitCode.interrupted, SIGTERM: ExitCode.terminated } as const;

/** Calls back at the first signal to stop; the second ends the process at once. */
export function stopOnSignals(stop: () => void): { interruption: () => ExitCode | null; release: () => void } {
  let interruption: ExitCode | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    const exitCode = SIGNAL_EXIT_CODES[signal as keyof typeof SIGNAL_EXIT_CODES];
    if (interruption !== null) process.exit(exitCode);
    interruption = exitCode;
    stop();
  };
  const signals = Object.keys(SIGNAL_EXIT_CODES) as (keyof typeof SIGNAL_EXIT_CODES)[];
  for (const signal of signals) process.on(signal, onSignal);
  const release = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  return { interruption: () => interruption, release };
}

/** What the machine, or the container, has left. */
export function freeMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(freemem(), limit) : freemem();
}

async function showEnd(prepared: PreparedBatch, { end }: SimulatedCells, options: BatchOptions): Promise<void> {
  const { study, store, versions, cells, done: doneBefore } = prepared;
  const left = cells - doneBefore - end.done - end.failed.length;
  const counts = { cells, done: end.done, skipped: doneBefore, failed: end.failed.length, left };
  if (options.json) {
    const points = [];
    for await (const point of summarizeStudy(study, store, versions)) points.push(point);
    const failed = end.failed.map(({ cell: { id, parameters, run }, attempts, error }) => {
      return { id, parameters, fabric: run.fabric.name, seed: run.scenario.seed, attempts, message: error.message };
    });
    const measures = measuresOf(study).map(({ name, unit }) => ({ name, unit }));
    writeJson({
      study: study.name,
      place: store.place,
      version: versions[0],
      ...counts,
      failures: failed,
      confidence: CONFIDENCE,
      measures,
      points,
    });
  } else {
    const table = new BatchTable(study);
    for await (const point of summarizeStudy(study, store, versions)) table.add(point);
    const { bold, red } = createPalette(process.stdout);
    writeData(
      [bold(study.title || study.name), ...(study.question === '' ? [] : [study.question]), '', String(table)].join(
        '\n',
      ),
    );
    if (end.violating.length > 0) {
      writeData(red(`Not to be trusted: counters of ${end.violating.join(', ')} do not agree with one another.`));
    }
  }
  writeMessage(countWords(counts, store.place), options);
}

function countWords(
  {
    cells,
    done,
    skipped,
    failed,
    left,
  }: { cells: number; done: number; skipped: number; failed: number; left: number },
  place: string,
): string {
  const parts = [`${formatCount(done)} simulated`];
  if (skipped > 0) parts.push(`${formatCount(skipped)} there before`);
  if (failed > 0) parts.push(`${formatCount(failed)} failed`);
  if (left > 0) parts.push(`${formatCount(left)} left`);
  return `\n${formatCount(cells)} runs: ${parts.join(', ')}. Results are in ${place}`;
}

function cellWords({ id, parameters, run }: StudyCell): string {
  return [id, ...overridesOf(parameters), run.fabric.name, `seed ${run.scenario.seed}`].join(' ');
}

/** What became of a cell whose worker could not say it itself. */
function errorWords({ error: { code, message } }: FailedCell): string {
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it needs more memory than it may have' : message.split('\n', 1)[0]!;
}
