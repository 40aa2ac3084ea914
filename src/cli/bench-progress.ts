import { type BenchSubject, type MeasuredCase, measureCases } from '../benchmark/measure-cases.ts';
import { createStepProgress } from './step-progress.ts';

/** `measureCases`, showing which process is under way unless `quiet`. */
export async function measureShown(
  subjects: readonly BenchSubject[],
  caseNames: readonly string[],
  { processes, isAtOnce, quiet }: { processes: number; isAtOnce: boolean; quiet: boolean },
): Promise<MeasuredCase[][]> {
  const progress = createStepProgress(process.stderr, { isShown: !quiet, nowMs: () => performance.now() });
  try {
    return await measureCases(subjects, caseNames, {
      processes,
      isAtOnce,
      onProcess: ({ done, total, label, case: name }) => progress.step({ done, total, what: `${name}, ${label}` }),
    });
  } finally {
    progress.stop();
  }
}
