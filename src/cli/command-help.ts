import { type Command, InvalidArgumentError } from 'commander';
import type { ExitCode } from './exit-code.ts';
import type { GlobalOptions } from './options.ts';

/** Called by a command that is done, with what the process ends with. */
export type Finish = (code: ExitCode) => void;

/** What was chosen for a command, with its own options and those of all commands. */
export function optionsOf<T extends GlobalOptions>(command: Command): T {
  const defaults: Record<string, unknown> = { quiet: false, debug: false, json: false, set: [] };
  return { ...defaults, ...command.optsWithGlobals<T>() };
}

/** Collects the values of an option that may be repeated. */
export function append(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

/** Command lines with what they are for, as help shows them. */
export function examples(...lines: readonly (readonly [command: string, purpose: string])[]): string {
  const shown = lines.map(([command, purpose]) => `  $ ${command}${purpose === '' ? '' : `   # ${purpose}`}`);
  return `\n${lines.length > 1 ? 'Examples' : 'Example'}:\n${shown.join('\n')}\n`;
}

/** What every command takes that reads scenarios. */
export function addScenarioOptions(command: Command): Command {
  return command
    .option('--set <path=value>', 'change one value of the scenario; may be repeated', append)
    .option('--seed <number>', 'start of all chance, instead of the one in the scenario', parseSeed);
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new InvalidArgumentError('Expected a whole number from 0 to 2^53 - 1.');
}

/** A parser for whole numbers within bounds. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}
