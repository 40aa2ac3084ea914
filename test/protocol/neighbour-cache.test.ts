import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINUX_ARP, NeighbourCache, NeighbourState } from '../../src/protocol/neighbour-cache.ts';

const HOST = 0;
const PEER_IP = 0x0a000002;
const PEER = 7;
const OTHER = 8;

/** A cache of one interface, with its timers run by hand and what it asked for written down. */
function cache() {
  const done: string[] = [];
  const due: { entry: number; dueMs: number }[] = [];
  const neighbours = new NeighbourCache(LINUX_ARP, {
    solicit: (_interface, _ip, address) => done.push(address < 0 ? 'broadcast' : `unicast to ${address}`),
    transmit: (_interface, address, packet) => done.push(`packet ${packet} to ${address}`),
    unreachable: (_interface, packet) => done.push(`packet ${packet} unreachable`),
    overflow: (_interface, packet) => done.push(`packet ${packet} dropped`),
    arm: (entry, dueMs) => due.push({ entry, dueMs }),
  });
  const runUntil = (ms: number) => {
    for (;;) {
      due.sort((a, b) => a.dueMs - b.dueMs);
      if (due.length === 0 || due[0].dueMs > ms) return;
      const next = due.shift();
      if (next !== undefined) neighbours.expire(next.entry, next.dueMs);
    }
  };
  const hear = (address: number, nowMs: number, what: Partial<Parameters<NeighbourCache['learn']>[4]> = {}) =>
    neighbours.learn(HOST, PEER_IP, address, nowMs, {
      isReplyToUs: false,
      mayCreate: false,
      isGratuitous: false,
      ...what,
    });
  const state = () => neighbours.stateOf(neighbours.find(HOST, PEER_IP));
  return { neighbours, done: () => done.splice(0), runUntil, hear, state };
}

describe('neighbour cache, as Linux keeps it', () => {
  it('forgets one neighbour, and sends what waited to whom others know it to be', () => {
    const { neighbours, done, state, runUntil } = cache();
    const other = PEER_IP + 1;
    neighbours.resolve(HOST, other, 8, 100, 0);
    neighbours.resolve(HOST, PEER_IP, 1, 100, 0);
    neighbours.resolve(HOST, PEER_IP + 2, 9, 100, 0);
    done();
    neighbours.forget(HOST, PEER_IP, PEER);
    expect(done()).toEqual([`packet 1 to ${PEER}`]);
    expect(neighbours.find(HOST, PEER_IP)).toBe(-1);
    // its timer is void, and the next entry in its place is a new one
    neighbours.resolve(HOST, PEER_IP, 2, 100, 10);
    expect(state()).toBe(NeighbourState.incomplete);
    neighbours.forget(HOST, PEER_IP);
    expect(done()).toEqual(['broadcast', 'packet 2 unreachable']);
    neighbours.forget(HOST, other, OTHER);
    runUntil(5_000);
    expect(done()).toEqual([`packet 8 to ${OTHER}`, 'broadcast', 'broadcast', 'packet 9 unreachable']);
    expect(neighbours.size).toBe(1);
  });

  it('counts the neighbours of an interface whose address it has', () => {
    const { neighbours, hear } = cache();
    expect(neighbours.countKnown(HOST)).toBe(0);
    neighbours.resolve(HOST, PEER_IP + 1, 1, 100, 0);
    hear(PEER, 10, { mayCreate: true });
    expect(neighbours.countKnown(HOST)).toBe(1);
    expect(neighbours.countKnown(HOST + 1)).toBe(0);
  });

  it('asks three times by broadcast, a second apart, and then gives up what waited', () => {
    const { neighbours, done, runUntil, state } = cache();
    expect(neighbours.resolve(HOST, PEER_IP, 1, 100, 0)).toBe(-1);
    expect(done()).toEqual(['broadcast']);
    runUntil(999);
    expect(done()).toEqual([]);
    runUntil(2_000);
    expect(done()).toEqual(['broadcast', 'broadcast']);
    runUntil(3_000);
    expect(done()).toEqual(['packet 1 unreachable']);
    expect(state()).toBe(NeighbourState.failed);
  });

  it('sends what waited, in order, when the answer comes', () => {
    const { neighbours, done, hear } = cache();
    neighbours.resolve(HOST, PEER_IP, 1, 100, 0);
    neighbours.resolve(HOST, PEER_IP, 2, 100, 5);
    done();
    hear(PEER, 10, { isReplyToUs: true });
    expect(done()).toEqual([`packet 1 to ${PEER}`, `packet 2 to ${PEER}`]);
    expect(neighbours.resolve(HOST, PEER_IP, 3, 100, 20)).toBe(PEER);
  });

  it('drops the oldest packet when the queue is full', () => {
    const { neighbours, done } = cache();
    neighbours.resolve(HOST, PEER_IP, 1, 150_000, 0);
    done();
    neighbours.resolve(HOST, PEER_IP, 2, 150_000, 5);
    expect(done()).toEqual(['packet 1 dropped']);
  });

  it('revalidates a stale address by unicast, five seconds after it was used, and never by broadcast', () => {
    const { neighbours, done, runUntil, hear, state } = cache();
    hear(PEER, 0, { mayCreate: true });
    expect(state()).toBe(NeighbourState.stale);
    expect(neighbours.resolve(HOST, PEER_IP, 1, 100, 1_000)).toBe(PEER);
    runUntil(5_999);
    expect(done()).toEqual([]);
    runUntil(6_000);
    expect(done()).toEqual([`unicast to ${PEER}`]);
    hear(PEER, 6_001, { isReplyToUs: true });
    expect(state()).toBe(NeighbourState.reachable);
  });

  it('forgets a neighbour that answers none of three unicast probes, and asks everybody next time', () => {
    const { neighbours, done, runUntil, hear, state } = cache();
    hear(PEER, 0, { mayCreate: true });
    neighbours.resolve(HOST, PEER_IP, 1, 100, 0);
    runUntil(8_000);
    expect(done()).toEqual(Array(3).fill(`unicast to ${PEER}`));
    expect(state()).toBe(NeighbourState.failed);
    neighbours.resolve(HOST, PEER_IP, 2, 100, 9_000);
    expect(done()).toEqual(['broadcast']);
  });

  it('keeps a neighbour reachable while somebody above confirms it', () => {
    const { neighbours, done, runUntil, hear, state } = cache();
    neighbours.resolve(HOST, PEER_IP, 1, 100, 0);
    hear(PEER, 1, { isReplyToUs: true });
    done();
    for (let ms = 10_000; ms <= 100_000; ms += 10_000) {
      neighbours.resolve(HOST, PEER_IP, 2, 100, ms);
      neighbours.confirm(HOST, PEER_IP, ms);
      runUntil(ms);
    }
    expect(state()).toBe(NeighbourState.reachable);
    expect(done()).toEqual([]);
  });

  it('makes no entry from a gratuitous packet (arp_accept 0), but believes one for an entry that it has', () => {
    const { neighbours, hear } = cache();
    hear(PEER, 0, { isGratuitous: true });
    expect(neighbours.find(HOST, PEER_IP)).toBe(-1);
    hear(PEER, 0, { mayCreate: true });
    hear(OTHER, 10, { isGratuitous: true });
    expect(neighbours.addressOf(neighbours.find(HOST, PEER_IP))).toBe(OTHER);
  });

  it('keeps its address against another one for a second (locktime)', () => {
    const { neighbours, hear } = cache();
    hear(PEER, 0, { mayCreate: true });
    hear(OTHER, 1_000, { isReplyToUs: true });
    expect(neighbours.addressOf(neighbours.find(HOST, PEER_IP))).toBe(PEER);
    hear(OTHER, 1_001, { isReplyToUs: true });
    expect(neighbours.addressOf(neighbours.find(HOST, PEER_IP))).toBe(OTHER);
  });

  it('drops what waits when the interface is taken away', () => {
    const { neighbours, done, runUntil } = cache();
    neighbours.resolve(HOST, PEER_IP, 1, 100, 0);
    done();
    neighbours.clear(HOST);
    expect(done()).toEqual(['packet 1 dropped']);
    runUntil(10_000);
    expect(done()).toEqual([]);
  });
});

describe('a neighbour cache of many interfaces', () => {
  it('finds what it learned and forgets an interface at once, as a map of maps would', () => {
    const step = fc.oneof(
      fc.record({ ipInterface: fc.nat(30), ip: fc.nat(40), address: fc.nat(1000) }),
      fc.record({ cleared: fc.nat(30) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const nothing = () => {};
        const effects = { solicit: nothing, transmit: nothing, unreachable: nothing, overflow: nothing, arm: nothing };
        const neighbours = new NeighbourCache(LINUX_ARP, effects);
        const expected = new Map<number, Map<number, number>>();
        for (const [index, what] of steps.entries()) {
          if ('cleared' in what) {
            neighbours.clear(what.cleared);
            expected.delete(what.cleared);
            continue;
          }
          const { ipInterface, ip, address } = what;
          const told = { isReplyToUs: true, mayCreate: true, isGratuitous: true };
          neighbours.learn(ipInterface, PEER_IP + ip, address, index * 10, told);
          expected.set(ipInterface, (expected.get(ipInterface) ?? new Map()).set(ip, address));
        }
        expect(neighbours.size).toBe([...expected.values()].reduce((sum, { size }) => sum + size, 0));
        for (let ipInterface = 0; ipInterface <= 30; ipInterface++) {
          for (let ip = 0; ip <= 40; ip++) {
            const entry = neighbours.find(ipInterface, PEER_IP + ip);
            const address = entry < 0 ? undefined : neighbours.addressOf(entry);
            expect(address).toBe(expected.get(ipInterface)?.get(ip));
          }
        }
      }),
    );
  });
});
