import type { RandomStream } from '../engine/random.ts';

/** VMs that `pack` puts on a server when no limit is given, unless they would not all fit then. */
export const PACKED_VMS_PER_SERVER = 20;

/** What decides where VMs start. */
export interface PlacementParameters {
  vmCount: number;
  /** The rack (its leaf) of each server. */
  serverRacks: Int32Array;
  /**
   * `spread`: one server after the other in turn, each in another rack than the last, so that a segment, whose VMs have
   * consecutive numbers, is spread over as many racks as it can be. `pack`: a server is filled, then the next.
   * `random`: each VM on any server that has room, all equally likely.
   */
  policy: 'spread' | 'random' | 'pack';
  /** null is no limit; `pack` then fills a server with PACKED_VMS_PER_SERVER, or evenly if these are too few. */
  vmsPerServerMax: number | null;
  /** Drawn from by `random` alone, once for each VM. */
  stream: RandomStream;
}

/** The server, by index, that each VM starts on. */
export function placeVms(parameters: PlacementParameters): Int32Array {
  const { vmCount, serverRacks, policy, vmsPerServerMax } = parameters;
  const serverCount = serverRacks.length;
  if (vmCount > serverCount * (vmsPerServerMax ?? Infinity)) {
    throw new RangeError(`${vmCount} VMs do not fit on ${serverCount} servers of ${vmsPerServerMax}`);
  }
  switch (policy) {
    case 'spread': {
      const order = serversRackByRack(serverRacks);
      return Int32Array.from({ length: vmCount }, (_, vm) => order[vm % serverCount]);
    }
    case 'pack': {
      const perServer = vmsPerServerMax ?? Math.max(PACKED_VMS_PER_SERVER, Math.ceil(vmCount / serverCount));
      return Int32Array.from({ length: vmCount }, (_, vm) => Math.floor(vm / perServer));
    }
    case 'random':
      return placeAtRandom(parameters);
  }
}

/** The first server of every rack, then the second of every rack, and so on. */
function serversRackByRack(serverRacks: Int32Array): number[] {
  const countOfRack = new Map<number, number>();
  const ranked = Array.from(serverRacks, (rack, server) => {
    const rank = countOfRack.get(rack) ?? 0;
    countOfRack.set(rack, rank + 1);
    return { server, rank };
  });
  return ranked.sort((one, other) => one.rank - other.rank || one.server - other.server).map(({ server }) => server);
}

function placeAtRandom({ vmCount, serverRacks, vmsPerServerMax, stream }: PlacementParameters): Int32Array {
  const max = vmsPerServerMax ?? Infinity;
  const counts = new Int32Array(serverRacks.length);
  const open = Int32Array.from(serverRacks, (_, server) => server);
  let openCount = open.length;
  return Int32Array.from({ length: vmCount }, () => {
    const index = stream.integer(openCount);
    const server = open[index];
    if (++counts[server] >= max) open[index] = open[--openCount];
    return server;
  });
}
