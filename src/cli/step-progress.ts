import type { ProgressStream } from './progress.ts';
import { createProgressBar } from './progress-bar.ts';

/** Shows how many steps of a task are done. */
export interface StepProgress {
  /** What comes next, after so many steps. */
  step(step: { readonly done: number; readonly total: number; readonly what: string }): void;
  /** Leaves the terminal as it was found. */
  stop(): void;
}

/** A line no sooner than after this time, where there is no terminal. */
const LINE_INTERVAL_MS = 5000;

/** A bar on a terminal, a line now and then elsewhere, or nothing. `nowMs` is a clock on the wall. */
export function createStepProgress(
  stream: NodeJS.WriteStream | ProgressStream,
  { isShown, nowMs }: { isShown: boolean; nowMs: () => number },
): StepProgress {
  if (!isShown) return { step: () => {}, stop: () => {} };
  if (stream.isTTY !== true) {
    let shownMs = nowMs();
    return {
      step: ({ done, total, what }) => {
        if (nowMs() - shownMs < LINE_INTERVAL_MS) return;
        shownMs = nowMs();
        stream.write(`${what} (${done} of ${total} done)\n`);
      },
      stop: () => {},
    };
  }
  const bar = createProgressBar(stream as NodeJS.WriteStream, '{bar} {percentage}%  {what}');
  let isStarted = false;
  return {
    step: ({ done, total, what }) => {
      if (isStarted) bar.update(done, { what });
      else bar.start(total, done, { what });
      isStarted = true;
    },
    stop: () => {
      if (isStarted) bar.stop();
    },
  };
}
