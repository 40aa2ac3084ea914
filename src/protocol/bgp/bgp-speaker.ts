import { grownCopy } from '../../grown-copy.ts';
import { type AsPaths, EMPTY_PATH } from './as-paths.ts';
import type { RouteBook } from './route-book.ts';
import { PATH_HOP_BYTES, type UpdateCounter } from './update-size.ts';

/** Sessions that can offer the same route: they are bits of one number. */
export const EQUAL_SESSIONS_MAX = 32;

/** A list of changes that has grown beyond this is given back once it is sent. */
const CHANGES_KEPT = 4096;

// what a batch is made of, while it is: the same for all speakers, of which a thousand would each keep its largest
let announcedRoutes = new Int32Array(64);
let goneRoutes = new Int32Array(64);

/** A time that does not come. */
export const NEVER_NS = Number.MAX_SAFE_INTEGER;

/** UPDATEs that a speaker sends to all of its neighbours alike. Whoever receives it must not keep it. */
export interface UpdateBatch {
  readonly from: BgpSpeaker;
  /** Routes that are announced: first those that the sender did not learn from above, then those that it did. */
  readonly routes: Int32Array;
  readonly fromAboveIndex: number;
  readonly withdrawn: Int32Array;
  readonly withdrawnFromAboveIndex: number;
  /** Routes that the messages name, those that no receiver takes among them. */
  readonly announcedCount: number;
  readonly withdrawnCount: number;
  /** Most routes that one message announces. */
  readonly announcedMax: number;
  readonly messages: number;
  readonly bytes: number;
}

/** One end of a session. */
export interface BgpSession {
  readonly peer: BgpSpeaker;
  /** Sessions of one group offer routes of the same origins, and are told apart by their bit. */
  readonly group: number;
  readonly bit: number;
  /** Whether the peer is nearer to the top of the fabric. */
  readonly isAbove: boolean;
}

/** What a speaker is like. */
export interface BgpSpeakerParameters {
  readonly index: number;
  /** Autonomous system; with route reflectors, the cluster. */
  readonly as: number;
  /** Speakers of the whole fabric. */
  readonly speakerCount: number;
  /** Whether it passes on what it learns: eBGP always, iBGP only route reflectors. RFC 4271, 9.2; RFC 4456, 6. */
  readonly passesOn: boolean;
  /** From the first change until all changes so far are sent. */
  readonly holdNs: number;
  /** Least time between two batches of UPDATEs. RFC 4271, 9.2.1.1. */
  readonly mraiNs: number;
}

/** The group of all sessions to speakers above. */
const GROUP_ABOVE = -1;
const GROUP_NONE = -2;

/**
 * One BGP speaker: which neighbour offers which route, and what it sends in turn. RFC 4271, 9; time is an argument.
 *
 * For each route it keeps one word: a bit for each session that offers it. All paths to an origin lead through one group
 * of neighbours, which are alike (the spines above, or the one neighbour below), so that the best path changes its
 * attributes only when a route comes or goes, and only then something is to be said: a better neighbour of the same AS
 * makes no UPDATE (FRR: `bgp suppress-duplicates`).
 *
 * Differs from the standard: while one group offers an origin's routes, those that others offer are not remembered. In a
 * fabric of tiers such routes are loops, or detours that lead down and up again.
 */
export class BgpSpeaker {
  readonly index: number;
  readonly as: number;
  readonly sessions: BgpSession[] = [];
  /** The one AS that all sessions to speakers above lead to: what it learned from there is a loop there. */
  onlyAsAbove: number | null = null;
  /** When it next sends what has changed. */
  dueNs = NEVER_NS;
  /** Routes that it holds, its own included. */
  heldCount = 0;
  /** Hears of each route that it holds from now on, or no more. */
  onChanged: ((route: number, nowNs: number) => void) | null = null;

  readonly #routes: RouteBook;
  readonly #paths: AsPaths;
  readonly #counter: UpdateCounter;
  readonly #parameters: BgpSpeakerParameters;
  // indexed by route: bits of the sessions that offer it, or 1 for one of its own
  #offers: Uint8Array | Uint16Array | Uint32Array = new Uint8Array(1024);
  // a bit for each route: whether neighbours were told of it
  #told = new Int32Array(32);
  // routes that changed since the last batch; some may be there twice
  #changed = new Int32Array(64);
  #changedCount = 0;
  // indexed by origin: the group that offers its routes, how many are held, the path of these
  readonly #groups: Int32Array;
  readonly #held: Int32Array;
  readonly #pathOf: Int32Array;
  // indexed by origin: bytes of the path that neighbours get; 0 where it was not worked out
  readonly #hopBytesOf: Int32Array;
  #lastBatchNs = -NEVER_NS;
  #bitsMax = 8;
  // whether neighbours may take what was learned from above: not if all are above and share one AS
  #passesDown = false;

  constructor(routes: RouteBook, paths: AsPaths, counter: UpdateCounter, parameters: BgpSpeakerParameters) {
    this.#routes = routes;
    this.#paths = paths;
    this.#counter = counter;
    this.#parameters = parameters;
    this.index = parameters.index;
    this.as = parameters.as;
    this.#groups = new Int32Array(parameters.speakerCount).fill(GROUP_NONE);
    this.#held = new Int32Array(parameters.speakerCount);
    this.#pathOf = new Int32Array(parameters.speakerCount);
    this.#hopBytesOf = new Int32Array(parameters.speakerCount);
  }

  /** Adds a session to a neighbour and returns its number. Sessions to speakers above, or to those of one AS, are alike. */
  addSession(peer: BgpSpeaker, isAbove: boolean): number {
    // AS numbers have 32 bits, and groups are words with a sign
    const group = isAbove ? GROUP_ABOVE : peer.as | 0;
    const bit = this.sessions.filter((session) => session.group === group).length;
    if (bit >= EQUAL_SESSIONS_MAX) throw new RangeError(`at most ${EQUAL_SESSIONS_MAX} sessions are alike`);
    const isWider = bit >= this.#bitsMax;
    if (isWider && bit >= 16) {
      this.#offers = Uint32Array.from(this.#offers);
      this.#bitsMax = 32;
    } else if (isWider) {
      this.#offers = Uint16Array.from(this.#offers);
      this.#bitsMax = 16;
    }
    const number = this.sessions.push({ peer, group, bit, isAbove }) - 1;
    const above = new Set(this.sessions.filter((session) => session.isAbove).map((session) => session.peer.as));
    this.onlyAsAbove = above.size === 1 ? [...above][0] : null;
    this.#passesDown = this.onlyAsAbove === null || this.sessions.some((session) => !session.isAbove);
    return number;
  }

  /** Whether it holds a route. */
  holds(route: number): boolean {
    return route < this.#offers.length && this.#offers[route] !== 0;
  }

  /** How many neighbours offer a route: the paths to it. */
  pathCountOf(route: number): number {
    if (route >= this.#offers.length) return 0;
    let count = 0;
    for (let bits = this.#offers[route]; bits !== 0; bits &= bits - 1) count++;
    return count;
  }

  /** The path that neighbours get with routes of an origin. */
  pathTo(origin: number): number {
    return this.#paths.extend(origin === this.index ? EMPTY_PATH : this.#pathOf[origin], this.as);
  }

  /** Announces a route of its own, in place of one of the same prefix if there is one. */
  originate(route: number, nowNs: number): void {
    this.#reserve(route);
    if (this.#offers[route] !== 0) return;
    if (this.#routes.hasSiblings[route] === 1) this.#replaceSiblings(route, 1, nowNs);
    this.#offers[route] = 1;
    this.#gained(route, this.index, nowNs, true);
  }

  /** Takes back a route of its own. */
  withdraw(route: number, nowNs: number): void {
    if (!this.holds(route)) return;
    this.#offers[route] = 0;
    this.#lost(route, this.index, nowNs, true);
  }

  /** UPDATEs that came over a session. */
  receive(batch: UpdateBatch, sessionNumber: number, nowNs: number): void {
    const session = this.sessions[sessionNumber];
    // what a neighbour learned from the AS that this speaker is in comes back as a loop, and nothing of it is taken
    const isLoopFromAbove = session.peer.onlyAsAbove === this.as;
    this.#take(batch.routes, isLoopFromAbove ? batch.fromAboveIndex : batch.routes.length, session, nowNs);
    const goneCount = isLoopFromAbove ? batch.withdrawnFromAboveIndex : batch.withdrawn.length;
    this.#drop(batch.withdrawn, goneCount, session, nowNs);
  }

  /** A session ended: its neighbour offers nothing any more. RFC 4271, 6. */
  dropSession(sessionNumber: number, nowNs: number): void {
    const { group, bit } = this.sessions[sessionNumber];
    const mask = 1 << bit;
    const offers = this.#offers;
    const origins = this.#routes.origins;
    const count = Math.min(this.#routes.count, offers.length);
    for (let route = 0; route < count; route++) {
      if ((offers[route] & mask) === 0) continue;
      const origin = origins[route];
      if (origin === this.index || this.#groups[origin] !== group) continue;
      offers[route] &= ~mask;
      if (offers[route] === 0) this.#lost(route, origin, nowNs);
    }
  }

  /** Forgets everything, as one whose power went. */
  reset(): void {
    this.#offers.fill(0);
    this.#told.fill(0);
    this.#held.fill(0);
    this.#groups.fill(GROUP_NONE);
    this.#changedCount = 0;
    this.heldCount = 0;
    this.dueNs = NEVER_NS;
  }

  /** What has changed since the last batch; null if nothing has. Called when `dueNs` has come. */
  takeBatch(nowNs: number): UpdateBatch | null {
    this.dueNs = NEVER_NS;
    this.#lastBatchNs = nowNs;
    const changed = this.#changed;
    const told = this.#told;
    let announced = 0;
    let gone = 0;
    announcedRoutes = withRoom(announcedRoutes, this.#changedCount);
    goneRoutes = withRoom(goneRoutes, this.#changedCount);
    for (let i = 0; i < this.#changedCount; i++) {
      const route = changed[i];
      const isHeld = this.#offers[route] !== 0;
      const bit = 1 << (route & 31);
      if (isHeld === ((told[route >> 5] & bit) !== 0)) continue;
      told[route >> 5] ^= bit;
      if (isHeld) announcedRoutes[announced++] = route;
      else goneRoutes[gone++] = route;
    }
    this.#changedCount = 0;
    if (changed.length > CHANGES_KEPT) this.#changed = new Int32Array(64);
    gone = this.#withoutReplaced(gone);
    return announced + gone === 0 ? null : this.#batchOf(announced, gone);
  }

  /** All that neighbours were told, for one that is new. RFC 4271, 9.2. */
  wholeTable(): UpdateBatch | null {
    let announced = 0;
    for (let word = 0; word < this.#told.length; word++) {
      for (let bits = this.#told[word]; bits !== 0; bits &= bits - 1) {
        announcedRoutes = withRoom(announcedRoutes, announced + 1);
        announcedRoutes[announced++] = (word << 5) + 31 - Math.clz32(bits & -bits);
      }
    }
    return announced === 0 ? null : this.#batchOf(announced, 0);
  }

  #take(routes: Int32Array, count: number, session: BgpSession, nowNs: number): void {
    const { origins, hasSiblings } = this.#routes;
    const mask = 1 << session.bit;
    this.#reserve(this.#routes.count - 1);
    const offers = this.#offers;
    let origin = -1;
    let isAcceptable = false;
    for (let i = 0; i < count; i++) {
      const route = routes[i];
      if (origins[route] !== origin) {
        origin = origins[route];
        isAcceptable = this.#accepts(session, origin);
      }
      if (!isAcceptable) continue;
      const before = offers[route];
      if (hasSiblings[route] === 1) this.#replaceSiblings(route, mask, nowNs);
      offers[route] = before | mask;
      if (before === 0) this.#gained(route, origin, nowNs);
    }
  }

  #drop(routes: Int32Array, count: number, { group, bit }: BgpSession, nowNs: number): void {
    const { origins } = this.#routes;
    const mask = 1 << bit;
    for (let i = 0; i < count; i++) {
      const route = routes[i];
      const origin = origins[route];
      if (origin === this.index || this.#groups[origin] !== group || !this.holds(route)) continue;
      const left = this.#offers[route] & ~mask;
      if (left === this.#offers[route]) continue;
      this.#offers[route] = left;
      if (left === 0) this.#lost(route, origin, nowNs);
    }
  }

  /** Whether a session's routes of an origin are no loop (RFC 4271, 9.1.2), and come as the others of this origin do. */
  #accepts({ peer, group }: BgpSession, origin: number): boolean {
    if (origin === this.index) return false;
    const isInUse = this.#held[origin] > 0;
    if (isInUse && this.#groups[origin] === group) return true;
    const path = peer.pathTo(origin);
    if (isInUse || this.#paths.contains(path, this.as)) return false;
    this.#groups[origin] = group;
    this.#pathOf[origin] = path;
    this.#hopBytesOf[origin] = 0;
    return true;
  }

  /** A neighbour that announces a prefix takes back what it said of it before. RFC 4271, 3.1. */
  #replaceSiblings(route: number, mask: number, nowNs: number): void {
    const routes = this.#routes;
    for (let other = routes.nextSibling(route); other !== route; other = routes.nextSibling(other)) {
      if (!this.holds(other) || (this.#offers[other] & mask) === 0) continue;
      this.#offers[other] &= ~mask;
      const origin = routes.origins[other];
      if (this.#offers[other] === 0) this.#lost(other, origin, nowNs, origin === this.index);
    }
  }

  #gained(route: number, origin: number, nowNs: number, isOwn = false): void {
    this.#held[origin]++;
    this.heldCount++;
    if (isOwn || this.#parameters.passesOn) this.#change(route, nowNs);
    if (!isOwn) this.onChanged?.(route, nowNs);
  }

  #lost(route: number, origin: number, nowNs: number, isOwn = false): void {
    this.#held[origin]--;
    this.heldCount--;
    if (isOwn || this.#parameters.passesOn) this.#change(route, nowNs);
    if (!isOwn) this.onChanged?.(route, nowNs);
  }

  #change(route: number, nowNs: number): void {
    if (this.#changedCount === this.#changed.length) {
      this.#changed = grownCopy(this.#changed, this.#changedCount * 2);
    }
    this.#changed[this.#changedCount++] = route;
    if (this.dueNs !== NEVER_NS) return;
    const { holdNs, mraiNs } = this.#parameters;
    this.dueNs = Math.max(nowNs + holdNs, this.#lastBatchNs + mraiNs);
  }

  /** Routes that went because another of their prefix came need no withdrawal. Returns how many are left. */
  #withoutReplaced(count: number): number {
    const routes = this.#routes;
    let left = 0;
    for (let i = 0; i < count; i++) {
      const route = goneRoutes[i];
      let isReplaced = false;
      if (routes.hasSiblings[route] === 1) {
        for (let other = routes.nextSibling(route); other !== route; other = routes.nextSibling(other)) {
          isReplaced ||= this.holds(other);
        }
      }
      if (!isReplaced) goneRoutes[left++] = route;
    }
    return left;
  }

  #batchOf(announcedCount: number, goneCount: number): UpdateBatch {
    const routes = this.#routes;
    const counter = this.#counter;
    counter.begin();
    const announced = announcedRoutes;
    let origin = -1;
    let hopBytes = 0;
    for (let i = 0; i < announcedCount; i++) {
      const route = announced[i];
      if (routes.origins[route] !== origin) {
        origin = routes.origins[route];
        hopBytes = this.#hopBytesTo(origin);
      }
      const set = routes.attributeSets[route];
      counter.announce(set, routes.headBytesOf(set) + hopBytes, routes.nlriBytesOf(route));
    }
    for (let i = 0; i < goneCount; i++) {
      counter.withdraw(routes.kinds[goneRoutes[i]], routes.nlriBytesOf(goneRoutes[i]));
    }
    const [now, fromAboveIndex] = this.#notFromAboveFirst(announced, announcedCount);
    const [withdrawn, withdrawnFromAboveIndex] = this.#notFromAboveFirst(goneRoutes, goneCount);
    const { messages, bytes, announcedMax } = counter;
    return {
      from: this,
      routes: now,
      fromAboveIndex,
      withdrawn,
      withdrawnFromAboveIndex,
      announcedCount,
      withdrawnCount: goneCount,
      announcedMax,
      messages,
      bytes,
    };
  }

  #hopBytesTo(origin: number): number {
    if (this.#hopBytesOf[origin] === 0) {
      this.#hopBytesOf[origin] = this.#paths.lengthOf(this.pathTo(origin)) * PATH_HOP_BYTES;
    }
    return this.#hopBytesOf[origin];
  }

  /** A copy without what no neighbour can take, and the index of the first route in it that was learned from above. */
  #notFromAboveFirst(routes: Int32Array, count: number): [Int32Array, number] {
    let others = 0;
    for (let i = 0; i < count; i++) if (!this.#isFromAbove(routes[i])) others++;
    const ordered = new Int32Array(this.#passesDown ? count : others);
    let first = 0;
    let second = others;
    for (let i = 0; i < count; i++) {
      if (!this.#isFromAbove(routes[i])) ordered[first++] = routes[i];
      else if (this.#passesDown) ordered[second++] = routes[i];
    }
    return [ordered, others];
  }

  #isFromAbove(route: number): boolean {
    const origin = this.#routes.origins[route];
    return origin !== this.index && this.#groups[origin] === GROUP_ABOVE;
  }

  #reserve(route: number): void {
    if (route < this.#offers.length) return;
    const length = Math.max(route + 1, this.#offers.length * 2);
    const Offers = this.#offers.constructor as new (length: number) => Uint8Array | Uint16Array | Uint32Array;
    const longer = new Offers(length);
    longer.set(this.#offers);
    this.#offers = longer;
    this.#told = grownCopy(this.#told, (length >> 5) + 1);
  }
}

function withRoom(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  return length <= array.length ? array : grownCopy(array, Math.max(length, array.length * 2));
}
