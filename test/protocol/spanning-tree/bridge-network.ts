import { PortState } from '../../../src/protocol/spanning-tree/port-states.ts';
import type { SpanningTreeOptions } from '../../../src/protocol/spanning-tree/spanning-tree.ts';
import { SpanningTree } from '../../../src/protocol/spanning-tree/spanning-tree.ts';
import { seconds } from '../../../src/units.ts';
import { bridgeIdOf, type ConfigBpdu } from '../../../src/wire/bpdu.ts';
import { LINUX_ON_TIME } from './on-time.ts';

export interface LinkEnd {
  readonly bridge: number;
  readonly port: number;
}

interface Link {
  readonly ends: readonly [LinkEnd, LinkEnd];
  isUp: boolean;
  /** Grows when the link fails, so that frames in flight are lost. */
  life: number;
}

interface Frame {
  readonly arrivalNs: number;
  readonly link: Link;
  readonly life: number;
  readonly to: LinkEnd;
  /** Null for a topology change notification. */
  readonly config: ConfigBpdu | null;
}

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
export class BridgeNetwork {
  nowNs = 0;
  readonly bridges: SpanningTree[] = [];
  readonly links: Link[] = [];
  readonly actions: Action[] = [];
  /** Called after every event in which a port changed its state. */
  afterStateChange: () => void = () => {};
  readonly #delayNs: number;
  #inFlight: Frame[] = [];
  #stateChanged = false;

  constructor(delayNs = 0) {
    this.#delayNs = delayNs;
  }

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
          this.#send({ bridge: index, port }, config);
        },
        transmitTcn: (port) => {
          act(port, 'tcn', null);
          this.#send({ bridge: index, port }, null);
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
    this.links.push({ ends: [from, to], isUp: false, life: 0 });
    this.restore(this.links.length - 1);
    return this.links.length - 1;
  }

  /** Takes a link down; both ends see it at once. */
  fail(linkIndex: number): void {
    const link = this.links[linkIndex];
    link.isUp = false;
    link.life++;
    for (const { bridge, port } of link.ends) this.bridges[bridge].disablePort(port, this.nowNs);
    this.#observe();
  }

  /** Brings a link up; both ends see it at once. */
  restore(linkIndex: number): void {
    const link = this.links[linkIndex];
    link.isUp = true;
    for (const { bridge, port } of link.ends) this.bridges[bridge].enablePort(port, this.nowNs);
    this.#observe();
  }

  /** Runs everything that is due up to and including `untilNs`. At one instant frames come before timers. */
  runUntil(untilNs: number): void {
    for (;;) {
      const frameNs = this.#inFlight.length > 0 ? this.#inFlight[0].arrivalNs : Number.POSITIVE_INFINITY;
      let next: SpanningTree | null = null;
      for (const bridge of this.bridges) {
        if (next === null || bridge.nextDeadlineNs < next.nextDeadlineNs) next = bridge;
      }
      const timerNs = next === null ? Number.POSITIVE_INFINITY : next.nextDeadlineNs;
      if (Math.min(frameNs, timerNs) > untilNs) break;
      this.nowNs = Math.min(frameNs, timerNs);
      if (frameNs <= timerNs) this.#deliver(this.#inFlight.shift() as Frame);
      else next?.tick(this.nowNs);
      this.#observe();
    }
    this.nowNs = untilNs;
  }

  /** What was done after `sinceNs` by a bridge. */
  actionsOf(bridge: number, what: Action['what'], sinceNs = -1): Action[] {
    return this.actions.filter((action) => action.bridge === bridge && action.what === what && action.timeNs > sinceNs);
  }

  /** When a port last entered a state. */
  lastEntered(end: LinkEnd, state: PortState): number {
    const entered = this.actionsOf(end.bridge, 'state').filter((a) => a.port === end.port && a.value === state);
    return entered.length === 0 ? Number.NaN : entered[entered.length - 1].timeNs;
  }

  /** Both ends of every link that is up. */
  segments(): readonly (readonly [LinkEnd, LinkEnd])[] {
    return this.links.filter((link) => link.isUp).map((link) => link.ends);
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

  #send(from: LinkEnd, config: ConfigBpdu | null): void {
    for (const link of this.links) {
      const [a, b] = link.ends;
      const to = isEnd(a, from) ? b : isEnd(b, from) ? a : null;
      if (to === null || !link.isUp) continue;
      // one delay for all, so arrivals are in the order of departures
      this.#inFlight.push({ arrivalNs: this.nowNs + this.#delayNs, link, life: link.life, to, config });
    }
  }

  #deliver({ link, life, to, config }: Frame): void {
    if (life !== link.life) return;
    const bridge = this.bridges[to.bridge];
    if (config === null) bridge.receiveTcn(to.port, this.nowNs);
    else bridge.receiveConfig(to.port, config, this.nowNs);
  }

  #observe(): void {
    if (!this.#stateChanged) return;
    this.#stateChanged = false;
    this.afterStateChange();
  }
}

function isEnd(a: LinkEnd, b: LinkEnd): boolean {
  return a.bridge === b.bridge && a.port === b.port;
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
