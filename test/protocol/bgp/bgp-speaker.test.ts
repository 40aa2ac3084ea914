import { describe, expect, it } from 'vitest';
import { AsPaths } from '../../../src/protocol/bgp/as-paths.ts';
import { BgpSpeaker, EQUAL_SESSIONS_MAX, NEVER_NS } from '../../../src/protocol/bgp/bgp-speaker.ts';
import { RouteBook } from '../../../src/protocol/bgp/route-book.ts';
import { RouteKind } from '../../../src/protocol/bgp/route-kind.ts';
import { UpdateCounter } from '../../../src/protocol/bgp/update-size.ts';

const HOLD_NS = 50;

/** Leaves 0 and 1 under spines 2 and 3, which share an AS. Session s of a leaf is to spine s, of a spine to leaf s. */
function leafSpine({ mraiNs = 0 } = {}) {
  const routes = new RouteBook({ isReflected: false });
  const paths = new AsPaths();
  const counter = new UpdateCounter(4096);
  const speakers = [65_001, 65_002, 65_000, 65_000].map(
    (as, index) =>
      new BgpSpeaker(routes, paths, counter, { index, as, speakerCount: 4, passesOn: true, holdNs: HOLD_NS, mraiNs }),
  );
  for (const leaf of speakers.slice(0, 2)) {
    for (const spine of speakers.slice(2)) {
      leaf.addSession(spine, true);
      spine.addSession(leaf, false);
    }
  }
  const station = (sequence = 0) => routes.idOf({ origin: 0, kind: RouteKind.macOnly, scope: 0, address: 7, sequence });
  return { routes, speakers, station };
}

/** Lets a speaker send what is due to the other tier, and returns how many UPDATEs that is to each. */
function send({ speakers }: ReturnType<typeof leafSpine>, from: number, nowNs: number): number {
  const batch = speakers[from].takeBatch(nowNs);
  if (batch === null) return 0;
  const isLeaf = from < 2;
  for (const to of isLeaf ? [2, 3] : [0, 1]) speakers[to].receive(batch, isLeaf ? from : from - 2, nowNs);
  return batch.messages;
}

describe('a BGP speaker', () => {
  it('sends all changes of a while together, the while after the first', () => {
    const { speakers, routes } = leafSpine();
    const [leaf] = speakers;
    for (let i = 0; i < 10; i++) {
      leaf.originate(routes.idOf({ origin: 0, kind: RouteKind.macOnly, scope: 0, address: i }), 100 + i);
    }
    expect(leaf.dueNs).toBe(100 + HOLD_NS);
    expect(leaf.takeBatch(150)).toMatchObject({ messages: 1, fromAboveIndex: 10 });
    expect(leaf.dueNs).toBe(NEVER_NS);
    expect(leaf.takeBatch(150)).toBeNull();
  });

  it('waits for the MRAI between two batches (RFC 4271, 9.2.1.1)', () => {
    const { speakers, station } = leafSpine({ mraiNs: 1000 });
    speakers[0].originate(station(), 0);
    expect(speakers[0].dueNs).toBe(HOLD_NS);
    speakers[0].takeBatch(HOLD_NS);
    speakers[0].withdraw(station(), 100);
    expect(speakers[0].dueNs).toBe(HOLD_NS + 1000);
  });

  it('says nothing of what came and went within the while', () => {
    const { speakers, station } = leafSpine();
    speakers[0].originate(station(), 0);
    speakers[0].withdraw(station(), 10);
    expect(speakers[0].takeBatch(50)).toBeNull();
  });

  it('passes a route on once, and takes none that is its own or has its AS in the path', () => {
    const lab = leafSpine();
    const { speakers, station } = lab;
    speakers[0].originate(station(), 0);
    expect(send(lab, 0, 50)).toBe(1);
    expect([send(lab, 2, 100), send(lab, 3, 100)]).toEqual([1, 1]);
    expect(speakers[1].pathCountOf(station())).toBe(2);
    // its own came back, and was no news
    expect(send(lab, 0, 150)).toBe(0);
    expect(speakers[0].heldCount).toBe(1);
    // the other leaf tells the spines, who are in the path
    expect(send(lab, 1, 150)).toBe(1);
    expect([send(lab, 2, 200), send(lab, 3, 200)]).toEqual([0, 0]);
    expect(speakers[2].pathCountOf(station())).toBe(1);
  });

  it('holds a route as long as one neighbour offers it', () => {
    const lab = leafSpine();
    const { speakers, station } = lab;
    speakers[0].originate(station(), 0);
    for (const from of [0, 2, 3]) send(lab, from, 50);
    speakers[1].takeBatch(60);
    speakers[1].dropSession(0, 100);
    expect(speakers[1].holds(station())).toBe(true);
    // the other spine's path has the same attributes: no UPDATE
    expect(speakers[1].takeBatch(150)).toBeNull();
    speakers[1].dropSession(1, 200);
    expect(speakers[1].holds(station())).toBe(false);
    expect(speakers[1].takeBatch(250)).toMatchObject({ messages: 1 });
  });

  it('takes a route with other attributes for one that replaces the first', () => {
    const lab = leafSpine();
    const { speakers, station } = lab;
    speakers[0].originate(station(0), 0);
    for (const from of [0, 2, 3]) send(lab, from, 50);
    speakers[0].originate(station(1), 100);
    const batch = speakers[0].takeBatch(150)!;
    expect([batch.routes.length, batch.withdrawn.length, batch.messages]).toEqual([1, 0, 1]);
    speakers[2].receive(batch, 0, 150);
    expect([speakers[2].holds(station(0)), speakers[2].holds(station(1))]).toEqual([false, true]);
    // until the other spine has heard of it, it offers the first
    const fromSpine = speakers[2].takeBatch(200)!;
    speakers[1].receive(fromSpine, 0, 200);
    expect([speakers[1].pathCountOf(station(0)), speakers[1].pathCountOf(station(1))]).toEqual([1, 1]);
  });

  it('tells a new neighbour all that it told the others', () => {
    const { speakers, station, routes } = leafSpine();
    expect(speakers[0].wholeTable()).toBeNull();
    speakers[0].originate(station(), 0);
    speakers[0].originate(routes.idOf({ origin: 0, kind: RouteKind.inclusiveMulticast, scope: 0 }), 0);
    speakers[0].takeBatch(50);
    expect(speakers[0].wholeTable()).toMatchObject({ messages: 2, fromAboveIndex: 2 });
  });

  it('tells at most so many equal neighbours apart', () => {
    const { speakers } = leafSpine();
    for (let i = 2; i < EQUAL_SESSIONS_MAX; i++) speakers[0].addSession(speakers[2], true);
    expect(() => speakers[0].addSession(speakers[2], true)).toThrow(RangeError);
  });
});
