import { DIRECTIONS, FLOOD_CAUSE_ORDER, FLOODED_CLASSES, TRAFFIC_CLASSES } from './column-values.ts';
import type { Direction, RecordedFabric } from './recorded-fabric.ts';

/** What was flooded, and what that cost. */
export interface FloodSummary {
  /** Over the whole network; causes that never occurred are left out. */
  byCause: CauseSummary[];
  /** Bytes that stations sent to all or many, on the link from their server: nothing has copied them yet. */
  ownGroupBytes: number;
  /** Bytes of unknown unicast, broadcast and multicast on all links, both ways. */
  floodedBytes: number;
  /** The frames of these on links between switches: a frame counts once for each link that it crosses. */
  fabricFloodedFrames: number;
  /** Bytes of everything on all links, both ways. */
  allBytes: number;
  /** The direction of a link that carried most flooded bytes, the first such; null if none carried any. */
  peakLink: { link: string; direction: Direction; floodedBytes: number } | null;
  /** Frames that servers took in for nothing. */
  uselessFrames: number;
  reach: ReachSummary;
  /** Bytes of encapsulation among `allBytes`. */
  overheadBytes: number;
}

/** What links between sites carried, both ways. */
export interface SiteTraffic {
  bytes: number;
  /** Copies of floods, and the bytes of these. */
  floodedFrames: number;
  floodedBytes: number;
}

/** What a border leaf sent to another network, and what it had from there. */
export interface BorderLoad {
  border: string;
  sentBytes: number;
  receivedBytes: number;
}

/** What all of them did. */
export interface OutsideTraffic {
  borders: number;
  sentBytes: number;
  receivedBytes: number;
  /** The first of those that carried most, both ways. */
  busiest: BorderLoad;
}

/** Whom frames to all or many reached. */
export interface ReachSummary {
  /** Such frames that stations and gateways sent. */
  frames: number;
  /** Hosts that each of them reached on average: servers that took it in from their link; null if there were none. */
  hostsMean: number | null;
  /** The segment in which one reached most hosts on average, the first such, and how many; null if there were none. */
  widest: { segment: number; hostsMean: number } | null;
}

/** What was flooded for one cause. */
export interface CauseSummary {
  cause: string;
  /** Frames that a node flooded, the copies that it made of them, and the bytes of these. */
  frames: number;
  copies: number;
  bytes: number;
  /** Copies on all links, both ways, and their bytes: each counts once for each link that it crosses. */
  linkFrames: number;
  linkBytes: number;
}

/** What was flooded, with apart what a summary looks for the most of. */
export interface FloodTotals
  extends Pick<FloodSummary, 'ownGroupBytes' | 'fabricFloodedFrames' | 'allBytes' | 'uselessFrames' | 'overheadBytes'> {
  /** All causes, in their order. */
  readonly byCause: readonly CauseSummary[];
  /** Flooded bytes by link * 2 + end. */
  readonly floodedBytesByEnd: Float64Array;
  /** By segment: frames to all or many that were sent, and hosts that these reached. */
  readonly groupFrames: Float64Array;
  readonly reachedHosts: Float64Array;
}

/** Adds up floods over nodes and links. */
export function floodTotals(fabric: RecordedFabric): FloodTotals {
  const { network, servers } = fabric.devices;
  const totals = {
    byCause: floodsByCause(fabric),
    ownGroupBytes: 0,
    floodedBytesByEnd: new Float64Array(fabric.links.length * 2),
    fabricFloodedFrames: 0,
    allBytes: 0,
    uselessFrames: servers.uselessFrames,
    groupFrames: new Float64Array(fabric.segmentCount).map((_, segment) => network.reach.sentFrames(segment)),
    reachedHosts: new Float64Array(fabric.segmentCount).map((_, segment) => network.reach.reachedHosts(segment)),
    overheadBytes: 0,
  };
  for (const [index, { tier, ports }] of fabric.links.entries()) {
    for (const [end, port] of ports.entries()) {
      totals.floodedBytesByEnd[index * 2 + end] = floodedBytesOf(fabric, port);
      if (tier === 'fabric') totals.fabricFloodedFrames += floodedFramesOf(fabric, port);
      totals.ownGroupBytes += network.ownGroupBytes(port);
      totals.allBytes += network.sentBytes(port);
      totals.overheadBytes += network.overheadBytes(port);
    }
  }
  return totals;
}

/** Says what floods came to, and where they were most. */
export function summarizeFlooding(fabric: RecordedFabric, totals: FloodTotals): FloodSummary {
  const { byCause, floodedBytesByEnd } = totals;
  return {
    byCause: byCause.filter(({ frames, linkFrames }) => frames > 0 || linkFrames > 0),
    ownGroupBytes: totals.ownGroupBytes,
    floodedBytes: floodedBytesByEnd.reduce((sum, bytes) => sum + bytes, 0),
    fabricFloodedFrames: totals.fabricFloodedFrames,
    allBytes: totals.allBytes,
    peakLink: mostFlooded(fabric, floodedBytesByEnd),
    uselessFrames: totals.uselessFrames,
    reach: reachOf(fabric, totals),
    overheadBytes: totals.overheadBytes,
  };
}

function mostFlooded({ links }: RecordedFabric, floodedBytesByEnd: Float64Array): FloodSummary['peakLink'] {
  let most = -1;
  for (const [place, bytes] of floodedBytesByEnd.entries()) {
    if (bytes > (floodedBytesByEnd[most] ?? 0)) most = place;
  }
  if (most < 0) return null;
  const direction = (Object.keys(DIRECTIONS) as Direction[])[most % 2];
  return { link: links[Math.floor(most / 2)].id, direction, floodedBytes: floodedBytesByEnd[most] };
}

/** What crossed between sites; null where there is one. */
export function trafficBetweenSites(fabric: RecordedFabric): SiteTraffic | null {
  const ports = fabric.links.flatMap(({ isBetweenSites, ports: ends }) => (isBetweenSites === true ? ends : []));
  if (ports.length === 0) return null;
  const sum = (value: (port: number) => number) => ports.reduce((total, port) => total + value(port), 0);
  return {
    bytes: sum((port) => fabric.devices.network.sentBytes(port)),
    floodedFrames: sum((port) => floodedFramesOf(fabric, port)),
    floodedBytes: sum((port) => floodedBytesOf(fabric, port)),
  };
}

/** What each border leaf carried to another network and from there; null where there is none. */
export function borderLoads({ borders = [], devices: { network } }: RecordedFabric): BorderLoad[] | null {
  if (borders.length === 0) return null;
  return borders.map(({ name, ports: [out, back] }) => {
    return { border: name, sentBytes: network.sentBytes(out), receivedBytes: network.sentBytes(back) };
  });
}

/** Adds up what border leaves carried. */
export function summarizeOutside(loads: readonly BorderLoad[]): OutsideTraffic {
  const bytesOf = (load: BorderLoad) => load.sentBytes + load.receivedBytes;
  return {
    sentBytes: loads.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
    receivedBytes: loads.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
    busiest: loads.reduce((most, load) => (bytesOf(load) > bytesOf(most) ? load : most)),
    borders: loads.length,
  };
}

function floodedBytesOf({ devices: { network } }: RecordedFabric, port: number): number {
  return FLOODED_CLASSES.reduce((sum, name) => sum + network.classBytes(port, TRAFFIC_CLASSES.indexOf(name)), 0);
}

function floodedFramesOf({ devices: { network } }: RecordedFabric, port: number): number {
  return FLOODED_CLASSES.reduce((sum, name) => sum + network.classFrames(port, TRAFFIC_CLASSES.indexOf(name)), 0);
}

function floodsByCause({ devices: { network }, links }: RecordedFabric): CauseSummary[] {
  const totals = FLOOD_CAUSE_ORDER.map((cause) => ({
    cause,
    frames: 0,
    copies: 0,
    bytes: 0,
    linkFrames: 0,
    linkBytes: 0,
  }));
  for (let node = 0; node < network.nodeNames.length; node++) {
    for (const { cause, frames, copies, bytes } of network.floodsOf(node)) {
      const total = totals[FLOOD_CAUSE_ORDER.indexOf(cause)];
      total.frames += frames;
      total.copies += copies;
      total.bytes += bytes;
    }
  }
  for (const { ports } of links) {
    for (const port of ports) {
      for (const [cause, total] of totals.entries()) {
        total.linkFrames += network.floodedFrames(port, cause);
        total.linkBytes += network.floodedBytes(port, cause);
      }
    }
  }
  return totals;
}

function reachOf(
  { segmentLabel }: RecordedFabric,
  { groupFrames, reachedHosts }: Pick<FloodTotals, 'groupFrames' | 'reachedHosts'>,
): ReachSummary {
  let [frames, hosts] = [0, 0];
  let widest: ReachSummary['widest'] = null;
  for (const [segment, sent] of groupFrames.entries()) {
    if (sent === 0) continue;
    const reached = reachedHosts[segment];
    frames += sent;
    hosts += reached;
    if (widest !== null && reached / sent <= widest.hostsMean) continue;
    widest = { segment: segmentLabel(segment), hostsMean: reached / sent };
  }
  return { frames, hostsMean: frames === 0 ? null : hosts / frames, widest };
}
