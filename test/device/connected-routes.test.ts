import { describe, expect, it } from 'vitest';
import { ConnectedRoutes } from '../../src/device/connected-routes.ts';
import { parseIpv4Prefix } from '../../src/wire/ipv4-address.ts';

function routes(...prefixes: string[]) {
  return new ConnectedRoutes(
    prefixes.map((prefix, ipInterface) => {
      const { address: ip, prefixLength } = parseIpv4Prefix(prefix);
      return { ipInterface, ip, prefixLength };
    }),
  );
}

const ip = (text: string) => parseIpv4Prefix(text).address;

describe('the connected routes of a stack with many interfaces', () => {
  it('prefer the longest prefix, and of equal ones the last', () => {
    const table = routes('10.0.0.1/8', '10.1.0.1/16', '10.1.2.1/24', '10.1.2.2/24', '200.0.0.1/30');
    const targets = ['10.9.9.9', '10.1.9.9', '10.1.2.9', '200.0.0.2', '200.0.0.4'];
    expect(targets.map((target) => table.interfaceTowards(ip(target)))).toEqual([0, 1, 3, 4, -1]);
  });

  it('know the addresses of the stack', () => {
    const table = routes('10.0.0.1/8', '200.0.0.1/30');
    expect(['10.0.0.1', '200.0.0.1', '10.0.0.2'].map((own) => table.isLocal(ip(own)))).toEqual([true, true, false]);
  });
});
