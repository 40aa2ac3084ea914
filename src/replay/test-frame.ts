import type { Network } from '../device/network.ts';
import { FrameKind } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import { parseMac } from '../wire/mac-address.ts';

/** Size of a recorded frame without FCS, unless a step says otherwise. */
export const DEFAULT_FRAME_BYTES = 60;

/** A wire of a replayed fabric: fast and short, so that a frame has settled long before the next step. */
export const REPLAY_WIRE = { rateBitsPerSec: 10e9, delayNs: 1_000, bufferBytes: 1 << 20 };

/** Nanoseconds in a second, and in a millisecond. */
export const SECOND_NS = 1e9;
export const MILLISECOND_NS = 1e6;

/** Makes the opaque frame number `id` in a segment. */
export function createTestFrame(
  network: Network,
  { id, segment, src, dst, sizeBytes }: { id: number; segment: number; src: string; dst: string; sizeBytes: number },
): number {
  const frame = network.createFrame(FrameKind.data, sizeBytes);
  const source = network.addresses.idOf(segment, parseMac(src));
  const destination = network.addresses.idOf(segment, parseMac(dst));
  const words = network.frames.words;
  const f = frame << FRAME_SHIFT;
  words[f + Frame.segment] = segment;
  words[f + Frame.src] = source;
  words[f + Frame.dst] = destination;
  words[f + Frame.flowHash] = id;
  words[f + Frame.tag] = id;
  return frame;
}
