import { mixes, QUEUE_DESIGNS, type QueueDesign, type QueueUnderTest } from '../event-queue.ts';
import { FRAME_HOP_SIZES, type FrameHopSize } from '../frame-hops.ts';
import type { TreeSize } from '../tree.ts';
import { expectedWalk } from '../tree-walk.ts';

/** What peers are given to do. Numbers are those of slow peers; fast ones go on for `FAST_FACTORS` times as long. */
export type Work =
  | { readonly kind: 'frame-hops'; readonly name: string; readonly size: FrameHopSize; readonly hops: number }
  | {
      readonly kind: 'walk';
      readonly name: string;
      readonly tree: TreeSize;
      readonly chains: number;
      readonly steps: number;
    }
  | { readonly kind: 'flood'; readonly name: string; readonly tree: TreeSize; readonly broadcasts: number }
  | { readonly kind: 'queue'; readonly name: string; readonly pending: number; readonly operations: number };

export type WorkOf<K extends Work['kind']> = Extract<Work, { kind: K }>;

/** Counts that each peer has to come to; of a kind of work all peers do not count all of them. */
export type Counts = Readonly<Record<string, number | string>>;

/** Until ours is compiled as it stays it has to see some 100,000 events, of which a broadcast is few. */
const FAST_FACTORS = { 'frame-hops': 10, walk: 20, flood: 50, queue: 10 } as const satisfies Record<
  Work['kind'],
  number
>;

const TREES: readonly TreeSize[] = [
  { leaves: 4, serversPerLeaf: 25 },
  { leaves: 10, serversPerLeaf: 40 },
  { leaves: 20, serversPerLeaf: 50 },
];

function frameHops(size: FrameHopSize): WorkOf<'frame-hops'> {
  return { kind: 'frame-hops', name: `frame-hops, ${size.name}`, size, hops: 800_000 };
}

/** As many chains as hosts, and as many frames in any size of tree. */
function walk(tree: TreeSize): WorkOf<'walk'> {
  const hosts = tree.leaves * tree.serversPerLeaf;
  return { kind: 'walk', name: `frames over a tree, ${hosts} hosts`, tree, chains: hosts, steps: 100_000 / hosts };
}

function flood(tree: TreeSize, broadcasts: number): WorkOf<'flood'> {
  const hosts = tree.leaves * tree.serversPerLeaf;
  return { kind: 'flood', name: `broadcasts over a tree, ${hosts} hosts`, tree, broadcasts };
}

function queue(pending: number): WorkOf<'queue'> {
  return { kind: 'queue', name: `pending events, ${pending}`, pending, operations: 100_000 };
}

export const WORKS: readonly Work[] = [
  ...FRAME_HOP_SIZES.map(frameHops),
  ...TREES.map(walk),
  ...TREES.map((tree) => flood(tree, 500_000 / (tree.leaves * tree.serversPerLeaf))),
  flood({ leaves: 1_000, serversPerLeaf: 40 }, 20),
  ...[100, 1_000, 10_000, 100_000, 1_000_000].map(queue),
];

/** Of some work a share: what is done before the rest of it is timed. */
export function warmUp(amount: number): number {
  return Math.ceil(amount * 0.4);
}

/** The work as a fast peer does it. */
export function prolonged(work: Work): Work {
  const factor = FAST_FACTORS[work.kind];
  switch (work.kind) {
    case 'frame-hops':
      return { ...work, hops: work.hops * factor };
    case 'walk':
      return { ...work, steps: work.steps * factor };
    case 'flood':
      return { ...work, broadcasts: work.broadcasts * factor };
    case 'queue':
      return { ...work, operations: work.operations * factor };
  }
}

/** What a peer has to count, told without simulating; null where only peers can agree with each other. */
export function expectedCounts(work: Work): Counts | null {
  switch (work.kind) {
    case 'frame-hops':
      return null;
    case 'walk':
      return expectedWalk(work.tree, { chainCount: work.chains, steps: warmUp(work.steps) + work.steps });
    case 'flood': {
      const { leaves, serversPerLeaf } = work.tree;
      const broadcasts = warmUp(work.broadcasts) + work.broadcasts;
      return {
        hops: broadcasts * leaves * (serversPerLeaf + 1),
        deliveries: broadcasts * (leaves * serversPerLeaf - 1),
      };
    }
    case 'queue': {
      // the sorting that everybody can follow
      const queue = queueUnderTest('tinyqueue of objects', work.pending);
      queue.run(warmUp(work.operations) + work.operations);
      return queueCounts(queue);
    }
  }
}

/** The delays of the pending-event work, in the order in which they are drawn. */
export function queueDelaysNs(): number[] {
  return [...queueMix().delaysNs];
}

export function queueUnderTest(design: QueueDesign, pending: number): QueueUnderTest {
  return QUEUE_DESIGNS[design](queueMix(), pending);
}

/** When everything that is pending is due: a queue that got one pop wrong has drawn other delays since. Empties it. */
export function queueCounts(queue: QueueUnderTest): Counts {
  let pendingTimesNs = 0;
  for (let timeNs = queue.drain(); timeNs !== null; timeNs = queue.drain()) pendingTimesNs += timeNs;
  return { pendingTimesNs };
}

function queueMix() {
  const [exponential] = mixes();
  return exponential!;
}
