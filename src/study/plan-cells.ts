import type { ParameterValue } from '../metrics/run-file.ts';
import type { FabricSummary } from '../metrics/summary.ts';
import { CellKeeper } from './cell-keeper.ts';
import type { CellError } from './cell-order.ts';
import type { CellPool } from './cell-pool.ts';
import { ALONE, CellRoom } from './cell-room.ts';
import { idsOf, type OpenedStudy } from './open-study.ts';
import { costOf } from './plan-lines.ts';
import type { PlanRun } from './plan-record.ts';
import type { PointCell } from './study.ts';

/** How the runs of a plan are gone about. */
export interface PlanPace {
  readonly pool: Pick<CellPool, 'run' | 'stop'>;
  /** Cells at a time, and what they may need of memory together. */
  readonly jobs: number;
  readonly memoryBytes: number;
  /** Times that a cell which failed is simulated again. */
  readonly retries: number;
  readonly events: {
    /** A run is there, simulated now or before. */
    done(cell: PointCell, wasThere: boolean): void;
    /** It will be simulated again, alone. */
    retrying(cell: PointCell, error: CellError): void;
  };
}

/** A run without which a plan has no answer failed. */
export class FailedRunError extends Error {
  override name = 'FailedRunError';
  readonly cell: PointCell;
  /** null: it ended, but its counters do not agree with one another. */
  readonly error: CellError | null;

  constructor(cell: PointCell, error: CellError | null) {
    super(error?.message ?? 'its counters do not agree with one another');
    this.cell = cell;
    this.error = error;
  }
}

/** The search was stopped. */
export class PlanStoppedError extends Error {
  override name = 'PlanStoppedError';
}

/** The runs that a search asks for: those that are kept already, and all others simulated, several at a time, and kept. */
export class PlanCells {
  readonly #opened: OpenedStudy;
  readonly #pace: PlanPace;
  readonly #keeper: CellKeeper;
  readonly #room: CellRoom;
  readonly #runs: PlanRun[] = [];
  #simulated = 0;

  constructor(opened: OpenedStudy, pace: PlanPace) {
    this.#opened = opened;
    this.#pace = pace;
    this.#keeper = new CellKeeper(opened.store, pace.pool, opened.parts);
    this.#room = new CellRoom(pace);
  }

  /** All that were asked for and are there, in no particular order. */
  get runs(): readonly PlanRun[] {
    return this.#runs;
  }

  /** How many of them were not there before. */
  get simulated(): number {
    return this.#simulated;
  }

  /** Throws what the system refused, a `FailedRunError`, or a `PlanStoppedError`. */
  async summaryOf(cell: PointCell, value: ParameterValue): Promise<FabricSummary> {
    const { store } = this.#opened;
    const there = await this.#idThere(cell);
    if (there === null) await this.#simulate(cell);
    const id = there ?? cell.id;
    const file = await store.readRun(id);
    // now or when they are found again, such numbers are no ground for an answer
    if (file.invariants.some(({ holds }) => !holds)) throw new FailedRunError(cell, null);
    if (there === null) this.#simulated++;
    const { fabric, scenario } = cell.run;
    this.#runs.push({ id, fabric: fabric.name, value, seed: scenario.seed });
    this.#pace.events.done(cell, there !== null);
    return file.summary;
  }

  /** Ends what is under way; settles when nothing is any more. */
  async stop(): Promise<void> {
    this.#pace.pool.stop();
    await this.#room.emptied();
  }

  async #idThere(cell: PointCell): Promise<string | null> {
    const { store, versions, parts } = this.#opened;
    for (const id of idsOf(cell, versions)) if (await store.has(id, parts)) return id;
    return null;
  }

  async #simulate(cell: PointCell): Promise<void> {
    // one of these may have killed its process
    const isSuspect = this.#opened.suspects.has(cell.id);
    for (let attempt = 0; ; attempt++) {
      const leave = await this.#room.enter(isSuspect || attempt > 0 ? ALONE : costOf(cell.run).memoryBytes);
      const end = await this.#keeper.simulate(cell).finally(leave);
      if (end.kind === 'kept') return;
      if (end.kind === 'stopped') throw new PlanStoppedError('a run was stopped');
      if (end.kind === 'refused') throw Object.assign(new Error(end.error.message), end.error);
      if (attempt === this.#pace.retries) throw new FailedRunError(cell, end.error);
      this.#pace.events.retrying(cell, end.error);
    }
  }
}
