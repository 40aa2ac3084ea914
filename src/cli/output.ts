import { accessSync, constants, mkdirSync } from 'node:fs';

/** Writes data, which may be piped into another program, and ends it with a line break. */
export function writeData(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Writes data for programs. */
export function writeJson(value: unknown): void {
  writeData(JSON.stringify(value, null, 2));
}

/** Writes a message for people, unless they asked for silence. */
export function writeMessage(text: string, { quiet }: { quiet: boolean }): void {
  if (!quiet) process.stderr.write(`${text}\n`);
}

/** A reader that has seen enough, such as `head`, ends the program without a word. */
export function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit();
    });
  }
}

/** Makes a folder, or throws before any work is done for a place that cannot be written to. */
export function makeWritable(folder: string): void {
  mkdirSync(folder, { recursive: true });
  accessSync(folder, constants.W_OK | constants.X_OK);
}
