import type { RandomStream } from '../engine/random.ts';
import type { Simulation } from '../engine/simulation.ts';
import { WorkloadEvent } from './event-kinds.ts';

/** What can fail: a link between switches, a switch, a server with its VMs, or a leaf with all its servers. */
export type FailureKind = 'link' | 'switch' | 'server' | 'rack';

/** Something, by its index in the datacenter, that fails at one time and perhaps comes back at another. */
export interface PlannedFailure {
  kind: FailureKind;
  /** Of a rack, that of its switch. */
  index: number;
  failNs: number;
  /** null: it stays down. */
  restoreNs: number | null;
}

/** Failures by chance, of any of one kind at any time: so many, or as a Poisson process. */
export interface RandomFailures {
  kind: FailureKind;
  /** Those of this kind that may fail. */
  candidates: readonly number[];
  /** Exactly one of these is not null. */
  count: number | null;
  meanTimeBetweenNs: number | null;
  startNs: number;
  endNs: number;
  /** Time until repair; null: never. */
  repairNs: number | null;
  /** Whether that is the same each time, or the mean of an exponential distribution. */
  repair: 'fixed' | 'exponential';
}

/** Draws failures, in the order of time. */
export function drawFailures(random: RandomFailures, stream: RandomStream): PlannedFailure[] {
  const { kind, candidates, count, startNs, endNs, repairNs, repair } = random;
  const draw = (failNs: number): PlannedFailure => {
    const index = stream.pick(candidates);
    // drawn even if it is not needed, so that whatever is repaired the same things fail
    const share = stream.exponential(1);
    const takesNs = repairNs === null ? null : Math.max(1, Math.round(repairNs * (repair === 'fixed' ? 1 : share)));
    return { kind, index, failNs, restoreNs: takesNs === null ? null : failNs + takesNs };
  };
  const failures: PlannedFailure[] = [];
  if (count !== null) {
    while (failures.length < count) failures.push(draw(Math.floor(stream.uniform(startNs, endNs))));
    return failures.sort((one, other) => one.failNs - other.failNs);
  }
  const meanNs = random.meanTimeBetweenNs ?? Infinity;
  if (meanNs === Infinity) return failures;
  for (let timeNs = startNs + stream.exponential(meanNs); timeNs < endNs; timeNs += stream.exponential(meanNs)) {
    failures.push(draw(Math.floor(timeNs)));
  }
  return failures;
}

/** What failures depend on. */
export interface FailuresParameters {
  simulation: Simulation;
  failures: readonly PlannedFailure[];
  /** The servers at a switch. */
  serversAt(switchIndex: number): readonly number[];
  setLinkUp(index: number, isUp: boolean): void;
  setSwitchUp(index: number, isUp: boolean): void;
  /** `dueNs`: when it is to come back, Infinity if never. */
  setServerUp(index: number, isUp: boolean, dueNs: number): void;
  /** Hears of each failure before anything goes down, and before anything comes back. */
  onFailed?(failure: number): void;
  onRestored?(failure: number): void;
}

const FAIL = 0;
const RESTORE = 1;

/** Lets things fail and come back. What fails again while it is down is up when the last failure is over. */
export function scheduleFailures(parameters: FailuresParameters): void {
  const { simulation, failures, serversAt, setLinkUp, setSwitchUp, setServerUp } = parameters;
  // of each link, switch and server: when the failures that are not over will be
  const duesNs = new Map<string, number[]>();
  const change = (
    kind: 'link' | 'switch' | 'server',
    index: number,
    { restoreNs, isUp }: { restoreNs: number; isUp: boolean },
  ) => {
    const key = `${kind} ${index}`;
    const pending = duesNs.get(key) ?? [];
    duesNs.set(key, pending);
    if (isUp) pending.splice(pending.indexOf(restoreNs), 1);
    else pending.push(restoreNs);
    const isChanged = isUp ? pending.length === 0 : pending.length === 1;
    if (kind === 'server') {
      // who waits for it is told when it is to come back, too
      if (isChanged || !isUp) setServerUp(index, isUp, Math.max(...pending));
    } else if (isChanged) {
      if (kind === 'link') setLinkUp(index, isUp);
      else setSwitchUp(index, isUp);
    }
  };
  simulation.on(WorkloadEvent.failure, {
    handle(_kind, failure, what) {
      const { kind, index, restoreNs } = failures[failure];
      const how = { restoreNs: restoreNs ?? Infinity, isUp: what === RESTORE };
      if (how.isUp) parameters.onRestored?.(failure);
      else parameters.onFailed?.(failure);
      if (kind === 'rack') {
        change('switch', index, how);
        for (const server of serversAt(index)) change('server', server, how);
      } else {
        change(kind, index, how);
      }
    },
  });
  for (const [failure, { failNs, restoreNs }] of failures.entries()) {
    simulation.schedule(failNs, WorkloadEvent.failure, failure, FAIL);
    // what would come back after any run stays down
    if (restoreNs !== null && restoreNs <= Number.MAX_SAFE_INTEGER) {
      simulation.schedule(restoreNs, WorkloadEvent.failure, failure, RESTORE);
    }
  }
}
