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
import type { LinkEnd } from '../spanning-tree/bridge-network.ts';

interface Link {
  readonly ends: readonly [LinkEnd, LinkEnd];
  isUp: boolean;
  /** Whether frames are lost though both ends have carrier. */
  isSilent: boolean;
  /** Grows when the link fails, so that frames in flight are lost. */
  life: number;
}

interface Frame {
  readonly arrivalNs: number;
  readonly link: Link;
  readonly life: number;
  readonly to: LinkEnd;
  /** Null for a topology change notification. */
  readonly bpdu: ConfigBpdu | null;
}

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
export class RapidNetwork {
  nowNs = 0;
  readonly bridges: (MultipleSpanningTree | SpanningTree)[] = [];
  readonly links: Link[] = [];
  /** Of each link. */
  readonly costs: number[] = [];
  readonly actions: RapidAction[] = [];
  /** Called after every event. */
  afterEvent: () => void = () => {};
  readonly #delayNs: number;
  #inFlight: Frame[] = [];

  constructor(delayNs = 0) {
    this.#delayNs = delayNs;
  }

  /** Adds a bridge of this priority, started at once. Returns its index. */
  addBridge({ priority = 0x8000, ...rest }: Partial<MultipleSpanningTreeOptions> & { priority?: number } = {}): number {
    const index = this.bridges.length;
    const act = (port: number, tree: number, what: RapidAction['what'], more: Partial<RapidAction> = {}) =>
      this.actions.push({ timeNs: this.nowNs, bridge: index, port, tree, what, ...more });
    const effects: RapidEffects = {
      transmit: (port, bpdu) => {
        act(port, 0, 'bpdu', { bpdu });
        this.#send({ bridge: index, port }, bpdu);
      },
      transmitTcn: (port) => {
        act(port, 0, 'tcn');
        this.#send({ bridge: index, port }, null);
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
        transmitConfig: (port, bpdu) => this.#send({ bridge: index, port }, { ...bpdu }),
        transmitTcn: (port) => this.#send({ bridge: index, port }, null),
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
    const ends = [this.addPort(a, { pathCost, ...options }), this.addPort(b, { pathCost, ...options })] as const;
    this.links.push({ ends, isUp: false, isSilent: false, life: 0 });
    this.costs.push(pathCost);
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

  /** Takes all links of a bridge down. */
  failBridge(bridge: number): void {
    this.links.forEach(({ ends, isUp }, index) => {
      if (isUp && ends.some((end) => end.bridge === bridge)) this.fail(index);
    });
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
      let next: MultipleSpanningTree | SpanningTree | null = null;
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

  run(durationNs: number): void {
    this.runUntil(this.nowNs + durationNs);
  }

  /** What was done after `sinceNs` by a bridge. */
  actionsOf(bridge: number, what: RapidAction['what'], sinceNs = -1): RapidAction[] {
    return this.actions.filter((action) => action.bridge === bridge && action.what === what && action.timeNs > sinceNs);
  }

  /** When any port last changed its state. */
  get lastStateChangeNs(): number {
    return this.actions.findLast(({ what }) => what === 'state')?.timeNs ?? 0;
  }

  /** When a port last entered a state. */
  lastEntered({ bridge, port }: LinkEnd, state: PortState): number {
    return this.actionsOf(bridge, 'state').findLast((a) => a.port === port && a.state === state)?.timeNs ?? Number.NaN;
  }

  /** Both ends of every link that is up. */
  segments(): readonly (readonly [LinkEnd, LinkEnd])[] {
    return this.links.filter((link) => link.isUp).map((link) => link.ends);
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

  #send(from: LinkEnd, bpdu: ConfigBpdu | null): void {
    for (const link of this.links) {
      const [a, b] = link.ends;
      const to = isEnd(a, from) ? b : isEnd(b, from) ? a : null;
      if (to === null || !link.isUp || link.isSilent) continue;
      // one delay for all, so arrivals are in the order of departures
      this.#inFlight.push({ arrivalNs: this.nowNs + this.#delayNs, link, life: link.life, to, bpdu });
    }
  }

  #deliver({ link, life, to, bpdu }: Frame): void {
    if (life !== link.life) return;
    const bridge = this.bridges[to.bridge];
    if (bpdu === null) bridge.receiveTcn(to.port, this.nowNs);
    else if (bridge instanceof MultipleSpanningTree) bridge.receive(to.port, bpdu, this.nowNs);
    // a bridge of 1998 does not know RST BPDUs
    else if ((bpdu.rapid ?? null) === null) bridge.receiveConfig(to.port, bpdu, this.nowNs);
  }

  #observe(): void {
    this.afterEvent();
  }
}

function isEnd(a: LinkEnd, b: LinkEnd): boolean {
  return a.bridge === b.bridge && a.port === b.port;
}
