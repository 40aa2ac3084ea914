import {
  MultipleSpanningTree,
  type MultipleSpanningTreeOptions,
  type RapidPortOptions,
} from '../../../src/protocol/multiple-spanning-tree/multiple-spanning-tree.ts';
import type { RapidEffects } from '../../../src/protocol/multiple-spanning-tree/rapid-bridge.ts';
import { IEEE_802_1D } from '../../../src/protocol/spanning-tree/parameters.ts';
import { PortState } from '../../../src/protocol/spanning-tree/port-states.ts';
import { SpanningTree } from '../../../src/protocol/spanning-tree/spanning-tree.ts';
import { bridgeIdOf, type ConfigBpdu } from '../../../src/wire/bpdu.ts';
import { type LinkEnd, WiredBridges } from '../spanning-tree/wired-bridges.ts';

/** One thing that a bridge did. */
export interface RapidAction {
  readonly timeNs: number;
  readonly bridge: number;
  readonly port: number;
  readonly tree: number;
  readonly what: 'bpdu' | 'tcn' | 'state' | 'flush' | 'topology change' | 'guard';
  readonly bpdu?: ConfigBpdu;
  readonly state?: PortState;
}

/** Bridges with the MAC addresses 1, 2, 3, … wired by links of one delay, run in the order of time. */
export class RapidNetwork extends WiredBridges<MultipleSpanningTree | SpanningTree, RapidAction> {
  /** Of each link. */
  readonly costs: number[] = [];
  /** Called after every event. */
  afterEvent: () => void = () => {};
  /** Adds a bridge of this priority, started at once. Returns its index. */
  addBridge({ priority = 0x8000, ...rest }: Partial<MultipleSpanningTreeOptions> & { priority?: number } = {}): number {
    const index = this.bridges.length;
    const act = (port: number, tree: number, what: RapidAction['what'], more: Partial<RapidAction> = {}) =>
      this.actions.push({ timeNs: this.nowNs, bridge: index, port, tree, what, ...more });
    const effects: RapidEffects = {
      transmit: (port, bpdu) => {
        act(port, 0, 'bpdu', { bpdu });
        this.send({ bridge: index, port }, bpdu);
      },
      transmitTcn: (port) => {
        act(port, 0, 'tcn');
        this.send({ bridge: index, port }, null);
      },
      portStateChanged: (port, tree, _from, state) => {
        act(port, tree, 'state', { state });
      },
      flush: (port, tree) => act(port, tree, 'flush'),
      topologyChangeDetected: (tree) => act(-1, tree, 'topology change'),
      shutByGuard: (port) => act(port, 0, 'guard'),
    };
    const bridge = new MultipleSpanningTree({ bridgeId: bridgeIdOf(priority, index + 1), ...rest }, effects);
    this.bridges.push(bridge);
    bridge.start(this.nowNs);
    return index;
  }

  /** Adds a bridge that knows only the protocol of 1998. */
  addClassicBridge(priority = 0x8000): number {
    const index = this.bridges.length;
    const bridge = new SpanningTree(
      { bridgeId: bridgeIdOf(priority, index + 1), profile: IEEE_802_1D },
      {
        transmitConfig: (port, bpdu) => this.send({ bridge: index, port }, { ...bpdu }),
        transmitTcn: (port) => this.send({ bridge: index, port }, null),
        portStateChanged: () => {},
        topologyChangeChanged: () => {},
      },
    );
    this.bridges.push(bridge);
    bridge.start(this.nowNs);
    return index;
  }

  rapid(index: number): MultipleSpanningTree {
    const bridge = this.bridges[index];
    if (!(bridge instanceof MultipleSpanningTree)) throw new Error(`bridge ${index} is not rapid`);
    return bridge;
  }

  addPort(bridge: number, options: RapidPortOptions): LinkEnd {
    const found = this.bridges[bridge];
    return { bridge, port: found instanceof SpanningTree ? found.addPort(options) : found.addPort(options) };
  }

  /** Wires a new port of `a` to a new port of `b` and brings both up. Returns the link's index. */
  connect(a: number, b: number, pathCost = 100, options: Partial<RapidPortOptions> = {}): number {
    const [from, to] = [a, b].map((bridge) => this.addPort(bridge, { pathCost, ...options }));
    this.costs.push(pathCost);
    return this.wire(from, to);
  }

  /** Takes all links of a bridge down. */
  failBridge(bridge: number): void {
    this.links.forEach(({ ends, isUp }, index) => {
      if (isUp && ends.some((end) => end.bridge === bridge)) this.fail(index);
    });
  }

  run(durationNs: number): void {
    this.runUntil(this.nowNs + durationNs);
  }

  /** When any port last changed its state. */
  get lastStateChangeNs(): number {
    return this.actions.findLast(({ what }) => what === 'state')?.timeNs ?? 0;
  }

  /** When a port last entered a state. */
  lastEntered({ bridge, port }: LinkEnd, state: PortState): number {
    return this.actionsOf(bridge, 'state').findLast((a) => a.port === port && a.state === state)?.timeNs ?? Number.NaN;
  }

  roleAt({ bridge, port }: LinkEnd, tree = 0): string {
    const found = this.bridges[bridge];
    return found instanceof SpanningTree ? found.roleOf(port) : found.roleOf(port, tree);
  }

  stateAt({ bridge, port }: LinkEnd, tree = 0): PortState {
    const found = this.bridges[bridge];
    return found instanceof SpanningTree ? found.stateOf(port) : found.stateOf(port, tree);
  }

  /** Links on which both ends forward. */
  forwardingLinks(tree = 0): readonly (readonly [LinkEnd, LinkEnd])[] {
    return this.segments().filter((ends) => ends.every((end) => this.stateAt(end, tree) === PortState.forwarding));
  }

  protected deliver(bridge: MultipleSpanningTree | SpanningTree, port: number, bpdu: ConfigBpdu | null): void {
    if (bpdu === null) bridge.receiveTcn(port, this.nowNs);
    else if (bridge instanceof MultipleSpanningTree) bridge.receive(port, bpdu, this.nowNs);
    // a bridge of 1998 does not know RST BPDUs
    else if ((bpdu.rapid ?? null) === null) bridge.receiveConfig(port, bpdu, this.nowNs);
  }

  protected observe(): void {
    this.afterEvent();
  }
}
