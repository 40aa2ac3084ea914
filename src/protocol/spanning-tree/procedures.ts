import { type BridgeId, type ConfigBpdu, type PriorityVector, ReusedConfigBpdu } from '../../wire/bpdu.ts';
import type { BridgePort } from './bridge-port.ts';
import {
  type BridgeTimes,
  DEFAULT_BRIDGE_TIMES,
  HOLD_TIME_NS,
  LINUX_6_18,
  type SpanningTreeProfile,
} from './parameters.ts';
import { PortState } from './port-states.ts';
import { isBetterRootPort, isDesignatedPort, shouldBecomeDesignated } from './priority-vector.ts';
import { BridgeTimer, PortTimer, portTimerSlot, Timers } from './timers.ts';
import { TopologyChange, type TopologyChangeEffects } from './topology-change.ts';

/** What the spanning tree of a bridge does to the world. None of these may call back into the spanning tree. */
export interface SpanningTreeEffects extends TopologyChangeEffects {
  /** Send a configuration message. The object is used again for the next one: copy what is to be kept. */
  transmitConfig(portIndex: number, bpdu: Readonly<ConfigBpdu>): void;
  portStateChanged(portIndex: number, from: PortState, to: PortState): void;
}

export interface SpanningTreeOptions extends Partial<BridgeTimes> {
  readonly bridgeId: BridgeId;
  readonly profile?: SpanningTreeProfile;
  /** False for a bridge that starts with its spanning tree switched off; see `setEnabled`. */
  readonly isEnabled?: boolean;
}

/**
 * A bridge's parameters and the steps that its answers to messages, timers and management are made of.
 * IEEE 802.1D-1998, 8.5 and 8.6. Ports are visited from the last to the first, as Linux does, which keeps the newest
 * port in front.
 */
export class BridgeProcedures {
  readonly profile: SpanningTreeProfile;
  /** The times that this bridge gives to the tree when it is the root. */
  readonly bridgeTimes: BridgeTimes;
  readonly timers: Timers;
  readonly topologyChange: TopologyChange;
  readonly ports: BridgePort[] = [];
  /** What the bridge says of itself on every segment where it is designated; the port id is not used. */
  readonly own: PriorityVector;
  rootPort: BridgePort | null = null;
  // the times in use: the root's
  helloTimeNs: number;
  maxAgeNs: number;
  forwardDelayNs: number;
  isEnabled: boolean;
  readonly #effects: SpanningTreeEffects;
  // the one message that every transmission fills in
  readonly #config = new ReusedConfigBpdu();

  constructor(options: SpanningTreeOptions, effects: SpanningTreeEffects) {
    const { bridgeId, profile = LINUX_6_18, isEnabled = true } = options;
    const { helloTimeNs, maxAgeNs, forwardDelayNs } = { ...DEFAULT_BRIDGE_TIMES, ...options };
    if (!(helloTimeNs > 0)) throw new RangeError(`helloTimeNs: got ${helloTimeNs}, expected more than 0`);
    const times = { helloTimeNs, maxAgeNs, forwardDelayNs };
    this.profile = profile;
    this.timers = new Timers(profile.timerExpiryNs);
    this.bridgeTimes = times;
    this.helloTimeNs = helloTimeNs;
    this.maxAgeNs = maxAgeNs;
    this.forwardDelayNs = forwardDelayNs;
    this.isEnabled = isEnabled;
    this.topologyChange = new TopologyChange({ times, timers: this.timers, isEnabled }, effects);
    this.own = { rootId: bridgeId, rootPathCost: 0, bridgeId, portId: 0 };
    this.#effects = effects;
  }

  get isRootBridge(): boolean {
    return this.rootPort === null;
  }

  /** The index of the root port, or -1 on the root bridge. */
  get rootPortIndex(): number {
    return this.rootPort === null ? -1 : this.rootPort.index;
  }

  isDesignated(port: BridgePort): boolean {
    return isDesignatedPort(port, this.own.bridgeId);
  }

  /** Sends a configuration message out of a port, now or when its hold timer allows. IEEE 802.1D-1998, 8.6.1. */
  transmitConfig(port: BridgePort, nowNs: number): void {
    if (nowNs < port.holdsUntilNs) {
      // only a message that waits needs the hold timer to wake it
      port.configPending = true;
      this.timers.startUntil(portTimerSlot(port.index, PortTimer.hold), port.holdsUntilNs);
      return;
    }
    const config = this.#config;
    config.messageAgeNs =
      this.rootPort === null ? 0 : nowNs - this.rootPort.informationSentNs + this.profile.messageAgeIncrementNs;
    if (config.messageAgeNs >= this.maxAgeNs) return;
    config.rootId = this.own.rootId;
    config.rootPathCost = this.own.rootPathCost;
    config.bridgeId = this.own.bridgeId;
    config.portId = port.portId;
    config.helloTimeNs = this.helloTimeNs;
    config.maxAgeNs = this.maxAgeNs;
    config.forwardDelayNs = this.forwardDelayNs;
    config.topologyChange = this.topologyChange.isActive;
    config.topologyChangeAck = port.topologyChangeAck;
    this.forgetPending(port);
    if (!this.isEnabled) return;
    port.holdsUntilNs = this.profile.periodicExpiryNs(nowNs, HOLD_TIME_NS);
    this.#effects.transmitConfig(port.index, config);
  }

  /** Nothing waits to be said any more, or it is being said. */
  forgetPending(port: BridgePort): void {
    port.topologyChangeAck = false;
    if (!port.configPending) return;
    port.configPending = false;
    this.stopTimer(port, PortTimer.hold);
  }

  /** Sends a configuration message wherever the bridge is designated. IEEE 802.1D-1998, 8.6.4. */
  generateConfigs(nowNs: number): void {
    for (let i = this.ports.length - 1; i >= 0; i--) {
      const port = this.ports[i];
      if (port.state === PortState.disabled || !this.isDesignated(port)) continue;
      this.transmitConfig(port, nowNs);
    }
  }

  /** Takes over the root's times and flag, and passes its word on. IEEE 802.1D-1998, 8.6.3 and 8.7.1. */
  followRoot(bpdu: Readonly<ConfigBpdu>, nowNs: number): void {
    this.maxAgeNs = bpdu.maxAgeNs;
    this.helloTimeNs = bpdu.helloTimeNs;
    this.forwardDelayNs = bpdu.forwardDelayNs;
    this.topologyChange.follow(bpdu.topologyChange);
    this.generateConfigs(nowNs);
    if (bpdu.topologyChangeAck) this.topologyChange.acknowledged();
  }

  /** Selects the root port, then the designated ports. IEEE 802.1D-1998, 8.6.7 to 8.6.9. */
  updateConfiguration(): void {
    const own = this.own;
    let rootPort: BridgePort | null = null;
    for (const port of this.ports) {
      if (port.state !== PortState.disabled && isBetterRootPort(port, rootPort, own.bridgeId)) rootPort = port;
    }
    this.rootPort = rootPort;
    own.rootId = rootPort === null ? own.bridgeId : rootPort.designated.rootId;
    own.rootPathCost = rootPort === null ? 0 : rootPort.designated.rootPathCost + rootPort.pathCost;
    for (const port of this.ports) {
      if (port.state !== PortState.disabled && shouldBecomeDesignated(port, own)) port.becomeDesignated(own);
    }
  }

  /** Brings every port's state in line with its role. IEEE 802.1D-1998, 8.6.11. */
  selectPortStates(nowNs: number): void {
    for (let i = this.ports.length - 1; i >= 0; i--) {
      const port = this.ports[i];
      if (port.state === PortState.disabled) continue;
      if (port === this.rootPort) {
        this.forgetPending(port);
        this.#makeForwarding(port, nowNs);
      } else if (this.isDesignated(port)) {
        this.stopTimer(port, PortTimer.messageAge);
        this.#makeForwarding(port, nowNs);
      } else {
        this.forgetPending(port);
        this.#makeBlocking(port, nowNs);
      }
    }
  }

  /** Sends a blocking port on its way. IEEE 802.1D-1998, 8.6.12; at once if there is nothing to wait for, as in Linux. */
  #makeForwarding(port: BridgePort, nowNs: number): void {
    if (port.state !== PortState.blocking) return;
    if (this.isEnabled && this.forwardDelayNs > 0) {
      this.setState(port, PortState.listening);
      this.startTimer(port, PortTimer.forwardDelay, nowNs, this.forwardDelayNs);
    } else {
      this.setState(port, PortState.forwarding);
      this.topologyChange.detect(this.rootPortIndex, nowNs);
    }
  }

  /** IEEE 802.1D-1998, 8.6.13. */
  #makeBlocking(port: BridgePort, nowNs: number): void {
    if (port.state === PortState.blocking) return;
    const learned = port.state === PortState.forwarding || port.state === PortState.learning;
    if (learned) this.topologyChange.detect(this.rootPortIndex, nowNs);
    this.setState(port, PortState.blocking);
    this.stopTimer(port, PortTimer.forwardDelay);
  }

  /** What follows a change that did not come in a message. */
  reconfigure(wasRoot: boolean, nowNs: number): void {
    this.updateConfiguration();
    this.selectPortStates(nowNs);
    if (!wasRoot && this.isRootBridge) this.#becomeRoot(nowNs);
  }

  /** IEEE 802.1D-1998, 8.7.4, d). */
  #becomeRoot(nowNs: number): void {
    this.#useOwnTimes();
    this.topologyChange.becomeRoot(nowNs);
    this.generateConfigs(nowNs);
    this.startHelloTimer(nowNs);
  }

  #useOwnTimes(): void {
    this.maxAgeNs = this.bridgeTimes.maxAgeNs;
    this.helloTimeNs = this.bridgeTimes.helloTimeNs;
    this.forwardDelayNs = this.bridgeTimes.forwardDelayNs;
  }

  /** Disables every port and forgets everything that was heard or was to be said. */
  reset(): void {
    for (const port of this.ports) {
      this.setState(port, PortState.disabled);
      this.forgetPending(port);
      port.holdsUntilNs = Number.NEGATIVE_INFINITY;
      this.stopTimer(port, PortTimer.messageAge);
      this.stopTimer(port, PortTimer.forwardDelay);
    }
    this.updateConfiguration();
    for (const port of this.ports) port.becomeDesignated(this.own);
    this.#useOwnTimes();
    this.timers.stop(BridgeTimer.hello);
    this.topologyChange.reset();
  }

  setState(port: BridgePort, to: PortState): void {
    const from = port.state;
    port.state = to;
    if (from !== to) this.#effects.portStateChanged(port.index, from, to);
  }

  startHelloTimer(nowNs: number): void {
    this.timers.startUntil(BridgeTimer.hello, this.profile.periodicExpiryNs(nowNs, this.helloTimeNs));
  }

  startTimer(port: BridgePort, timer: number, nowNs: number, durationNs: number): void {
    this.timers.start(portTimerSlot(port.index, timer), nowNs, durationNs);
  }

  stopTimer(port: BridgePort, timer: number): void {
    this.timers.stop(portTimerSlot(port.index, timer));
  }
}
