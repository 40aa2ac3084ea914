import { describe, expect, it } from 'vitest';
import { estimateRuns } from '../../src/scenario/run-estimate.ts';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { scenarioOf } from '../support/scenario-of.ts';

describe('the estimate of a run', () => {
  const quiet = { migrations: {}, failures: [], traffic: { flowsPerVmPerSecond: 3, sizes: 'web-search' } };

  it.each([
    ['VMs stay', {}],
    [
      'VMs come and end',
      {
        duration: '60s',
        traffic: { flowsPerVmPerSecond: 0.5, sizes: 'web-search' },
        tenants: [{ name: 'shop', segments: 2, vmsPerSegment: 40 }],
        growth: { initialVms: 24, allBy: '45s', lifetimes: { exponential: '20s' } },
      },
    ],
    [
      'a station floods',
      {
        traffic: { flowsPerVmPerSecond: 0.1, sizes: 'web-search' },
        attacks: [{ kind: 'macof', vm: 'vm3', start: '25s', stop: '35s', ratePerSecond: 2000, sources: 3000 }],
      },
    ],
  ])('is within a factor of two where nothing moves or fails, and %s', (_case, changes) => {
    const scenario = scenarioOf({ ...quiet, ...changes });
    const results = compareFabrics(scenario, { outDir: null });
    for (const [index, { events, frameHops, fabric }] of estimateRuns(scenario).entries()) {
      const result = results[index]!;
      expect(fabric).toBe(result.fabric);
      expect([fabric, events / result.events > 0.5 && events / result.events < 2]).toEqual([fabric, true]);
      expect([fabric, frameHops / result.frameHops > 0.5 && frameHops / result.frameHops < 2]).toEqual([fabric, true]);
    }
  });

  it('grows with the time that VMs have, and is small when they have none', () => {
    const estimateOf = (duration: string) => estimateRuns(scenarioOf({ ...quiet, duration }))[0]!;
    const [none, one, two] = [estimateOf('21s'), estimateOf('40s'), estimateOf('60s')];
    expect(two.frameHops).toBeGreaterThan(one.frameHops * 1.9);
    expect(none.frameHops).toBeLessThan(one.frameHops / 20);
    expect(two.memoryBytes).toBe(one.memoryBytes);
  });
});
