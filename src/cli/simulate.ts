import { Worker } from 'node:worker_threads';
import type { RunProgress } from '../scenario/run-scenario.ts';
import { ExitCode } from './exit-code.ts';
import type { SimulationMessage, SimulationOrder, TimedResult } from './simulation-worker.ts';

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

const SIGNAL_EXIT_CODES = { SIGINT: ExitCode.interrupted, SIGTERM: ExitCode.terminated } as const;

/**
 * Simulates in a worker thread. A simulation never yields, and a signal is only heard by a thread that does: this one
 * raises a flag in shared memory, which the simulation reads at each report of progress. The second signal ends at once.
 */
export async function simulate(
  order: Omit<SimulationOrder, 'stopFlag'>,
  events: SimulationEvents,
): Promise<SimulationEnd> {
  const stopFlag = new Int32Array(new SharedArrayBuffer(4));
  let interruption: ExitCode | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    const exitCode = SIGNAL_EXIT_CODES[signal as keyof typeof SIGNAL_EXIT_CODES];
    if (interruption !== null) process.exit(exitCode);
    interruption = exitCode;
    Atomics.store(stopFlag, 0, 1);
    events.stopping();
  };
  const signals = Object.keys(SIGNAL_EXIT_CODES) as (keyof typeof SIGNAL_EXIT_CODES)[];
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const results = await resultsOf(startWorker({ ...order, stopFlag }), events);
    return { results, interruption };
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

function resultsOf(worker: Worker, events: SimulationEvents): Promise<TimedResult[]> {
  return new Promise((resolve, reject) => {
    const results: TimedResult[] = [];
    worker.on('message', (message: SimulationMessage) => {
      if (message.kind === 'progress') events.progress(message.progress);
      else if (message.kind === 'failure') reject(Object.assign(new Error(message.message), message.details));
      else {
        results.push(message.result);
        events.result(message.result);
      }
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve(results));
  });
}

function startWorker(workerData: SimulationOrder): Worker {
  const isCompiled = import.meta.url.endsWith('.js');
  if (isCompiled) return new Worker(new URL('../cli/simulation-worker.js', import.meta.url), { workerData });
  // Node 20 does not hand the TypeScript loader of the main thread on to workers
  const loader = `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))}; register();`;
  const execArgv = ['--import', `data:text/javascript,${encodeURIComponent(loader)}`];
  return new Worker(new URL('./simulation-worker.ts', import.meta.url), { workerData, execArgv });
}
