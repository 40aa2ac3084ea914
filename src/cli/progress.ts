import { SingleBar } from 'cli-progress';
import type { RunProgress } from '../scenario/run-scenario.ts';
import { formatDuration } from '../units.ts';
import { measuredCount, measuredDuration, measuredTimes } from './format.ts';
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

/** A bar on a terminal, a line now and then elsewhere, or nothing. `nowMs` is a clock on the wall. */
export function createProgressView(
  stream: NodeJS.WriteStream | ProgressStream,
  { isShown, nowMs }: { isShown: boolean; nowMs: () => number },
): ProgressView {
  if (!isShown) return { progress: () => {}, result: () => {}, stop: () => {} };
  return stream.isTTY === true
    ? new ProgressBar(stream as NodeJS.WriteStream, nowMs)
    : new ProgressLines(stream, nowMs);
}

/** Speed since the first report of a fabric. */
class Pace {
  readonly #nowMs: () => number;
  #fabricIndex = -1;
  #startMs = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** `9s of 90s simulated, 1,234,567 events, 812,345 events/s, 3.2 times real time`. */
  describe({ fabricIndex, simulatedNs, durationNs, events }: RunProgress): string {
    const done = `${measuredDuration(simulatedNs)} of ${formatDuration(durationNs)} simulated, ${measuredCount(events)} events`;
    if (fabricIndex !== this.#fabricIndex) {
      this.#fabricIndex = fabricIndex;
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
function resultLine({ fabric, isComplete, simulatedNs, durationNs, events, wallNs }: TimedResult): string {
  const simulated = isComplete ? formatDuration(simulatedNs) : measuredDuration(simulatedNs);
  const took = isComplete ? simulated : `interrupted after ${simulated} of ${formatDuration(durationNs)},`;
  return `${fabric}: ${took} simulated in ${measuredDuration(wallNs)}, ${speed({ events, simulatedNs, wallNs })}`;
}

class ProgressBar implements ProgressView {
  readonly #stream: NodeJS.WriteStream;
  readonly #pace: Pace;
  #bar: SingleBar | null = null;
  #isStopped = false;

  constructor(stream: NodeJS.WriteStream, nowMs: () => number) {
    this.#stream = stream;
    this.#pace = new Pace(nowMs);
  }

  progress(progress: RunProgress): void {
    if (this.#isStopped) return;
    const { fabric, fabricIndex, fabricCount, simulatedNs, durationNs } = progress;
    const which = fabricCount > 1 ? `${fabricIndex + 1}/${fabricCount} ${fabric}` : fabric;
    const payload = { which, text: this.#pace.describe(progress) };
    this.#bar ??= this.#startBar(durationNs, payload);
    this.#bar.update(simulatedNs, payload);
  }

  result(result: TimedResult): void {
    this.#endBar();
    this.#stream.write(`${resultLine(result)}\n`);
  }

  stop(): void {
    this.#isStopped = true;
    this.#endBar();
  }

  #startBar(durationNs: number, payload: object): SingleBar {
    const bar = new SingleBar({
      format: '{which} {bar} {percentage}%  {text}',
      stream: this.#stream,
      barsize: 20,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      fps: 10,
      hideCursor: true,
      clearOnComplete: true,
      // signals are the business of the simulation
      gracefulExit: false,
    });
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
  readonly #nowMs: () => number;
  readonly #pace: Pace;
  #fabricIndex = -1;
  #shownMs = 0;
  #shownRatio = 0;
  #isStopped = false;

  constructor(stream: ProgressStream, nowMs: () => number) {
    this.#stream = stream;
    this.#nowMs = nowMs;
    this.#pace = new Pace(nowMs);
  }

  progress(progress: RunProgress): void {
    if (this.#isStopped) return;
    const { fabric, fabricIndex, simulatedNs, durationNs } = progress;
    const text = this.#pace.describe(progress);
    if (fabricIndex !== this.#fabricIndex) {
      this.#fabricIndex = fabricIndex;
      this.#shownMs = this.#nowMs();
      this.#shownRatio = 0;
      this.#stream.write(`${fabric}: simulating ${formatDuration(durationNs)}\n`);
    }
    const ratio = simulatedNs / durationNs;
    const sinceMs = this.#nowMs() - this.#shownMs;
    const isStep = ratio - this.#shownRatio >= LINE_STEP_RATIO && sinceMs >= LINE_INTERVAL_MIN_MS;
    if (!isStep && sinceMs < LINE_INTERVAL_MAX_MS) return;
    this.#shownMs = this.#nowMs();
    this.#shownRatio = ratio;
    this.#stream.write(`${fabric}: ${Math.floor(ratio * 100)}%, ${text}\n`);
  }

  result(result: TimedResult): void {
    this.#stream.write(`${resultLine(result)}\n`);
  }

  stop(): void {
    this.#isStopped = true;
  }
}
