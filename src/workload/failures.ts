import type { Simulation } from '../engine/simulation.ts';
import { WorkloadEvent } from './event-kinds.ts';

/** A link or a switch, by its index in the datacenter, that fails at one time and perhaps comes back at another. */
export interface PlannedFailure {
  kind: 'link' | 'switch';
  index: number;
  failNs: number;
  /** null: it stays down. */
  restoreNs: number | null;
}

/** What failures depend on. */
export interface FailuresParameters {
  simulation: Simulation;
  failures: readonly PlannedFailure[];
  setLinkUp(index: number, isUp: boolean): void;
  setSwitchUp(index: number, isUp: boolean): void;
}

const FAIL = 0;
const RESTORE = 1;

/** Lets links and switches fail and come back. What fails again while it is down is up when the last failure is over. */
export function scheduleFailures({ simulation, failures, setLinkUp, setSwitchUp }: FailuresParameters): void {
  // failures of each link and switch that are not over
  const downCounts = new Map<string, number>();
  simulation.on(WorkloadEvent.failure, {
    handle(_kind, failure, what) {
      const { kind, index } = failures[failure];
      const key = `${kind} ${index}`;
      const before = downCounts.get(key) ?? 0;
      const after = what === FAIL ? before + 1 : before - 1;
      downCounts.set(key, after);
      if (before > 0 && after > 0) return;
      if (kind === 'link') setLinkUp(index, after === 0);
      else setSwitchUp(index, after === 0);
    },
  });
  for (const [failure, { failNs, restoreNs }] of failures.entries()) {
    simulation.schedule(failNs, WorkloadEvent.failure, failure, FAIL);
    if (restoreNs !== null) simulation.schedule(restoreNs, WorkloadEvent.failure, failure, RESTORE);
  }
}
