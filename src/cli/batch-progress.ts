import { formatCount } from '../units.ts';
import { createProgressBar } from './progress-bar.ts';

/** How far a batch is. */
export interface BatchState {
  readonly cells: number;
  /** Done now or before. */
  readonly done: number;
  readonly failed: number;
  /** Of what there was to do at the beginning, the share that is done, cells under way included; 0 to 1. */
  readonly share: number;
}

/** Shows how far a batch is, again and again. */
export interface BatchProgress {
  update(state: BatchState): void;
  /** Leaves the terminal as it was found; nothing is shown after. */
  stop(): void;
}

interface ProgressOptions {
  readonly isShown: boolean;
  /** A clock on the wall. */
  readonly nowMs: () => number;
}

/** A bar on a terminal, a line now and then elsewhere, or nothing. */
export function createBatchProgress(
  stream: NodeJS.WriteStream | { readonly isTTY?: boolean; write(text: string): unknown },
  { isShown, nowMs }: ProgressOptions,
): BatchProgress {
  if (!isShown) return { update: () => {}, stop: () => {} };
  const startMs = nowMs();
  const words = (state: BatchState) => stateWords(state, nowMs() - startMs);
  return stream.isTTY === true ? bar(stream as NodeJS.WriteStream, words) : lines(stream, words, nowMs);
}

/** `12 of 40 runs, 1 failed, 3min 20s left`. */
export function stateWords({ cells, done, failed, share }: BatchState, elapsedMs: number): string {
  const parts = [`${formatCount(done)} of ${formatCount(cells)} runs`];
  if (failed > 0) parts.push(`${formatCount(failed)} failed`);
  if (share >= SHARE_MIN && share < 1) parts.push(`${timeWords((elapsedMs / share) * (1 - share))} left`);
  return parts.join(', ');
}

/** Before this share is done, nobody knows how long the rest will take. */
const SHARE_MIN = 0.005;

/** `45s`, `3min 20s`, `2h 5min`, `3d 4h`: the two largest units. */
function timeWords(durationMs: number): string {
  const total = Math.max(1, Math.round(durationMs / 1000));
  const parts = [
    { count: Math.floor(total / 86_400), unit: 'd' },
    { count: Math.floor(total / 3600) % 24, unit: 'h' },
    { count: Math.floor(total / 60) % 60, unit: 'min' },
    { count: total % 60, unit: 's' },
  ];
  const first = parts.findIndex(({ count }) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ count, unit }) => `${count}${unit}`)
    .join(' ');
}

function bar(stream: NodeJS.WriteStream, words: (state: BatchState) => string): BatchProgress {
  const shown = createProgressBar(stream, '{bar} {percentage}%  {text}');
  shown.start(1, 0, { text: '' });
  return {
    update: (state) => shown.update(state.share, { text: words(state) }),
    stop: () => shown.stop(),
  };
}

const LINE_INTERVAL_MS = 5000;

function lines(
  stream: { write(text: string): unknown },
  words: (state: BatchState) => string,
  nowMs: () => number,
): BatchProgress {
  let shownMs = nowMs();
  let isStopped = false;
  return {
    update: (state) => {
      if (isStopped || nowMs() - shownMs < LINE_INTERVAL_MS) return;
      shownMs = nowMs();
      stream.write(`${words(state)}\n`);
    },
    stop: () => {
      isStopped = true;
    },
  };
}
