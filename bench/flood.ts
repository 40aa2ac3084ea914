import { Outcome } from '../src/device/observer.ts';
import { BROADCAST_ID } from '../src/wire/address-book.ts';
import { MIN_FRAME_BYTES } from '../src/wire/ethernet.ts';
import type { Measurement } from './measurement.ts';
import { cpuTimeNs } from './support.ts';
import { Tree, type TreeSize } from './tree.ts';

const SETTLE_NS = 1e6;

/** A tree of bridges in which stations broadcast; what they send reaches all. */
export class FloodBench {
  readonly #tree: Tree;
  #broadcasts = 0;

  constructor(size: TreeSize) {
    this.#tree = new Tree(size);
  }

  /** Lets as many stations broadcast, one after the other; throws unless each broadcast reached everybody. */
  broadcast(count: number): void {
    const { simulation, stationCount } = this.#tree;
    const deliveredBefore = this.deliveries;
    for (let i = 0; i < count; i++) {
      const station = (this.#broadcasts++ * 7_919) % stationCount;
      this.#tree.send(station, { destination: BROADCAST_ID, sizeBytes: MIN_FRAME_BYTES, tag: -1 });
      simulation.run(simulation.nowNs + SETTLE_NS);
    }
    if (this.deliveries - deliveredBefore !== count * (stationCount - 1))
      throw new Error('a broadcast did not reach everybody');
  }

  /** What was done so far. */
  counters(): Record<string, number | string> {
    const { simulation, fingerprint } = this.#tree;
    return {
      broadcasts: this.#broadcasts,
      events: simulation.eventCount,
      hops: this.hops,
      deliveries: this.deliveries,
      fingerprint: fingerprint.digest(),
    };
  }

  /** Copies that crossed a link. */
  get hops(): number {
    return this.#tree.devices.network.hops;
  }

  /** Copies that came to a station. */
  get deliveries(): number {
    return this.#tree.devices.network.outcomeFrames[Outcome.delivered];
  }
}

/** CPU time of a broadcast, each by a station that no switch has heard before, and of one of its deliveries. */
export function benchFlood({ leaves = 1_000, serversPerLeaf = 40, broadcasts = 1_000 } = {}): Measurement[] {
  const tree = new FloodBench({ leaves, serversPerLeaf });
  // the first ones are compiled while they run, on other threads whose time counts, and tables get their pages
  tree.broadcast(broadcasts);
  const startNs = cpuTimeNs();
  tree.broadcast(broadcasts);
  const elapsedNs = cpuTimeNs() - startNs;
  const deliveries = broadcasts * (leaves * serversPerLeaf - 1);
  const bench = 'flood';
  const subject = `${leaves} leaves x ${serversPerLeaf} servers`;
  return [
    { bench, subject: `${subject}, one delivery`, unit: 'ns', value: elapsedNs / deliveries },
    { bench, subject: `${subject}, one broadcast`, unit: 'ns', value: elapsedNs / broadcasts },
    { bench, subject: `${subject}, deliveries`, unit: 'per_second', value: (deliveries / elapsedNs) * 1e9 },
  ];
}
