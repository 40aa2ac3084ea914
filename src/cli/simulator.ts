import { Worker } from 'node:worker_threads';
import type { RunProgress } from '../scenario/run-scenario.ts';
import { typeScriptLoader } from '../typescript-loader.ts';
import type { ExitCode } from './exit-code.ts';
import type { SimulationMessage, SimulationOrder, TimedResult } from './simulation-worker.ts';
import { stopOnSignals } from './stop-on-signals.ts';

/** What happens while a simulation runs. */
export interface SimulationEvents {
  progress(progress: RunProgress): void;
  result(result: TimedResult): void;
  /** The user asked to stop; what was simulated so far will be there soon. */
  stopping(): void;
}

/** How a simulation ended. */
export interface SimulationEnd {
  /** In the order asked for. The last one is incomplete after an interruption, and the fabrics after it are missing. */
  readonly results: readonly TimedResult[];
  /** What the process ends with if it was asked to stop. */
  readonly interruption: ExitCode | null;
}

/**
 * A thread that loads what simulates as soon as it is there, beside whoever reads the scenario meanwhile. It keeps the
 * process alive only while it simulates, so that a scenario that cannot be used needs no farewell.
 */
export class Simulator {
  readonly #worker: Worker;
  readonly #failure: Promise<never>;

  constructor({ isDebug }: { isDebug: boolean }) {
    this.#worker = startWorker(isDebug);
    this.#worker.unref();
    this.#failure = new Promise((_, reject) => {
      this.#worker.on('error', reject);
      this.#worker.on('exit', () => reject(new Error('the thread that simulates ended before its work did')));
    });
    // it is looked at when something is to be simulated
    this.#failure.catch(() => {});
  }

  /**
   * Simulates, once. A simulation never yields, and a signal is only heard by a thread that does: this one raises a flag
   * in shared memory, which the simulation reads at each report of progress. The second signal ends at once.
   */
  async simulate(order: Omit<SimulationOrder, 'stopFlag'>, events: SimulationEvents): Promise<SimulationEnd> {
    const stopFlag = new Int32Array(new SharedArrayBuffer(4));
    const signals = stopOnSignals(() => {
      Atomics.store(stopFlag, 0, 1);
      events.stopping();
    });
    this.#worker.ref();
    try {
      this.#worker.postMessage({ ...order, stopFlag } satisfies SimulationOrder);
      const results = await Promise.race([this.#results(events), this.#failure]);
      return { results, interruption: signals.interruption() };
    } finally {
      signals.release();
    }
  }

  #results(events: SimulationEvents): Promise<TimedResult[]> {
    return new Promise((resolve, reject) => {
      const results: TimedResult[] = [];
      this.#worker.on('message', (message: SimulationMessage) => {
        if (message.kind === 'progress') events.progress(message.progress);
        else if (message.kind === 'failure') reject(Object.assign(new Error(message.message), message.details));
        else if (message.kind === 'end') resolve(results);
        else {
          results.push(message.result);
          events.result(message.result);
        }
      });
    });
  }
}

function startWorker(isDebug: boolean): Worker {
  const isCompiled = !import.meta.url.endsWith('.ts');
  if (isCompiled) {
    const address = new URL('../cli/simulation-worker.js', import.meta.url);
    // of what Node itself was told, a worker may name nothing that is for V8
    return isDebug ? new Worker(address, { execArgv: ['--enable-source-maps'] }) : new Worker(address);
  }
  return new Worker(new URL('./simulation-worker.ts', import.meta.url), { execArgv: typeScriptLoader() });
}
