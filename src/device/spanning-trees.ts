import type { SpanningTreeProfile } from '../protocol/spanning-tree/parameters.ts';
import { PORT_STATE_NAMES, PortState } from '../protocol/spanning-tree/port-states.ts';
import { SpanningTree } from '../protocol/spanning-tree/spanning-tree.ts';
import { BRIDGE_GROUP_ID } from '../wire/address-book.ts';
import { bridgeIdOf, CONFIG_BPDU_FRAME_BYTES, type ConfigBpdu, TCN_BPDU_FRAME_BYTES } from '../wire/bpdu.ts';
import { FrameKind } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import type { MacAddress } from '../wire/mac-address.ts';
import type { BpduHandler, Bridges } from './bridges.ts';
import { EventKind } from './event-kinds.ts';
import { type Network, PORT_SHIFT, Port, PortFlag } from './network.ts';
import { Carried, Outcome } from './observer.ts';

/** The spanning tree of one bridge. */
export interface SpanningTreeParameters {
  mac: MacAddress;
  priority: number;
  helloTimeNs: number;
  maxAgeNs: number;
  forwardDelayNs: number;
  profile: SpanningTreeProfile;
}

/** First of the locally administered addresses that BPDUs carry as their source: one for each port. */
const PORT_MAC_FIRST = 0x0600_0000_0000;

/** Whether an address is a bridge port's own, which no station has. */
export function isPortMac(mac: MacAddress): boolean {
  return mac >= PORT_MAC_FIRST && mac < PORT_MAC_FIRST + 2 ** 32;
}

/** Runs the spanning tree protocol on bridges: its timers as events, its messages as frames, its states as port flags. */
export class SpanningTrees implements BpduHandler {
  /** The names of the states that observers hear of, indexed by state. */
  readonly stateNames = PORT_STATE_NAMES;
  readonly #network: Network;
  readonly #bridges: Bridges;
  // indexed by bridge
  readonly #trees: (SpanningTree | undefined)[] = [];
  readonly #ports: number[][] = [];
  readonly #deadlinesNs: number[] = [];
  readonly #timers: number[] = [];
  // indexed by port: its index in its bridge's tree
  readonly #indexOfPort: number[] = [];

  constructor(network: Network, bridges: Bridges) {
    this.#network = network;
    this.#bridges = bridges;
    network.simulation.on(EventKind.spanningTree, {
      handle: (_kind, bridge) => {
        this.#deadlinesNs[bridge] = Number.POSITIVE_INFINITY;
        this.#treeAt(bridge).tick(network.simulation.nowNs);
        this.#rearm(bridge);
      },
    });
  }

  /** Lets a bridge run spanning tree on these ports, numbered from 1 in this order. */
  add(bridge: number, parameters: SpanningTreeParameters, ports: readonly { port: number; pathCost: number }[]): void {
    const { mac, priority, helloTimeNs, maxAgeNs, forwardDelayNs, profile } = parameters;
    const network = this.#network;
    const portNumbers: number[] = [];
    const tree = new SpanningTree(
      { bridgeId: bridgeIdOf(priority, mac), helloTimeNs, maxAgeNs, forwardDelayNs, profile },
      {
        transmitConfig: (index, bpdu) => this.#sendConfig(portNumbers[index], bpdu),
        transmitTcn: (index) => this.#sendTcn(portNumbers[index]),
        portStateChanged: (index, from, to) => this.#setPortState(bridge, portNumbers[index], from, to),
        topologyChangeChanged: (isActive) => {
          const { ageingTimeNs } = this.#bridges.parametersOf(bridge);
          this.#bridges.setHoldTime(bridge, isActive ? tree.forwardDelayNs : ageingTimeNs);
          network.observer.topologyChangeChanged?.(bridge, isActive);
        },
      },
    );
    for (const { port, pathCost } of ports) {
      this.#indexOfPort[port] = tree.addPort({ pathCost });
      portNumbers.push(port);
      network.setFlag(port, PortFlag.learning | PortFlag.forwarding, false);
    }
    this.#trees[bridge] = tree;
    this.#ports[bridge] = portNumbers;
    this.#deadlinesNs[bridge] = Number.POSITIVE_INFINITY;
    this.#timers[bridge] = 0;
    this.#bridges.runSpanningTree(bridge, this);
  }

  /** The tree of a bridge, or undefined where it runs none. */
  treeOf(bridge: number): SpanningTree | undefined {
    return this.#trees[bridge];
  }

  /** The network's port with this index in a bridge's tree. */
  portAt(bridge: number, index: number): number {
    return this.#ports[bridge][index];
  }

  start(bridge: number): void {
    this.#treeAt(bridge).start(this.#network.simulation.nowNs);
    this.#rearm(bridge);
  }

  /** The link at a port came up or went down. */
  linkChanged(bridge: number, port: number, isUp: boolean): void {
    const tree = this.#treeAt(bridge);
    if (isUp) tree.enablePort(this.#indexOfPort[port], this.#network.simulation.nowNs);
    else tree.disablePort(this.#indexOfPort[port], this.#network.simulation.nowNs);
    this.#rearm(bridge);
  }

  receiveBpdu(bridge: number, port: number, frame: number): void {
    const { frames, simulation } = this.#network;
    const f = frame << FRAME_SHIFT;
    const tree = this.#treeAt(bridge);
    if (frames.words[f + Frame.kind] === FrameKind.configBpdu) {
      tree.receiveConfig(this.#indexOfPort[port], frames.bpdu(frames.words[f + Frame.bpdu]), simulation.nowNs);
    } else {
      tree.receiveTcn(this.#indexOfPort[port], simulation.nowNs);
    }
    this.#network.end(port, frame, Outcome.consumed);
    this.#rearm(bridge);
  }

  #treeAt(bridge: number): SpanningTree {
    const tree = this.#trees[bridge];
    if (tree === undefined) throw new Error(`bridge ${bridge} runs no spanning tree`);
    return tree;
  }

  /** Keeps one event pending for the tree's next timer. */
  #rearm(bridge: number): void {
    const deadlineNs = this.#treeAt(bridge).nextDeadlineNs;
    if (deadlineNs === this.#deadlinesNs[bridge]) return;
    const { simulation } = this.#network;
    if (this.#deadlinesNs[bridge] !== Number.POSITIVE_INFINITY) simulation.cancel(this.#timers[bridge]);
    this.#deadlinesNs[bridge] = deadlineNs;
    if (deadlineNs === Number.POSITIVE_INFINITY) return;
    this.#timers[bridge] = simulation.schedule(deadlineNs, EventKind.spanningTree, bridge, 0);
  }

  #setPortState(bridge: number, port: number, from: PortState, to: PortState): void {
    const network = this.#network;
    network.setFlag(port, PortFlag.learning, to === PortState.learning);
    network.setFlag(port, PortFlag.forwarding, to === PortState.forwarding);
    network.observer.portStateChanged?.(bridge, port, from, to);
  }

  #sendConfig(port: number, bpdu: Readonly<ConfigBpdu>): void {
    const { frames } = this.#network;
    const frame = this.#createBpdu(port, FrameKind.configBpdu, CONFIG_BPDU_FRAME_BYTES);
    frames.words[(frame << FRAME_SHIFT) + Frame.bpdu] = frames.storeBpdu(bpdu);
    this.#network.send(port, frame, Carried.control);
  }

  #sendTcn(port: number): void {
    const frame = this.#createBpdu(port, FrameKind.tcnBpdu, TCN_BPDU_FRAME_BYTES);
    this.#network.send(port, frame, Carried.control);
  }

  #createBpdu(port: number, kind: number, sizeBytes: number): number {
    const network = this.#network;
    const frame = network.createFrame(kind, sizeBytes);
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    const segment = network.portWords[(port << PORT_SHIFT) + Port.pvid];
    words[f + Frame.segment] = segment;
    words[f + Frame.src] = this.#sourceOf(port, segment);
    words[f + Frame.dst] = BRIDGE_GROUP_ID;
    words[f + Frame.flowHash] = port;
    return frame;
  }

  /** The port's own address, which only a bridge without spanning tree ever learns; -1 where nobody can. */
  #sourceOf(port: number, segment: number): number {
    const peer = this.#network.peerOf(port);
    const neighbour = peer < 0 ? -1 : this.#bridges.bridgeOf(this.#network.nodeOf(peer));
    if (neighbour < 0 || this.#trees[neighbour] !== undefined) return -1;
    return this.#network.addresses.idOf(segment, PORT_MAC_FIRST + port);
  }
}
