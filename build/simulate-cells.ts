// Does what a thread of a pool does, and ends as a process does, which is when V8's code is kept; the thread is stopped.
// tsx build/simulate-cells.ts MODULE SCENARIO FOLDER
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readScenario } from '../src/scenario/read-scenario.ts';
import { plannedRuns } from '../src/scenario/replications.ts';
import { CellControl } from '../src/study/cell-order.ts';
import type { simulateCell } from '../src/study/simulate-cell.ts';

const [module = '', file = '', folder = ''] = process.argv.slice(2);
const pool = createRequire(import.meta.url)(module) as { simulateCell: typeof simulateCell };
const scenario = readScenario(file);
const about = { parameters: {}, command: [], parts: 'tables', control: new CellControl(1).buffer, slot: 0 } as const;
plannedRuns(scenario, scenario.fabrics).forEach((run, number) => {
  pool.simulateCell({ ...about, run, folder: join(folder, String(number)) });
});
