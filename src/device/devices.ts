import type { Fingerprint } from '../engine/fingerprint.ts';
import type { Simulation } from '../engine/simulation.ts';
import { type ArpProfile, LINUX_ARP } from '../protocol/neighbour-cache.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import { PairRecords } from '../wire/pair-records.ts';
import { Aggregations } from './aggregations.ts';
import { Bonds } from './bonds.ts';
import { Bridges } from './bridges.ts';
import { EdgeFloods } from './edge-floods.ts';
import { IpStacks } from './ip-stacks.ts';
import { MlagPairs } from './mlag-pairs.ts';
import { Network, PORT_SHIFT, Port, PortFlag, PortMode } from './network.ts';
import { Outcome } from './observer.ts';
import { Servers } from './servers.ts';
import { SpanningTrees } from './spanning-trees.ts';
import { Tunnels } from './tunnels.ts';
import { Underlay } from './underlay.ts';

/** All devices of one datacenter around one network: what fabrics are built of. */
export class Devices {
  readonly network: Network;
  readonly bridges: Bridges;
  readonly spanningTrees: SpanningTrees;
  readonly stacks: IpStacks;
  readonly underlay: Underlay;
  readonly tunnels: Tunnels;
  readonly servers: Servers;
  readonly aggregations: Aggregations;
  readonly mlagPairs: MlagPairs;
  readonly bonds: Bonds;
  readonly edgeFloods: EdgeFloods;
  // by gateway port that is a trunk and segment: the interface there
  readonly #gatewayInterfaces = new PairRecords(1);

  constructor(simulation: Simulation, fingerprint: Fingerprint, arpProfile: ArpProfile = LINUX_ARP) {
    this.network = new Network(simulation, fingerprint);
    this.bridges = new Bridges(this.network);
    this.spanningTrees = new SpanningTrees(this.network, this.bridges);
    this.stacks = new IpStacks(this.network, arpProfile);
    this.underlay = new Underlay(this.network, this.stacks);
    this.tunnels = new Tunnels(this.network, this.underlay);
    this.servers = new Servers(this.network, this.stacks);
    this.aggregations = new Aggregations(this.network);
    this.mlagPairs = new MlagPairs(this.network, this.bridges, this.aggregations);
    this.bonds = new Bonds(this.network, this.servers, this.aggregations);
    this.edgeFloods = new EdgeFloods(this.network, this.stacks, this.servers);
    this.bridges.edgeFloods = this.edgeFloods;
    this.tunnels.onUnknownVni = (node, inner) => this.servers.reportMisdelivered(node, inner);
    // a bridge sends nothing back to where it came from, not even to a station that has moved there
    this.bridges.onFiltered = (node, frame) => this.servers.reportMisdelivered(node, frame);
    this.bridges.onViolation = (port) => this.setAdminUp(port, false);
    this.spanningTrees.onGuard = (port) => this.setAdminUp(port, false);
    // what a bridge receives for itself ends there
    this.network.handle(PortMode.self, { receive: (port, frame) => this.network.end(port, frame, Outcome.delivered) });
    // a gateway port takes what its bridge sends into it up to layer 3
    const { network, stacks } = this;
    network.handle(PortMode.gateway, {
      receive: (port, frame) => {
        if (stacks.overlayRouter?.ignores(port, frame) === true) {
          network.outcomeFrames[Outcome.consumed] += network.frames.words[(frame << FRAME_SHIFT) + Frame.count];
          network.frames.release(frame);
          return;
        }
        const own = network.portWords[(port << PORT_SHIFT) + Port.ipInterface];
        const segment = network.frames.words[(frame << FRAME_SHIFT) + Frame.segment];
        const ipInterface = own >= 0 ? own : this.#gatewayInterfaceOf(port, segment);
        if (ipInterface >= 0) stacks.receive(ipInterface, frame);
        else network.end(port, frame, Outcome.dropVlanFiltered);
      },
    });
  }

  /** Puts an interface in one of the segments of a gateway port that is a trunk. */
  addGatewayInterface(port: number, segment: number, ipInterface: number): void {
    const o = this.#gatewayInterfaces.add(port, segment);
    this.#gatewayInterfaces.words[o] = ipInterface;
  }

  /** Takes it away again. */
  removeGatewayInterface(port: number, segment: number): void {
    this.#gatewayInterfaces.remove(port, segment);
  }

  #gatewayInterfaceOf(port: number, segment: number): number {
    const o = this.#gatewayInterfaces.find(port, segment);
    return o < 0 ? -1 : this.#gatewayInterfaces.words[o];
  }

  /** Adds a virtual port of a bridge or server, up from the start. */
  addVirtualPort(node: number, name: string, mode: number, membership: { pvid?: number; trunk?: number }): number {
    const port = this.network.addPort(node, name, mode, membership);
    this.network.setFlag(port, PortFlag.linkUp | PortFlag.forwarding, true);
    return port;
  }

  /** Sets one end of a link up or down, and tells both ends' devices if the link followed. */
  setAdminUp(port: number, isUp: boolean): void {
    const { network } = this;
    if (!network.setAdminUp(port, isUp)) return;
    const peer = network.peerOf(port);
    network.observer.linkChanged?.(port, isUp);
    // the end that was set is the first to know, the other end loses or finds its carrier
    this.#carrierChanged(port, isUp);
    this.#carrierChanged(peer, isUp);
    const isRouted = network.modeOf(port) === PortMode.routed;
    if (isRouted) this.underlay.linkChanged(port, isUp);
  }

  #carrierChanged(port: number, isUp: boolean): void {
    const { network, bridges, spanningTrees, bonds, aggregations } = this;
    if (network.modeOf(port) === PortMode.nic) bonds.carrierChanged(port);
    if (network.modeOf(port) !== PortMode.bridged) return;
    const bridge = bridges.bridgeOf(network.nodeOf(port));
    if (bridge < 0) return;
    if (network.hasFlag(port, PortFlag.aggregated)) {
      network.setFlag(port, PortFlag.forwarding, isUp);
      const logical = aggregations.logicalPortOf(port);
      const wasUp = aggregations.isUp(logical);
      aggregations.followLinks(logical);
      if (aggregations.isUp(logical) !== wasUp) this.#bridgePortChanged(logical, !wasUp);
    } else if (spanningTrees.runsOn(bridge)) {
      if (!isUp) bridges.flushPort(port);
      spanningTrees.linkChanged(bridge, port, isUp);
    } else {
      this.#bridgePortChanged(port, isUp);
    }
  }

  /** A port of a bridge without spanning tree, or a logical port, came up or went down. */
  #bridgePortChanged(port: number, isUp: boolean): void {
    const { network, bridges, mlagPairs } = this;
    const isKept = isUp || mlagPairs.keepLearned(port) || bridges.portWatcher?.portGoesDown(port) === true;
    if (!isKept) bridges.flushPort(port);
    network.setFlag(port, PortFlag.forwarding, isUp);
    mlagPairs.portChanged(port);
    if (isUp) bridges.portWatcher?.portCameUp(port);
  }
}
