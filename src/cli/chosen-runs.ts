import { distinctRuns } from '../results/distinct-runs.ts';
import { type FoundRun, findRuns } from '../results/find-runs.ts';
import { labelsOf } from '../results/run-labels.ts';
import { UsageError } from './exit-code.ts';
import { writeMessage } from './output.ts';

/** The runs at and below paths; those that are incomplete only if they are wanted, and never without a word. */
export function chosenRuns(
  paths: readonly string[],
  { incomplete: wantsIncomplete = false, quiet }: { incomplete?: boolean; quiet: boolean },
): FoundRun[] {
  const found = findRuns(paths);
  const complete = found.filter((run) => labelsOf(run).isComplete);
  const count = found.length - complete.length;
  if (count === 0) return found;
  const which = count === 1 ? '1 run is' : `${count} runs are`;
  if (wantsIncomplete) {
    writeMessage(`${which} incomplete, of ${found.length}: in it as far as it came.`, { quiet });
    return found;
  }
  if (complete.length === 0) {
    throw new UsageError(
      `${paths.join(', ')}: every run there is incomplete, ${found[0]!.folder} for one; --incomplete takes them in`,
    );
  }
  writeMessage(`${which} incomplete, of ${found.length}, and left out; --incomplete takes them in.`, { quiet });
  return complete;
}

/** Runs, each once; says which were there a second time. */
export function withoutRepeated(runs: readonly FoundRun[], { quiet }: { quiet: boolean }): readonly FoundRun[] {
  const distinct = distinctRuns(runs);
  const [first] = distinct.repeated;
  if (first === undefined) return runs;
  const count = distinct.repeated.length;
  const which = count === 1 ? '1 run is there twice, and counts' : `${count} runs are there twice, and count`;
  writeMessage(`${which} once: ${first.folder} is the same run as ${first.otherFolder}.`, { quiet });
  return distinct.runs;
}

/** Says which runs are there a second time, and count twice. */
export function tellRepeated(runs: readonly FoundRun[], { quiet }: { quiet: boolean }): void {
  const { repeated } = distinctRuns(runs);
  const [first] = repeated;
  if (first === undefined) return;
  const which =
    repeated.length === 1 ? '1 run is there twice, and its' : `${repeated.length} runs are there twice, and their`;
  writeMessage(`${which} rows too: ${first.folder} is the same run as ${first.otherFolder}.`, { quiet });
}
