import { grownCopy } from '../grown-copy.ts';
import { type ConfigBpdu, ReusedConfigBpdu } from './bpdu.ts';

/** A frame's record is 16 words of 32 bits and starts at `frame << FRAME_SHIFT`. */
export const FRAME_SHIFT = 4;

const FRAMES_MAX = 2 ** 26;

/** Where a frame's record starts. The mask changes nothing, but tells V8 that every word of it has a number from 0. */
export const frameRecord = (frame: number): number => (frame & (FRAMES_MAX - 1)) << FRAME_SHIFT;

/**
 * The words of a frame record, those that every hop reads first: memory for large arrays begins 16 bytes into a cache
 * line, so the last four words are in the next line. A frame is an integer, the index of its record; several copies of a
 * frame under way share one record, counted by `refs`, so nobody changes a record that has more than one.
 */
export const Frame = {
  refs: 0,
  /** A FrameKind. */
  kind: 1,
  /** Size in bytes without tag and FCS. */
  sizeBytes: 2,
  /** Length of the train: identical frames back to back that meet one forwarding decision at each hop. */
  count: 3,
  /** VLAN or VXLAN segment, as the index that the network gave it. */
  segment: 4,
  /** Source and destination addresses, as the ids that AddressBook gave them. */
  src: 5,
  dst: 6,
  /** A Carried: what the last forwarding decision made of it. */
  carried: 7,
  /** The frame inside a VXLAN packet, or -1. */
  inner: 8,
  /** Names the frame to who sent it; the network carries it and never looks. */
  tag: 9,
  /** The Frame.bpdu of a Frame.bpdu frame, or -1. */
  bpdu: 10,
  /** Hash of the flow's headers: what ECMP and the VXLAN source port use. */
  flowHash: 11,
  /** IP or ARP sender and target; of a VXLAN packet the tunnel endpoints' indices. */
  senderIp: 12,
  targetIp: 13,
  ttl: 14,
  protocol: 15,
} as const;

/** Frame records in one typed array, recycled through a free list. */
export class FramePool {
  /** The records; reallocated when the pool grows, so hold it only until the next `allocate` or `copy`. */
  words: Int32Array;
  /** Frames in use. */
  liveCount = 0;
  readonly #bpdus: ReusedConfigBpdu[] = [];
  readonly #freeBpdus: number[] = [];
  #freeFirst = -1;
  #used = 0;

  constructor(initialFrames = 1024) {
    this.words = new Int32Array(initialFrames << FRAME_SHIFT);
  }

  /** Most frames that were in use at once. */
  get usedCount(): number {
    return this.#used;
  }

  /** A record with one reference, `inner` and `bpdu` unset, and every other word left to the caller. */
  allocate(): number {
    this.liveCount++;
    let frame = this.#freeFirst;
    if (frame >= 0) {
      this.#freeFirst = this.words[frameRecord(frame) + Frame.tag];
    } else {
      frame = this.#used++;
      if (this.#used << FRAME_SHIFT > this.words.length) this.#grow();
    }
    const o = frameRecord(frame);
    const words = this.words;
    words[o] = 1;
    words[o + Frame.inner] = -1;
    words[o + Frame.bpdu] = -1;
    return frame;
  }

  /** A new record with the same words and one reference; what is inside is shared. */
  copy(frame: number): number {
    const twin = this.allocate();
    const words = this.words;
    const o = twin << FRAME_SHIFT;
    words.copyWithin(o, frame << FRAME_SHIFT, (frame + 1) << FRAME_SHIFT);
    words[o] = 1;
    const inner = words[o + Frame.inner];
    if (inner >= 0) words[inner << FRAME_SHIFT]++;
    const bpdu = words[o + Frame.bpdu];
    if (bpdu >= 0) words[o + Frame.bpdu] = this.storeBpdu(this.#bpdus[bpdu]);
    return twin;
  }

  /** The frame itself if nobody else holds it, else a copy in exchange for the caller's references. */
  writable(frame: number, references = 1): number {
    const others = this.words[frameRecord(frame)] - references;
    if (others === 0) return frame;
    const twin = this.copy(frame);
    this.words[frameRecord(twin)] = references;
    this.words[frameRecord(frame)] = others;
    return twin;
  }

  /** Adds references for further copies under way. */
  retain(frame: number, references: number): void {
    this.words[frame << FRAME_SHIFT] += references;
  }

  /** Gives one reference back; the last one frees the record and what is inside. */
  release(frame: number): void {
    const words = this.words;
    const o = frameRecord(frame);
    if (--words[o] > 0) return;
    const inner = words[o + Frame.inner];
    if (inner >= 0) this.release(inner);
    const bpdu = words[o + Frame.bpdu];
    if (bpdu >= 0) this.#freeBpdus.push(bpdu);
    words[o + Frame.tag] = this.#freeFirst;
    this.#freeFirst = frame;
    this.liveCount--;
  }

  /** Copies `bpdu` into a recycled record and returns its index for `Frame.bpdu`. */
  storeBpdu(bpdu: ConfigBpdu): number {
    const index = this.#freeBpdus.pop() ?? this.#bpdus.length;
    if (index === this.#bpdus.length) this.#bpdus.push(new ReusedConfigBpdu());
    this.#bpdus[index].copyFrom(bpdu);
    return index;
  }

  /** The Frame.bpdu that `storeBpdu` kept; valid while its frame is. */
  bpdu(index: number): ConfigBpdu {
    return this.#bpdus[index];
  }

  /** Frames that are somewhere: each reference but those of the packets around them; a train counts its length. */
  countUnderWay(): number {
    const { words } = this;
    let frames = 0;
    for (let o = 0; o < this.#used << FRAME_SHIFT; o += 1 << FRAME_SHIFT) {
      if (words[o] <= 0) continue;
      frames += words[o] * words[o + Frame.count];
      if (words[o + Frame.inner] >= 0) frames -= words[o + Frame.count];
    }
    return frames;
  }

  #grow(): void {
    if (this.#used > FRAMES_MAX) throw new RangeError('more than 2^26 frames are under way');
    this.words = grownCopy(this.words, this.words.length * 2);
  }
}
