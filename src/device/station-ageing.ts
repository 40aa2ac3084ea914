import type { EvpnVtep } from '../protocol/evpn/evpn-vtep.ts';
import { ARP_FRAME_BYTES, FrameKind } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import type { Bridges } from './bridges.ts';
import { EventKind } from './event-kinds.ts';
import { hashOfPair, type IpStacks } from './ip-stacks.ts';
import { type Network, PortMode } from './network.ts';
import { Carried } from './observer.ts';
import type { Tunnels } from './tunnels.ts';

const NS_PER_MS = 1e6;

/** Source address of what VTEPs ask local stations: locally administered, each VTEP's own on its side of the tunnel. */
const VTEP_MAC = 0x0e00_0000_0010;

/**
 * Of the ageing time: the age at which a station is asked, and the least time between two looks at a VTEP's stations.
 *
 * Differs from the standard: RFC 9161, 3.5 recommends to ask at a third or at half of it. Here no question is lost, so that
 * one is enough, and it comes as late as leaves time for an answer.
 */
const REFRESH_AT_RATIO = 3 / 4;
const LOOK_EVERY_RATIO = 1 / 15;

/** The devices that stations age on. */
export interface AgeingDevices {
  readonly network: Network;
  readonly bridges: Bridges;
  readonly tunnels: Tunnels;
  readonly stacks: IpStacks;
}

/** What becomes of stations at the VTEPs, as this needs it. */
export interface AgeingVteps {
  /** Lets BGP send what was changed. */
  wake(tunnel: number): void;
  /** A VTEP hears a station itself. */
  stationIsHere(tunnel: number, address: number, at: { readonly ethernetSegment: number }): boolean;
  /** A station has aged out, or was flushed: its segment may be one that the VTEP is to leave. */
  stationAgedOut(tunnel: number, address: number): void;
}

export interface StationAgeingParameters {
  /**
   * Whether a VTEP asks local stations whose IP address it knows by unicast before they age out, so that silent ones stay
   * known. RFC 9161, 3.5 (send-refresh).
   */
  readonly refreshesStations: boolean;
  /** Whether stations may be here because others of their Ethernet segment have heard them. */
  readonly hasEthernetSegments: boolean;
}

/** A VTEP whose bridge forgets stations. */
interface AgeingVtep {
  readonly tunnel: number;
  readonly bridge: number;
  readonly rules: EvpnVtep;
  /** When stations were entered here, in ms, that another VTEP of their Ethernet segment heard. */
  readonly synchronisedMs: Map<number, number>;
  isPlanned: boolean;
  /** The bridge's port for what is for itself; -1 until it asks a station something. */
  selfPort: number;
}

/**
 * What time does to the stations of VTEPs: those that the bridge forgets are withdrawn, silent ones are asked before, those
 * that other VTEPs of their Ethernet segment hear are kept, and duplicates are believed again.
 */
export class StationAgeing {
  readonly #devices: AgeingDevices;
  readonly #vteps: AgeingVteps;
  readonly #parameters: StationAgeingParameters;
  // indexed by tunnel
  readonly #places: (AgeingVtep | undefined)[] = [];

  constructor(devices: AgeingDevices, vteps: AgeingVteps, parameters: StationAgeingParameters) {
    this.#devices = devices;
    this.#vteps = vteps;
    this.#parameters = parameters;
    devices.network.simulation.on(EventKind.evpnAgeing, {
      handle: (_kind, tunnel, station) => {
        const place = this.#places[tunnel]!;
        if (station === 0) this.#age(place);
        else if (station > 0) this.#recover(place, station - 1);
        else this.#release(place, -1 - station);
      },
    });
  }

  /** Looks after the stations of a VTEP; `bridge` is -1 where a hypervisor names them, which do not age. */
  add(tunnel: number, bridge: number, rules: EvpnVtep): void {
    this.#places[tunnel] = { tunnel, bridge, rules, synchronisedMs: new Map(), isPlanned: false, selfPort: -1 };
  }

  /** A VTEP heard a station itself, which ages from now on. */
  heard(tunnel: number, address: number): void {
    const place = this.#places[tunnel]!;
    place.synchronisedMs.delete(address);
    this.#plan(place);
  }

  /** A VTEP entered a station that another one of its Ethernet segment heard. */
  synchronised(tunnel: number, address: number): void {
    const place = this.#places[tunnel]!;
    place.synchronisedMs.set(address, this.#devices.network.nowMs);
    this.#plan(place);
  }

  /** No other VTEP of its Ethernet segment hears a station any more. If this one has heard it meanwhile, it says so. */
  unheard(tunnel: number, address: number, untilNs: number): void {
    const place = this.#places[tunnel]!;
    if (this.#hasSpoken(place, address)) {
      this.#vteps.stationIsHere(tunnel, address, { ethernetSegment: place.rules.ethernetSegmentOfLocal(address) });
      return;
    }
    this.#devices.network.simulation.schedule(untilNs, EventKind.evpnAgeing, tunnel, -1 - address);
  }

  /** An address is frozen as a duplicate, for a time. */
  frozen(tunnel: number, address: number, recoveryNs: number): void {
    this.#devices.network.simulation.scheduleAfter(recoveryNs, EventKind.evpnAgeing, tunnel, address + 1);
  }

  /** A VTEP lost its power. */
  reset(tunnel: number): void {
    this.#places[tunnel]!.synchronisedMs.clear();
  }

  /**
   * Withdraws what the bridge has forgotten, and asks those that it is about to forget. Returns how long until the next
   * station has to be looked at; -1 if there is none.
   */
  withdrawForgotten(tunnel: number): number {
    const vtep = this.#places[tunnel]!;
    const { bridges, tunnels, network } = this.#devices;
    const { tables } = bridges;
    const { nowMs, simulation } = network;
    const holdMs = tables.holdMs(vtep.bridge);
    const own = tunnels.portOf(tunnel);
    const askAtMs = this.#parameters.refreshesStations ? Math.floor(holdMs * REFRESH_AT_RATIO) : holdMs;
    const lookEveryMs = Math.ceil(holdMs * LOOK_EVERY_RATIO);
    let nextMs = -1;
    let gone = false;
    for (const address of vtep.rules.ageingStations()) {
      const place = tables.lookUp(vtep.bridge, address, nowMs);
      if (place < 0 || place === own) {
        vtep.rules.stationGone(address, simulation.nowNs);
        gone = true;
        this.#vteps.stationAgedOut(tunnel, address);
        continue;
      }
      if (vtep.rules.isSynchronised(address)) {
        this.#keepSynchronised(vtep, address, place);
        const keepMs = Math.floor(holdMs * REFRESH_AT_RATIO) - tables.ageMs(vtep.bridge, address, nowMs);
        if (nextMs < 0 || keepMs < nextMs) nextMs = keepMs;
        continue;
      }
      const ageMs = tables.ageMs(vtep.bridge, address, nowMs);
      if (ageMs >= askAtMs) this.#ask(vtep, address, place);
      const dueMs = Math.min(holdMs - ageMs, Math.max(askAtMs - ageMs, lookEveryMs));
      if (nextMs < 0 || dueMs < nextMs) nextMs = dueMs;
    }
    if (gone) this.#vteps.wake(tunnel);
    return nextMs;
  }

  /** Keeps a station that another VTEP of its Ethernet segment hears; one that has spoken here is heard here from now on. */
  #keepSynchronised(vtep: AgeingVtep, address: number, place: number): void {
    const { tables } = this.#devices.bridges;
    const { nowMs } = this.#devices.network;
    if (this.#hasSpoken(vtep, address)) {
      vtep.synchronisedMs.delete(address);
      this.#vteps.stationIsHere(vtep.tunnel, address, { ethernetSegment: vtep.rules.ethernetSegmentOfLocal(address) });
    } else if (tables.ageMs(vtep.bridge, address, nowMs) >= Math.floor(tables.holdMs(vtep.bridge) * REFRESH_AT_RATIO)) {
      tables.learn(vtep.bridge, address, place, nowMs);
      vtep.synchronisedMs.set(address, nowMs);
    }
  }

  /** Whether a station that was entered because another VTEP heard it was seen at the own link since, to some 1/64 of its hold time. */
  #hasSpoken({ bridge, synchronisedMs }: AgeingVtep, address: number): boolean {
    const { tables } = this.#devices.bridges;
    const { nowMs } = this.#devices.network;
    const enteredMs = synchronisedMs.get(address);
    if (enteredMs === undefined || tables.lookUp(bridge, address, nowMs) < 0) return false;
    return nowMs - tables.ageMs(bridge, address, nowMs) > enteredMs + Math.ceil(tables.holdMs(bridge) / 64);
  }

  /** Asks a local station whether it is still there. */
  #ask(vtep: AgeingVtep, address: number, place: number): void {
    const ip = vtep.rules.ipOf(address);
    if (ip === 0) return;
    const { network, stacks, bridges, tunnels } = this.#devices;
    const segment = network.addresses.segmentOf(address);
    const own = network.addresses.idOf(segment, VTEP_MAC);
    if (vtep.selfPort < 0) {
      const node = network.nodeOf(tunnels.portOf(vtep.tunnel));
      vtep.selfPort = network.addPort(node, `${network.nodeNames[node]} self`, PortMode.self);
    }
    bridges.tables.setStatic(vtep.bridge, own, vtep.selfPort);
    const request = network.createFrame(FrameKind.arpRequest, Math.max(stacks.minFrameBytes, ARP_FRAME_BYTES));
    const words = network.frames.words;
    const f = request << FRAME_SHIFT;
    words[f + Frame.segment] = segment;
    words[f + Frame.src] = own;
    words[f + Frame.dst] = address;
    words[f + Frame.senderIp] = 0;
    words[f + Frame.targetIp] = ip;
    words[f + Frame.flowHash] = hashOfPair(own, ip);
    network.send(place, request, Carried.knownUnicast);
  }

  #recover({ tunnel, rules }: AgeingVtep, address: number): void {
    rules.recover(address, this.#devices.network.simulation.nowNs);
    this.#vteps.wake(tunnel);
  }

  #release({ tunnel, rules }: AgeingVtep, address: number): void {
    rules.release(address, this.#devices.network.simulation.nowNs);
    this.#vteps.wake(tunnel);
  }

  /** Looks at a VTEP's stations when the first can be due: later ones are found due later then. */
  #plan(vtep: AgeingVtep): void {
    if (vtep.isPlanned) return;
    const holdMs = this.#devices.bridges.tables.holdMs(vtep.bridge);
    const { refreshesStations, hasEthernetSegments } = this.#parameters;
    this.#planLook(vtep, refreshesStations || hasEthernetSegments ? Math.floor(holdMs * REFRESH_AT_RATIO) : holdMs);
  }

  #planLook(vtep: AgeingVtep, delayMs: number): void {
    const { network } = this.#devices;
    vtep.isPlanned = true;
    const dueNs = (network.nowMs + Math.max(1, delayMs)) * NS_PER_MS;
    network.simulation.schedule(dueNs, EventKind.evpnAgeing, vtep.tunnel, 0);
  }

  #age(vtep: AgeingVtep): void {
    vtep.isPlanned = false;
    const nextMs = this.withdrawForgotten(vtep.tunnel);
    if (nextMs >= 0) this.#planLook(vtep, nextMs);
  }
}
