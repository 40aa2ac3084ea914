import { describe, expect, it } from 'vitest';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { FAST_TREE, scenarioOf } from '../support/scenario-of.ts';

const rstp = { helloTime: '1s', maxAge: '6s', forwardDelay: '4s' };
const FABRICS = [
  { name: 'mvrp', kind: 'vlan-stp', spanningTree: FAST_TREE, reach: 'mvrp' },
  { name: 'rstp', kind: 'vlan-rstp', spanningTree: rstp, reach: 'mvrp' },
  { name: 'everywhere', kind: 'vlan-stp', spanningTree: FAST_TREE },
];
const TENANTS = [{ name: 'shop', segments: 6, vmsPerSegment: 2 }];

const resultsOf = (changes: Record<string, unknown> = {}) =>
  compareFabrics(scenarioOf({ fabrics: FABRICS, tenants: TENANTS, gateway: { at: 'leaf1' }, ...changes }), {
    outDir: null,
  });

describe('a whole run with VLANs that MVRP registers', () => {
  const results = resultsOf();

  it('loses nothing without saying how, while VMs migrate and a link fails', () => {
    for (const { invariants, summary } of results) {
      expect(invariants.filter(({ holds }) => !holds)).toEqual([]);
      expect(summary.flows.finished).toBeGreaterThan(500);
    }
  });

  it('floods less than trunks that carry all VLANs', () => {
    const [mvrp, , everywhere] = results.map(({ summary }) => summary.flooding.fabricFloodedFrames);
    expect(mvrp).toBeLessThan(everywhere / 2);
  });

  it('counts the same by each copy as an event', () => {
    const quiet = { fabrics: FABRICS.slice(0, 1), failures: [] };
    const [exact, together] = [true, false].map((exactFloods) => resultsOf({ ...quiet, exactFloods })[0].summary);
    expect(exact.flooding).toEqual(together.flooding);
    expect(exact.drops).toEqual(together.drops);
  });

  it('asks for one tree', () => {
    const problem = () => scenarioOf({ fabrics: [{ kind: 'vlan-rapid-pvst', reach: 'mvrp' }] });
    expect(problem).toThrow(/vlan-stp, vlan-rstp, vlan-no-stp/);
  });
});
