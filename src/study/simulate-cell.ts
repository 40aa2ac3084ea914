// What a worker of a pool does: simulate one cell after the other.
import { rmSync } from 'node:fs';
import { runInto } from '../scenario/run-scenario.ts';
import { CellControl, type CellEnd, type CellOrder, describeError } from './cell-order.ts';

/** Simulates a cell into its folder; of one that is stopped nothing is left. */
export function simulateCell({ run, parameters, command, folder, parts, control, slot }: CellOrder): CellEnd {
  const shared = new CellControl(control);
  const onProgress = ({ simulatedNs, durationNs }: { simulatedNs: number; durationNs: number }) => {
    shared.setShare(slot, simulatedNs / durationNs);
    return !shared.isStopped;
  };
  try {
    const origin = { command, parameters };
    // the store awaits the disk while the next cell is simulated
    const result = runInto(folder, run, { onProgress, origin, writesTables: parts === 'tables', awaitsDisk: false });
    if (result.isComplete) {
      const violations = result.invariants.filter(({ holds }) => !holds).length;
      return { kind: 'done', events: result.events, violations };
    }
    rmSync(folder, { recursive: true, force: true });
    return { kind: 'stopped' };
  } catch (error) {
    return { kind: 'failed', error: describeError(error) };
  }
}
