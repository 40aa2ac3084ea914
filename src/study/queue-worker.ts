import { type Job, Queue, WaitingError, Worker } from 'bullmq';
import { CellKeeper } from './cell-keeper.ts';
import type { CellError } from './cell-order.ts';
import type { CellPool } from './cell-pool.ts';
import { lasting, type QueuedCell, queueName, UNDONE_STATES } from './cell-queue.ts';
import type { CellStore } from './cell-store.ts';
import type { QueueAddress } from './queue-address.ts';

/** How a worker goes about the cells of a queue. */
export interface QueueWorkerOptions {
  readonly version: string;
  readonly pool: Pick<CellPool, 'run'>;
  readonly jobs: number;
  /** Where the cells of a study are kept. */
  readonly storeOf: (study: string) => CellStore;
  /** After this time without a sign of life, a worker is taken for dead, and others take its cells. */
  readonly stallMs: number;
  /** Ends when there is nothing more to do, rather than waiting for more. */
  readonly drains: boolean;
  readonly events: QueueWorkerEvents;
}

export interface QueueWorkerEvents {
  done(cell: QueuedCell, wasThere: boolean): void;
  failed(cell: QueuedCell, message: string): void;
  /** The connection was lost; it will come back, or not. */
  trouble(reason: string): void;
}

/** Times that a cell may take its worker along before it is given up. */
const STALLS_MAX = 3;

/** How often a worker that drains looks whether there is more. */
const DRAIN_INTERVAL_MS = 500;

/** Where the cells of a study go, and what simulates them there. */
interface OpenedStore {
  readonly store: CellStore;
  readonly keeper: CellKeeper;
}

/** Takes cells from a queue and simulates them, until it is told to stop. */
export class QueueWorker {
  readonly #options: QueueWorkerOptions;
  readonly #address: QueueAddress;
  readonly #stores = new Map<string, Promise<OpenedStore>>();
  readonly #worker: Worker<QueuedCell>;
  #isStopping = false;
  #trouble: CellError | null = null;
  #ended: () => void = () => {};
  /** Settles when the worker has ended. */
  readonly #end = new Promise<void>((resolve) => {
    this.#ended = resolve;
  });

  constructor(address: QueueAddress, options: QueueWorkerOptions) {
    this.#options = options;
    this.#address = address;
    const { version, jobs, stallMs } = options;
    this.#worker = new Worker<QueuedCell>(queueName(version), (job, token) => this.#simulate(job, token), {
      connection: lasting(address),
      skipVersionCheck: true,
      concurrency: jobs,
      lockDuration: stallMs,
      stalledInterval: stallMs,
      maxStalledCount: STALLS_MAX,
    });
    this.#worker.on('error', (error) => options.events.trouble(error.message));
    this.#worker.on('failed', (job, error) => {
      if (job !== undefined) options.events.failed(job.data, error.message);
    });
  }

  /** Works until it is stopped or, if it drains, until there is nothing more to do; throws what the system refused. */
  async run(): Promise<void> {
    try {
      if (this.#options.drains) await this.#drained();
      else await this.#end;
      await this.#worker.close();
    } finally {
      const stores = await Promise.allSettled(this.#stores.values());
      for (const opened of stores) if (opened.status === 'fulfilled') opened.value.store.close();
    }
    if (this.#trouble !== null) throw Object.assign(new Error(this.#trouble.message), this.#trouble);
  }

  /** Takes no more cells; those under way, once their pool is stopped, go back to the queue. */
  stop(): void {
    this.#isStopping = true;
    this.#ended();
  }

  async #drained(): Promise<void> {
    const queue = new Queue(queueName(this.#options.version), {
      connection: lasting(this.#address),
      skipVersionCheck: true,
    });
    queue.on('error', () => {});
    for (;;) {
      if (this.#isStopping) break;
      const counts = await queue.getJobCounts(...UNDONE_STATES);
      if (Object.values(counts).every((count) => count === 0)) break;
      await Promise.race([this.#end, new Promise((resolve) => setTimeout(resolve, DRAIN_INTERVAL_MS))]);
    }
    await queue.close();
  }

  async #simulate(job: Job<QueuedCell>, token: string | undefined): Promise<null> {
    const { study, id, run, parameters, command } = job.data;
    const { events } = this.#options;
    if (this.#isStopping) return this.#giveBack(job, token);
    const opened = await this.#openStore(study);
    if (opened === null) return this.#giveBack(job, token);
    if (await opened.store.has(id, 'tables')) {
      events.done(job.data, true);
      return null;
    }
    const end = await opened.keeper.simulate({ id, run, parameters, command });
    if (end.kind === 'kept') {
      events.done(job.data, false);
      return null;
    }
    if (end.kind === 'refused') this.#refused(end.error);
    if (end.kind !== 'failed') return this.#giveBack(job, token);
    throw new Error(
      end.error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it needs more memory than it may have' : end.error.message,
    );
  }

  /** Leaves a cell to others, as if it had not been taken. */
  async #giveBack(job: Job<QueuedCell>, token: string | undefined): Promise<never> {
    await job.moveToWait(token);
    throw new WaitingError();
  }

  async #openStore(study: string): Promise<OpenedStore | null> {
    let opened = this.#stores.get(study);
    if (opened === undefined) {
      const store = this.#options.storeOf(study);
      const keeper = new CellKeeper(store, this.#options.pool, 'tables');
      opened = store.open().then(() => ({ store, keeper }));
      this.#stores.set(study, opened);
    }
    try {
      return await opened;
    } catch (error) {
      this.#refused(error as CellError);
      return null;
    }
  }

  /** The system refused something: other cells would fare no better here. */
  #refused(error: CellError): void {
    this.#trouble ??= error;
    this.stop();
  }
}
