/** What the process ends with. */
export const ExitCode = {
  ok: 0,
  /** Something unexpected, or recordings that were not met. */
  failure: 1,
  /** The command line, a file or a place to write to is not usable. */
  usage: 2,
  /** 128 + the number of the signal, as shells do. */
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A command line that cannot be carried out; the message says what would do. */
export class UsageError extends Error {
  override name = 'UsageError';
}
