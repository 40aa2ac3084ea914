import { PortState } from '../../../src/protocol/spanning-tree/port-states.ts';
import type { SpanningTreeOptions } from '../../../src/protocol/spanning-tree/spanning-tree.ts';
import { SpanningTree } from '../../../src/protocol/spanning-tree/spanning-tree.ts';
import { seconds } from '../../../src/units.ts';
import { bridgeIdOf, type ConfigBpdu } from '../../../src/wire/bpdu.ts';
import { LINUX_ON_TIME } from './on-time.ts';
import { type LinkEnd, WiredBridges } from './wired-bridges.ts';

/** One thing that a bridge did. */
export interface Action {
  readonly timeNs: number;
  readonly bridge: number;
  readonly port: number;
  readonly what: 'config' | 'tcn' | 'state' | 'topology change';
  /** The message, the new state, or the flag. */
  readonly value: ConfigBpdu | PortState | boolean | null;
}

/** Bridges with the MAC addresses 1, 2, 3, … wired by links of one delay, run in the order of time. */
export class BridgeNetwork extends WiredBridges<SpanningTree, Action> {
  /** Called after every event in which a port changed its state. */
  afterStateChange: () => void = () => {};
  #stateChanged = false;

  /** Adds a bridge of this priority, started at once. Returns its index. */
  addBridge(options: Partial<SpanningTreeOptions> & { priority?: number } = {}): number {
    const index = this.bridges.length;
    const { priority = 0x8000, ...rest } = options;
    const act = (port: number, what: Action['what'], value: Action['value']) =>
      this.actions.push({ timeNs: this.nowNs, bridge: index, port, what, value });
    const bridge = new SpanningTree(
      { bridgeId: bridgeIdOf(priority, index + 1), profile: LINUX_ON_TIME, ...rest },
      {
        transmitConfig: (port, bpdu) => {
          const config = { ...bpdu };
          act(port, 'config', config);
          this.send({ bridge: index, port }, config);
        },
        transmitTcn: (port) => {
          act(port, 'tcn', null);
          this.send({ bridge: index, port }, null);
        },
        portStateChanged: (port, _from, to) => {
          act(port, 'state', to);
          this.#stateChanged = true;
        },
        topologyChangeChanged: (active) => act(-1, 'topology change', active),
      },
    );
    this.bridges.push(bridge);
    bridge.start(this.nowNs);
    return index;
  }

  /** Wires a new port of `a` to a new port of `b` and brings both up. Returns the link's index. */
  connect(a: number, b: number, pathCost = 100): number {
    const from = { bridge: a, port: this.bridges[a].addPort({ pathCost }) };
    const to = { bridge: b, port: this.bridges[b].addPort({ pathCost }) };
    return this.wire(from, to);
  }

  /** When a port last entered a state. */
  lastEntered(end: LinkEnd, state: PortState): number {
    const entered = this.actionsOf(end.bridge, 'state').filter((a) => a.port === end.port && a.value === state);
    return entered.length === 0 ? Number.NaN : entered[entered.length - 1].timeNs;
  }

  roleAt({ bridge, port }: LinkEnd): string {
    return this.bridges[bridge].roleOf(port);
  }

  stateAt({ bridge, port }: LinkEnd): PortState {
    return this.bridges[bridge].stateOf(port);
  }

  /** Links on which both ends forward. */
  forwardingLinks(): readonly (readonly [LinkEnd, LinkEnd])[] {
    return this.segments().filter((ends) => ends.every((end) => this.stateAt(end) === PortState.forwarding));
  }

  protected deliver(bridge: SpanningTree, port: number, bpdu: ConfigBpdu | null): void {
    if (bpdu === null) bridge.receiveTcn(port, this.nowNs);
    else bridge.receiveConfig(port, bpdu, this.nowNs);
  }

  protected observe(): void {
    if (!this.#stateChanged) return;
    this.#stateChanged = false;
    this.afterStateChange();
  }
}

/** Which bridges hang together by these links: one number per bridge, equal for those that do. Null if there is a loop. */
export function componentsWithoutLoop(
  bridgeCount: number,
  links: readonly (readonly [LinkEnd, LinkEnd])[],
): number[] | null {
  const component = Array.from({ length: bridgeCount }, (_, i) => i);
  for (const [a, b] of links) {
    const from = component[a.bridge];
    const to = component[b.bridge];
    if (from === to) return null;
    component.forEach((c, i) => {
      if (c === from) component[i] = to;
    });
  }
  return component;
}

/** Long enough for any network in these tests to settle after a change: max age, two forward delays and some hops. */
export const SETTLED_NS = seconds(80);
