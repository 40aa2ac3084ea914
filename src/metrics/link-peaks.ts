import { DIRECTIONS, FLOODED_CLASSES, TRAFFIC_CLASSES } from './column-values.ts';
import type { Direction, RecordedFabric } from './recorded-fabric.ts';

/** The interval between two samples in which a direction of a link carried most of its floods. */
export interface LinkPeak {
  link: string;
  direction: Direction;
  /** Flooded bits per second on average over the interval. */
  rateBitsPerSec: number;
  /** When the interval ended. */
  untilNs: number;
}

/** The same between switches, where the share of a link's rate was greatest. */
export interface FabricLinkPeak extends LinkPeak {
  /** Of the link's rate, 0 to 1. */
  share: number;
}

const FLOODED_INDICES = FLOODED_CLASSES.map((name) => TRAFFIC_CLASSES.indexOf(name));
const DIRECTION_NAMES = Object.keys(DIRECTIONS) as Direction[];

/** Watches, sample by sample, how fast links are flooded. */
export class LinkPeaks {
  readonly #fabric: RecordedFabric;
  // indexed by link * 2 + end: flooded bytes at the last sample
  readonly #bytes: Float64Array;
  #sampledNs = 0;
  #peak: LinkPeak | null = null;
  #fabricPeak: FabricLinkPeak | null = null;

  constructor(fabric: RecordedFabric) {
    this.#fabric = fabric;
    this.#bytes = new Float64Array(fabric.links.length * 2);
  }

  sample(timeNs: number): void {
    const intervalNs = timeNs - this.#sampledNs;
    this.#sampledNs = timeNs;
    const { network } = this.#fabric.devices;
    for (const [index, { id, tier, ports }] of this.#fabric.links.entries()) {
      for (let end = 0; end < ports.length; end++) {
        let bytes = 0;
        for (const trafficClass of FLOODED_INDICES) bytes += network.classBytes(ports[end], trafficClass);
        const added = bytes - this.#bytes[index * 2 + end];
        if (added === 0) continue;
        this.#bytes[index * 2 + end] = bytes;
        // samples of one moment have no time between them
        if (intervalNs <= 0) continue;
        const rateBitsPerSec = (added * 8e9) / intervalNs;
        const peak = { link: id, direction: DIRECTION_NAMES[end], rateBitsPerSec, untilNs: timeNs };
        if (rateBitsPerSec > (this.#peak?.rateBitsPerSec ?? 0)) this.#peak = peak;
        if (tier !== 'fabric') continue;
        const share = rateBitsPerSec / network.rateBitsPerSecOf(ports[end]);
        if (share > (this.#fabricPeak?.share ?? 0)) this.#fabricPeak = { ...peak, share };
      }
    }
  }

  /** The fastest so far, the first such; null if nothing was flooded. */
  get peak(): LinkPeak | null {
    return this.#peak;
  }

  /** The one of links between switches that took the greatest share, the first such; null if nothing was flooded. */
  get fabricPeak(): FabricLinkPeak | null {
    return this.#fabricPeak;
  }
}
