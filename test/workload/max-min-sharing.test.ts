import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MaxMinSharing } from '../../src/workload/max-min-sharing.ts';

interface Flow {
  path: number[];
  limit: number;
}

/** The rate of each flow over links of these capacities. */
function ratesOf(capacities: number[], flows: Flow[]): number[] {
  const { sharing, numbers } = shared(capacities, flows);
  return numbers.map((flow) => sharing.rateOf(flow));
}

function shared(capacities: number[], flows: Flow[]) {
  const sharing = new MaxMinSharing((link) => capacities[link]!);
  const numbers = flows.map(({ path, limit }) => sharing.add(Int32Array.from(path), limit));
  sharing.settle();
  return { sharing, numbers };
}

describe('max-min fair sharing', () => {
  it('gives a flow alone its limit or its narrowest link', () => {
    expect(ratesOf([10, 4, 6], [{ path: [0, 1, 2], limit: 100 }])).toEqual([4]);
    expect(ratesOf([10, 4, 6], [{ path: [0, 1, 2], limit: 3 }])).toEqual([3]);
    expect(ratesOf([10], [{ path: [], limit: 3 }])).toEqual([3]);
  });

  it('gives flows that share one link equal parts, and what a limited one leaves to the others', () => {
    const on = (limit: number) => ({ path: [0], limit });
    expect(ratesOf([12], [on(100), on(100), on(100)])).toEqual([4, 4, 4]);
    expect(ratesOf([12], [on(2), on(100), on(100)])).toEqual([2, 5, 5]);
    expect(ratesOf([12], [on(2), on(4.5), on(100)])).toEqual([2, 4.5, 5.5]);
  });

  it('lets a long flow over n links keep half of each, as in the parking lot', () => {
    const n = 5;
    const long = { path: Array.from({ length: n }, (_, link) => link), limit: 100 };
    const short = Array.from({ length: n }, (_, link) => ({ path: [link], limit: 100 }));
    expect(ratesOf(new Array(n).fill(10), [long, ...short])).toEqual(new Array(n + 1).fill(5));
  });

  it('fills links one after the other, the most crowded first', () => {
    // link 0 of 10 has flows 0, 1 and 2; link 1 of 10 has flows 2 and 3
    const flows = [[0], [0], [0, 1], [1]].map((path) => ({ path, limit: 100 }));
    const third = 10 / 3;
    const { sharing, numbers } = shared([10, 10], flows);
    const rates = numbers.map((flow) => sharing.rateOf(flow));
    for (const [index, rate] of [third, third, third, 10 - third].entries()) expect(rates[index]).toBeCloseTo(rate, 9);
    expect(numbers.map((flow) => sharing.bottleneckOf(flow))).toEqual([0, 0, 0, 1]);
  });

  it('shares anew when a flow leaves', () => {
    const { sharing, numbers } = shared([12], new Array(3).fill({ path: [0], limit: 100 }));
    sharing.remove(numbers[1]!);
    expect(sharing.settle()).toBe(true);
    expect([numbers[0]!, numbers[2]!].map((flow) => sharing.rateOf(flow))).toEqual([6, 6]);
  });

  it('leaves everybody else alone when a flow comes to links with room, and goes', () => {
    const { sharing } = shared([12, 12], [{ path: [0], limit: 5 }]);
    const other = sharing.add(Int32Array.of(0, 1), 7);
    expect(sharing.settle()).toBe(false);
    expect(sharing.rateOf(other)).toBe(7);
    sharing.remove(other);
    expect(sharing.settle()).toBe(false);
  });

  const LINKS = 6;
  const crowd = fc.record({
    capacities: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: LINKS, maxLength: LINKS }),
    flows: fc.array(
      fc.record({
        path: fc.uniqueArray(fc.nat(LINKS - 1), { minLength: 1, maxLength: 4 }),
        limit: fc.integer({ min: 1, max: 120 }),
      }),
      { minLength: 1, maxLength: 25 },
    ),
  });

  it('overloads no link, and gives each flow its limit or a full link on which nobody has more', () => {
    fc.assert(
      fc.property(crowd, ({ capacities, flows }) => {
        const { sharing, numbers } = shared(capacities, flows);
        const rates = numbers.map((flow) => sharing.rateOf(flow));
        const onLink = (link: number) => rates.filter((_, index) => flows[index]!.path.includes(link));
        const loads = capacities.map((_, link) => onLink(link).reduce((sum, rate) => sum + rate, 0));
        for (const [link, load] of loads.entries()) expect(load).toBeLessThanOrEqual(capacities[link]! * (1 + 1e-9));
        for (const [index, flow] of numbers.entries()) {
          const bottleneck = sharing.bottleneckOf(flow);
          if (bottleneck < 0) {
            expect(rates[index]).toBe(flows[index]!.limit);
            continue;
          }
          expect(flows[index]!.path).toContain(bottleneck);
          expect(loads[bottleneck]).toBeCloseTo(capacities[bottleneck]!, 6);
          for (const rate of onLink(bottleneck)) expect(rate).toBeLessThanOrEqual(rates[index]! * (1 + 1e-9));
        }
      }),
    );
  });

  it('is the same in whatever order flows come, and after others have gone', () => {
    fc.assert(
      fc.property(crowd, crowd, ({ capacities, flows }, { flows: passing }) => {
        const rates = ratesOf(capacities, flows);
        const reversed = ratesOf(capacities, [...flows].reverse()).reverse();
        const { sharing, numbers } = shared(capacities, passing);
        const added = flows.map(({ path, limit }) => sharing.add(Int32Array.from(path), limit));
        sharing.settle();
        for (const flow of numbers) sharing.remove(flow);
        sharing.settle();
        for (const [index, rate] of rates.entries()) {
          expect(reversed[index]).toBeCloseTo(rate, 9);
          expect(sharing.rateOf(added[index]!)).toBeCloseTo(rate, 9);
        }
      }),
    );
  });
});
