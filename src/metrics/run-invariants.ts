import { MIN_FRAME_BYTES, PIM_REGISTER_OVERHEAD_BYTES } from '../wire/ethernet.ts';
import {
  FLOOD_CAUSE_ORDER,
  type FLOOD_CAUSES,
  type RUN_INVARIANT_RELATIONS,
  type RUN_INVARIANTS,
  TRAFFIC_CLASSES,
} from './column-values.ts';
import { endedFrames } from './ended-frames.ts';
import { macTablesOf, type RecordedFabric } from './recorded-fabric.ts';

/** Two numbers of a run, counted independently, that have to agree whatever the run was. */
export interface RunInvariant {
  readonly name: keyof typeof RUN_INVARIANTS;
  /** The cause of the floods that were counted; null for those of all causes, and for other frames. */
  readonly cause: keyof typeof FLOOD_CAUSES | null;
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
  const {
    network,
    tunnels,
    underlay: { multicast },
  } = fabric.devices;
  return [
    invariant('frames_conserved', network.createdFrames, 'equal', framesEndedOrUnderWay(fabric)),
    ...floodsByCause(fabric),
    ...floodsBySegment(fabric),
    uselessBySegment(fabric),
    invariant('head_end_copies', tunnels.headEndPackets, 'equal', tunnels.headEndFrames + tunnels.replicatedFrames),
    invariant(
      'tree_copies',
      multicast.sentPackets + multicast.deliveredPackets,
      'equal',
      multicast.treePackets + multicast.copiedPackets,
    ),
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
  cause: RunInvariant['cause'] = null,
): RunInvariant {
  const holds = { equal: left === right, at_least: left >= right, at_most: left <= right }[relation];
  return { name, cause, left, relation, right, holds };
}

function framesEndedOrUnderWay(fabric: RecordedFabric): number {
  const { network } = fabric.devices;
  return endedFrames(fabric).reduce((sum, { frames }) => sum + frames, network.frames.countUnderWay());
}

/**
 * Copies as nodes decided them, and as they left: through ports of bridges and into tunnels. The same for what tunnels
 * sent into the underlay, at every hop there. What a full queue or a dead link took was decided and did not leave.
 */
function floodsByCause({ nodes, devices: { network, tunnels, underlay } }: RecordedFabric): RunInvariant[] {
  const decided = new Float64Array(FLOOD_CAUSE_ORDER.length);
  const left = { bridged: new Float64Array(decided.length), routed: new Float64Array(decided.length) };
  for (const { node } of nodes) {
    for (const { cause, copies } of network.floodsOf(node)) decided[FLOOD_CAUSE_ORDER.indexOf(cause)] += copies;
  }
  for (let port = 0; port < network.portCount; port++) {
    const mode = network.modeNameOf(port);
    if (mode !== 'bridged' && mode !== 'routed') continue;
    for (let cause = 0; cause < decided.length; cause++) left[mode][cause] += network.floodedFrames(port, cause);
  }
  return FLOOD_CAUSE_ORDER.flatMap((name, cause) => {
    const fromBridges = left.bridged[cause] + network.lostFloodFrames('bridged', cause);
    const fromRouters = left.routed[cause] + network.lostFloodFrames('routed', cause);
    return [
      invariant('floods_left', decided[cause], 'equal', fromBridges + tunnels.floodPackets(cause), name),
      invariant('underlay_floods_left', underlay.floodSends(cause), 'equal', fromRouters, name),
    ].filter((one) => one.left !== 0 || one.right !== 0);
  });
}

/** Flooded copies and their bytes, added up over segments and over links, those to another network among them. */
function floodsBySegment({ links: recorded, borders = [], devices: { network } }: RecordedFabric): RunInvariant[] {
  const ports = [...recorded, ...borders].flatMap((link) => link.ports);
  return FLOOD_CAUSE_ORDER.flatMap((name, cause) => {
    const segments = { frames: 0, bytes: 0 };
    for (let i = cause; i < network.segmentFloodFrames.length; i += FLOOD_CAUSE_ORDER.length) {
      segments.frames += network.segmentFloodFrames[i];
      segments.bytes += network.segmentFloodBytes[i];
    }
    const links = { frames: 0, bytes: 0 };
    for (const port of ports) {
      links.frames += network.floodedFrames(port, cause);
      links.bytes += network.floodedBytes(port, cause);
    }
    return [
      invariant('segment_flood_frames', segments.frames, 'equal', links.frames, name),
      invariant('segment_flood_bytes', segments.bytes, 'equal', links.bytes, name),
    ].filter((one) => one.left !== 0 || one.right !== 0);
  });
}

/** Copies that servers took in for nothing, added up over segments: those of frames of no segment (-1) too. */
function uselessBySegment({ devices: { network, servers }, segmentCount }: RecordedFabric): RunInvariant {
  let useless = 0;
  for (let segment = -1; segment < segmentCount; segment++) useless += network.reach.uselessFrames(segment);
  return invariant('segment_useless_frames', useless, 'equal', servers.uselessFrames);
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

/**
 * Every frame on a routed wire is encapsulated once, and no other is; of the protocols of switches, Registers have a packet
 * inside.
 */
function encapsulation({ devices: { network, underlay }, encapsulationBytes }: RecordedFabric): RunInvariant {
  let overheadBytes = 0;
  let packets = 0;
  for (let port = 0; port < network.portCount; port++) {
    overheadBytes += network.overheadBytes(port);
    if (network.modeNameOf(port) !== 'routed') continue;
    for (const [i, name] of TRAFFIC_CLASSES.entries()) {
      if (name !== 'control') packets += network.classFrames(port, i);
    }
  }
  const registerBytes = underlay.multicast.registerHops * PIM_REGISTER_OVERHEAD_BYTES;
  return invariant('encapsulation_counted', overheadBytes, 'equal', packets * encapsulationBytes + registerBytes);
}
