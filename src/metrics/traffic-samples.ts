import type { ArrowTableWriter } from './arrow-file.ts';
import { DIRECTIONS, FLOOD_CAUSE_ORDER, TRAFFIC_CLASSES } from './column-values.ts';
import type { Direction, RecordedFabric, RecordedLink } from './recorded-fabric.ts';
import type { ResultFolder } from './result-folder.ts';
import { FLOOD_SAMPLES, LINK_FLOODS, LINK_SAMPLES } from './tables.ts';

const DIRECTION_NAMES = Object.keys(DIRECTIONS) as Direction[];

/** Samples what links carried, as far as it has changed. */
export class LinkSamples {
  readonly #fabric: RecordedFabric;
  readonly #writer: ArrowTableWriter<typeof LINK_SAMPLES>;
  // indexed by link * 2 + end: frames sent and dropped at the last sample; every change of a counter changes the sum
  readonly #frames: Float64Array;
  // of the row that is written: frames and bytes of each class
  readonly #counts: number[] = Array.from({ length: 2 * TRAFFIC_CLASSES.length }, () => 0);

  constructor(fabric: RecordedFabric, folder: ResultFolder) {
    this.#fabric = fabric;
    this.#writer = folder.open(LINK_SAMPLES, { link: fabric.links.map(({ id }) => id) });
    this.#frames = new Float64Array(fabric.links.length * 2);
  }

  sample(timeNs: number): void {
    const { network } = this.#fabric.devices;
    for (const [index, link] of this.#fabric.links.entries()) {
      for (let end = 0; end < link.ports.length; end++) {
        const port = link.ports[end];
        let frames = network.droppedFrames(port);
        for (let i = 0; i < TRAFFIC_CLASSES.length; i++) frames += network.classFrames(port, i);
        if (frames === this.#frames[index * 2 + end]) continue;
        this.#frames[index * 2 + end] = frames;
        this.#append(timeNs, link, port, DIRECTION_NAMES[end]);
      }
    }
  }

  #append(timeNs: number, { id, tier }: RecordedLink, port: number, direction: Direction): void {
    const { network } = this.#fabric.devices;
    for (let i = 0; i < TRAFFIC_CLASSES.length; i++) {
      this.#counts[2 * i] = network.classFrames(port, i);
      this.#counts[2 * i + 1] = network.classBytes(port, i);
    }
    this.#writer.row(
      timeNs,
      id,
      tier,
      direction,
      ...this.#counts,
      network.overheadBytes(port),
      network.droppedFrames(port),
    );
  }
}

/** Samples what nodes flooded, and why. */
export class FloodSamples {
  readonly #fabric: RecordedFabric;
  readonly #writer: ArrowTableWriter<typeof FLOOD_SAMPLES>;

  constructor(fabric: RecordedFabric, folder: ResultFolder) {
    this.#fabric = fabric;
    this.#writer = folder.open(FLOOD_SAMPLES, { node: fabric.nodes.map(({ name }) => name) });
  }

  sample(timeNs: number): void {
    const { network } = this.#fabric.devices;
    for (const { name, tier, node } of this.#fabric.nodes) {
      for (const { cause, frames, copies, bytes } of network.floodsOf(node)) {
        this.#writer.row(timeNs, name, tier, cause, frames, copies, bytes);
      }
    }
  }
}

/** Writes what links carried of floods, in the end. */
export class LinkFloods {
  readonly #fabric: RecordedFabric;
  readonly #writer: ArrowTableWriter<typeof LINK_FLOODS>;

  constructor(fabric: RecordedFabric, folder: ResultFolder) {
    this.#fabric = fabric;
    this.#writer = folder.open(LINK_FLOODS, { link: fabric.links.map(({ id }) => id) });
  }

  write(): void {
    const { network } = this.#fabric.devices;
    for (const { id, tier, ports } of this.#fabric.links) {
      for (const [end, port] of ports.entries()) {
        for (const [index, cause] of FLOOD_CAUSE_ORDER.entries()) {
          const frames = network.floodedFrames(port, index);
          if (frames === 0) continue;
          this.#writer.row(id, tier, DIRECTION_NAMES[end], cause, frames, network.floodedBytes(port, index));
        }
      }
    }
  }
}
