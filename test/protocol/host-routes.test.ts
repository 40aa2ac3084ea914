import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostRoutes } from '../../src/protocol/host-routes.ts';

const IP = 0xc0a8_0a0b;

describe('host routes', () => {
  it('say behind which VTEP a host is, each table for itself', () => {
    const routes = new HostRoutes();
    const [one, other] = [routes.addTable(), routes.addTable()];
    routes.bind(IP, 70);
    routes.set(one, 70, 3);
    expect(routes.placeOf(one, routes.addressOf(IP))).toBe(3);
    expect(routes.placeOf(other, routes.addressOf(IP))).toBe(-1);
    routes.set(one, 70, 0);
    expect(routes.placeOf(one, 70)).toBe(0);
    routes.remove(one, 70);
    expect(routes.placeOf(one, 70)).toBe(-1);
    expect(routes.addressOf(IP)).toBe(70);
    expect(routes.placeOf(one, routes.addressOf(IP + 1))).toBe(-1);
  });

  it('have no more entries than they have room for, but change those that they have', () => {
    const routes = new HostRoutes();
    const table = routes.addTable(2);
    expect([1, 2, 3].map((address) => routes.set(table, address, 5))).toEqual([true, true, false]);
    expect(routes.set(table, 1, 6)).toBe(true);
    expect(routes.refusedCounts).toEqual([1]);
    routes.remove(table, 2);
    expect(routes.set(table, 3, 5)).toBe(true);
    expect(routes.entryCounts).toEqual([2]);
    expect([routes.countAt(table, 5), routes.countAt(table, 6)]).toEqual([1, 1]);
    routes.clear(table);
    expect(routes.entryCounts).toEqual([0]);
    expect(routes.peakCounts).toEqual([2]);
  });

  it('refuse a VTEP whose number they cannot keep', () => {
    const routes = new HostRoutes();
    expect(() => routes.set(routes.addTable(), 1, 0xffff)).toThrow(RangeError);
  });

  it('find the MAC that an IP address was last bound to, as a map does', () => {
    const ip = fc.integer({ min: 0xffff_fff0, max: 0xffff_ffff });
    const address = fc.nat(600);
    fc.assert(
      fc.property(fc.array(fc.tuple(ip, address), { maxLength: 60 }), (bindings) => {
        const routes = new HostRoutes();
        const addresses = new Map<number, number>();
        for (const [boundIp, boundAddress] of bindings) {
          for (const [otherIp, other] of addresses) if (other === boundAddress) addresses.delete(otherIp);
          addresses.set(boundIp, boundAddress);
          routes.bind(boundIp, boundAddress);
        }
        for (let i = 0xffff_fff0; i <= 0xffff_ffff; i++) expect(routes.addressOf(i)).toBe(addresses.get(i) ?? -1);
        for (const [boundIp, bound] of addresses) expect(routes.ipOf(bound)).toBe(boundIp);
      }),
    );
  });
});
