import { describe, expect, it } from 'vitest';
import { NO_ROUTE, RouteBook } from '../../../src/protocol/bgp/route-book.ts';
import { RouteKind } from '../../../src/protocol/bgp/route-kind.ts';

const STATION = { origin: 1, kind: RouteKind.macOnly, scope: 5, address: 70 } as const;

describe('the book of routes', () => {
  it('gives a route one number, whoever asks, and another one with other attributes', () => {
    const routes = new RouteBook({ isReflected: false });
    const first = routes.idOf(STATION);
    const moved = routes.idOf({ ...STATION, sequence: 1 });
    expect(routes.idOf(STATION)).toBe(first);
    expect(moved).not.toBe(first);
    expect(routes.nextSibling(first)).toBe(moved);
    expect(routes.nextSibling(moved)).toBe(first);
    expect([first, moved].map((route) => routes.hasSiblings[route])).toEqual([1, 1]);
    expect(routes.sequenceOf(moved)).toBe(1);
  });

  it('keeps routes of two origins apart, as route distinguishers do (RFC 7432, 7.9)', () => {
    const routes = new RouteBook({ isReflected: false });
    const one = routes.idOf(STATION);
    const other = routes.idOf({ ...STATION, origin: 2 });
    expect(routes.nextSibling(one)).toBe(one);
    expect(routes.firstOfAddress(70)).toBe(other);
    expect(routes.nextOfAddress(other)).toBe(one);
    expect(routes.nextOfAddress(one)).toBe(NO_ROUTE);
  });

  it('lets both routes of a station share their attributes, and those of two segments not', () => {
    const routes = new RouteBook({ isReflected: false });
    const setOf = (route: number) => routes.attributeSets[route];
    const macOnly = routes.idOf(STATION);
    const macIp = routes.idOf({ ...STATION, kind: RouteKind.macIp, ip: 9 });
    const elsewhere = routes.idOf({ ...STATION, scope: 6, address: 71 });
    expect(setOf(macIp)).toBe(setOf(macOnly));
    expect(setOf(elsewhere)).not.toBe(setOf(macOnly));
    expect(routes.firstOfIp(5, 9)).toBe(macIp);
    expect(routes.firstOfIp(6, 9)).toBe(NO_ROUTE);
  });

  it('finds the routes of a segment and the prefixes of a routing table with the same number apart', () => {
    const routes = new RouteBook({ isReflected: true });
    const station = routes.idOf(STATION);
    const prefix = routes.idOf({ origin: 1, kind: RouteKind.ipPrefix, scope: 5, address: 24, ip: 1 });
    expect(routes.firstOfSegment(5)).toBe(station);
    expect(routes.nextOfScope(station)).toBe(NO_ROUTE);
    expect(routes.firstOfTable(5)).toBe(prefix);
    expect(routes.nextOfScope(prefix)).toBe(NO_ROUTE);
  });

  it('holds more routes than it was made for', () => {
    const routes = new RouteBook({ isReflected: false });
    const ids = Array.from({ length: 5000 }, (_, address) => routes.idOf({ ...STATION, address }));
    expect(routes.count).toBe(5000);
    expect(ids.every((id, address) => routes.idOf({ ...STATION, address }) === id)).toBe(true);
  });
});
