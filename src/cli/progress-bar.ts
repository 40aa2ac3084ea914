import { SingleBar } from 'cli-progress';

/** A bar for a terminal, not begun yet; `format` has `{bar}` in it. Signals are the business of the work that it shows. */
export function createProgressBar(stream: NodeJS.WriteStream, format: string): SingleBar {
  return new SingleBar({
    format,
    stream,
    barsize: 20,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    fps: 10,
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
  });
}
