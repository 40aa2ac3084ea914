import { describe, expect, it } from 'vitest';
import { ecmpIndex, vxlanEntropy } from '../../src/protocol/ecmp.ts';

/** Jain's index of fairness: 1 if all paths have as much, 1 / k if one has all. */
function fairness(loads: readonly number[]): number {
  const sum = loads.reduce((a, b) => a + b, 0);
  return sum ** 2 / (loads.length * loads.reduce((a, b) => a + b * b, 0));
}

function loadsAt(node: number, paths: number, flows: readonly number[]): number[] {
  const loads = new Array<number>(paths).fill(0);
  for (const flow of flows) loads[ecmpIndex(flow, node, paths)]++;
  return loads;
}

/** The outer hashes of flows that follow each other in number, as VMs and ports do. */
function flowsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => vxlanEntropy(first + i));
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

describe('the choice among equal-cost paths (RFC 2992)', () => {
  // n flows thrown at k paths by chance: E of the sum of squares is n + n (n - 1) / k, so that Jain's index is about
  // n / (n + k - 1)
  it.each([
    { flows: 16, paths: 4 },
    { flows: 256, paths: 4 },
    { flows: 256, paths: 16 },
    { flows: 1024, paths: 64 },
  ])('spreads $flows flows over $paths paths as evenly as chance does', ({ flows, paths }) => {
    const nodes = Array.from({ length: 400 }, (_, node) => node);
    const measured = mean(nodes.map((node) => fairness(loadsAt(node, paths, flowsFrom(node * flows, flows)))));
    expect(Math.abs(measured - flows / (flows + paths - 1))).toBeLessThan(0.012);
  });

  it('does not repeat the choice of the node before, so that all paths of the next tier are used', () => {
    const flows = flowsFrom(0, 4096);
    const sameFirst = flows.filter((flow) => ecmpIndex(flow, 1, 8) === 3);
    const loads = loadsAt(2, 8, sameFirst);
    expect(Math.min(...loads)).toBeGreaterThan((0.7 * sameFirst.length) / 8);
    expect(Math.max(...loads)).toBeLessThan((1.3 * sameFirst.length) / 8);
  });

  it('keeps a flow on its path', () => {
    for (const flow of flowsFrom(0, 100)) expect(ecmpIndex(flow, 7, 5)).toBe(ecmpIndex(flow, 7, 5));
  });

  it('cannot tell more flows between two VTEPs apart than there are source ports', () => {
    const sourcePorts = 256;
    const flows = flowsFrom(0, 100_000).map((entropy) => entropy % sourcePorts);
    expect(new Set(flows).size).toBe(sourcePorts);
    // so a hundred thousand flows are spread no better than 256: in weights that differ hardly at all
    const measured = mean(Array.from({ length: 200 }, (_, node) => fairness(loadsAt(node, 16, flows))));
    expect(Math.abs(measured - sourcePorts / (sourcePorts + 16 - 1))).toBeLessThan(0.02);
  });
});
