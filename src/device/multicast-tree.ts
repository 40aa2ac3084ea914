/** The ways to the root of trees, as of the last routing. */
export interface WaysToRoot {
  /** The port of a node that leads one hop nearer to the root; -1 at the root, and where no way leads there. */
  parentPort(node: number): number;
  /** The port at the other end of a port's wire. */
  peerOf(port: number): number;
  nodeOf(port: number): number;
}

const NO_PORTS: readonly number[] = [];

interface Branching {
  /** Members here, and branches further down. */
  reasons: number;
  /** Ascending. */
  readonly ports: number[];
}

/**
 * A distribution tree: the union of the ways from its members to its root, each as joins go that travel hop by hop until
 * they meet the tree (RFC 7761, 4.5; RFC 5015, 3.4). Node by node it grows and shrinks with its members.
 */
export class MulticastTree {
  readonly ways: WaysToRoot;
  readonly #onNode: (node: number, change: 1 | -1) => void;
  readonly #branchings = new Map<number, Branching>();

  /** `onNode` hears of every node that comes to the tree or leaves it. */
  constructor(ways: WaysToRoot, onNode: (node: number, change: 1 | -1) => void = () => {}) {
    this.ways = ways;
    this.#onNode = onNode;
  }

  /** The ports of a node that are on the tree, ascending; none if the node is not on it. */
  portsAt(node: number): readonly number[] {
    return this.#branchings.get(node)?.ports ?? NO_PORTS;
  }

  get nodes(): Iterable<number> {
    return this.#branchings.keys();
  }

  /** One more member is at a node. */
  join(member: number): void {
    const { ways } = this;
    for (let node = member, below = -1; ; ) {
      let branching = this.#branchings.get(node);
      const isNew = branching === undefined;
      if (branching === undefined) {
        branching = { reasons: 0, ports: [] };
        this.#branchings.set(node, branching);
        this.#onNode(node, 1);
      }
      branching.reasons++;
      if (below >= 0) addInOrder(branching.ports, below);
      if (!isNew) return;
      const up = ways.parentPort(node);
      if (up < 0) return;
      addInOrder(branching.ports, up);
      below = ways.peerOf(up);
      node = ways.nodeOf(below);
    }
  }

  /** One of the members at a node is no more. */
  leave(member: number): void {
    const { ways } = this;
    for (let node = member, below = -1; ; ) {
      const branching = this.#branchings.get(node);
      if (branching === undefined) return;
      if (below >= 0) branching.ports.splice(branching.ports.indexOf(below), 1);
      if (--branching.reasons > 0) return;
      this.#branchings.delete(node);
      this.#onNode(node, -1);
      const up = ways.parentPort(node);
      if (up < 0) return;
      below = ways.peerOf(up);
      node = ways.nodeOf(below);
    }
  }
}

function addInOrder(ports: number[], added: number): void {
  let i = ports.length;
  while (i > 0 && ports[i - 1] > added) i--;
  ports.splice(i, 0, added);
}
