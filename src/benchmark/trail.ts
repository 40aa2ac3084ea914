import { sum } from 'simple-statistics';
import { EventKind } from '../device/event-kinds.ts';
import { OUTCOME_NAMES } from '../device/observer.ts';
import type { Datacenter } from '../scenario/datacenter.ts';
import { runFabric } from '../scenario/run-scenario.ts';
import type { FabricSettings, Scenario } from '../scenario/scenario.ts';
import { NumberDigest } from './number-digest.ts';
import { type Decision, TrailFingerprint } from './trail-fingerprint.ts';

/** What is looked at of a run's state when a decision is made. */
export const STATE_COUNTS = ['events', 'pendingEvents', 'liveFrames', 'createdFrames', 'macEntries'] as const;

export type StateCount = (typeof STATE_COUNTS)[number];

export type RunState = Readonly<Record<StateCount, number>>;

/** What a run was up to a point, after so many decisions. */
export interface Checkpoint {
  readonly decisions: number;
  readonly fingerprint: string;
  /** Of all that the fingerprint took in, by a hash that does not depend on it. */
  readonly decisionDigest: string;
  /** Of the states that every `STATE_INTERVAL_DECISIONS`-th decision was made in. */
  readonly stateDigests: Readonly<Record<StateCount, string>>;
  /** At this point. */
  readonly state: RunState;
}

/** One decision in words, with the state of the run when it was made. Plain numbers and names: versions are compared by it. */
export interface DescribedDecision extends RunState {
  readonly index: number;
  readonly timeNs: number;
  readonly node: string;
  readonly port: string;
  readonly outcome: string;
  /** What the fingerprint took in beside the time: numbers, which versions may give otherwise to the same names. */
  readonly ingredients: DecisionIngredients;
}

export type DecisionIngredients = Readonly<Record<'kind' | 'node' | 'port' | 'outcome', number>>;

/** MAC entries are a sum over all tables, which would be most of the work if it were made at each decision. */
const STATE_INTERVAL_DECISIONS = 64;

/** Ends a run from inside, when its trail was followed far enough. */
class FarEnough extends Error {}

/** Emits what a run was after every `every` decisions, and once more at its end. */
export function trailCheckpoints(
  scenario: Scenario,
  fabric: FabricSettings,
  every: number,
  emit: (checkpoint: Checkpoint) => void,
): void {
  let datacenter: Datacenter | null = null;
  const decisionDigest = new NumberDigest();
  const stateDigests = byStateCount(() => new NumberDigest());
  const emitNow = () => {
    emit({
      decisions: fingerprint.count,
      fingerprint: fingerprint.digest(),
      decisionDigest: decisionDigest.digest(),
      stateDigests: byStateCount((count) => stateDigests[count].digest()),
      state: stateOf(datacenter!),
    });
  };
  const fingerprint = new TrailFingerprint(({ index, timeNs, kind, node, port, outcome }) => {
    for (const value of [timeNs, kind, node, port, outcome]) decisionDigest.add(value);
    if (index % STATE_INTERVAL_DECISIONS === 0) {
      const state = stateOf(datacenter!);
      for (const count of STATE_COUNTS) stateDigests[count].add(state[count]);
    }
    if ((index + 1) % every === 0) emitNow();
  });
  const onBuilt = (built: Datacenter) => {
    datacenter = built;
  };
  runFabric(scenario, fabric, { outDir: null, fingerprint, onBuilt });
  emitNow();
}

function byStateCount<T>(make: (count: StateCount) => T): Record<StateCount, T> {
  return Object.fromEntries(STATE_COUNTS.map((count) => [count, make(count)])) as Record<StateCount, T>;
}

/** Emits the decisions of a run from the one numbered `from` to before `to`, and ends it there. */
export function trailDecisions(
  scenario: Scenario,
  fabric: FabricSettings,
  { from, to }: { from: number; to: number },
  emit: (decision: DescribedDecision) => void,
): void {
  let datacenter: Datacenter | null = null;
  const fingerprint = new TrailFingerprint((decision) => {
    if (decision.index >= from) emit(describe(decision, datacenter!));
    if (decision.index + 1 >= to) throw new FarEnough();
  });
  const onBuilt = (built: Datacenter) => {
    datacenter = built;
  };
  try {
    runFabric(scenario, fabric, { outDir: null, fingerprint, onBuilt });
  } catch (error) {
    if (!(error instanceof FarEnough)) throw error;
  }
}

function describe(decision: Decision, datacenter: Datacenter): DescribedDecision {
  const { nodeNames, portNames } = datacenter.devices.network;
  const { index, timeNs, kind, node, port, outcome } = decision;
  return {
    index,
    timeNs,
    node: nodeNames[node] ?? String(node),
    ...words(decision, portNames),
    ingredients: { kind, node, port, outcome },
    ...stateOf(datacenter),
  };
}

function stateOf({ simulation, devices }: Datacenter): RunState {
  const { network, bridges, tunnels } = devices;
  return {
    events: simulation.eventCount,
    pendingEvents: simulation.pendingCount,
    liveFrames: network.frames.liveCount,
    createdFrames: network.createdFrames,
    macEntries: sum(bridges.tables.entryCounts) + sum(tunnels.tables.entryCounts),
  };
}

/** Port and outcome: of UPDATEs that a BGP speaker sends, how many and of what size. */
function words({ kind, port, outcome }: Decision, portNames: readonly string[]): { port: string; outcome: string } {
  if (kind === EventKind.bgpProcess) return { port: 'BGP', outcome: `${port} UPDATEs of ${outcome} bytes` };
  return { port: portNames[port] ?? String(port), outcome: OUTCOME_NAMES[outcome] ?? String(outcome) };
}
