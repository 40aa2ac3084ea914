import {
  accessSync,
  closeSync,
  constants,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';

/** What takes data in. */
export interface Sink {
  write(data: string | Uint8Array): void;
}

/**
 * Writes a file that is there as a whole or not at all: until all of it is written, and if anything goes wrong, what was
 * there before stays. What is no file, as a pipe or a device, is written as it comes.
 */
export async function writeWholeFile(path: string, fill: (sink: Sink) => void | Promise<void>): Promise<void> {
  const before = statSync(path, { throwIfNoEntry: false });
  // /dev/stdout may lead to a file that is not ours to replace
  const isStream = /^\/(dev|proc)\//.test(path) || (before !== undefined && !before.isFile());
  // a link goes on to lead where it does
  const target = before === undefined ? path : realpathSync(path);
  const partialPath = isStream ? path : `${target}.${process.pid}.partial`;
  try {
    if (!isStream && before !== undefined) accessSync(target, constants.W_OK);
    await fillFile(partialPath, before?.mode, fill);
    if (!isStream) renameSync(partialPath, target);
  } catch (error) {
    if (!isStream) rmSync(partialPath, { force: true });
    throw placed(error as NodeJS.ErrnoException, { path, partialPath });
  }
}

/** A refusal of the system with the path that the user knows; one of a file that was read keeps its own. */
function placed(
  error: NodeJS.ErrnoException,
  { path, partialPath }: { path: string; partialPath: string },
): NodeJS.ErrnoException {
  const isOfFile = error.syscall !== undefined && (error.path === undefined || error.path === partialPath);
  return isOfFile ? Object.assign(error, { path }) : error;
}

async function fillFile(
  path: string,
  mode: number | undefined,
  fill: (sink: Sink) => void | Promise<void>,
): Promise<void> {
  const fd = openSync(path, 'w', mode);
  try {
    await fill({ write: (data) => writeAll(fd, data) });
  } finally {
    closeSync(fd);
  }
}

function writeAll(fd: number, data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
}
