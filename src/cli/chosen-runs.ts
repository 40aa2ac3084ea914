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
