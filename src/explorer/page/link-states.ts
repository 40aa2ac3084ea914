import type { ColumnTable } from '../../results/parse-table.ts';
import type { Graph } from './graph.ts';

/**
 * What a link is at a time: down; blocked, that is up but in no spanning tree forwarding at both ends; or forwarding. A
 * routed link, or one of a fabric without spanning tree, forwards as long as it is up.
 */
export type LinkState = 'down' | 'blocked' | 'forwarding';

/** Ports that forward, by port and tree. */
type PortStates = Map<string, Map<number, string>>;

/** The tables `link_events` and `stp_events`, replayed up to any time. */
export class LinkStates {
  readonly #graph: Graph;
  readonly #linkEvents: {
    readonly timesNs: Float64Array;
    readonly links: Int32Array;
    readonly isUp: ArrayLike<boolean>;
  };
  readonly #stpEvents: {
    readonly timesNs: Float64Array;
    readonly ports: ArrayLike<string | null>;
    readonly states: readonly string[];
    readonly trees: ArrayLike<number>;
  };
  // ports that some spanning tree speaks of
  readonly #bridged: ReadonlySet<string>;
  // replayed so far
  #timeNs = -1;
  #linkRow = 0;
  #stpRow = 0;
  #isUp: Uint8Array;
  #ports: PortStates = new Map();

  constructor(linkEvents: ColumnTable, stpEvents: ColumnTable, graph: Graph) {
    this.#graph = graph;
    const { names, codes } = linkEvents.column('link');
    this.#linkEvents = {
      timesNs: linkEvents.column('time_ns').values as Float64Array,
      links: Int32Array.from(codes!, (code) => graph.linkOfName.get(names![code]!) ?? -1),
      isUp: linkEvents.column('is_up').values as ArrayLike<boolean>,
    };
    const toState = stpEvents.column('to_state');
    this.#stpEvents = {
      timesNs: stpEvents.column('time_ns').values as Float64Array,
      ports: stpEvents.column('port').values as readonly (string | null)[],
      states: Array.from(toState.codes!, (code) => toState.names![code]!),
      trees: stpEvents.column('tree').values as ArrayLike<number>,
    };
    const isOfPort = (port: string | null): port is string => port !== null;
    this.#bridged = new Set(Array.from(this.#stpEvents.ports).filter(isOfPort));
    this.#isUp = this.#upAtFirst();
  }

  /** Times at which a link came up or went down. */
  get linkTimesNs(): Float64Array {
    return this.#linkEvents.timesNs;
  }

  /** The state of every link at a time, by link. */
  at(timeNs: number): LinkState[] {
    this.#replayTo(timeNs);
    return this.#graph.linkNames.map((_, link) => this.#stateOf(link));
  }

  #stateOf(link: number): LinkState {
    if (this.#isUp[link] === 0) return 'down';
    const [a, b] = [this.#graph.aPorts[link]!, this.#graph.bPorts[link]!];
    // the end at a server runs no spanning tree
    const ends = [a, b].filter((port) => this.#bridged.has(port)).map((port) => this.#ports.get(port));
    if (ends.length === 0) return 'forwarding';
    const [first, second = first] = ends;
    const forwards = [...(first ?? [])].some(
      ([tree, state]) => state === 'forwarding' && second?.get(tree) === 'forwarding',
    );
    return forwards ? 'forwarding' : 'blocked';
  }

  /** Links that are up from the start have no row for it: all but those whose first row says that they came up. */
  #upAtFirst(): Uint8Array {
    const { links, isUp } = this.#linkEvents;
    const upAtFirst = new Uint8Array(this.#graph.linkNames.length).fill(1);
    for (let row = links.length - 1; row >= 0; row--) {
      const link = links[row]!;
      if (link >= 0) upAtFirst[link] = isUp[row]! ? 0 : 1;
    }
    return upAtFirst;
  }

  #replayTo(timeNs: number): void {
    if (timeNs < this.#timeNs) {
      this.#linkRow = 0;
      this.#stpRow = 0;
      this.#isUp = this.#upAtFirst();
      this.#ports = new Map();
    }
    this.#timeNs = timeNs;
    const links = this.#linkEvents;
    for (; this.#linkRow < links.timesNs.length && links.timesNs[this.#linkRow]! <= timeNs; this.#linkRow++) {
      const link = links.links[this.#linkRow]!;
      if (link >= 0) this.#isUp[link] = links.isUp[this.#linkRow]! ? 1 : 0;
    }
    const stp = this.#stpEvents;
    for (; this.#stpRow < stp.timesNs.length && stp.timesNs[this.#stpRow]! <= timeNs; this.#stpRow++) {
      const port = stp.ports[this.#stpRow];
      if (port === null || port === undefined) continue;
      const trees = this.#ports.get(port) ?? new Map<number, string>();
      this.#ports.set(port, trees);
      trees.set(stp.trees[this.#stpRow]!, stp.states[this.#stpRow]!);
    }
  }
}
