import type { ConfigBpdu } from '../../../src/wire/bpdu.ts';

export interface LinkEnd {
  readonly bridge: number;
  readonly port: number;
}

export interface Link {
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

/** What all bridges have in common, whatever they speak. */
export interface TimedBridge {
  readonly nextDeadlineNs: number;
  tick(nowNs: number): void;
  enablePort(port: number, nowNs: number): void;
  disablePort(port: number, nowNs: number): void;
}

/** Something that a bridge did. */
interface TimedAction {
  readonly timeNs: number;
  readonly bridge: number;
  readonly what: string;
}

/** Bridges wired by links of one delay, run in the order of time. */
export abstract class WiredBridges<B extends TimedBridge, A extends TimedAction> {
  nowNs = 0;
  readonly bridges: B[] = [];
  readonly links: Link[] = [];
  readonly actions: A[] = [];
  readonly #delayNs: number;
  readonly #inFlight: Frame[] = [];

  constructor(delayNs = 0) {
    this.#delayNs = delayNs;
  }

  /** A BPDU arrives at a bridge. */
  protected abstract deliver(bridge: B, port: number, bpdu: ConfigBpdu | null): void;

  /** Something happened. */
  protected abstract observe(): void;

  /** Wires two ports and brings both up. Returns the link's index. */
  protected wire(a: LinkEnd, b: LinkEnd): number {
    this.links.push({ ends: [a, b], isUp: false, isSilent: false, life: 0 });
    this.restore(this.links.length - 1);
    return this.links.length - 1;
  }

  /** A BPDU leaves a port; null for a topology change notification. */
  protected send(from: LinkEnd, bpdu: ConfigBpdu | null): void {
    for (const link of this.links) {
      const [a, b] = link.ends;
      const to = isEnd(a, from) ? b : isEnd(b, from) ? a : null;
      if (to === null || !link.isUp || link.isSilent) continue;
      // one delay for all, so arrivals are in the order of departures
      this.#inFlight.push({ arrivalNs: this.nowNs + this.#delayNs, link, life: link.life, to, bpdu });
    }
  }

  /** Takes a link down; both ends see it at once. */
  fail(linkIndex: number): void {
    const link = this.links[linkIndex];
    link.isUp = false;
    link.life++;
    for (const { bridge, port } of link.ends) this.bridges[bridge].disablePort(port, this.nowNs);
    this.observe();
  }

  /** Brings a link up; both ends see it at once. */
  restore(linkIndex: number): void {
    const link = this.links[linkIndex];
    link.isUp = true;
    for (const { bridge, port } of link.ends) this.bridges[bridge].enablePort(port, this.nowNs);
    this.observe();
  }

  /** Runs everything that is due up to and including `untilNs`. At one instant frames come before timers. */
  runUntil(untilNs: number): void {
    for (;;) {
      const frameNs = this.#inFlight.length > 0 ? this.#inFlight[0].arrivalNs : Number.POSITIVE_INFINITY;
      let next: B | null = null;
      for (const bridge of this.bridges) {
        if (next === null || bridge.nextDeadlineNs < next.nextDeadlineNs) next = bridge;
      }
      const timerNs = next === null ? Number.POSITIVE_INFINITY : next.nextDeadlineNs;
      if (Math.min(frameNs, timerNs) > untilNs) break;
      this.nowNs = Math.min(frameNs, timerNs);
      if (frameNs <= timerNs) this.#arrive(this.#inFlight.shift() as Frame);
      else next?.tick(this.nowNs);
      this.observe();
    }
    this.nowNs = untilNs;
  }

  /** What was done after `sinceNs` by a bridge. */
  actionsOf(bridge: number, what: A['what'], sinceNs = -1): A[] {
    return this.actions.filter((action) => action.bridge === bridge && action.what === what && action.timeNs > sinceNs);
  }

  /** Both ends of every link that is up. */
  segments(): readonly (readonly [LinkEnd, LinkEnd])[] {
    return this.links.filter((link) => link.isUp).map((link) => link.ends);
  }

  #arrive({ link, life, to, bpdu }: Frame): void {
    if (life === link.life) this.deliver(this.bridges[to.bridge], to.port, bpdu);
  }
}

function isEnd(a: LinkEnd, b: LinkEnd): boolean {
  return a.bridge === b.bridge && a.port === b.port;
}
