import { MIN_FRAME_BYTES } from '../wire/ethernet.ts';
import {
  FLOODED_CLASSES,
  type RUN_INVARIANT_RELATIONS,
  type RUN_INVARIANTS,
  TRAFFIC_CLASSES,
} from './column-values.ts';
import { endedFrames } from './ended-frames.ts';
import { macTablesOf, type RecordedFabric } from './recorded-fabric.ts';

/** Two numbers of a run, counted independently, that have to agree whatever the run was. */
export interface RunInvariant {
  readonly name: keyof typeof RUN_INVARIANTS;
  readonly left: number;
  readonly relation: keyof typeof RUN_INVARIANT_RELATIONS;
  readonly right: number;
  readonly holds: boolean;
}

type Network = RecordedFabric['devices']['network'];

/**
 * Holds a run's counters against one another; the simulation is between two events. One that does not hold is a mistake
 * of the program, never of a scenario.
 */
export function checkRunInvariants(fabric: RecordedFabric): RunInvariant[] {
  const { network } = fabric.devices;
  const flooded = floodsOnPorts(fabric);
  return [
    invariant('frames_conserved', network.createdFrames, 'equal', framesEndedOrUnderWay(fabric)),
    invariant('floods_left', flooded.copies, 'at_least', flooded.sentFrames),
    invariant('floods_sent_or_dropped', flooded.copies, 'at_most', flooded.sentFrames + flooded.droppedFrames),
    shortestFrames(network),
    fullestTable(fabric),
    encapsulation(fabric),
  ];
}

function invariant(
  name: RunInvariant['name'],
  left: number,
  relation: RunInvariant['relation'],
  right: number,
): RunInvariant {
  const holds = { equal: left === right, at_least: left >= right, at_most: left <= right }[relation];
  return { name, left, relation, right, holds };
}

function framesEndedOrUnderWay(fabric: RecordedFabric): number {
  const { network } = fabric.devices;
  return endedFrames(fabric).reduce((sum, { frames }) => sum + frames, network.frames.countUnderWay());
}

/**
 * Copies as nodes decided them, by cause, and as they left: through ports of bridges by traffic class, and into tunnels.
 * What a full queue dropped was decided and did not leave.
 */
function floodsOnPorts({ devices: { network, tunnels } }: RecordedFabric) {
  let copies = 0;
  let sentFrames = tunnels.floodedPackets;
  let droppedFrames = 0;
  for (let node = 0; node < network.nodeNames.length; node++) {
    for (const flood of network.floodsOf(node)) copies += flood.copies;
  }
  for (let port = 0; port < network.portCount; port++) {
    if (network.modeNameOf(port) !== 'bridged') continue;
    for (const name of FLOODED_CLASSES) sentFrames += network.classFrames(port, TRAFFIC_CLASSES.indexOf(name));
    droppedFrames += network.droppedFrames(port);
  }
  return { copies, sentFrames, droppedFrames };
}

/** The bytes of the port and class that are nearest to too few for the frames, and the fewest that these can have. */
function shortestFrames(network: Network): RunInvariant {
  let [worstBytes, worstMin] = [0, 0];
  for (let port = 0; port < network.portCount; port++) {
    if (network.peerOf(port) < 0) continue;
    for (let trafficClass = 0; trafficClass < TRAFFIC_CLASSES.length; trafficClass++) {
      const bytes = network.classBytes(port, trafficClass);
      const minBytes = network.classFrames(port, trafficClass) * MIN_FRAME_BYTES;
      if (worstMin !== 0 && bytes - minBytes >= worstBytes - worstMin) continue;
      if (minBytes > 0 || bytes > 0) [worstBytes, worstMin] = [bytes, minBytes];
    }
  }
  return invariant('frames_long_enough', worstBytes, 'at_least', worstMin);
}

/** The table that is fullest in proportion to its capacity; those without limit cannot be too full. */
function fullestTable(fabric: RecordedFabric): RunInvariant {
  let [entries, most] = [0, 0];
  for (const { kind, table, capacity } of fabric.macTables) {
    const held = macTablesOf(fabric, kind).entryCounts[table];
    if (capacity !== null && (most === 0 || held / capacity > entries / most)) [entries, most] = [held, capacity];
  }
  return invariant('tables_within_capacity', entries, 'at_most', most);
}

/** Every frame on a routed wire is encapsulated once, and no other is. */
function encapsulation({ devices: { network }, encapsulationBytes }: RecordedFabric): RunInvariant {
  let overheadBytes = 0;
  let packets = 0;
  for (let port = 0; port < network.portCount; port++) {
    overheadBytes += network.overheadBytes(port);
    if (network.modeNameOf(port) !== 'routed') continue;
    for (let i = 0; i < TRAFFIC_CLASSES.length; i++) packets += network.classFrames(port, i);
  }
  return invariant('encapsulation_counted', overheadBytes, 'equal', packets * encapsulationBytes);
}
