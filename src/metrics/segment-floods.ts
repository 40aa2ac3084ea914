import type { ArrowTableWriter } from './arrow-file.ts';
import { FLOOD_CAUSE_ORDER } from './column-values.ts';
import type { RecordedFabric } from './recorded-fabric.ts';
import type { ResultFolder } from './result-folder.ts';
import { SEGMENT_FLOODS, SEGMENT_REACH } from './tables.ts';

/** Samples what was flooded in segments, and whom that reached, as far as it has changed. */
export class SegmentFloods {
  readonly #fabric: RecordedFabric;
  readonly #floods: ArrowTableWriter<typeof SEGMENT_FLOODS>;
  readonly #reach: ArrowTableWriter<typeof SEGMENT_REACH>;
  // at the last sample: copies, indexed by segment * causes + cause; and by segment all that is counted of its reach
  readonly #frames: Float64Array;
  readonly #reached: Float64Array;

  constructor(fabric: RecordedFabric, folder: ResultFolder) {
    this.#fabric = fabric;
    this.#floods = folder.open(SEGMENT_FLOODS);
    this.#reach = folder.open(SEGMENT_REACH);
    this.#frames = new Float64Array(fabric.segmentCount * FLOOD_CAUSE_ORDER.length);
    this.#reached = new Float64Array(fabric.segmentCount);
  }

  sample(timeNs: number): void {
    for (let segment = 0; segment < this.#fabric.segmentCount; segment++) {
      this.#sampleFloods(timeNs, segment);
      this.#sampleReach(timeNs, segment);
    }
  }

  #sampleFloods(timeNs: number, segment: number): void {
    const { segmentFloodFrames, segmentFloodBytes } = this.#fabric.devices.network;
    for (const [index, cause] of FLOOD_CAUSE_ORDER.entries()) {
      const i = segment * FLOOD_CAUSE_ORDER.length + index;
      const frames = segmentFloodFrames[i] ?? 0;
      if (frames === this.#frames[i]) continue;
      this.#frames[i] = frames;
      this.#floods.row(timeNs, this.#fabric.segmentLabel(segment), cause, frames, segmentFloodBytes[i]);
    }
  }

  #sampleReach(timeNs: number, segment: number): void {
    const { reach } = this.#fabric.devices.network;
    const [sent, reached, useless] = [
      reach.sentFrames(segment),
      reach.reachedHosts(segment),
      reach.uselessFrames(segment),
    ];
    if (sent + reached + useless === this.#reached[segment]) return;
    this.#reached[segment] = sent + reached + useless;
    this.#reach.row(timeNs, this.#fabric.segmentLabel(segment), sent, reached, useless);
  }
}
