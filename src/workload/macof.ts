import type { IpStacks } from '../device/ip-stacks.ts';
import type { Network } from '../device/network.ts';
import type { Servers } from '../device/servers.ts';
import type { RandomStream } from '../engine/random.ts';
import { BROADCAST_ID } from '../wire/address-book.ts';
import { ARP_FRAME_BYTES, FrameKind, MIN_FRAME_BYTES } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import type { MacAddress } from '../wire/mac-address.ts';
import { WorkloadEvent } from './event-kinds.ts';
import type { VmPauses } from './vm-pauses.ts';

/** Destinations that an attack writes to: nobody has them, so every one is as unknown as the others. */
const DESTINATION_COUNT = 1024;

/** Bits by chance of an address beside the individual/group and universal/local bits. IEEE 802-2014, 8.2.2. */
const RANDOM_BITS_HIGH = 2 ** 8;
const LOCALLY_ADMINISTERED = 0x0200_0000_0000;

const NS_PER_SECOND = 1e9;

/** A station that fills MAC tables on purpose. */
export interface PlannedAttack {
  /** `macof`, or ARP requests of the station itself for an address that nobody has. */
  kind: 'macof' | 'broadcast-storm';
  /** The VM that sends, or null. */
  vm: number | null;
  /** The node of the server, any of whose VMs is made to send, or null. */
  server: number | null;
  startNs: number;
  stopNs: number;
  framesPerSecond: number;
  /** Different source addresses at most. */
  sourceCount: number;
  /** Of sources and destinations. */
  stream: RandomStream;
}

export interface MacofParameters {
  network: Network;
  servers: Servers;
  stacks: IpStacks;
  pauses: VmPauses;
  attacks: readonly PlannedAttack[];
}

/**
 * Stations that do harm. A broadcast storm is ARP requests of one's own, faster than anybody needs; the other is MAC
 * flooding as macof of dsniff does it: frames from random individual, locally administered addresses to others that
 * nobody has, in the segment of the station that sends them. Every switch on the way learns the source and floods.
 *
 * Sources come from a pool, because the model remembers every address that it has seen: with more of them than the tables
 * hold, the effect of a pool is that of new addresses for ever. Frames leave at equal distances.
 */
export class Macof {
  sentFrames = 0;
  readonly #parameters: MacofParameters;
  // by attack: its pools of addresses
  readonly #sources: MacAddress[][];
  readonly #destinations: MacAddress[][];

  constructor(parameters: MacofParameters) {
    this.#parameters = parameters;
    const { network, attacks } = parameters;
    this.#sources = attacks.map(() => []);
    this.#destinations = attacks.map(() => []);
    network.simulation.on(WorkloadEvent.attack, { handle: (_kind, attack, frame) => this.#send(attack, frame) });
    for (const [attack, { startNs }] of attacks.entries()) {
      network.simulation.schedule(startNs, WorkloadEvent.attack, attack, 0);
    }
  }

  #send(attack: number, number: number): void {
    const { network, attacks } = this.#parameters;
    const { kind, startNs, stopNs, framesPerSecond, sourceCount, stream } = attacks[attack];
    const next = number + 1;
    const nextNs = startNs + Math.floor((next * NS_PER_SECOND) / framesPerSecond);
    if (nextNs < stopNs) network.simulation.schedule(nextNs, WorkloadEvent.attack, attack, next);
    // all is drawn whatever becomes of the frame: fabrics see the same
    const source = drawAddress(this.#sources[attack], sourceCount, stream);
    const destination = drawAddress(this.#destinations[attack], DESTINATION_COUNT, stream);
    const station = this.#stationOf(attack, stream.next());
    if (station < 0) return;
    if (kind === 'macof') this.#transmit(station, source, destination);
    else this.#ask(station);
  }

  /** The station whose network the frame enters, or -1 if none runs. */
  #stationOf(attack: number, chance: number): number {
    const { servers, pauses, attacks } = this.#parameters;
    const { vm, server } = attacks[attack];
    const stations = server === null ? null : servers.stationsAt(server);
    const station = vm ?? stations?.[Math.floor(chance * stations.length)] ?? -1;
    return station < 0 || servers.serverOf(station) < 0 || pauses.isPaused(station) ? -1 : station;
  }

  /** An ARP request for 0.0.0.0, which nobody answers. */
  #ask(station: number): void {
    const { network, servers, stacks } = this.#parameters;
    const ipInterface = servers.interfaceOf(station);
    const frame = network.createFrame(FrameKind.arpRequest, Math.max(ARP_FRAME_BYTES, stacks.minFrameBytes));
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    words[f + Frame.segment] = servers.segmentOf(station);
    words[f + Frame.src] = servers.addressOf(station);
    words[f + Frame.dst] = BROADCAST_ID;
    words[f + Frame.flowHash] = servers.addressOf(station);
    words[f + Frame.senderIp] = ipInterface < 0 ? 0 : stacks.ipOf(ipInterface);
    words[f + Frame.targetIp] = 0;
    this.sentFrames++;
    servers.transmit(station, frame);
  }

  #transmit(station: number, source: MacAddress, destination: MacAddress): void {
    const { network, servers } = this.#parameters;
    const segment = servers.segmentOf(station);
    const sourceId = network.addresses.idOf(segment, source);
    const destinationId = network.addresses.idOf(segment, destination);
    const frame = network.createFrame(FrameKind.data, MIN_FRAME_BYTES);
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    words[f + Frame.segment] = segment;
    words[f + Frame.src] = sourceId;
    words[f + Frame.dst] = destinationId;
    words[f + Frame.flowHash] = sourceId;
    this.sentFrames++;
    servers.transmit(station, frame);
  }
}

/** One of a pool's addresses by chance, drawn itself when it is first needed. */
function drawAddress(pool: MacAddress[], count: number, stream: RandomStream): MacAddress {
  const index = stream.integer(count);
  const fresh = LOCALLY_ADMINISTERED + stream.integer(RANDOM_BITS_HIGH) * 2 ** 32 + Math.floor(stream.next() * 2 ** 32);
  if (index < pool.length) return pool[index];
  pool.push(fresh);
  return fresh;
}
