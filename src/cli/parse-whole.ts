import { InvalidArgumentError } from 'commander';

/** A whole number from 0 on. */
export function parseWhole(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('Expected a whole number from 0 to 2^53 - 1.');
}
