import type { SingleBar } from 'cli-progress';
import { measuredCount, measuredDuration, measuredTimes } from '../comparison/format.ts';
import type { RunProgress } from '../scenario/run-scenario.ts';
import { formatDuration } from '../units.ts';
import { createProgressBar } from './progress-bar.ts';
import type { TimedResult } from './simulation-worker.ts';

/** Shows how far a simulation is. */
export interface ProgressView {
  progress(progress: RunProgress): void;
  /** A fabric is done or was interrupted. */
  result(result: TimedResult): void;
  /** Leaves the terminal as it was found; nothing is shown after. */
  stop(): void;
}

export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * A bar on a terminal, a line now and then elsewhere, or nothing. `nowMs` is a clock on the wall; `namesSeeds` where a
 * fabric is simulated with several.
 */
export function createProgressView(
  stream: NodeJS.WriteStream | ProgressStream,
  { isShown, namesSeeds = false, nowMs }: { isShown: boolean; namesSeeds?: boolean; nowMs: () => number },
): ProgressView {
  if (!isShown) return { progress: () => {}, result: () => {}, stop: () => {} };
  return stream.isTTY === true
    ? new ProgressBar(stream as NodeJS.WriteStream, { namesSeeds, nowMs })
    : new ProgressLines(stream, { namesSeeds, nowMs });
}

interface ProgressOptions {
  readonly namesSeeds: boolean;
  readonly nowMs: () => number;
}

/** The number of a run among all. */
function runIndexOf({ replicationIndex, fabricCount, fabricIndex }: RunProgress): number {
  return replicationIndex * fabricCount + fabricIndex;
}

/** `vlan-stp`, or `vlan-stp with seed 7`. */
function nameOf({ fabric, seed }: { fabric: string; seed: number }, namesSeeds: boolean): string {
  return namesSeeds ? `${fabric} with seed ${seed}` : fabric;
}

/** Speed since the first report of a run. */
class Pace {
  readonly #nowMs: () => number;
  #runIndex = -1;
  #startMs = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** `9s of 90s simulated, 1,234,567 events, 812,345 events/s, 3.2 times real time`. */
  describe(progress: RunProgress): string {
    const { simulatedNs, durationNs, events } = progress;
    const done = `${measuredDuration(simulatedNs)} of ${formatDuration(durationNs)} simulated, ${measuredCount(events)} events`;
    const runIndex = runIndexOf(progress);
    if (runIndex !== this.#runIndex) {
      this.#runIndex = runIndex;
      this.#startMs = this.#nowMs();
      return done;
    }
    const wallNs = (this.#nowMs() - this.#startMs) * 1e6;
    return wallNs === 0 ? done : `${done}, ${speed({ events, simulatedNs, wallNs })}`;
  }
}

function speed({ events, simulatedNs, wallNs }: { events: number; simulatedNs: number; wallNs: number }): string {
  const eventsPerSec = measuredCount(Math.round((events / wallNs) * 1e9));
  return `${eventsPerSec} events/s, ${measuredTimes(simulatedNs / wallNs)} times real time`;
}

/** `vlan-stp: 90s simulated in 12.3s, 812,345 events/s, 7.3 times real time`. */
function resultLine(result: TimedResult, namesSeeds: boolean): string {
  const { isComplete, simulatedNs, durationNs, events, wallNs } = result;
  const simulated = isComplete ? formatDuration(simulatedNs) : measuredDuration(simulatedNs);
  const took = isComplete ? simulated : `interrupted after ${simulated} of ${formatDuration(durationNs)},`;
  return `${nameOf(result, namesSeeds)}: ${took} simulated in ${measuredDuration(wallNs)}, ${speed({ events, simulatedNs, wallNs })}`;
}

class ProgressBar implements ProgressView {
  readonly #stream: NodeJS.WriteStream;
  readonly #namesSeeds: boolean;
  readonly #pace: Pace;
  #bar: SingleBar | null = null;
  #isStopped = false;

  constructor(stream: NodeJS.WriteStream, { namesSeeds, nowMs }: ProgressOptions) {
    this.#stream = stream;
    this.#namesSeeds = namesSeeds;
    this.#pace = new Pace(nowMs);
  }

  progress(progress: RunProgress): void {
    if (this.#isStopped) return;
    const { fabricCount, replicationCount, simulatedNs, durationNs } = progress;
    const name = nameOf(progress, this.#namesSeeds);
    const runCount = fabricCount * replicationCount;
    const which = runCount > 1 ? `${runIndexOf(progress) + 1}/${runCount} ${name}` : name;
    const payload = { which, text: this.#pace.describe(progress) };
    this.#bar ??= this.#startBar(durationNs, payload);
    this.#bar.update(simulatedNs, payload);
  }

  result(result: TimedResult): void {
    this.#endBar();
    this.#stream.write(`${resultLine(result, this.#namesSeeds)}\n`);
  }

  stop(): void {
    this.#isStopped = true;
    this.#endBar();
  }

  #startBar(durationNs: number, payload: object): SingleBar {
    const bar = createProgressBar(this.#stream, '{which} {bar} {percentage}%  {text}');
    bar.start(durationNs, 0, payload);
    return bar;
  }

  #endBar(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}

/** A line after this share of a run, but not sooner than after this time… */
const LINE_STEP_RATIO = 0.1;
const LINE_INTERVAL_MIN_MS = 1000;
/** … and a line after this time in any case. */
const LINE_INTERVAL_MAX_MS = 5000;

class ProgressLines implements ProgressView {
  readonly #stream: ProgressStream;
  readonly #namesSeeds: boolean;
  readonly #nowMs: () => number;
  readonly #pace: Pace;
  #runIndex = -1;
  #shownMs = 0;
  #shownRatio = 0;
  #isStopped = false;

  constructor(stream: ProgressStream, { namesSeeds, nowMs }: ProgressOptions) {
    this.#stream = stream;
    this.#namesSeeds = namesSeeds;
    this.#nowMs = nowMs;
    this.#pace = new Pace(nowMs);
  }

  progress(progress: RunProgress): void {
    if (this.#isStopped) return;
    const { simulatedNs, durationNs } = progress;
    const name = nameOf(progress, this.#namesSeeds);
    const runIndex = runIndexOf(progress);
    const text = this.#pace.describe(progress);
    if (runIndex !== this.#runIndex) {
      this.#runIndex = runIndex;
      this.#shownMs = this.#nowMs();
      this.#shownRatio = 0;
      this.#stream.write(`${name}: simulating ${formatDuration(durationNs)}\n`);
    }
    const ratio = simulatedNs / durationNs;
    const sinceMs = this.#nowMs() - this.#shownMs;
    const isStep = ratio - this.#shownRatio >= LINE_STEP_RATIO && sinceMs >= LINE_INTERVAL_MIN_MS;
    if (!isStep && sinceMs < LINE_INTERVAL_MAX_MS) return;
    this.#shownMs = this.#nowMs();
    this.#shownRatio = ratio;
    this.#stream.write(`${name}: ${Math.floor(ratio * 100)}%, ${text}\n`);
  }

  result(result: TimedResult): void {
    this.#stream.write(`${resultLine(result, this.#namesSeeds)}\n`);
  }

  stop(): void {
    this.#isStopped = true;
  }
}
