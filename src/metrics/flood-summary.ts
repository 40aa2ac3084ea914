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

/** Adds up floods over nodes and links. */
export function summarizeFlooding(fabric: RecordedFabric): FloodSummary {
  const { network, servers } = fabric.devices;
  const summary: FloodSummary = {
    byCause: floodsByCause(fabric),
    ownGroupBytes: 0,
    floodedBytes: 0,
    fabricFloodedFrames: 0,
    allBytes: 0,
    peakLink: null,
    uselessFrames: servers.uselessFrames,
    reach: reachOf(fabric),
    overheadBytes: 0,
  };
  const directions = Object.keys(DIRECTIONS) as Direction[];
  for (const { id, tier, ports } of fabric.links) {
    for (const [end, port] of ports.entries()) {
      const floodedBytes = floodedBytesOf(fabric, port);
      summary.floodedBytes += floodedBytes;
      if (tier === 'fabric') summary.fabricFloodedFrames += floodedFramesOf(fabric, port);
      summary.ownGroupBytes += network.ownGroupBytes(port);
      summary.allBytes += network.sentBytes(port);
      summary.overheadBytes += network.overheadBytes(port);
      if (floodedBytes > (summary.peakLink?.floodedBytes ?? 0)) {
        summary.peakLink = { link: id, direction: directions[end], floodedBytes };
      }
    }
  }
  return summary;
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

/** What border leaves carried to another network and from there; null where there is none. */
export function trafficToOutside({ borders = [], devices: { network } }: RecordedFabric): OutsideTraffic | null {
  if (borders.length === 0) return null;
  const loads = borders.map(({ name, ports: [out, back] }) => {
    return { border: name, sentBytes: network.sentBytes(out), receivedBytes: network.sentBytes(back) };
  });
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
  return totals.filter(({ frames }) => frames > 0);
}

function reachOf({ devices: { network }, segmentCount, segmentLabel }: RecordedFabric): ReachSummary {
  let [frames, hosts] = [0, 0];
  let widest: ReachSummary['widest'] = null;
  for (let segment = 0; segment < segmentCount; segment++) {
    const sent = network.reach.sentFrames(segment);
    if (sent === 0) continue;
    const reached = network.reach.reachedHosts(segment);
    frames += sent;
    hosts += reached;
    if (widest !== null && reached / sent <= widest.hostsMean) continue;
    widest = { segment: segmentLabel(segment), hostsMean: reached / sent };
  }
  return { frames, hostsMean: frames === 0 ? null : hosts / frames, widest };
}
