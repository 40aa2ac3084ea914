import { type StormAction, StormClass, type StormLevel, StormMeters } from '../protocol/storm-meters.ts';
import { VLAN_TAG_BYTES, WIRE_EXTRA_BYTES } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import type { Network } from './network.ts';
import { FLOOD_CAUSE_COUNT, FLOOD_CAUSE_NAMES, FloodCause, Outcome } from './observer.ts';

/** What a port lets in of floods; null is no limit. */
export interface PortStormControl {
  readonly broadcast: StormLevel | null;
  readonly multicast: StormLevel | null;
  readonly unknownUnicast: StormLevel | null;
  readonly action: StormAction;
}

/**
 * Storm control at ports of bridges. It stops what came in by such a port and would be flooded; its source has been learned
 * by then, as switches learn and police at once.
 */
export class StormControl {
  readonly #network: Network;
  readonly #meters = new StormMeters();
  // by port with storm control
  readonly #meterOfPort = new Map<number, number>();
  readonly #shutsDown = new Set<number>();
  readonly #shutDown: (port: number) => void;
  // indexed by FloodCause
  readonly #droppedFrames = new Float64Array(FLOOD_CAUSE_COUNT);

  constructor(network: Network, shutDown: (port: number) => void) {
    this.#network = network;
    this.#shutDown = shutDown;
  }

  limit(port: number, { broadcast, multicast, unknownUnicast, action }: PortStormControl): void {
    this.#meterOfPort.set(port, this.#meters.add([broadcast, multicast, unknownUnicast]));
    if (action === 'shutdown') this.#shutsDown.add(port);
  }

  /** Ends a frame that a port was about to flood and that is too much for the present second. Else false. */
  stops(port: number, frame: number, cause: number): boolean {
    const meter = this.#meterOfPort.get(port);
    if (meter === undefined) return false;
    const network = this.#network;
    const { words } = network.frames;
    const f = frame << FRAME_SHIFT;
    const count = words[f + Frame.count];
    const wasTagged = network.isTagged(network.peerOf(port), words[f + Frame.segment]);
    const sizeBytes = words[f + Frame.sizeBytes] + (wasTagged ? VLAN_TAG_BYTES : 0);
    const bytes = count * (sizeBytes + WIRE_EXTRA_BYTES);
    if (this.#meters.admits(meter, stormClassOf(cause), count, bytes, network.simulation.nowNs)) return false;
    this.#droppedFrames[cause] += count;
    network.end(port, frame, Outcome.dropStormControl);
    if (this.#shutsDown.has(port)) this.#shutDown(port);
    return true;
  }

  /** Frames that were stopped, for each cause that they would have been flooded for, in the order of FloodCause. */
  dropped(): { cause: (typeof FLOOD_CAUSE_NAMES)[number]; frames: number }[] {
    return FLOOD_CAUSE_NAMES.map((cause, i) => ({ cause, frames: this.#droppedFrames[i] })).filter(
      ({ frames }) => frames > 0,
    );
  }
}

function stormClassOf(cause: number): number {
  if (cause === FloodCause.broadcastArp || cause === FloodCause.broadcastOther) return StormClass.broadcast;
  return cause === FloodCause.multicast ? StormClass.multicast : StormClass.unknownUnicast;
}
