import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { type ThreadWork, tuneV8 } from '../scenario/tune-v8.ts';
import { typeScriptLoader } from '../typescript-loader.ts';
import { CellControl, type CellEnd, type CellError, type CellOrder, describeError } from './cell-order.ts';

/** How much a pool may take. */
export interface PoolOptions {
  /** Cells at a time. */
  readonly jobs: number;
  /** What one cell may need of the heap, at most. */
  readonly memoryBytes: number;
  /** What all cells together are reckoned to have, if that is known. */
  readonly events?: number;
  /** The module whose `simulateCell` workers call; this program's unless a test says otherwise. */
  readonly module?: string;
}

const BYTES_PER_MB = 1e6;

/**
 * Worker threads that stay warm and simulate cells. A cell that kills its worker, as by running out of memory, ends as
 * one that failed; the pool gets another worker. Where a worker cannot begin, no cell is simulated any more.
 */
export class CellPool {
  readonly #piscina: Piscina;
  readonly #control: CellControl;
  readonly #freeSlots: number[];
  /** Numbers of the threads whose module is loaded. */
  readonly #loaded = new Set<number>();
  /** Why a worker could not begin. */
  #trouble: CellError | null = null;

  constructor({ jobs, memoryBytes, events, module = WORKER_MODULE }: PoolOptions) {
    this.#control = new CellControl(jobs);
    this.#freeSlots = Array.from({ length: jobs }, (_, slot) => slot);
    this.#piscina = new Piscina({
      filename: module,
      name: 'simulateCell',
      // begun when there is a cell, which they get when their module is loaded: before that they fail without one
      minThreads: 0,
      maxThreads: jobs,
      idleTimeout: Number.POSITIVE_INFINITY,
      resourceLimits: { maxOldGenerationSizeMb: Math.max(64, Math.floor(memoryBytes / BYTES_PER_MB)) },
      execArgv: module.endsWith('.ts') ? typeScriptLoader() : [],
    });
    // of a worker that has no cell; another one's end is told of by its cell
    this.#piscina.on('error', (error) => this.#giveUp(error));
    const work: ThreadWork = {
      ...(events === undefined ? {} : { events: events / jobs }),
      coresAreBusy: jobs >= availableParallelism(),
    };
    this.#piscina.on('workerCreate', ({ id }) => {
      this.#loaded.add(id);
      // not before: V8 is tuned for all threads, and then takes no code that was kept of what they have yet to load
      if (this.#loaded.size === this.#piscina.threads.length) tuneV8(work);
    });
    // when it is no thread of the pool any more, and the error that ended it, if one did, was told
    this.#piscina.on('workerDestroy', () => queueMicrotask(() => this.#takeEnd()));
  }

  /** How much of the cells under way is done, in cells. */
  get progress(): number {
    let sum = 0;
    for (let slot = 0; slot < this.#piscina.maxThreads; slot++) {
      if (!this.#freeSlots.includes(slot)) sum += this.#control.shareOf(slot);
    }
    return sum;
  }

  /** Simulates a cell; never rejects. At most as many at a time as there are jobs. */
  async run(order: Omit<CellOrder, 'control' | 'slot'>): Promise<CellEnd> {
    if (this.#trouble !== null) return { kind: 'refused', error: this.#trouble };
    const slot = this.#freeSlots.shift()!;
    this.#control.setShare(slot, 0);
    try {
      return (await this.#piscina.run({ ...order, control: this.#control.buffer, slot })) as CellEnd;
    } catch (error) {
      if (this.#control.isStopped) return { kind: 'stopped' };
      if (this.#trouble !== null) return { kind: 'refused', error: this.#trouble };
      return { kind: 'failed', error: describeError(error) };
    } finally {
      this.#freeSlots.push(slot);
    }
  }

  /** Ends the cells under way; those after are stopped at once. */
  stop(): void {
    this.#control.stop();
  }

  /** Ends all workers. */
  async close(): Promise<void> {
    this.#piscina.removeAllListeners('workerDestroy');
    await this.#piscina.destroy();
  }

  /** A worker ended: one with a cell, of which the cell tells, or one that was loading, of which nobody does. */
  #takeEnd(): void {
    const threads = new Set(this.#piscina.threads.map(({ threadId }) => threadId));
    const ended = [...this.#loaded].find((id) => !threads.has(id));
    if (ended === undefined) this.#giveUp(new Error('one ended while it was loading'));
    else this.#loaded.delete(ended);
  }

  #giveUp(reason: Error): void {
    const error = describeError(reason);
    this.#trouble ??= { ...error, message: `no worker can begin: ${error.message}` };
    void this.close();
  }
}

const IS_COMPILED = !import.meta.url.endsWith('.ts');

const WORKER_MODULE = new URL(`../study/simulate-cell.${IS_COMPILED ? 'js' : 'ts'}`, import.meta.url).href;
