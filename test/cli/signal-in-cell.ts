import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The names in a folder; none if it is not there. */
export const filesIn = (path: string) => (existsSync(path) ? readdirSync(path) : []);

/** Kills a process in the middle of a cell of the study at a place, when some are there. */
export function killInCell(place: string): (child: ChildProcess) => void {
  return (child) => {
    const isDue = () => filesIn(join(place, 'cells')).length > 1 && filesIn(join(place, '.work')).length > 0;
    const timer = setInterval(() => {
      if (isDue()) child.kill('SIGKILL');
    }, 1);
    child.on('exit', () => clearInterval(timer));
  };
}

/** Interrupts a process, once, when a cell of the study at a place writes its tables. */
export function interruptInCell(place: string): (child: ChildProcess) => void {
  return (child) => {
    const timer = setInterval(() => {
      const [cell] = filesIn(join(place, '.work'));
      if (cell === undefined || filesIn(join(place, '.work', cell)).length < 5) return;
      clearInterval(timer);
      child.kill('SIGINT');
    }, 20);
    child.on('exit', () => clearInterval(timer));
  };
}
