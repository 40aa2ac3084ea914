import { statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type Comparison, RecordingError, readReplayable } from '../replay/replay.ts';
import { formatCount } from '../units.ts';
import { createPalette } from './colour.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import type { ReplayOptions } from './options.ts';
import { makeWritable, writeData, writeJson } from './output.ts';
import { reportError } from './report-error.ts';

const DIFFERENCES_SHOWN_MAX = 5;

/** Replays recordings; a file that cannot be used does not keep the others from being replayed. */
export function replay(files: readonly string[], options: ReplayOptions): ExitCode {
  const replayOne = options.out === undefined ? compareOne : prepareWriting(files, options.out);
  const replays: Replay[] = [];
  let isUsable = true;
  for (const file of files) {
    try {
      const done = replayOne(file);
      if (!options.json) writeData(done.text);
      replays.push(done);
    } catch (error) {
      if (!(error instanceof RecordingError)) throw error;
      isUsable = false;
      reportError(error, { isDebug: options.debug });
    }
  }
  if (options.json) writeJson(replays.map(({ data }) => data));
  if (!isUsable) return ExitCode.usage;
  return replays.every(({ isEqual }) => isEqual) ? ExitCode.ok : ExitCode.failure;
}

interface Replay {
  readonly text: string;
  readonly data: object;
  readonly isEqual: boolean;
}

function compareOne(file: string): Replay {
  const recording = readReplayable(file);
  if (!recording.isObserved) {
    throw new RecordingError(`${file}: has nothing observed to compare with; add --out <folder> to write what happens`);
  }
  const comparison = recording.compare();
  const isEqual = comparison.differences.length === 0;
  return {
    text: comparisonText(recording.name, comparison),
    data: { file, name: recording.name, ...comparison },
    isEqual,
  };
}

/** `name  facts equal / facts`, then the first differences, and those that are known. */
function comparisonText(name: string, { facts, equal, differences, known = [] }: Comparison): string {
  const { green, red, dim } = createPalette(process.stdout);
  const knownCount = known.length === 0 ? '' : `, ${formatCount(known.length)} known`;
  const counts = `${formatCount(equal)} / ${formatCount(facts)} facts equal${knownCount}`;
  const lines = [`${name}  ${differences.length === 0 ? green(counts) : red(counts)}`];
  for (const difference of differences.slice(0, DIFFERENCES_SHOWN_MAX)) lines.push(`  ${difference}`);
  const hidden = differences.length - DIFFERENCES_SHOWN_MAX;
  if (hidden > 0) lines.push(dim(`  … and ${formatCount(hidden)} more; --json shows all`));
  for (const mismatch of known.slice(0, DIFFERENCES_SHOWN_MAX)) lines.push(dim(`  known: ${mismatch}`));
  const knownHidden = known.length - DIFFERENCES_SHOWN_MAX;
  if (knownHidden > 0) lines.push(dim(`  … and ${formatCount(knownHidden)} more that are known; --json shows all`));
  return lines.join('\n');
}

/** How one file is replayed and written to a folder, after making sure that this destroys nothing. */
function prepareWriting(files: readonly string[], folder: string): (file: string) => Replay {
  const target = (file: string) => join(folder, basename(file));
  const taken = new Map<string, string>();
  for (const file of files) {
    const other = taken.get(target(file));
    if (other !== undefined) throw new UsageError(`${other} and ${file} would both be written to ${target(file)}`);
    if (isSameFile(target(file), file)) {
      throw new UsageError(`${file} would be overwritten; choose another folder for --out`);
    }
    taken.set(target(file), file);
  }
  makeWritable(folder);
  return (file) => {
    const recording = readReplayable(file);
    writeFileSync(target(file), `${JSON.stringify(recording.simulated(), null, 2)}\n`);
    const data = { file, name: recording.name, written: target(file) };
    return { text: `${recording.name}  ${target(file)}`, data, isEqual: true };
  };
}

/** Also by way of links. */
function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  if (first === undefined || second === undefined) return resolve(one) === resolve(other);
  return first.dev === second.dev && first.ino === second.ino;
}
