import {
  type BridgeId,
  bridgeIdOf,
  bridgeMacOf,
  type ConfigBpdu,
  type PriorityVector,
  portIdOf,
  portNumberOf,
} from '../../wire/bpdu.ts';
import { BridgePort } from './bridge-port.ts';
import { DEFAULT_PORT_PRIORITY } from './parameters.ts';
import { type PortRole, PortState } from './port-states.ts';
import { isSameVector, supersedes } from './priority-vector.ts';
import { BridgeProcedures, type SpanningTreeEffects, type SpanningTreeOptions } from './procedures.ts';
import { BridgeTimer, PortTimer, portIndexOfSlot, portTimerOfSlot, portTimerSlot } from './timers.ts';

export type { SpanningTreeEffects, SpanningTreeOptions } from './procedures.ts';

/**
 * The spanning tree protocol of one bridge, IEEE 802.1D-1998, clause 8, as the Linux bridge runs it.
 *
 * Time is an argument in integer nanoseconds that never decreases from call to call; at each `nextDeadlineNs` the
 * caller has to `tick`.
 *
 * Differs from the standard: times are taken as given, without its ranges and relations (8.10.2), so that a test or
 * scenario may go beyond them.
 */
export class SpanningTree {
  readonly #bridge: BridgeProcedures;
  #isRunning = false;

  constructor(options: SpanningTreeOptions, effects: SpanningTreeEffects) {
    this.#bridge = new BridgeProcedures(options, effects);
  }

  /** Adds a port, disabled, and returns its index: 0, 1, 2, … Its number, from 1, is one more unless given. */
  addPort(options: { pathCost: number; number?: number; priority?: number }): number {
    const { pathCost, number = this.#bridge.ports.length + 1, priority = DEFAULT_PORT_PRIORITY } = options;
    const port = new BridgePort(this.#bridge.ports.length, portIdOf(priority, number), pathCost);
    port.becomeDesignated(this.#bridge.own);
    this.#bridge.ports.push(port);
    this.#bridge.timers.addPort();
    return port.index;
  }

  // ---- what readers may ask

  get bridgeId(): BridgeId {
    return this.#bridge.own.bridgeId;
  }

  get rootId(): BridgeId {
    return this.#bridge.own.rootId;
  }

  get rootPathCost(): number {
    return this.#bridge.own.rootPathCost;
  }

  /** The index of the root port, or -1 on the root bridge. */
  get rootPortIndex(): number {
    return this.#bridge.rootPortIndex;
  }

  get isRootBridge(): boolean {
    return this.#bridge.isRootBridge;
  }

  /** Whether the root says that the topology changes; learned addresses then age by `forwardDelayNs`. */
  get topologyChangeActive(): boolean {
    return this.#bridge.topologyChange.isActive;
  }

  /** The forward delay in use, which is the root's. */
  get forwardDelayNs(): number {
    return this.#bridge.forwardDelayNs;
  }

  get portCount(): number {
    return this.#bridge.ports.length;
  }

  stateOf(portIndex: number): PortState {
    return this.#bridge.ports[portIndex].state;
  }

  roleOf(portIndex: number): PortRole {
    const port = this.#bridge.ports[portIndex];
    if (port.state === PortState.disabled) return 'disabled';
    if (port === this.#bridge.rootPort) return 'root';
    if (this.#bridge.isDesignated(port)) return 'designated';
    return port.designated.bridgeId === this.#bridge.own.bridgeId ? 'backup' : 'alternate';
  }

  /** The best message on the port's segment: designated root, cost, bridge and port. A view that changes with the port. */
  designatedOf(portIndex: number): Readonly<PriorityVector> {
    return this.#bridge.ports[portIndex].designated;
  }

  /** The instant at which `tick` has something to do, or Infinity. */
  get nextDeadlineNs(): number {
    return this.#bridge.timers.nextDeadlineNs;
  }

  // ---- what may happen to a bridge

  /** Starts the bridge and enables every port that has carrier. IEEE 802.1D-1998, 8.8.1. */
  start(nowNs: number): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    if (this.#bridge.isEnabled) this.#bridge.startHelloTimer(nowNs);
    for (let i = this.#bridge.ports.length - 1; i >= 0; i--) {
      if (this.#bridge.ports[i].hasCarrier) this.#enable(this.#bridge.ports[i], nowNs);
    }
    if (this.#bridge.profile.transmitsOnStart) this.#bridge.generateConfigs(nowNs);
  }

  /** Disables every port and stops the bridge; carrier is remembered for the next start. */
  stop(nowNs: number): void {
    for (let i = this.#bridge.ports.length - 1; i >= 0; i--) {
      if (this.#bridge.ports[i].state !== PortState.disabled) this.#disable(this.#bridge.ports[i], nowNs);
    }
    this.#bridge.topologyChange.reset();
    this.#bridge.timers.stop(BridgeTimer.hello);
    this.#isRunning = false;
  }

  /** The bridge fails: at once, without a message and without a look at what would follow. It starts as a new one. */
  fail(): void {
    this.#isRunning = false;
    this.#bridge.reset();
  }

  /** The port's link came up. Does nothing if the port is enabled. IEEE 802.1D-1998, 8.8.2. */
  enablePort(portIndex: number, nowNs: number): void {
    const port = this.#bridge.ports[portIndex];
    port.hasCarrier = true;
    if (this.#isRunning && port.state === PortState.disabled) this.#enable(port, nowNs);
  }

  /** The port's link went down. Does nothing if the port is disabled. IEEE 802.1D-1998, 8.8.3. */
  disablePort(portIndex: number, nowNs: number): void {
    const port = this.#bridge.ports[portIndex];
    port.hasCarrier = false;
    if (port.state !== PortState.disabled) this.#disable(port, nowNs);
  }

  /** A configuration message arrived. IEEE 802.1D-1998, 8.7.1. */
  receiveConfig(portIndex: number, bpdu: Readonly<ConfigBpdu>, nowNs: number): void {
    const port = this.#bridge.ports[portIndex];
    if (!this.#listensOn(port) || bpdu.messageAgeNs > bpdu.maxAgeNs) return;
    const wasRoot = this.#bridge.isRootBridge;
    if (supersedes(bpdu, port, this.#bridge.own.bridgeId)) {
      // what is said again elects nobody anew, unless the bridge hears itself
      const isNews = !isSameVector(bpdu, port.designated);
      port.record(bpdu, nowNs);
      this.#bridge.startTimer(port, PortTimer.messageAge, nowNs, bpdu.maxAgeNs - bpdu.messageAgeNs);
      if (isNews || this.#bridge.isDesignated(port)) {
        this.#bridge.updateConfiguration();
        this.#bridge.selectPortStates(nowNs);
      }
      if (wasRoot && !this.#bridge.isRootBridge) {
        this.#bridge.timers.stop(BridgeTimer.hello);
        this.#bridge.topologyChange.ceaseToBeRoot(this.#bridge.rootPortIndex, nowNs);
      }
      if (port === this.#bridge.rootPort) this.#bridge.followRoot(bpdu, nowNs);
    } else if (this.#bridge.isDesignated(port)) {
      // IEEE 802.1D-1998, 8.6.5: whoever says less than we know is told at once
      this.#bridge.transmitConfig(port, nowNs);
    }
  }

  /** A topology change notification arrived. IEEE 802.1D-1998, 8.7.2. */
  receiveTcn(portIndex: number, nowNs: number): void {
    const port = this.#bridge.ports[portIndex];
    if (!this.#listensOn(port) || !this.#bridge.isDesignated(port)) return;
    this.#bridge.topologyChange.detect(this.#bridge.rootPortIndex, nowNs);
    port.topologyChangeAck = true;
    this.#bridge.transmitConfig(port, nowNs);
  }

  /** Lets every timer that is due at or before `nowNs` expire, each at its own instant and in order. */
  tick(nowNs: number): void {
    for (let dueNs = this.#bridge.timers.nextDeadlineNs; dueNs <= nowNs; dueNs = this.#bridge.timers.nextDeadlineNs) {
      const slot = this.#bridge.timers.earliestSlot;
      this.#bridge.timers.stop(slot);
      if (slot === BridgeTimer.hello) this.#helloTimerExpired(dueNs);
      else if (slot === BridgeTimer.topologyChange) this.#bridge.topologyChange.topologyChangeTimerExpired();
      else if (slot === BridgeTimer.topologyChangeNotification) {
        this.#bridge.topologyChange.notificationTimerExpired(this.#bridge.rootPortIndex, dueNs);
      } else this.#portTimerExpired(this.#bridge.ports[portIndexOfSlot(slot)], portTimerOfSlot(slot), dueNs);
    }
  }

  /** Changes the bridge's priority, 0…65535. IEEE 802.1D-1998, 8.8.4. */
  setBridgePriority(priority: number, nowNs: number): void {
    const wasRoot = this.#bridge.isRootBridge;
    const bridgeId = bridgeIdOf(priority, bridgeMacOf(this.#bridge.own.bridgeId));
    for (const port of this.#bridge.ports) {
      if (port.state === PortState.disabled || !this.#bridge.isDesignated(port)) continue;
      port.designated.bridgeId = bridgeId;
    }
    this.#bridge.own.bridgeId = bridgeId;
    this.#bridge.reconfigure(wasRoot, nowNs);
  }

  /** Changes a port's priority, 0…63 as in `portIdOf`. IEEE 802.1D-1998, 8.8.5. */
  setPortPriority(portIndex: number, priority: number, nowNs: number): void {
    const port = this.#bridge.ports[portIndex];
    const wasDesignated = this.#bridge.isDesignated(port);
    port.portId = portIdOf(priority, portNumberOf(port.portId));
    if (wasDesignated) port.designated.portId = port.portId;
    if (port.designated.bridgeId === this.#bridge.own.bridgeId && port.portId < port.designated.portId) {
      port.becomeDesignated(this.#bridge.own);
      this.#bridge.selectPortStates(nowNs);
    }
  }

  /** Changes the cost of the path through a port. IEEE 802.1D-1998, 8.8.6. */
  setPathCost(portIndex: number, pathCost: number, nowNs: number): void {
    this.#bridge.ports[portIndex].pathCost = pathCost;
    this.#bridge.updateConfiguration();
    this.#bridge.selectPortStates(nowNs);
  }

  /**
   * Switches the spanning tree on or off while the bridge may be running, as Linux does. Off, enabled ports forward at
   * once and no message is sent or read, but ports that were blocking stay so. On, ports that forward keep forwarding.
   */
  setEnabled(isEnabled: boolean, nowNs: number): void {
    if (this.#bridge.isEnabled === isEnabled) return;
    this.#bridge.isEnabled = isEnabled;
    this.#bridge.topologyChange.isEnabled = isEnabled;
    if (!isEnabled) return;
    if (this.#isRunning) this.#bridge.startHelloTimer(nowNs);
    this.#bridge.selectPortStates(nowNs);
  }

  // ---- expiry of timers. IEEE 802.1D-1998, 8.7.3 to 8.7.8

  #helloTimerExpired(nowNs: number): void {
    this.#bridge.generateConfigs(nowNs);
    if (this.#bridge.isEnabled) this.#bridge.startHelloTimer(nowNs);
  }

  #portTimerExpired(port: BridgePort, timer: number, nowNs: number): void {
    if (timer === PortTimer.messageAge) this.#messageAgeTimerExpired(port, nowNs);
    else if (timer === PortTimer.forwardDelay) this.#forwardDelayTimerExpired(port, nowNs);
    else if (port.configPending) this.#holdTimerExpired(port, nowNs);
  }

  /** A message has waited for its second. IEEE 802.1D-1998, 8.7.8. */
  #holdTimerExpired(port: BridgePort, nowNs: number): void {
    const { holdGraceNs } = this.#bridge.profile;
    if (nowNs < port.holdsUntilNs + holdGraceNs) {
      this.#bridge.timers.startUntil(portTimerSlot(port.index, PortTimer.hold), port.holdsUntilNs + holdGraceNs);
    } else {
      this.#bridge.transmitConfig(port, nowNs);
    }
  }

  /** Nobody has confirmed what the port knows: the port claims its segment. IEEE 802.1D-1998, 8.7.4. */
  #messageAgeTimerExpired(port: BridgePort, nowNs: number): void {
    const wasRoot = this.#bridge.isRootBridge;
    port.becomeDesignated(this.#bridge.own);
    this.#bridge.reconfigure(wasRoot, nowNs);
  }

  /** IEEE 802.1D-1998, 8.7.5. */
  #forwardDelayTimerExpired(port: BridgePort, nowNs: number): void {
    if (port.state === PortState.listening) {
      this.#bridge.setState(port, PortState.learning);
      this.#bridge.startTimer(port, PortTimer.forwardDelay, nowNs, this.#bridge.forwardDelayNs);
    } else if (port.state === PortState.learning) {
      this.#bridge.setState(port, PortState.forwarding);
      if (this.#isDesignatedForSomePort()) this.#bridge.topologyChange.detect(this.#bridge.rootPortIndex, nowNs);
    }
  }

  #isDesignatedForSomePort(): boolean {
    const { bridgeId } = this.#bridge.own;
    return this.#bridge.ports.some(
      (port) => port.state !== PortState.disabled && port.designated.bridgeId === bridgeId,
    );
  }

  // ---- ports

  #listensOn(port: BridgePort): boolean {
    return this.#bridge.isEnabled && this.#isRunning && port.state !== PortState.disabled;
  }

  #enable(port: BridgePort, nowNs: number): void {
    port.becomeDesignated(this.#bridge.own);
    this.#bridge.setState(port, PortState.blocking);
    this.#bridge.selectPortStates(nowNs);
  }

  #disable(port: BridgePort, nowNs: number): void {
    const wasRoot = this.#bridge.isRootBridge;
    port.becomeDesignated(this.#bridge.own);
    this.#bridge.setState(port, PortState.disabled);
    this.#bridge.forgetPending(port);
    port.holdsUntilNs = Number.NEGATIVE_INFINITY;
    this.#bridge.stopTimer(port, PortTimer.messageAge);
    this.#bridge.stopTimer(port, PortTimer.forwardDelay);
    this.#bridge.reconfigure(wasRoot, nowNs);
  }
}
