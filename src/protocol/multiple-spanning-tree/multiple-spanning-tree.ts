import { type BridgeId, bridgeMacOf, type ConfigBpdu, portIdOf, portNumberOf } from '../../wire/bpdu.ts';
import { type BridgeTimes, DEFAULT_BRIDGE_TIMES, DEFAULT_PORT_PRIORITY } from '../spanning-tree/parameters.ts';
import { PortState } from '../spanning-tree/port-states.ts';
import {
  DEFAULT_MAX_HOPS,
  DEFAULT_TRANSMIT_HOLD_COUNT,
  IEEE_802_1Q,
  MIGRATE_TIME_NS,
  type RapidProfile,
} from './parameters.ts';
import { cistMessageOf, instanceMessageOf, receiveMessage, stepInformation } from './port-information.ts';
import { checkRapid, stepEdgeDetection, stepMigration } from './port-migration.ts';
import { transmit, transmitDeadlineNs } from './port-transmission.ts';
import { RapidBridge, type RapidEffects } from './rapid-bridge.ts';
import { selectRoles } from './role-selection.ts';
import { stepRole } from './role-transitions.ts';
import { stepTopologyChange } from './topology-changes.ts';
import { HELD, RapidPort, Tree, TreePort, type TreePortRole } from './tree-port.ts';
import type { TreeVector } from './tree-vector.ts';

/** One tree beside the CIST. */
export interface InstanceOptions {
  /** 1…4094. */
  readonly mstid: number;
  /** 0…65535 in steps of 4096. */
  readonly priority: number;
}

export interface MultipleSpanningTreeOptions extends Partial<BridgeTimes> {
  readonly bridgeId: BridgeId;
  readonly profile?: RapidProfile;
  readonly transmitHoldCount?: number;
  /** Bridges that information crosses in a region before it is given up. */
  readonly maxHops?: number;
  /** What all bridges of the region have in common; without it the bridge speaks RSTP. IEEE 802.1Q-2018, 13.8. */
  readonly configurationId?: string | null;
  /** In ascending order of their numbers. */
  readonly instances?: readonly InstanceOptions[];
  /** Where ticks of the bridge's clock are, in a profile that has them. */
  readonly phaseNs?: number;
}

/** What a port is like. */
export interface RapidPortOptions {
  readonly pathCost: number;
  /** In an instance: of the port's path inside the region, if it is another. */
  readonly internalPathCost?: number;
  /** 0…63 on the scale of `portIdOf`. */
  readonly priority?: number;
  /** No bridge is expected there: the port forwards at once. IEEE 802.1D-2004, 17.13.1. */
  readonly adminEdge?: boolean;
  /** The port takes itself for an edge if nobody answers. IEEE 802.1D-2004, 17.13.3. */
  readonly autoEdge?: boolean;
  readonly bpduGuard?: boolean;
  readonly rootGuard?: boolean;
  readonly restrictedTcn?: boolean;
  readonly isPointToPoint?: boolean;
}

/**
 * The rapid and multiple spanning trees of one bridge. IEEE 802.1Q-2018, clause 13; IEEE 802.1D-2004, clause 17. RSTP is
 * the case of one tree. The standard's machines run, whenever something happened, until none can take a step; BPDUs leave
 * when the others rest.
 *
 * Differs from the standard: discarding is called blocking, and a disabled port's state disabled, as in the older
 * protocol, so that both can be watched alike. The master flag of instances is not sent: no machine reads it.
 */
export class MultipleSpanningTree {
  readonly #bridge: RapidBridge;
  #isRunning = false;
  // ports whose machines may have a step to take, and what they wait for
  readonly #isDirty: boolean[] = [];
  #dirty: number[] = [];
  readonly #deadlinesNs: number[] = [];
  #nextDeadlineNs = Number.POSITIVE_INFINITY;
  // the port that waits for it
  #earliest = -1;

  constructor(options: MultipleSpanningTreeOptions, effects: RapidEffects) {
    const { helloTimeNs, maxAgeNs, forwardDelayNs } = { ...DEFAULT_BRIDGE_TIMES, ...options };
    if (!(helloTimeNs > 0)) throw new RangeError(`helloTimeNs: got ${helloTimeNs}, expected more than 0`);
    const times = { helloTimeNs, maxAgeNs, forwardDelayNs };
    const { configurationId = null, instances = [], maxHops = DEFAULT_MAX_HOPS } = options;
    this.#bridge = new RapidBridge({
      profile: options.profile ?? IEEE_802_1Q,
      times,
      effects,
      transmitHoldCount: options.transmitHoldCount ?? DEFAULT_TRANSMIT_HOLD_COUNT,
      maxHops,
      configurationId,
      phaseNs: options.phaseNs ?? 0,
    });
    const bridgeTimes = { ...times, messageAgeNs: 0, remainingHops: maxHops };
    const { trees } = this.#bridge;
    trees.push(new Tree(0, 0, options.bridgeId, bridgeTimes));
    for (const { mstid, priority } of instances) {
      trees.push(new Tree(trees.length, mstid, instanceBridgeId(options.bridgeId, priority, mstid), bridgeTimes));
    }
  }

  // ---- what is known

  get treeCount(): number {
    return this.#bridge.trees.length;
  }

  get portCount(): number {
    return this.#bridge.ports.length;
  }

  get bridgeId(): BridgeId {
    return this.#bridge.trees[0].bridgeId;
  }

  /** The instance's number, 0 of the CIST. */
  mstidOf(tree: number): number {
    return this.#bridge.trees[tree].mstid;
  }

  roleOf(portIndex: number, tree = 0): TreePortRole {
    return this.#bridge.ports[portIndex].trees[tree].role;
  }

  stateOf(portIndex: number, tree = 0): PortState {
    return this.#bridge.ports[portIndex].trees[tree].state;
  }

  /** The best that the bridge knows of a tree's root. IEEE 802.1Q-2018, 13.26 (rootPriority). */
  rootPriorityOf(tree = 0): TreeVector {
    return this.#bridge.trees[tree].rootPriority;
  }

  /** The index of a tree's root port, or -1. */
  rootPortIndexOf(tree = 0): number {
    return this.#bridge.trees[tree].rootPort?.port.index ?? -1;
  }

  isRootBridge(tree = 0): boolean {
    return this.#bridge.trees[tree].rootPort === null;
  }

  /** What the port knows to be the best on its segment. */
  designatedOf(portIndex: number, tree = 0): TreeVector {
    return this.#bridge.ports[portIndex].trees[tree].portPriority;
  }

  isEdge(portIndex: number): boolean {
    return this.#bridge.ports[portIndex].operEdge;
  }

  /** Whether the port speaks the newest version, not the one of 1998. */
  sendsRapid(portIndex: number): boolean {
    return this.#bridge.ports[portIndex].sendRstp;
  }

  isShutByGuard(portIndex: number): boolean {
    return this.#bridge.ports[portIndex].isShutByGuard;
  }

  /** The age of what is known of the root, in bridges. */
  get messageAgeNs(): number {
    return this.#bridge.trees[0].rootTimes.messageAgeNs;
  }

  /** When the bridge has to be ticked next; Infinity if nothing is due. */
  get nextDeadlineNs(): number {
    return this.#nextDeadlineNs;
  }

  // ---- what happens

  /** Adds a port, without carrier, and returns its index. Ports are numbered from 1 in this order. */
  addPort(options: RapidPortOptions): number {
    const { pathCost, internalPathCost = pathCost, priority = DEFAULT_PORT_PRIORITY } = options;
    const { ports, trees } = this.#bridge;
    const port = new RapidPort(ports.length, {
      pathCost,
      adminEdge: options.adminEdge ?? false,
      autoEdge: options.autoEdge ?? true,
      bpduGuard: options.bpduGuard ?? false,
      rootGuard: options.rootGuard ?? false,
      restrictedTcn: options.restrictedTcn ?? false,
    });
    port.isPointToPoint = options.isPointToPoint ?? true;
    ports.push(port);
    const portId = portIdOf(priority, ports.length);
    for (const tree of trees) {
      const treePort = new TreePort(port, tree, { portId, pathCost: internalPathCost });
      port.trees.push(treePort);
      tree.ports.push(treePort);
    }
    this.#isDirty.push(false);
    this.#deadlinesNs.push(Number.POSITIVE_INFINITY);
    return port.index;
  }

  start(nowNs: number): void {
    this.#isRunning = true;
    this.#at(nowNs);
    for (const port of this.#bridge.ports) this.#enableIfUp(port);
    this.#touchAll();
    this.#settle();
  }

  /** The bridge fails: all ports at once, so that nothing is said and nothing follows. It starts as a new one. */
  fail(nowNs: number): void {
    this.#isRunning = false;
    this.#at(nowNs);
    for (const port of this.#bridge.ports) this.#disable(port);
    this.#settle();
  }

  /** The port has carrier. */
  enablePort(portIndex: number, nowNs: number): void {
    this.#at(nowNs);
    const port = this.#bridge.ports[portIndex];
    port.hasCarrier = true;
    this.#enableIfUp(port);
    this.#settle();
  }

  /** The port has lost its carrier. */
  disablePort(portIndex: number, nowNs: number): void {
    this.#at(nowNs);
    const port = this.#bridge.ports[portIndex];
    port.hasCarrier = false;
    port.isShutByGuard = false;
    this.#disable(port);
    this.#settle();
  }

  /** A configuration, RST or MST BPDU arrived. IEEE 802.1D-2004, 17.23 and 9.3.4. */
  receive(portIndex: number, bpdu: Readonly<ConfigBpdu>, nowNs: number): void {
    const port = this.#hear(portIndex, nowNs);
    if (port === null) return;
    const rapid = bpdu.rapid ?? null;
    if (rapid === null && (bpdu.messageAgeNs >= bpdu.maxAgeNs || this.#isOwn(port, bpdu))) return;
    const wasEdge = this.#arrived(port, rapid !== null);
    const { configurationId } = this.#bridge;
    const mst = rapid?.mst ?? null;
    port.rcvdInternal = mst !== null && mst.configurationId === configurationId;
    if (bpdu.topologyChangeAck && rapid === null) port.rcvdTcAck = true;
    const message = cistMessageOf(bpdu, this.#bridge.maxHops);
    let changed = receiveMessage(this.#bridge, port.cist, message, bpdu) || wasEdge;
    if (port.rcvdInternal) changed = this.#receiveInstances(port, bpdu) || changed;
    if (changed) this.#touchAll();
    this.#settle();
  }

  /** A topology change notification arrived. IEEE 802.1D-2004, 17.21.17. */
  receiveTcn(portIndex: number, nowNs: number): void {
    const port = this.#hear(portIndex, nowNs);
    if (port === null) return;
    port.rcvdInternal = false;
    if (this.#arrived(port, false)) this.#touchAll();
    port.rcvdTcn = true;
    this.#settle();
  }

  /** Lets every timer that is due at or before `nowNs` expire, each at its own instant and in order. */
  tick(nowNs: number): void {
    while (this.#nextDeadlineNs <= nowNs) {
      const dueNs = this.#nextDeadlineNs;
      this.#bridge.nowNs = dueNs;
      for (let i = 0; i < this.#deadlinesNs.length; i++) if (this.#deadlinesNs[i] <= dueNs) this.#touch(i);
      this.#settle();
    }
  }

  // ---- management. IEEE 802.1Q-2018, 12.8

  /** Changes the bridge's priority in a tree, 0…61440 in steps of 4096. */
  setBridgePriority(priority: number, nowNs: number, tree = 0): void {
    this.#at(nowNs);
    const changed = this.#bridge.trees[tree];
    changed.setBridgeId(instanceBridgeId(changed.bridgeId, priority, changed.mstid));
    this.#reselect(changed);
  }

  /** Changes a port's priority in a tree, 0…63 as in `portIdOf`. */
  setPortPriority(portIndex: number, priority: number, nowNs: number, tree = 0): void {
    this.#at(nowNs);
    const treePort = this.#bridge.ports[portIndex].trees[tree];
    treePort.portId = portIdOf(priority, portNumberOf(treePort.portId));
    this.#reselect(treePort.tree);
  }

  /** Changes the cost of the path through a port: outside regions for tree 0, and inside for any. */
  setPathCost(portIndex: number, pathCost: number, nowNs: number, tree = 0): void {
    this.#at(nowNs);
    const port = this.#bridge.ports[portIndex];
    if (tree === 0) port.externalPathCost = pathCost;
    port.trees[tree].internalPathCost = pathCost;
    this.#reselect(port.trees[tree].tree);
  }

  /** Lets a port try the newest version of the protocol again. IEEE 802.1D-2004, 17.19.13 (mcheck). */
  checkMigration(portIndex: number, nowNs: number): void {
    this.#at(nowNs);
    const port = this.#bridge.ports[portIndex];
    checkRapid(this.#bridge, port);
    port.newInfo = true;
    this.#touch(portIndex);
    this.#settle();
  }

  // ----

  #at(nowNs: number): void {
    this.#bridge.nowNs = nowNs;
  }

  #reselect(tree: Tree): void {
    for (const treePort of tree.ports) {
      treePort.selected = false;
      treePort.reselect = true;
    }
    this.#touchAll();
    this.#settle();
  }

  #enableIfUp(port: RapidPort): void {
    if (!this.#isRunning || !port.hasCarrier || port.isShutByGuard || port.isEnabled) return;
    port.isEnabled = true;
    port.edgeDelayWhileNs = this.#bridge.after(MIGRATE_TIME_NS);
    checkRapid(this.#bridge, port);
    port.newInfo = true;
    port.txCount = 0;
    port.helloWhenNs = this.#bridge.after(this.#bridge.times.helloTimeNs);
    for (const treePort of port.trees) {
      this.#bridge.effects.portStateChanged(port.index, treePort.tree.index, PortState.disabled, treePort.state);
    }
    this.#touch(port.index);
  }

  #disable(port: RapidPort): void {
    if (!port.isEnabled) return;
    for (const treePort of port.trees) {
      const from = treePort.state;
      treePort.learn = false;
      treePort.forward = false;
      this.#bridge.effects.portStateChanged(port.index, treePort.tree.index, from, PortState.disabled);
    }
    port.isEnabled = false;
    port.helloWhenNs = HELD;
    port.edgeDelayWhileNs = HELD;
    port.rcvdRstp = false;
    port.rcvdStp = false;
    port.rcvdTcn = false;
    port.rcvdTcAck = false;
    this.#touchAll();
  }

  /** The port, if it listens; a port under guard does not, and is shut. */
  #hear(portIndex: number, nowNs: number): RapidPort | null {
    const port = this.#bridge.ports[portIndex];
    if (!port.isEnabled) return null;
    this.#at(nowNs);
    if (!port.bpduGuard) return port;
    port.isShutByGuard = true;
    this.#disable(port);
    this.#settle();
    this.#bridge.effects.shutByGuard(portIndex);
    return null;
  }

  /** A bridge's own words that come back to the port that sent them. */
  #isOwn(port: RapidPort, bpdu: Readonly<ConfigBpdu>): boolean {
    return bpdu.bridgeId === this.bridgeId && bpdu.portId === port.cist.portId;
  }

  /** There is a bridge at the other end. Returns whether that is news. */
  #arrived(port: RapidPort, isRapid: boolean): boolean {
    if (isRapid) port.rcvdRstp = true;
    else port.rcvdStp = true;
    const wasEdge = port.operEdge;
    port.operEdge = false;
    port.edgeDelayWhileNs = this.#bridge.after(MIGRATE_TIME_NS);
    this.#touch(port.index);
    return wasEdge;
  }

  #receiveInstances(port: RapidPort, bpdu: Readonly<ConfigBpdu>): boolean {
    let changed = false;
    for (const message of bpdu.rapid?.mst?.instances ?? []) {
      const treePort = port.trees.find(({ tree }) => tree.mstid === message.mstid);
      if (treePort === undefined || treePort.tree.isCist) continue;
      treePort.message = message;
      const said = instanceMessageOf(treePort);
      if (said !== null) changed = receiveMessage(this.#bridge, treePort, said, bpdu) || changed;
    }
    return changed;
  }

  #touch(portIndex: number): void {
    if (this.#isDirty[portIndex]) return;
    this.#isDirty[portIndex] = true;
    this.#dirty.push(portIndex);
  }

  #touchAll(): void {
    for (let i = 0; i < this.#isDirty.length; i++) this.#touch(i);
  }

  /** Runs the machines of all ports that may have something to do until none has, then sends. */
  #settle(): void {
    let ran = this.#dirty;
    while (this.#dirty.length > 0) {
      const round = this.#dirty;
      this.#dirty = [];
      let changed = false;
      for (const portIndex of round) {
        this.#isDirty[portIndex] = false;
        changed = this.#run(this.#bridge.ports[portIndex]) || changed;
      }
      for (const tree of this.#bridge.trees) {
        // most often one port has heard what it knew already
        const isAlone = round.length === 1 && !changed;
        if (isAlone ? !tree.ports[round[0]].reselect : !tree.ports.some(asksToReselect)) continue;
        selectRoles(this.#bridge, tree);
        changed = true;
      }
      if (!changed) continue;
      this.#touchAll();
      ran = this.#dirty;
    }
    for (const portIndex of ran.toSorted((one, other) => one - other)) {
      const port = this.#bridge.ports[portIndex];
      transmit(this.#bridge, port);
      this.#deadlinesNs[portIndex] = this.#deadlineOf(port);
    }
    const [first] = ran;
    if (ran.length > 1 || first === this.#earliest) {
      this.#findEarliest();
    } else if (ran.length === 1 && this.#deadlinesNs[first] < this.#nextDeadlineNs) {
      this.#nextDeadlineNs = this.#deadlinesNs[first];
      this.#earliest = first;
    }
  }

  #findEarliest(): void {
    this.#nextDeadlineNs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#deadlinesNs.length; i++) {
      if (this.#deadlinesNs[i] >= this.#nextDeadlineNs) continue;
      this.#nextDeadlineNs = this.#deadlinesNs[i];
      this.#earliest = i;
    }
  }

  /** Runs one port's machines; whether a step was taken that others may have to follow. */
  #run(port: RapidPort): boolean {
    const bridge = this.#bridge;
    while (stepMigration(bridge, port));
    let changed = stepEdgeDetection(bridge, port);
    for (const treePort of port.trees) {
      while (stepInformation(bridge, treePort)) changed = true;
    }
    for (const treePort of port.trees) {
      while (stepRole(bridge, treePort)) changed = true;
      while (stepTopologyChange(bridge, treePort)) changed = true;
    }
    return changed;
  }

  /** The first instant at which a timer of the port lets a machine take a step. */
  #deadlineOf(port: RapidPort): number {
    if (!port.isEnabled) return Number.POSITIVE_INFINITY;
    const { nowNs } = this.#bridge;
    let next = Math.min(port.helloWhenNs, transmitDeadlineNs(this.#bridge, port));
    if (port.migration !== 'sensing') next = earlier(next, port.mdelayWhileNs, nowNs);
    if (!port.operEdge && port.autoEdge) next = earlier(next, port.edgeDelayWhileNs, nowNs);
    for (const treePort of port.trees) {
      if (treePort.infoIs === 'received') next = earlier(next, treePort.rcvdInfoWhileNs, nowNs);
      next = earlier(next, treePort.rrWhileNs, nowNs);
      if (treePort.forward || !treePort.isActive) continue;
      next = earlier(next, treePort.fdWhileNs, nowNs);
      next = earlier(next, treePort.rbWhileNs, nowNs);
    }
    return next;
  }
}

/** The sooner of two instants, the second of which counts only if it is yet to come. */
function earlier(soonestNs: number, deadlineNs: number, nowNs: number): number {
  return deadlineNs > nowNs && deadlineNs < soonestNs ? deadlineNs : soonestNs;
}

function asksToReselect({ reselect }: TreePort): boolean {
  return reselect;
}

/** A bridge's identifier in an instance has the instance's number beside its priority. IEEE 802.1Q-2018, 14.2.5. */
function instanceBridgeId(bridgeId: BridgeId, priority: number, mstid: number): BridgeId {
  return (BigInt(priority + mstid) << 48n) | BigInt(bridgeMacOf(bridgeId));
}
