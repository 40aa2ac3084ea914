import { type Network, PortMode } from '../device/network.ts';

const NO_PORT = -1;

/** By node: the port towards the root of its tree, and how far away that is; -1 at a root. */
interface Forest {
  readonly parentPorts: Int32Array;
  readonly depths: Int32Array;
}

/**
 * The links between bridges over which frames go now, in each instance of the spanning tree: up, and forwarding at both
 * ends. They form trees (the active topology of IEEE 802.1D-2004, 7.4), or else one of their spanning trees stands for
 * them.
 */
export class ActiveTopology {
  readonly #network: Network;
  readonly #nodes: readonly number[];
  // by instance, as far as anybody asked
  readonly #forests = new Map<number, Forest>();

  /** `nodes` are the bridges' nodes; ports of theirs that lead elsewhere are left out. */
  constructor(network: Network, nodes: readonly number[]) {
    this.#network = network;
    this.#nodes = nodes;
  }

  /** Looks anew when next asked: a link or a port changed its state. */
  forget(): void {
    this.#forests.clear();
  }

  /** The ports out of which a frame of an instance goes from one bridge to another; null if there is no way. */
  path(from: number, to: number, instance: number): number[] | null {
    const { parentPorts, depths } = this.#forestOf(instance);
    const up: number[] = [];
    const down: number[] = [];
    let a = from;
    let b = to;
    while (a !== b) {
      const isFirstDeeper = depths[a] >= depths[b];
      const port = parentPorts[isFirstDeeper ? a : b];
      if (port === NO_PORT) return null;
      const peer = this.#network.peerOf(port);
      if (isFirstDeeper) {
        up.push(port);
        a = this.#network.nodeOf(peer);
      } else {
        down.push(peer);
        b = this.#network.nodeOf(peer);
      }
    }
    return [...up, ...down.reverse()];
  }

  #forestOf(instance: number): Forest {
    const known = this.#forests.get(instance);
    if (known !== undefined) return known;
    const network = this.#network;
    const count = network.nodeNames.length;
    const parentPorts = new Int32Array(count).fill(NO_PORT);
    const depths = new Int32Array(count).fill(-1);
    for (const root of this.#nodes) {
      if (depths[root] >= 0) continue;
      depths[root] = 0;
      const queue = [root];
      for (const node of queue) {
        for (const port of network.nodePorts[node]) {
          const peer = network.peerOf(port);
          if (peer < 0 || network.modeOf(port) !== PortMode.bridged || network.modeOf(peer) !== PortMode.bridged)
            continue;
          if (!network.forwardsBetween(port, peer, instance)) continue;
          const neighbour = network.nodeOf(peer);
          if (depths[neighbour] >= 0) continue;
          depths[neighbour] = depths[node] + 1;
          parentPorts[neighbour] = peer;
          queue.push(neighbour);
        }
      }
    }
    const forest = { parentPorts, depths };
    this.#forests.set(instance, forest);
    return forest;
  }
}
