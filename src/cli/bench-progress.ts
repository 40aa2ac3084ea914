import type { MeasureProgress } from '../benchmark/measure-cases.ts';
import { writeMessage } from './output.ts';

/** Says which process is under way: on a terminal in one line, elsewhere each time a round of cases is through. */
export function benchProgress({ quiet }: { quiet: boolean }): (progress: MeasureProgress) => void {
  const { isTTY } = process.stderr;
  let shownTenth = -1;
  return ({ done, total, label, case: name }) => {
    if (quiet) return;
    const line = `process ${done + 1} of ${total}: ${name}, ${label}`;
    if (isTTY) {
      process.stderr.write(`\r\x1b[K${line}${done + 1 === total ? '\n' : ''}`);
      return;
    }
    const tenth = Math.floor((10 * done) / total);
    if (tenth === shownTenth) return;
    shownTenth = tenth;
    writeMessage(line, { quiet });
  };
}
