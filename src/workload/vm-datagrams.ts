import { hashOfPair, type IpStacks } from '../device/ip-stacks.ts';
import type { Network } from '../device/network.ts';
import { Outcome } from '../device/observer.ts';
import { FrameKind } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';

/** Initial time to live. Linux, ip_default_ttl. */
const TTL = 64;

/** What a VM's datagram is, in the upper bits of its tag. Below them is who sent it. */
export const DatagramRole = { request: 0, reply: 1, data: 2, rest: 3, acknowledgement: 4, probe: 5 } as const;

const ROLE_SHIFT = 28;

/** Names below this fit into a tag beside the role. */
export const TAG_NAMES = 1 << ROLE_SHIFT;

export function tagOf(role: number, name: number): number {
  return (role << ROLE_SHIFT) | name;
}

export function roleOf(tag: number): number {
  return tag >>> ROLE_SHIFT;
}

export function nameOf(tag: number): number {
  return tag & (TAG_NAMES - 1);
}

/** Hears of a datagram that reached a VM; the frame is there to be read, and gone afterwards. */
export type DatagramListener = (vm: number, frame: number) => void;

/**
 * Datagrams between VMs: makes and sends them, and tells those that arrive to whom they concern. A VM's number is that of
 * its station and of its IP interface.
 */
export class VmDatagrams {
  /** Hears of flows' frames. */
  onFlowFrame: DatagramListener | null = null;
  /** Hears of probes. */
  onProbe: DatagramListener | null = null;
  /** Hears of the first datagram for a VM after `watch`. */
  onWatched: ((vm: number) => void) | null = null;

  /** The number, like a VM's, of a host outside that takes what comes in by an IP interface; -1 if none does. */
  hostBehind: (ipInterface: number) => number = () => -1;

  readonly #network: Network;
  readonly #stacks: IpStacks;
  // indexed by VM
  readonly #isWatched: Uint8Array;

  constructor({ network, stacks }: { network: Network; stacks: IpStacks }, vmCount: number) {
    this.#network = network;
    this.#stacks = stacks;
    this.#isWatched = new Uint8Array(vmCount);
    stacks.receiver = (ipInterface, frame) => this.#receive(ipInterface, frame);
  }

  /** Makes a datagram of one frame from a VM to another, for the caller to name, lengthen and send. */
  create(fromVm: number, toVm: number, protocol: number, sizeBytes: number): number {
    const { frames } = this.#network;
    const frame = frames.allocate();
    const words = frames.words;
    const f = frame << FRAME_SHIFT;
    const senderIp = this.#stacks.ipOf(fromVm) | 0;
    const targetIp = this.#stacks.ipOf(toVm) | 0;
    words[f + Frame.kind] = FrameKind.ip;
    words[f + Frame.sizeBytes] = Math.max(sizeBytes, this.#stacks.minFrameBytes);
    words[f + Frame.count] = 1;
    words[f + Frame.senderIp] = senderIp;
    words[f + Frame.targetIp] = targetIp;
    words[f + Frame.ttl] = TTL;
    words[f + Frame.protocol] = protocol;
    words[f + Frame.flowHash] = hashOfPair(senderIp, targetIp);
    return frame;
  }

  /** Sends what `create` made. */
  send(fromVm: number, frame: number): void {
    this.#network.countCreated(frame);
    this.#stacks.send(this.#stacks.stackOf(fromVm), frame);
  }

  /** Wants to hear of the next datagram that reaches a VM. */
  watch(vm: number): void {
    this.#isWatched[vm] = 1;
  }

  /** Whether a frame went from one VM to another. */
  isBetween(frame: number, fromVm: number, toVm: number): boolean {
    const { words } = this.#network.frames;
    const f = frame << FRAME_SHIFT;
    return (
      words[f + Frame.senderIp] === (this.#stacks.ipOf(fromVm) | 0) &&
      words[f + Frame.targetIp] === (this.#stacks.ipOf(toVm) | 0)
    );
  }

  #receive(ipInterface: number, frame: number): boolean {
    const receiver = ipInterface < this.#isWatched.length ? ipInterface : this.hostBehind(ipInterface);
    if (receiver < 0) return false;
    const { frames, outcomeFrames } = this.#network;
    if (this.#isWatched[ipInterface] === 1) {
      this.#isWatched[ipInterface] = 0;
      this.onWatched?.(ipInterface);
    }
    const tag = frames.words[(frame << FRAME_SHIFT) + Frame.tag];
    if (tag < 0) return false;
    outcomeFrames[Outcome.delivered] += frames.words[(frame << FRAME_SHIFT) + Frame.count];
    if (roleOf(tag) === DatagramRole.probe) this.onProbe?.(receiver, frame);
    else this.onFlowFrame?.(receiver, frame);
    frames.release(frame);
    return true;
  }
}
