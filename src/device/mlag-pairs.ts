import { MacSync, type MacSyncParameters } from '../protocol/mac-sync.ts';
import { Learned, Miss } from '../protocol/mac-tables.ts';
import type { Aggregations } from './aggregations.ts';
import type { Bridges } from './bridges.ts';
import { EventKind } from './event-kinds.ts';
import { type Network, PortFlag } from './network.ts';

/** One of the two switches of a pair. */
export type Side = 0 | 1;

/** Two bridges that act as one towards neighbours that are cabled to both. */
export interface MlagPairParameters {
  /** The first is primary: it goes on when the link between the two fails. */
  bridges: readonly [number, number];
  /** Of each, the port to the other: a logical port if it has several links. */
  peerLinks: readonly [number, number];
  macSync: MacSyncParameters;
  /** How long a switch that came back keeps its ports to common neighbours down, while it learns from the other. */
  restoreDelayNs: number;
}

interface Pair extends MlagPairParameters {
  /** The ports of a neighbour, one at each switch; -1 where it has none. */
  readonly neighbours: (readonly [number, number])[];
  /** By side: what it has yet to tell the other. */
  readonly syncs: readonly [MacSync, MacSync];
  readonly isAlive: [boolean, boolean];
  readonly isHeld: [boolean, boolean];
  primary: Side;
}

const NO_PORT = -1;

/** Ages are agreed upon this often in an ageing time. */
const AGE_SHARES = 10;

/** What a timer is for. */
const Timer = { sync: 0, restore: 1, ages: 2 } as const;

/**
 * Multi-chassis link aggregation: two switches, joined by a peer link, that a neighbour with links to both takes for one
 * (vPC, MLAG, MC-LAG; IEEE 802.1AX-2014, clause 9, calls it DRNI). The rules are those that these have in common:
 *
 * - What came over the peer link leaves by no port whose twin, at the other switch, is up. So there is no loop, and a flood
 *   reaches each neighbour once.
 * - Nothing is learned at the peer link. Each switch tells the other what it learns: at a port with a twin, the other has
 *   it at the twin; at a port without one, an orphan, the other has it at the peer link.
 * - A switch that loses its port to a neighbour sends over the peer link, which leads to the twin.
 * - If the peer link fails while both switches live, the one that is not primary shuts its ports to common neighbours. If
 *   the primary fails, the other becomes primary, and stays so.
 *
 * Differs from real pairs: each knows at once whether the other lives (their keepalive never errs), and agrees with it on
 * the ages of entries ten times in an ageing time instead of as they expire.
 */
export class MlagPairs {
  /** Shuts the ports of a switch to common neighbours, or lets them up again. */
  onHold: ((ports: readonly number[], isHeld: boolean) => void) | null = null;
  /** Hears of an address that a bridge took from the other of its pair, at a place. */
  onTold: ((from: number, to: number, address: number, place: number) => void) | null = null;
  /** Hears that two bridges agreed on the ages of what they have learned. */
  onAgesShared: ((one: number, other: number) => void) | null = null;
  /** Entries that one switch of a pair took from the other. */
  syncedEntries = 0;
  readonly #network: Network;
  readonly #bridges: Bridges;
  readonly #aggregations: Aggregations;
  readonly #pairs: Pair[] = [];
  // by bridge, and by port towards a common neighbour or over the peer link
  readonly #sideOfBridge = new Map<number, { pair: number; side: Side }>();
  readonly #neighbourOfPort = new Map<number, readonly [number, number]>();
  // numbers of events: pair * 8 + Timer * 2 + side; when each is scheduled for, for what is put off or called off
  readonly #timerNs: number[] = [];
  #isTelling = false;
  // until then links come up one end after the other, and no switch is cut off
  #isStarted = false;

  constructor(network: Network, bridges: Bridges, aggregations: Aggregations) {
    this.#network = network;
    this.#bridges = bridges;
    this.#aggregations = aggregations;
    network.simulation.on(EventKind.mlag, { handle: (_kind, timer) => this.#timerWentOff(timer) });
  }

  /** Makes two bridges a pair and returns its number. */
  addPair(parameters: MlagPairParameters): number {
    this.#network.checksMembers = true;
    if (this.#pairs.length === 0) this.#listen();
    const { macSync, bridges, peerLinks } = parameters;
    const pair = this.#pairs.push({
      ...parameters,
      neighbours: [],
      syncs: [new MacSync(macSync), new MacSync(macSync)],
      isAlive: [true, true],
      isHeld: [false, false],
      primary: 0,
    });
    for (const side of [0, 1] as const) {
      this.#sideOfBridge.set(bridges[side], { pair: pair - 1, side });
      for (const port of [peerLinks[side], ...this.#aggregations.portsOf(peerLinks[side])]) {
        this.#network.setFlag(port, PortFlag.peerLink | PortFlag.learnsNothing, true);
      }
    }
    return pair - 1;
  }

  /** Makes a port of each switch the two halves of one aggregation, towards one neighbour; -1 where there is none. */
  addNeighbour(pair: number, ports: readonly [number, number]): void {
    this.#pairs[pair].neighbours.push(ports);
    for (const port of ports) if (port !== NO_PORT) this.#neighbourOfPort.set(port, ports);
  }

  /** Begins to agree on ages, and to see who is cut off; when all ports and neighbours are there, and links are up. */
  start(): void {
    this.#isStarted = true;
    for (const pair of this.#pairs.keys()) {
      this.#settle(pair);
      this.#schedule(pair, Timer.ages, 0, this.#ageShareNs(pair));
    }
  }

  /** A switch failed, before its links go down; or came back, after they came up. */
  setAlive(bridge: number, isAlive: boolean): void {
    const at = this.#sideOfBridge.get(bridge);
    if (at === undefined) return;
    const pair = this.#pairs[at.pair];
    pair.isAlive[at.side] = isAlive;
    if (!isAlive && pair.isAlive[1 - at.side]) pair.primary = otherOf(at.side);
    this.#settle(at.pair);
    // its links came up before
    if (isAlive && this.#isPeerReached(pair)) this.#tellAll(at.pair);
  }

  /**
   * Keeps what was learned at a port that went down, if the other switch still leads there: it is at the peer link now. If
   * not, returns false, and the other switch no longer has it either.
   */
  keepLearned(port: number): boolean {
    const at = this.#sideOfBridge.get(this.#bridges.bridgeOf(this.#network.nodeOf(port)));
    if (at === undefined) return false;
    const pair = this.#pairs[at.pair];
    const peerLink = pair.peerLinks[at.side];
    if (port === peerLink || !this.#isPeerReached(pair)) return false;
    const twin = this.#twinOf(port, at.side);
    const { tables } = this.#bridges;
    const table = pair.bridges[at.side];
    if (twin !== NO_PORT && this.#aggregations.isUp(twin)) {
      tables.moveEntries(table, port, peerLink);
      return true;
    }
    this.#withdraw(pair, at.side, port);
    return false;
  }

  /** A port of a bridge came up or went down, and its flags say so. */
  portChanged(port: number): void {
    const at = this.#sideOfBridge.get(this.#bridges.bridgeOf(this.#network.nodeOf(port)));
    if (at === undefined) return;
    const pair = this.#pairs[at.pair];
    if (port === pair.peerLinks[at.side]) this.#peerLinkChanged(at.pair);
    else if (this.#neighbourOfPort.has(port)) this.#neighbourChanged(at.pair, at.side, port);
  }

  #neighbourChanged(number: number, side: Side, port: number): void {
    const pair = this.#pairs[number];
    const twin = this.#twinOf(port, side);
    this.#markTwins(pair, this.#neighbourOfPort.get(port)!);
    if (!this.#aggregations.isUp(port) || twin === NO_PORT || !this.#isPeerReached(pair)) return;
    // the way to what the other switch has at the twin leads over the peer link no more
    const { tables } = this.#bridges;
    const { nowMs } = this.#network;
    const table = pair.bridges[side];
    const peerTable = pair.bridges[1 - side];
    tables.forEachEntry(peerTable, (address, place) => {
      if (place === twin) tables.learnFrom(table, peerTable, address, port, nowMs);
    });
  }

  #peerLinkChanged(number: number): void {
    const pair = this.#pairs[number];
    for (const side of [0, 1] as const) {
      pair.syncs[side].clear();
      this.#timerNs[timerOf(number, Timer.sync, side)] = Number.POSITIVE_INFINITY;
    }
    this.#settle(number);
    if (this.#isPeerReached(pair)) this.#tellAll(number);
  }

  /** Each tells the other all that it has learned. */
  #tellAll(number: number): void {
    const pair = this.#pairs[number];
    for (const side of [0, 1] as const) {
      const { tables } = this.#bridges;
      tables.forEachLearned(pair.bridges[side], (address) => pair.syncs[side].add(address, this.#nowNs));
      this.#scheduleSync(number, side);
    }
  }

  /** Works out anew which ports have twins that are up, and which switch keeps its ports down. */
  #settle(number: number): void {
    const pair = this.#pairs[number];
    const isReached = this.#isPeerReached(pair);
    for (const side of [0, 1] as const) {
      const isCutOff = this.#isStarted && pair.isAlive[1 - side] && !isReached && side !== pair.primary;
      if (!pair.isAlive[side] || isCutOff) {
        this.#timerNs[timerOf(number, Timer.restore, side)] = Number.POSITIVE_INFINITY;
        this.#hold(pair, side, true);
      } else if (pair.isHeld[side] && !this.#isScheduled(number, Timer.restore, side)) {
        this.#schedule(number, Timer.restore, side, this.#nowNs + pair.restoreDelayNs);
      }
    }
    for (const ports of pair.neighbours) this.#markTwins(pair, ports);
  }

  #hold(pair: Pair, side: Side, isHeld: boolean): void {
    if (pair.isHeld[side] === isHeld) return;
    pair.isHeld[side] = isHeld;
    const own = pair.neighbours.map((ports) => ports[side]).filter((port) => port !== NO_PORT);
    this.onHold?.(
      own.flatMap((port) => this.#aggregations.portsOf(port)),
      isHeld,
    );
  }

  #markTwins(pair: Pair, ports: readonly [number, number]): void {
    const isBoth =
      ports.every((port) => port !== NO_PORT && this.#aggregations.isUp(port)) && this.#isPeerReached(pair);
    for (const port of ports) {
      if (port !== NO_PORT && this.#network.hasFlag(port, PortFlag.twinned) !== isBoth) {
        this.#network.setFlag(port, PortFlag.twinned, isBoth);
      }
    }
  }

  #isPeerReached({ isAlive, peerLinks }: Pair): boolean {
    return isAlive[0] && isAlive[1] && peerLinks.every((port) => this.#aggregations.isUp(port));
  }

  /** The port of the other switch to the same neighbour, or -1. */
  #twinOf(port: number, side: Side): number {
    return this.#neighbourOfPort.get(port)?.[1 - side] ?? NO_PORT;
  }

  /** What one switch learned at a port and loses with it, the other no longer has at the peer link. */
  #withdraw(pair: Pair, side: Side, port: number): void {
    const { tables } = this.#bridges;
    const peerTable = pair.bridges[1 - side];
    tables.forEachEntry(pair.bridges[side], (address, place) => {
      if (place !== port) return;
      if (tables.lookUp(peerTable, address, this.#network.nowMs) === pair.peerLinks[1 - side]) {
        tables.forget(peerTable, address, Miss.portFlushed);
      }
    });
    this.#bridges.onFlushed?.(peerTable);
  }

  #listen(): void {
    const before = this.#bridges.onLearned;
    this.#bridges.onLearned = (bridge, address, port) => {
      before?.(bridge, address, port);
      this.#learned(bridge, address, port);
    };
  }

  #learned(bridge: number, address: number, port: number): void {
    const at = this.#sideOfBridge.get(bridge);
    if (at === undefined || this.#isTelling) return;
    const pair = this.#pairs[at.pair];
    pair.syncs[1 - at.side].cancel(address);
    if (port !== pair.peerLinks[at.side]) this.tell(bridge, address);
  }

  /** What a bridge knows of an address has changed: it tells the other of its pair. */
  tell(bridge: number, address: number): void {
    const at = this.#sideOfBridge.get(bridge);
    if (at === undefined || this.#isTelling || !this.#isPeerReached(this.#pairs[at.pair])) return;
    this.#pairs[at.pair].syncs[at.side].add(address, this.#nowNs);
    this.#scheduleSync(at.pair, at.side);
  }

  /** Tells the other switch what it is due to hear from this one. */
  #tell(number: number, side: Side): void {
    const pair = this.#pairs[number];
    this.#isTelling = true;
    for (const address of pair.syncs[side].takeDue(this.#nowNs)) this.#tellOf(pair, side, address);
    this.#isTelling = false;
    this.#scheduleSync(number, side);
  }

  #tellOf(pair: Pair, side: Side, address: number): void {
    const { tables } = this.#bridges;
    const { nowMs } = this.#network;
    const table = pair.bridges[side];
    const place = tables.lookUp(table, address, nowMs);
    // what a control plane entered, it tells the other too
    if (place < 0 || this.#network.hasFlag(place, PortFlag.learnsNothing)) return;
    const twin = this.#twinOf(place, side);
    const isAtTwin = twin !== NO_PORT && this.#aggregations.isUp(twin);
    const peerPlace = isAtTwin ? twin : pair.peerLinks[1 - side];
    const peerTable = pair.bridges[1 - side];
    const learned = tables.learnFrom(peerTable, table, address, peerPlace, nowMs);
    this.onTold?.(table, peerTable, address, peerPlace);
    if (learned !== Learned.added && learned !== Learned.moved) return;
    this.syncedEntries++;
    this.#bridges.onLearned?.(peerTable, address, peerPlace);
  }

  /** What aged out at one switch while its station spoke at the other is told again. */
  #shareAges(number: number): void {
    const pair = this.#pairs[number];
    if (this.#isPeerReached(pair)) {
      const [one, other] = pair.bridges;
      this.#bridges.tables.shareAges(one, other, this.#network.nowMs, (table, address) => {
        pair.syncs[table === one ? 1 : 0].add(address, this.#nowNs);
      });
      this.onAgesShared?.(one, other);
      for (const side of [0, 1] as const) this.#scheduleSync(number, side);
    }
    this.#schedule(number, Timer.ages, 0, this.#nowNs + this.#ageShareNs(number));
  }

  #ageShareNs(number: number): number {
    return Math.ceil(this.#bridges.parametersOf(this.#pairs[number].bridges[0]).ageingTimeNs / AGE_SHARES);
  }

  get #nowNs(): number {
    return this.#network.simulation.nowNs;
  }

  #scheduleSync(number: number, side: Side): void {
    const dueNs = this.#pairs[number].syncs[side].nextDueNs();
    if (dueNs === Number.POSITIVE_INFINITY || this.#isScheduled(number, Timer.sync, side)) return;
    this.#schedule(number, Timer.sync, side, dueNs);
  }

  #isScheduled(number: number, timer: number, side: Side): boolean {
    return (this.#timerNs[timerOf(number, timer, side)] ?? Number.POSITIVE_INFINITY) !== Number.POSITIVE_INFINITY;
  }

  #schedule(number: number, timer: number, side: Side, timeNs: number): void {
    const index = timerOf(number, timer, side);
    this.#timerNs[index] = timeNs;
    this.#network.simulation.schedule(timeNs, EventKind.mlag, index, 0);
  }

  #timerWentOff(index: number): void {
    // it was put off, or called off
    if (this.#timerNs[index] !== this.#nowNs) return;
    this.#timerNs[index] = Number.POSITIVE_INFINITY;
    const number = index >> 3;
    const timer = (index >> 1) & 3;
    const side = (index & 1) as Side;
    if (timer === Timer.ages) this.#shareAges(number);
    else if (timer === Timer.sync) this.#tell(number, side);
    else this.#hold(this.#pairs[number], side, false);
  }
}

function timerOf(pair: number, timer: number, side: Side): number {
  return pair * 8 + timer * 2 + side;
}

function otherOf(side: Side): Side {
  return side === 0 ? 1 : 0;
}
