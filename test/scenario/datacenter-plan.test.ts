import { describe, expect, it } from 'vitest';
import { planVms } from '../../src/scenario/datacenter-plan.ts';
import { formatIpv4 } from '../../src/wire/ipv4-address.ts';

function planOf(sizes: number[]) {
  return planVms({
    segmentTenants: new Int32Array(sizes.length),
    segmentSizes: Int32Array.from(sizes),
    vmCount: sizes.reduce((sum, size) => sum + size, 0),
  });
}

describe('subnets of segments', () => {
  it('are as large as their VMs and the gateway need, the largest first, and at multiples of their sizes', () => {
    const { segments } = planOf([5, 253, 254, 5000, 1]);
    expect(segments.map(({ subnet, prefixLength }) => `${formatIpv4(subnet)}/${prefixLength}`)).toEqual([
      '10.0.34.0/24',
      '10.0.35.0/24',
      '10.0.32.0/23',
      '10.0.0.0/19',
      '10.0.36.0/24',
    ]);
  });

  it('hold the addresses of their VMs, all different', () => {
    const sizes = [3, 300, 1, 600];
    const { segments, vmSegment, vmIp } = planOf(sizes);
    const addresses = Array.from(vmSegment, (_, vm) => vmIp(vm));
    expect(new Set(addresses).size).toBe(904);
    for (const [vm, address] of addresses.entries()) {
      const { subnet, prefixLength } = segments[vmSegment[vm]!]!;
      const place = address - subnet;
      expect(place).toBeGreaterThan(0);
      // the last two are the gateway's and the broadcast address
      expect(place).toBeLessThan(2 ** (32 - prefixLength) - 2);
    }
  });
});
