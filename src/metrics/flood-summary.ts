import { DIRECTIONS, FLOOD_CAUSES, FLOODED_CLASSES, TRAFFIC_CLASSES } from './column-values.ts';
import type { Direction, RecordedFabric } from './recorded-fabric.ts';

/** What was flooded, and what that cost. */
export interface FloodSummary {
  /** Over all nodes of the network; causes that never occurred are left out. */
  byCause: { cause: string; frames: number; copies: number; bytes: number }[];
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
  /** Bytes of encapsulation among `allBytes`. */
  overheadBytes: number;
}

/** Adds up floods over nodes and links. */
export function summarizeFlooding(fabric: RecordedFabric): FloodSummary {
  const { network, servers } = fabric.devices;
  const summary: FloodSummary = {
    byCause: floodsByCause(fabric),
    floodedBytes: 0,
    fabricFloodedFrames: 0,
    allBytes: 0,
    peakLink: null,
    uselessFrames: servers.uselessFrames,
    overheadBytes: 0,
  };
  const directions = Object.keys(DIRECTIONS) as Direction[];
  for (const { id, tier, ports } of fabric.links) {
    for (const [end, port] of ports.entries()) {
      const floodedBytes = floodedBytesOf(fabric, port);
      summary.floodedBytes += floodedBytes;
      if (tier === 'fabric') summary.fabricFloodedFrames += floodedFramesOf(fabric, port);
      summary.allBytes += network.sentBytes(port);
      summary.overheadBytes += network.overheadBytes(port);
      if (floodedBytes > (summary.peakLink?.floodedBytes ?? 0)) {
        summary.peakLink = { link: id, direction: directions[end], floodedBytes };
      }
    }
  }
  return summary;
}

function floodedBytesOf({ devices: { network } }: RecordedFabric, port: number): number {
  return FLOODED_CLASSES.reduce((sum, name) => sum + network.classBytes(port, TRAFFIC_CLASSES.indexOf(name)), 0);
}

function floodedFramesOf({ devices: { network } }: RecordedFabric, port: number): number {
  return FLOODED_CLASSES.reduce((sum, name) => sum + network.classFrames(port, TRAFFIC_CLASSES.indexOf(name)), 0);
}

function floodsByCause({ devices: { network } }: RecordedFabric): FloodSummary['byCause'] {
  const totals = Object.keys(FLOOD_CAUSES).map((cause) => ({ cause, frames: 0, copies: 0, bytes: 0 }));
  for (let node = 0; node < network.nodeNames.length; node++) {
    for (const { cause, frames, copies, bytes } of network.floodsOf(node)) {
      const total = totals.find((candidate) => candidate.cause === cause)!;
      total.frames += frames;
      total.copies += copies;
      total.bytes += bytes;
    }
  }
  return totals.filter(({ frames }) => frames > 0);
}
