import { WIRE_EXTRA_BYTES } from '../wire/ethernet.ts';
import { DIRECTIONS, FLOOD_CAUSE_ORDER, FLOODED_CLASSES, TRAFFIC_CLASSES } from './column-values.ts';
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
  /** Of the time of the interval, how much the link spent on them, with FCS, preamble and gap of each frame; 0 to 1. */
  share: number;
}

const FLOODED_INDICES = FLOODED_CLASSES.map((name) => TRAFFIC_CLASSES.indexOf(name));
const ARP_CAUSE = FLOOD_CAUSE_ORDER.indexOf('broadcast_arp');
const DIRECTION_NAMES = Object.keys(DIRECTIONS) as Direction[];

/** What has left through a port of some kind. */
interface Carried {
  bytes: number;
  frames: number;
}

/** Watches, sample by sample, how fast links are flooded. */
export class LinkPeaks {
  readonly #fabric: RecordedFabric;
  // indexed by link * 2 + end: what was flooded until the last sample, and of that the broadcasts of ARP
  readonly #flooded: CountersOfPorts;
  readonly #arp: CountersOfPorts;
  #sampledNs = 0;
  #peak: LinkPeak | null = null;
  #fabricPeak: FabricLinkPeak | null = null;
  #fabricArpPeak: FabricLinkPeak | null = null;

  constructor(fabric: RecordedFabric) {
    this.#fabric = fabric;
    this.#flooded = new CountersOfPorts(fabric.links.length * 2);
    this.#arp = new CountersOfPorts(fabric.links.length * 2);
  }

  sample(timeNs: number): void {
    const intervalNs = timeNs - this.#sampledNs;
    // samples of one moment have no time between them
    if (intervalNs <= 0) return;
    this.#sampledNs = timeNs;
    const { network } = this.#fabric.devices;
    for (const [index, { id, tier, ports }] of this.#fabric.links.entries()) {
      for (let end = 0; end < ports.length; end++) {
        const port = ports[end];
        const place = index * 2 + end;
        let bytes = 0;
        for (const trafficClass of FLOODED_INDICES) bytes += network.classBytes(port, trafficClass);
        if (bytes === this.#flooded.bytes[place]) continue;
        let frames = 0;
        for (const trafficClass of FLOODED_INDICES) frames += network.classFrames(port, trafficClass);
        const added = this.#flooded.add(place, { bytes, frames });
        const addedArp = this.#arp.add(place, {
          bytes: network.floodedBytes(port, ARP_CAUSE),
          frames: network.floodedFrames(port, ARP_CAUSE),
        });
        const peakOf = (one: Carried): LinkPeak => {
          const rateBitsPerSec = (one.bytes * 8e9) / intervalNs;
          return { link: id, direction: DIRECTION_NAMES[end], rateBitsPerSec, untilNs: timeNs };
        };
        const peak = peakOf(added);
        if (peak.rateBitsPerSec > (this.#peak?.rateBitsPerSec ?? 0)) this.#peak = peak;
        if (tier !== 'fabric') continue;
        const shareOf = (one: Carried) =>
          ((one.bytes + one.frames * WIRE_EXTRA_BYTES) * 8e9) / intervalNs / network.rateBitsPerSecOf(port);
        const share = shareOf(added);
        if (share > (this.#fabricPeak?.share ?? 0)) this.#fabricPeak = { ...peak, share };
        const arpShare = shareOf(addedArp);
        if (arpShare > (this.#fabricArpPeak?.share ?? 0)) {
          this.#fabricArpPeak = { ...peakOf(addedArp), share: arpShare };
        }
      }
    }
  }

  /** Forgets what was watched until `timeNs`, when an interval begins. */
  restart(timeNs: number): void {
    this.sample(timeNs);
    this.#peak = null;
    this.#fabricPeak = null;
    this.#fabricArpPeak = null;
  }

  /** The fastest so far, the first such; null if nothing was flooded. */
  get peak(): LinkPeak | null {
    return this.#peak;
  }

  /** The one of links between switches that took the greatest share, the first such; null if nothing was flooded. */
  get fabricPeak(): FabricLinkPeak | null {
    return this.#fabricPeak;
  }

  /** The same of the broadcasts of ARP alone. */
  get fabricArpPeak(): FabricLinkPeak | null {
    return this.#fabricArpPeak;
  }
}

/** What had left through each of many ports when it was last looked at. */
class CountersOfPorts {
  readonly bytes: Float64Array;
  readonly #frames: Float64Array;

  constructor(count: number) {
    this.bytes = new Float64Array(count);
    this.#frames = new Float64Array(count);
  }

  /** Takes in what has left by now, and says what was added. */
  add(place: number, { bytes, frames }: Carried): Carried {
    const added = { bytes: bytes - this.bytes[place], frames: frames - this.#frames[place] };
    this.bytes[place] = bytes;
    this.#frames[place] = frames;
    return added;
  }
}
