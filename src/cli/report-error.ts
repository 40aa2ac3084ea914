import { createPalette } from './colour.ts';
import { ExitCode } from './exit-code.ts';

/** Errors that speak to the user: their message is all there is to say. By name, because workers pass no classes on. */
const USER_ERRORS = new Set([
  'ArrowFileError',
  'BenchError',
  'ExchangeError',
  'ExportError',
  'FolderTakenError',
  'RecordingError',
  'ResultsError',
  'ScenarioError',
  'UnitError',
  'UsageError',
]);

const REPORT_HINT =
  'This is a mistake in dcfabric, not in your input. Please report it with the command line, the scenario and\n' +
  'the output of the same command with --debug.';

/** Writes one clear message about an error to stderr and returns what the process ends with. */
export function reportError(error: unknown, { isDebug }: { isDebug: boolean }): ExitCode {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const isExpected = USER_ERRORS.has(name) || isSystemError(error);
  const text = isSystemError(error) ? systemMessage(error) : message;
  const { red } = createPalette(process.stderr);
  const lines = [isExpected ? `${red('error:')} ${text}` : `${red('unexpected error:')} ${text}`];
  if (isDebug && stack !== undefined) lines.push(stack);
  if (!isExpected) lines.push(REPORT_HINT);
  process.stderr.write(`${lines.join('\n')}\n`);
  return isExpected ? ExitCode.usage : ExitCode.failure;
}

/** A place in the file system has a path, one of the network an address. */
type SystemError = NodeJS.ErrnoException & { code: string; address?: string; port?: number };

/** The operating system refused a file or a place. */
function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

/** `results: permission denied (EACCES)` from `EACCES: permission denied, mkdir 'results'`. */
function systemMessage({ message, path, address, port, code }: SystemError): string {
  const name = path ?? (address === undefined ? undefined : `${address}:${port}`);
  const place = name === undefined ? '' : `${name}: `;
  const hint = PLACE_HINTS[code];
  if (hint !== undefined) return `${place}${hint} (${code})`;
  const words = /^[A-Z\d]+: ([^,]+)/.exec(message)?.[1] ?? message;
  return `${place}${words} (${code})`;
}

/** Refusals that the system's own words leave unclear. */
const PLACE_HINTS: Readonly<Record<string, string>> = {
  EEXIST: 'a file is where a folder is wanted',
  ENOTDIR: 'a file is where a folder is wanted',
  EISDIR: 'a folder is where a file is wanted',
  ERR_FS_EISDIR: 'a folder is where a file is wanted',
  ENOENT: 'no file or folder can be made there',
  ENOSPC: 'no space left; what is whole stays there',
  EADDRINUSE: 'another program listens there; choose another --port',
};
