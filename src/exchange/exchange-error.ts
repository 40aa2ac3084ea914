import { oneLine } from './one-line.ts';

/** A topology that another tool wrote and that cannot be taken over; the message says where and what would do. */
export class ExchangeError extends Error {
  override name = 'ExchangeError';

  /** `line` counts from 1; null where a format does not tell. */
  constructor(file: string, line: number | null, message: string) {
    super(oneLine(`${file}${line === null ? '' : `:${line}`}: ${message}`));
  }
}
