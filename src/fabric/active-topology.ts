import { type Network, PortFlag, PortMode } from '../device/network.ts';

const NO_PORT = -1;

/**
 * The links between bridges over which frames go now: up, and forwarding at both ends. They form trees (the active topology
 * of IEEE 802.1D-2004, 7.4), or else one of their spanning trees stands for them.
 */
export class ActiveTopology {
  readonly #network: Network;
  readonly #nodes: readonly number[];
  // by node: the port towards the root of its tree, and how far away that is; -1 at a root
  #parentPorts = new Int32Array(0);
  #depths = new Int32Array(0);
  #isKnown = false;

  /** `nodes` are the bridges' nodes; ports of theirs that lead elsewhere are left out. */
  constructor(network: Network, nodes: readonly number[]) {
    this.#network = network;
    this.#nodes = nodes;
  }

  /** Looks anew when next asked: a link or a port changed its state. */
  forget(): void {
    this.#isKnown = false;
  }

  /** The ports out of which a frame goes on its way from one bridge to another; null if there is no way. */
  path(from: number, to: number): number[] | null {
    this.#know();
    const up: number[] = [];
    const down: number[] = [];
    let a = from;
    let b = to;
    while (a !== b) {
      const isFirstDeeper = this.#depths[a] >= this.#depths[b];
      const port = this.#parentPorts[isFirstDeeper ? a : b];
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

  #know(): void {
    if (this.#isKnown) return;
    this.#isKnown = true;
    const network = this.#network;
    const count = network.nodeNames.length;
    this.#parentPorts = new Int32Array(count).fill(NO_PORT);
    this.#depths = new Int32Array(count).fill(-1);
    for (const root of this.#nodes) {
      if (this.#depths[root] >= 0) continue;
      this.#depths[root] = 0;
      const queue = [root];
      for (const node of queue) {
        for (const port of network.nodePorts[node]) {
          const peer = network.peerOf(port);
          if (peer < 0 || !this.#carries(port) || !this.#carries(peer)) continue;
          const neighbour = network.nodeOf(peer);
          if (this.#depths[neighbour] >= 0) continue;
          this.#depths[neighbour] = this.#depths[node] + 1;
          this.#parentPorts[neighbour] = peer;
          queue.push(neighbour);
        }
      }
    }
  }

  #carries(port: number): boolean {
    const network = this.#network;
    return (
      network.modeOf(port) === PortMode.bridged &&
      network.hasFlag(port, PortFlag.linkUp) &&
      network.hasFlag(port, PortFlag.forwarding)
    );
  }
}
