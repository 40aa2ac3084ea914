import { makeWritableFolder } from '../metrics/writable-folder.ts';
import { ExitCode, UsageError } from './exit-code.ts';

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

/** A reader that has seen enough, such as `head`, ends the program without a word; a full disk ends it with one. */
export function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code === 'EPIPE') process.exit();
      if (stream === process.stdout) process.stderr.write(`error: cannot write to stdout: ${message}\n`);
      process.exit(ExitCode.usage);
    });
  }
}

/** Makes a folder, or throws before any work is done for a place that cannot be written to; `option` asked for it. */
export function makeWritable(folder: string, option = '--out'): void {
  if (folder === '') throw new UsageError(`${option}: got nothing, expected a folder`);
  makeWritableFolder(folder);
}
