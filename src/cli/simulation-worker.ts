// The whole file of a worker thread: it simulates what `simulator.ts` asks for, once, and reports to it.
import { parentPort } from 'node:worker_threads';
import { plannedRuns } from '../scenario/replications.ts';
import { type FabricResult, type RunProgress, runPlanned } from '../scenario/run-scenario.ts';
import type { FabricSettings, Scenario } from '../scenario/scenario.ts';
import { tuneV8 } from '../scenario/tune-v8.ts';
import { wallMs } from './wall-clock.ts';

/** What is asked for: a scenario on some of its fabrics, one after the other, in all its replications. */
export interface SimulationOrder {
  readonly scenario: Scenario;
  readonly fabrics: readonly FabricSettings[];
  /** null writes nothing. */
  readonly outDir: string | null;
  /** Words after `dcfabric` that read the scenario as it is. */
  readonly command: readonly string[];
  /** One element, shared: not 0 asks to stop. */
  readonly stopFlag: Int32Array;
}

/** A result with what it cost on this machine; these two differ from run to run. */
export interface TimedResult extends FabricResult {
  readonly wallNs: number;
  /** Most memory that the process held while this fabric was simulated, as seen at its progress reports. */
  readonly peakRssBytes: number;
}

export type SimulationMessage =
  | { readonly kind: 'progress'; readonly progress: RunProgress }
  | { readonly kind: 'result'; readonly result: TimedResult }
  | { readonly kind: 'end' }
  | { readonly kind: 'failure'; readonly name: string; readonly message: string; readonly details: object };

/** More progress than this is not worth a message. */
const PROGRESS_INTERVAL_MS = 100;

function report(message: SimulationMessage): void {
  parentPort!.postMessage(message);
}

function simulateAll({ scenario, fabrics, outDir, command, stopFlag }: SimulationOrder): void {
  const mayGoOn = () => Atomics.load(stopFlag, 0) === 0;
  for (const run of plannedRuns(scenario, fabrics)) {
    if (!mayGoOn()) return;
    const startMs = wallMs();
    let reportedMs = Number.NEGATIVE_INFINITY;
    let peakRssBytes = process.memoryUsage.rss();
    const onProgress = (progress: RunProgress) => {
      const nowMs = wallMs();
      if (nowMs - reportedMs >= PROGRESS_INTERVAL_MS) {
        reportedMs = nowMs;
        peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
        report({ kind: 'progress', progress });
      }
      return mayGoOn();
    };
    const result = runPlanned(run, { outDir, onProgress, origin: { command, parameters: {} } });
    peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
    const wallNs = Math.round((wallMs() - startMs) * 1e6);
    report({ kind: 'result', result: { ...result, wallNs, peakRssBytes } });
  }
}

parentPort!.once('message', (order: SimulationOrder) => {
  // not before: all threads are tuned at once, and V8 then takes no code that was kept of what they have yet to load
  tuneV8();
  try {
    simulateAll(order);
    report({ kind: 'end' });
  } catch (error) {
    // between threads an error keeps neither its class nor its own properties
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    report({ kind: 'failure', name, message, details: { ...(error as object), name, stack } });
  }
});
