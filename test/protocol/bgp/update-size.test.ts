import { describe, expect, it } from 'vitest';
import { RouteBook } from '../../../src/protocol/bgp/route-book.ts';
import { RouteKind } from '../../../src/protocol/bgp/route-kind.ts';
import { NLRI_BYTES, UpdateCounter } from '../../../src/protocol/bgp/update-size.ts';

describe('sizes of routes in UPDATEs', () => {
  it('are those of RFC 7432, 7, with type and length', () => {
    expect(NLRI_BYTES[RouteKind.macOnly]).toBe(35);
    expect(NLRI_BYTES[RouteKind.macIp]).toBe(39);
    expect(NLRI_BYTES[RouteKind.inclusiveMulticast]).toBe(19);
  });

  it('make some 36 bytes of each of 500 MAC addresses that share an UPDATE', () => {
    const routes = new RouteBook({ isReflected: false });
    const counter = new UpdateCounter(65_535);
    counter.begin();
    for (let address = 0; address < 500; address++) {
      const route = routes.idOf({ origin: 0, kind: RouteKind.macOnly, scope: 0, address });
      const set = routes.attributeSets[route];
      counter.announce(set, routes.headBytesOf(set) + 8, routes.nlriBytesOf(route));
    }
    expect(counter.messages).toBe(1);
    expect(counter.bytes / 500).toBeGreaterThan(35);
    expect(counter.bytes / 500).toBeLessThan(36.1);
  });
});

describe('UPDATEs of a batch', () => {
  it('are one for each set of attributes, and one for all that is withdrawn of an address family', () => {
    const counter = new UpdateCounter(4096);
    counter.begin();
    for (const set of [3, 4, 3, 4, 4]) counter.announce(set, 80, 35);
    for (let i = 0; i < 5; i++) counter.withdraw(RouteKind.macOnly, 35);
    counter.withdraw(RouteKind.ipv4, 5);
    expect(counter.messages).toBe(4);
    expect(counter.bytes).toBe(2 * 80 + 5 * 35 + (30 + 5 * 35) + (23 + 5));
    counter.begin();
    expect([counter.messages, counter.bytes]).toEqual([0, 0]);
  });

  it('are more where one has no room for all, each with its attributes', () => {
    const counter = new UpdateCounter(200);
    counter.begin();
    for (let i = 0; i < 7; i++) counter.announce(0, 95, 35);
    // three routes fit beside the attributes
    expect(counter.messages).toBe(3);
    expect(counter.bytes).toBe(3 * 95 + 7 * 35);
  });
});
