import {
  MultipleSpanningTree,
  type MultipleSpanningTreeOptions,
  type RapidPortOptions,
} from '../protocol/multiple-spanning-tree/multiple-spanning-tree.ts';
import type { SpanningTreeProfile } from '../protocol/spanning-tree/parameters.ts';
import { PORT_STATE_NAMES, PortState } from '../protocol/spanning-tree/port-states.ts';
import { SpanningTree } from '../protocol/spanning-tree/spanning-tree.ts';
import { BRIDGE_GROUP_ID } from '../wire/address-book.ts';
import {
  bridgeIdOf,
  CONFIG_BPDU_FRAME_BYTES,
  type ConfigBpdu,
  mstBpduFrameBytes,
  PVST_BPDU_FRAME_BYTES,
  RST_BPDU_FRAME_BYTES,
  TCN_BPDU_FRAME_BYTES,
} from '../wire/bpdu.ts';
import { FrameKind } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import type { MacAddress } from '../wire/mac-address.ts';
import type { BpduHandler, Bridges } from './bridges.ts';
import { EventKind } from './event-kinds.ts';
import { MessageCounts } from './message-counts.ts';
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

/** The VLANs that one bridge's tree is run for, each with BPDUs of its own; they are equal, so that one stands for all. */
export interface VlanClass {
  /** One of them, whose tag the BPDUs carry. */
  readonly segment: number;
  /** The tree of the network that it is. */
  readonly instance: number;
  /** All of them. */
  readonly segments: readonly number[];
  /** By port of the bridge: how many of the VLANs the port carries. */
  readonly vlanCountOf: (port: number) => number;
}

/** A protocol on one bridge, its ports by index. */
interface TreeProcess {
  readonly bridge: number;
  readonly tree: SpanningTree | MultipleSpanningTree;
  readonly ports: number[];
  readonly indexOfPort: Map<number, number>;
  /** Null where one tree, or one set of trees, is run for all VLANs. */
  readonly vlans: VlanClass | null;
  /** When its pending event is due, and which it is. */
  deadlineNs: number;
  timer: number;
  /** Whether the addresses of its class age by the forward delay for the time being. */
  agesFast: boolean;
}

/** Between two looks at addresses that age fast, at least. */
const FAST_LOOK_MS = 100;

const NS_PER_MS = 1e6;

/** First of the locally administered addresses that BPDUs carry as their source: one for each port. */
const PORT_MAC_FIRST = 0x0600_0000_0000;

/** Whether an address is a bridge port's own, which no station has. */
export function isPortMac(mac: MacAddress): boolean {
  return mac >= PORT_MAC_FIRST && mac < PORT_MAC_FIRST + 2 ** 32;
}

/**
 * Runs spanning tree protocols on bridges: timers as events, messages as frames, states as port flags, or as states by
 * instance (SegmentInstances) where segments follow several trees.
 *
 * A bridge runs one process, of either protocol, or one for each class of equal VLANs. The BPDUs of a class are trains,
 * a frame for each VLAN.
 */
export class SpanningTrees implements BpduHandler {
  /** The names of the states that observers hear of, indexed by state. */
  readonly stateNames = PORT_STATE_NAMES;
  /** BPDUs by bridge. */
  readonly counts: MessageCounts;
  /** Shuts a port down that a guard found a bridge at. */
  onGuard: ((port: number) => void) | null = null;
  /** Ports that a guard shut down, in order. */
  readonly shutPorts: number[] = [];
  readonly #network: Network;
  readonly #bridges: Bridges;
  readonly #processes: TreeProcess[] = [];
  // indexed by bridge: the numbers of its processes
  readonly #processesOf: number[][] = [];
  // what the protocol asked to be flushed while it worked: ports by instance, or by -1 for all
  readonly #flushes = new Map<number, Set<number>>();

  constructor(network: Network, bridges: Bridges) {
    this.#network = network;
    this.#bridges = bridges;
    this.counts = new MessageCounts(network.simulation);
    network.simulation.on(EventKind.spanningTree, {
      handle: (_kind, number) => {
        const process = this.#processes[number];
        process.deadlineNs = Number.POSITIVE_INFINITY;
        process.tree.tick(network.simulation.nowNs);
        this.#settle(number);
      },
    });
    network.simulation.on(EventKind.fastAgeing, { handle: (_kind, number) => this.#ageFast(number) });
  }

  /** Lets a bridge run the protocol of 1998 on these ports, numbered from 1 in this order, for all VLANs or for a class. */
  add(
    bridge: number,
    parameters: SpanningTreeParameters,
    ports: readonly { port: number; pathCost: number }[],
    vlans: VlanClass | null = null,
  ): void {
    const { mac, priority, helloTimeNs, maxAgeNs, forwardDelayNs, profile } = parameters;
    const number = this.#processes.length;
    const network = this.#network;
    const tree: SpanningTree = new SpanningTree(
      { bridgeId: bridgeIdOf(priority, mac), helloTimeNs, maxAgeNs, forwardDelayNs, profile },
      {
        transmitConfig: (index, bpdu) => this.#sendBpdu(number, index, bpdu),
        transmitTcn: (index) => this.#sendTcn(number, index),
        portStateChanged: (index, from, to) => this.#setPortState(number, index, 0, from, to),
        topologyChangeChanged: (isActive) => {
          network.observer.topologyChangeChanged?.(bridge, isActive, vlans?.instance ?? 0);
          if (vlans !== null) {
            this.#processes[number].agesFast = isActive;
            if (isActive) this.#ageFast(number);
            return;
          }
          const { ageingTimeNs, implementation } = this.#bridges.parametersOf(bridge);
          if (implementation === 'ovs-3.1') this.#bridges.tables.forgetAll(bridge, network.nowMs);
          else this.#bridges.setHoldTime(bridge, isActive ? tree.forwardDelayNs : ageingTimeNs);
        },
      },
    );
    this.#addProcess({ bridge, tree, vlans, ports });
  }

  /** Lets a bridge run RSTP or MSTP on these ports, for all VLANs or for a class of them. */
  addRapid(
    bridge: number,
    options: MultipleSpanningTreeOptions,
    ports: readonly (RapidPortOptions & { port: number })[],
    vlans: VlanClass | null = null,
  ): void {
    const number = this.#processes.length;
    const network = this.#network;
    const tree = new MultipleSpanningTree(options, {
      transmit: (index, bpdu) => this.#sendBpdu(number, index, bpdu),
      transmitTcn: (index) => this.#sendTcn(number, index),
      portStateChanged: (index, treeIndex, from, to) => this.#setPortState(number, index, treeIndex, from, to),
      flush: (index, treeIndex) => this.#noteFlush(number, index, treeIndex),
      topologyChangeDetected: (treeIndex) =>
        network.observer.topologyChangeDetected?.(bridge, vlans?.instance ?? treeIndex),
      shutByGuard: (index) => {
        const port = this.#processes[number].ports[index];
        this.shutPorts.push(port);
        this.onGuard?.(port);
      },
    });
    this.#addProcess({ bridge, tree, vlans, ports });
  }

  /** Whether a bridge runs any spanning tree. */
  runsOn(bridge: number): boolean {
    return this.#processesOf[bridge] !== undefined;
  }

  /** The tree of a bridge that runs one of 1998, or undefined. */
  treeOf(bridge: number): SpanningTree | undefined {
    const tree = this.#processes[this.#processesOf[bridge]?.[0] ?? -1]?.tree;
    return tree instanceof SpanningTree ? tree : undefined;
  }

  /** The trees of a bridge that runs RSTP or MSTP, one set for each class of VLANs. */
  rapidTreesOf(bridge: number): MultipleSpanningTree[] {
    const trees = (this.#processesOf[bridge] ?? []).map((number) => this.#processes[number].tree);
    return trees.filter((tree) => tree instanceof MultipleSpanningTree);
  }

  /** The network's port with this index in a bridge's first set of trees. */
  portAt(bridge: number, index: number): number {
    return this.#processes[this.#processesOf[bridge][0]].ports[index];
  }

  start(bridge: number): void {
    for (const number of this.#processesOf[bridge] ?? []) {
      this.#processes[number].tree.start(this.#network.simulation.nowNs);
      this.#settle(number);
    }
  }

  /** A bridge fails, before its links go down: its trees end without a word. `start` begins them anew. */
  fail(bridge: number): void {
    for (const number of this.#processesOf[bridge] ?? []) {
      this.#processes[number].tree.fail(this.#network.simulation.nowNs);
      this.#settle(number);
    }
  }

  /** The link at a port came up or went down. */
  linkChanged(bridge: number, port: number, isUp: boolean): void {
    for (const number of this.#processesOf[bridge] ?? []) {
      const { tree, indexOfPort } = this.#processes[number];
      const index = indexOfPort.get(port);
      if (index === undefined) continue;
      if (isUp) tree.enablePort(index, this.#network.simulation.nowNs);
      else tree.disablePort(index, this.#network.simulation.nowNs);
      this.#settle(number);
    }
  }

  receiveBpdu(bridge: number, port: number, frame: number): void {
    const { frames, simulation } = this.#network;
    const f = frame << FRAME_SHIFT;
    const kind = frames.words[f + Frame.kind];
    this.counts.received(bridge, frames.words[f + Frame.count]);
    const number = this.#processesOf[bridge].find((one) => this.#hears(this.#processes[one], frame));
    const process = this.#processes[number ?? -1];
    const index = process?.indexOfPort.get(port);
    if (number !== undefined && index !== undefined) {
      const { tree } = process;
      if (kind === FrameKind.tcnBpdu) tree.receiveTcn(index, simulation.nowNs);
      else {
        const bpdu = frames.bpdu(frames.words[f + Frame.bpdu]);
        this.#deliver(tree, index, bpdu);
        this.#flushAsOvs(bridge, bpdu);
      }
    }
    this.#network.end(port, frame, Outcome.consumed);
    if (number !== undefined) this.#settle(number);
  }

  /**
   * Open vSwitch with the protocol of 1998 knows no shorter ageing time: it forgets everything (lib/stp.c,
   * fdb_needs_flush), as observed about as often as it hears that the topology changes.
   */
  #flushAsOvs(bridge: number, bpdu: Readonly<ConfigBpdu>): void {
    if ((bpdu.rapid ?? null) !== null || !bpdu.topologyChange) return;
    if (this.#bridges.parametersOf(bridge).implementation === 'ovs-3.1') {
      this.#bridges.tables.forgetAll(bridge, this.#network.nowMs);
    }
  }

  /** Whether a BPDU is for a process: of its class of VLANs, or where there are no classes. */
  #hears({ vlans }: TreeProcess, frame: number): boolean {
    return vlans === null || vlans.segment === this.#network.frames.words[(frame << FRAME_SHIFT) + Frame.segment];
  }

  #deliver(tree: SpanningTree | MultipleSpanningTree, index: number, bpdu: Readonly<ConfigBpdu>): void {
    const { nowNs } = this.#network.simulation;
    if (tree instanceof MultipleSpanningTree) tree.receive(index, bpdu, nowNs);
    // a bridge of 1998 does not know the newer version
    else if ((bpdu.rapid ?? null) === null) tree.receiveConfig(index, bpdu, nowNs);
  }

  #addProcess({
    bridge,
    tree,
    vlans,
    ports,
  }: {
    bridge: number;
    tree: SpanningTree | MultipleSpanningTree;
    vlans: VlanClass | null;
    ports: readonly (RapidPortOptions & { port: number })[];
  }): void {
    const network = this.#network;
    const process: TreeProcess = {
      bridge,
      tree,
      vlans,
      ports: [],
      indexOfPort: new Map(),
      deadlineNs: Number.POSITIVE_INFINITY,
      timer: 0,
      agesFast: false,
    };
    const number = this.#processes.push(process) - 1;
    this.#processesOf[bridge] ??= [];
    this.#processesOf[bridge].push(number);
    for (const { port, ...options } of ports) {
      process.indexOfPort.set(port, tree.addPort(options));
      process.ports.push(port);
      network.setFlag(port, PortFlag.learning | PortFlag.forwarding, false);
      if (network.instances.count === 1) continue;
      for (const instance of this.#instancesOf(process)) network.instances.join(port, instance);
    }
    this.#bridges.runSpanningTree(bridge, this);
  }

  /** The trees of the network that a process computes, in its own order. */
  #instancesOf({ vlans, tree }: TreeProcess): number[] {
    if (vlans !== null) return [vlans.instance];
    return tree instanceof MultipleSpanningTree ? Array.from({ length: tree.treeCount }, (_, index) => index) : [0];
  }

  /** Does what the protocol left to be done, and keeps one event pending for its next timer. */
  #settle(number: number): void {
    const process = this.#processes[number];
    for (const [instance, ports] of this.#flushes) {
      if (ports.size === 0) continue;
      this.#bridges.flushForChange(process.bridge, ports, instance);
      ports.clear();
    }
    const deadlineNs = process.tree.nextDeadlineNs;
    if (deadlineNs === process.deadlineNs) return;
    const { simulation } = this.#network;
    if (process.deadlineNs !== Number.POSITIVE_INFINITY) simulation.cancel(process.timer);
    process.deadlineNs = deadlineNs;
    if (deadlineNs === Number.POSITIVE_INFINITY) return;
    process.timer = simulation.schedule(deadlineNs, EventKind.spanningTree, number, 0);
  }

  /**
   * While a class of VLANs changes its topology, its addresses age by the forward delay (IEEE 802.1D-1998, 8.3.5), and those of
   * other classes in the same table do not. An address is found up to `FAST_LOOK_MS` after it has aged out.
   */
  #ageFast(number: number): void {
    const { bridge, tree, vlans, agesFast } = this.#processes[number];
    if (!agesFast || vlans === null || !(tree instanceof SpanningTree)) return;
    const { addresses, nowMs, simulation } = this.#network;
    const { tables } = this.#bridges;
    const holdMs = Math.ceil(tree.forwardDelayNs / NS_PER_MS);
    let nextMs = holdMs;
    for (const segment of vlans.segments) {
      for (const address of addresses.idsOf(segment)) {
        if (tables.lookUp(bridge, address, nowMs) < 0) continue;
        const leftMs = holdMs - tables.ageMs(bridge, address, nowMs);
        if (leftMs <= 0) tables.ageOutEarly(bridge, address);
        else nextMs = Math.min(nextMs, leftMs);
      }
    }
    simulation.scheduleAfter(Math.max(nextMs, FAST_LOOK_MS) * NS_PER_MS, EventKind.fastAgeing, number, 0);
  }

  /** Many ports are flushed at once: one walk through the table does for all. */
  #noteFlush(number: number, index: number, treeIndex: number): void {
    const process = this.#processes[number];
    const instance = this.#network.instances.count === 1 ? -1 : (process.vlans?.instance ?? treeIndex);
    let ports = this.#flushes.get(instance);
    if (ports === undefined) {
      ports = new Set();
      this.#flushes.set(instance, ports);
    }
    ports.add(process.ports[index]);
  }

  #setPortState(number: number, index: number, treeIndex: number, from: PortState, to: PortState): void {
    const network = this.#network;
    const { bridge, ports, vlans } = this.#processes[number];
    const port = ports[index];
    const instance = vlans?.instance ?? treeIndex;
    const isLearning = to === PortState.learning;
    const isForwarding = to === PortState.forwarding;
    if (network.instances.count === 1) {
      network.setFlag(port, PortFlag.learning, isLearning);
      network.setFlag(port, PortFlag.forwarding, isForwarding);
    } else {
      const state = (isLearning ? PortFlag.learning : 0) | (isForwarding ? PortFlag.forwarding : 0);
      network.setInstanceState(port, instance, state);
    }
    network.observer.portStateChanged?.(bridge, port, from, to, instance);
  }

  #sendBpdu(number: number, index: number, bpdu: Readonly<ConfigBpdu>): void {
    const { frames } = this.#network;
    const isPerVlan = this.#processes[number].vlans !== null;
    const rapid = bpdu.rapid ?? null;
    let kind: number = FrameKind.configBpdu;
    let sizeBytes = isPerVlan ? PVST_BPDU_FRAME_BYTES : CONFIG_BPDU_FRAME_BYTES;
    if (rapid !== null) {
      kind = FrameKind.rapidBpdu;
      if (rapid.mst !== null) sizeBytes = mstBpduFrameBytes(rapid.mst.instances.length);
      else sizeBytes = isPerVlan ? PVST_BPDU_FRAME_BYTES : RST_BPDU_FRAME_BYTES;
    }
    const frame = this.#createBpdu(number, index, kind, sizeBytes);
    frames.words[(frame << FRAME_SHIFT) + Frame.bpdu] = frames.storeBpdu(bpdu);
    this.#send(number, index, frame);
  }

  #sendTcn(number: number, index: number): void {
    this.#send(number, index, this.#createBpdu(number, index, FrameKind.tcnBpdu, TCN_BPDU_FRAME_BYTES));
  }

  #send(number: number, index: number, frame: number): void {
    const { bridge, ports } = this.#processes[number];
    this.counts.sent(bridge, this.#network.frames.words[(frame << FRAME_SHIFT) + Frame.count]);
    this.#network.send(ports[index], frame, Carried.control);
  }

  #createBpdu(number: number, index: number, kind: number, sizeBytes: number): number {
    const network = this.#network;
    const { ports, vlans } = this.#processes[number];
    const port = ports[index];
    const count = vlans === null ? 1 : vlans.vlanCountOf(port);
    const frame = network.createFrame(kind, sizeBytes, count);
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    const segment = vlans === null ? network.portWords[(port << PORT_SHIFT) + Port.pvid] : vlans.segment;
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
    if (neighbour < 0 || this.runsOn(neighbour)) return -1;
    return this.#network.addresses.idOf(segment, PORT_MAC_FIRST + port);
  }
}
