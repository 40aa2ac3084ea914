import type { ConfigBpdu } from '../../wire/bpdu.ts';
import type { BridgeTimes } from '../spanning-tree/parameters.ts';
import type { PortState } from '../spanning-tree/port-states.ts';
import type { RapidProfile } from './parameters.ts';
import type { RapidPort, Tree, TreePort } from './tree-port.ts';

/** What the trees of a bridge do to the world. None of these may call back into them. */
export interface RapidEffects {
  /** Send a configuration, RST or MST BPDU. It is a new object each time. */
  transmit(portIndex: number, bpdu: Readonly<ConfigBpdu>): void;
  /** Send a topology change notification, to a bridge that knows nothing newer. */
  transmitTcn(portIndex: number): void;
  portStateChanged(portIndex: number, treeIndex: number, from: PortState, to: PortState): void;
  /** Forget what was learned on a port in the VLANs of a tree. IEEE 802.1D-2004, 17.19.7. */
  flush(portIndex: number, treeIndex: number): void;
  /** A port of this bridge began to forward, and is no edge. IEEE 802.1D-2004, 17.31. */
  topologyChangeDetected(treeIndex: number): void;
  /** A guard shut the port; it stays so until its link goes down. */
  shutByGuard(portIndex: number): void;
}

/** What the machines of a bridge share. */
export class RapidBridge {
  readonly profile: RapidProfile;
  readonly times: BridgeTimes;
  readonly effects: RapidEffects;
  readonly transmitHoldCount: number;
  readonly maxHops: number;
  /** Of the region, or null for a bridge that knows none and speaks RSTP. */
  readonly configurationId: string | null;
  /** Where ticks of the bridge's clock are. */
  readonly phaseNs: number;
  readonly trees: Tree[] = [];
  readonly ports: RapidPort[] = [];
  nowNs = 0;

  constructor(options: {
    profile: RapidProfile;
    times: BridgeTimes;
    effects: RapidEffects;
    transmitHoldCount: number;
    maxHops: number;
    configurationId: string | null;
    phaseNs: number;
  }) {
    this.profile = options.profile;
    this.times = options.times;
    this.effects = options.effects;
    this.transmitHoldCount = options.transmitHoldCount;
    this.maxHops = options.maxHops;
    this.configurationId = options.configurationId;
    this.phaseNs = options.phaseNs;
  }

  /** When a timer that is set now for this long runs out. */
  after(durationNs: number): number {
    const { tickNs } = this.profile;
    if (tickNs === 0) return this.nowNs + durationNs;
    return this.lastTickNs + Math.ceil(durationNs / tickNs) * tickNs;
  }

  /** The last tick at or before now. */
  get lastTickNs(): number {
    const { tickNs } = this.profile;
    return tickNs === 0 ? this.nowNs : Math.floor((this.nowNs - this.phaseNs) / tickNs) * tickNs + this.phaseNs;
  }

  isRunning(deadlineNs: number): boolean {
    return deadlineNs > this.nowNs;
  }

  /** Time in the learning state, and before it. IEEE 802.1D-2004, 17.20.5: a hello time where rapid bridges are met. */
  forwardDelayNs(port: RapidPort): number {
    return port.sendRstp ? port.cist.designatedTimes.helloTimeNs : port.cist.designatedTimes.forwardDelayNs;
  }

  /** Brings a port's state in line with what its role asks for. IEEE 802.1D-2004, 17.30. */
  setState(treePort: TreePort, learn: boolean, forward: boolean): void {
    const from = treePort.state;
    treePort.learn = learn;
    treePort.forward = forward;
    const to = treePort.state;
    if (from !== to) this.effects.portStateChanged(treePort.port.index, treePort.tree.index, from, to);
  }

  /** Starts to tell of a topology change, unless the port is at it. IEEE 802.1D-2004, 17.21.7. */
  newTcWhile(treePort: TreePort): void {
    if (this.isRunning(treePort.tcWhileNs)) return;
    const { port } = treePort;
    if (port.sendRstp) {
      const { helloTimes, extraNs } = this.profile.tcWhile;
      treePort.tcWhileNs = this.after(helloTimes * treePort.designatedTimes.helloTimeNs + extraNs);
      port.newInfo = true;
    } else {
      const { maxAgeNs, forwardDelayNs } = port.cist.tree.rootTimes;
      treePort.tcWhileNs = this.after(maxAgeNs + forwardDelayNs);
    }
  }
}
