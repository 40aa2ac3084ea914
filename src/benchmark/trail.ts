import { sum } from 'simple-statistics';
import { EventKind } from '../device/event-kinds.ts';
import { OUTCOME_NAMES } from '../device/observer.ts';
import type { Datacenter } from '../scenario/datacenter.ts';
import { runFabric } from '../scenario/run-scenario.ts';
import type { FabricSettings, Scenario } from '../scenario/scenario.ts';
import { type Decision, TrailFingerprint } from './trail-fingerprint.ts';

/** The fingerprint of a run after so many decisions. */
export interface Checkpoint {
  readonly decisions: number;
  readonly fingerprint: string;
}

/** One decision in words, with the state of the run when it was made. Plain numbers and names: versions are compared by it. */
export interface DescribedDecision {
  readonly index: number;
  readonly timeNs: number;
  readonly node: string;
  readonly port: string;
  readonly outcome: string;
  readonly events: number;
  readonly pendingEvents: number;
  readonly liveFrames: number;
  readonly createdFrames: number;
  readonly macEntries: number;
}

/** Ends a run from inside, when its trail was followed far enough. */
class FarEnough extends Error {}

/** Emits the fingerprint after every `every` decisions of a run, and once more at its end. */
export function trailCheckpoints(
  scenario: Scenario,
  fabric: FabricSettings,
  every: number,
  emit: (checkpoint: Checkpoint) => void,
): void {
  const fingerprint = new TrailFingerprint(({ index }) => {
    if ((index + 1) % every === 0) emit({ decisions: index + 1, fingerprint: fingerprint.digest() });
  });
  runFabric(scenario, fabric, { outDir: null, fingerprint });
  emit({ decisions: fingerprint.count, fingerprint: fingerprint.digest() });
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

function describe(decision: Decision, { simulation, devices }: Datacenter): DescribedDecision {
  const { network, bridges, tunnels } = devices;
  return {
    index: decision.index,
    timeNs: decision.timeNs,
    node: network.nodeNames[decision.node] ?? String(decision.node),
    ...words(decision, network.portNames),
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
