import type { Devices } from '../device/devices.ts';
import { PORT_SHIFT, Port, PortMode } from '../device/network.ts';
import type { MacSyncParameters } from '../protocol/mac-sync.ts';
import { GATEWAY_MAC } from './addressing.ts';
import type { Cabling } from './cabling.ts';
import { gatewaySegmentsOf } from './gateway.ts';
import type { DatacenterPlan } from './plan.ts';
import { type Pair, type PeerLinkSettings, unitsOf } from './switch-pairs.ts';

/** Pairs of switches that act as one. */
export interface MlagSettings {
  readonly peerLink: PeerLinkSettings;
  readonly macSync: MacSyncParameters;
  /** How long a switch that came back keeps its ports to common neighbours down. */
  readonly restoreDelayNs: number;
}

const NO_PORT = -1;

/** A bridged datacenter, cabled already. */
interface BridgedSwitches {
  readonly devices: Devices;
  /** With the links between the switches of pairs. */
  readonly plan: DatacenterPlan;
  readonly cabling: Cabling;
  readonly pairs: readonly Pair[];
  /** Indexed by switch; -1 for one that does not bridge. */
  readonly bridges: readonly number[];
  /** Tunnels of pairs, which are one to others: by switch the virtual port, and who hears that it is not to be used. */
  readonly tunnels?: { readonly ports: readonly number[]; readonly onHold: (port: number, isHeld: boolean) => void };
  readonly refusedSegments: readonly number[];
}

/**
 * Pairs of switches that act as one towards what is cabled to both, so that all links forward without spanning tree: all
 * links between two units (pairs, or switches alone) are one aggregation, and units form a tree. Servers with two links
 * use both. Beneath an overlay the units are joined by tunnels instead.
 */
export class Mlag {
  readonly #devices: Devices;
  readonly #plan: DatacenterPlan;
  readonly #cabling: Cabling;
  readonly #bridges: readonly number[];
  // by switch: its unit, the other of its pair or -1, and the port to that
  readonly #units: readonly number[];
  readonly #peers: Int32Array;
  readonly #peerLinks: Int32Array;
  readonly #switchOfNode: ReadonlyMap<number, number>;
  // by switch: its port to each unit beside its own
  readonly #ports: Map<number, number>[];
  // by unit: the next one on the way to the root of its tree, and how far that is
  readonly #parents: Int32Array;
  readonly #depths: Int32Array;

  constructor(
    { devices, plan, cabling, pairs, bridges, refusedSegments, tunnels }: BridgedSwitches,
    settings: MlagSettings,
  ) {
    this.#devices = devices;
    this.#plan = plan;
    this.#cabling = cabling;
    this.#bridges = bridges;
    this.#switchOfNode = new Map(cabling.switchNodes.map((node, index) => [node, index]));
    this.#units = unitsOf(plan, pairs);
    this.#peers = new Int32Array(plan.switches.length).fill(-1);
    this.#peerLinks = new Int32Array(plan.switches.length).fill(NO_PORT);
    this.#ports = this.#aggregateLinks();
    for (const [first, second] of pairs) {
      this.#peers[first] = second;
      this.#peers[second] = first;
      this.#addPair([first, second], settings, tunnels?.ports ?? null);
    }
    devices.mlagPairs.onHold = (ports, isHeld) => {
      for (const port of ports) {
        if (devices.network.modeOf(port) === PortMode.tunnel) tunnels?.onHold(port, isHeld);
        else cabling.hold(port, isHeld);
      }
    };
    this.#parents = new Int32Array(plan.switches.length).fill(-1);
    this.#depths = new Int32Array(plan.switches.length).fill(-1);
    this.#growTrees();
    this.#shareGateway(refusedSegments);
  }

  start(): void {
    this.#devices.mlagPairs.start();
  }

  /** A switch fails, before its links go down, or has come back. */
  setAlive(switchIndex: number, isAlive: boolean): void {
    this.#devices.mlagPairs.setAlive(this.#bridges[switchIndex], isAlive);
  }

  /** As Fabric.pathBetweenServers. */
  pathBetweenServers(fromServer: number, toServer: number, flowHash: number): Int32Array | null {
    const { aggregations, network, servers } = this.#devices;
    const nic = aggregations.portFor(servers.uplinkOf(this.#cabling.serverNodes[fromServer]), flowHash);
    if (!aggregations.isUp(nic)) return null;
    const path = this.pathTo(toServer, network.nodeOf(network.peerOf(nic)), flowHash);
    return path === null ? null : Int32Array.of(nic, ...path);
  }

  /** The ports out of which a flow goes from the node of a switch to a server; null if no way leads there. */
  pathTo(server: number, fromNode: number, flowHash: number): number[] | null {
    const { aggregations, network } = this.#devices;
    const path: number[] = [];
    for (let node = fromNode; node !== this.#cabling.serverNodes[server]; ) {
      const next = this.#nextPort(this.#switchOfNode.get(node)!, server);
      if (next === NO_PORT) return null;
      const out = aggregations.portFor(next, flowHash);
      path.push(out);
      node = network.nodeOf(network.peerOf(out));
    }
    return path;
  }

  /** The port of a switch, logical where it is one of several, that leads to a server as things are now; or -1. */
  placeOfServer(node: number, server: number): number {
    return this.#nextPort(this.#switchOfNode.get(node)!, server);
  }

  #nextPort(at: number, server: number): number {
    const { aggregations } = this.#devices;
    const own = this.#portTowards(at, server);
    if (own !== NO_PORT && aggregations.isUp(own)) return own;
    const peer = this.#peers[at];
    if (peer < 0 || !aggregations.isUp(this.#peerLinks[at])) return NO_PORT;
    const twin = this.#portTowards(peer, server);
    return twin !== NO_PORT && aggregations.isUp(twin) ? this.#peerLinks[at] : NO_PORT;
  }

  /** The port of a switch to a server, or to the next unit on the way there; -1 if it has none. */
  #portTowards(at: number, server: number): number {
    const { switchIndex, secondSwitchIndex } = this.#plan.servers[server];
    if (at === switchIndex) return this.#cabling.serverPorts[server][0];
    if (at === secondSwitchIndex) return this.#cabling.secondServerPorts[server]![0];
    const unit = this.#units[at];
    const goal = this.#units[switchIndex];
    if (unit === goal) return NO_PORT;
    // up, unless this is on the way down from the root to there
    let next = this.#parents[unit];
    for (let below = goal; this.#depths[below] > this.#depths[unit]; below = this.#parents[below]) {
      if (this.#parents[below] === unit) next = below;
    }
    return this.#ports[at].get(next) ?? NO_PORT;
  }

  /** Makes all links of a switch to the same unit one port, and those to the other of its pair. */
  #aggregateLinks(): Map<number, number>[] {
    const { switches, links } = this.#plan;
    const ends: Map<number, number[]>[] = switches.map(() => new Map());
    const addEnd = (at: number, to: number, port: number) => {
      const ports = ends[at].get(this.#units[to]);
      if (ports === undefined) ends[at].set(this.#units[to], [port]);
      else ports.push(port);
    };
    for (const [link, { a, b }] of links.entries()) {
      const [portA, portB] = this.#cabling.linkPorts[link];
      if (this.#devices.network.modeOf(portA) !== PortMode.bridged) continue;
      addEnd(a, b, portA);
      addEnd(b, a, portB);
    }
    return ends.map((portsTo, at) => {
      const logical = new Map<number, number>();
      for (const [unit, ports] of portsTo) {
        const name = unit === this.#units[at] ? 'peer link' : `aggregation to ${switches[unit].id}`;
        const port =
          ports.length === 1 ? ports[0] : this.#devices.aggregations.add(ports, `${switches[at].id} ${name}`);
        if (unit === this.#units[at]) this.#peerLinks[at] = port;
        else logical.set(unit, port);
      }
      return logical;
    });
  }

  #addPair([first, second]: Pair, settings: MlagSettings, tunnelPorts: readonly number[] | null): void {
    const { mlagPairs } = this.#devices;
    const pair = mlagPairs.addPair({
      bridges: [this.#bridges[first], this.#bridges[second]],
      peerLinks: [this.#peerLinks[first], this.#peerLinks[second]],
      macSync: settings.macSync,
      restoreDelayNs: settings.restoreDelayNs,
    });
    for (const unit of new Set([...this.#ports[first].keys(), ...this.#ports[second].keys()])) {
      const ports = [first, second].map((at) => this.#ports[at].get(unit) ?? NO_PORT);
      this.#needSameSegments(ports);
      mlagPairs.addNeighbour(pair, [ports[0], ports[1]]);
    }
    if (tunnelPorts !== null) mlagPairs.addNeighbour(pair, [tunnelPorts[first], tunnelPorts[second]]);
    for (const [server, { switchIndex, secondSwitchIndex }] of this.#plan.servers.entries()) {
      if (secondSwitchIndex === null || Math.min(switchIndex, secondSwitchIndex) !== first) continue;
      const [port] = this.#cabling.serverPorts[server];
      const [secondPort] = this.#cabling.secondServerPorts[server]!;
      mlagPairs.addNeighbour(pair, switchIndex === first ? [port, secondPort] : [secondPort, port]);
    }
  }

  #needSameSegments(ports: readonly number[]): void {
    const { aggregations, network } = this.#devices;
    const trunks = ports
      .filter((port) => port !== NO_PORT)
      .flatMap((port) => aggregations.portsOf(port))
      .map((port) => network.portWords[(port << PORT_SHIFT) + Port.trunk]);
    if (new Set(trunks).size > 1) throw new Error('the links of one aggregation need to carry the same VLANs');
  }

  #growTrees(): void {
    for (const root of this.#units) {
      if (this.#depths[root] >= 0) continue;
      this.#depths[root] = 0;
      const queue = [root];
      for (const unit of queue) {
        for (const next of this.#unitsBeside(unit)) {
          if (this.#depths[next] >= 0) continue;
          this.#depths[next] = this.#depths[unit] + 1;
          this.#parents[next] = unit;
          queue.push(next);
        }
      }
    }
  }

  #unitsBeside(unit: number): Set<number> {
    const peer = this.#peers[unit];
    return new Set([...this.#ports[unit].keys(), ...(peer < 0 ? [] : this.#ports[peer].keys())]);
  }

  /** The other switch of the gateway's pair knows where it is: at the peer link. Its address is configured, not learned. */
  #shareGateway(refusedSegments: readonly number[]): void {
    const at = this.#plan.gateway?.switchIndex ?? -1;
    const peer = at < 0 ? -1 : this.#peers[at];
    if (peer < 0) return;
    const { bridges, network } = this.#devices;
    const refused = new Set(refusedSegments);
    for (const segment of gatewaySegmentsOf(this.#plan)) {
      if (refused.has(segment)) continue;
      bridges.tables.setStatic(
        this.#bridges[peer],
        network.addresses.idOf(segment, GATEWAY_MAC),
        this.#peerLinks[peer],
      );
    }
  }
}
