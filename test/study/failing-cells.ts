// What workers run instead of src/study/simulate-cell.ts: some cells do not behave.
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CellEnd, CellOrder } from '../../src/study/cell-order.ts';

/** By the flows of a VM: what goes wrong. With others all is well. */
const ACTS: Readonly<Record<number, (order: CellOrder) => void>> = {
  1: () => {
    const hoard: number[][] = [];
    for (let number = 0; ; number++) hoard.push(new Array<number>(100_000).fill(number));
  },
  2: () => {
    throw new Error('no');
  },
  3: (order) => {
    // once
    const mark = join(dirname(order.folder!), '.tried');
    if (existsSync(mark)) return;
    writeFileSync(mark, '');
    process.exit(3);
  },
};

export async function simulateCell(order: CellOrder): Promise<CellEnd> {
  ACTS[order.run.scenario.traffic.flowsPerVmPerSecond]?.(order);
  // a worker that dies at once need not load it
  const { simulateCell: simulate } = await import('../../src/study/simulate-cell.ts');
  return simulate(order);
}
