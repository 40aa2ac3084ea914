import { describe, expect, it } from 'vitest';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { FAST_TREE, scenarioOf } from '../support/scenario-of.ts';

/** VLANs end at the pod and VNIs do not; whoever migrates goes to another rack, in its pod or not. */
function migrating(changes: Record<string, unknown>) {
  const scenario = scenarioOf({
    topology: { kind: 'fat-tree', k: 4 },
    fabrics: [
      { name: 'tree', kind: 'vlan-stp', spanningTree: FAST_TREE, reach: 'pod' },
      { name: 'leaf', kind: 'vxlan-flood-learn' },
    ],
    tenants: [{ name: 'shop', segments: 8, vmsPerSegment: 4 }],
    // four servers are full and twelve empty
    placement: { policy: 'pack', vmsPerServerMax: 8 },
    migrations: {
      random: { count: 20, start: '22s', end: '30s', destination: 'other-rack' },
      memory: '1GiB',
      ...changes,
    },
    failures: [],
  });
  return compareFabrics(scenario, { outDir: null }).map(({ summary }) => summary.migrations);
}

describe('a migration beyond the reach of a VLAN', () => {
  it('is refused, counted and named, and possible over VXLAN', () => {
    const [tree, leaf] = migrating({});
    expect(leaf).toMatchObject({ planned: 20, done: 20, refused: 0 });
    const beyondReach = tree.refusals.find(({ reason }) => reason === 'beyond_reach')!.count;
    expect(beyondReach).toBeGreaterThan(5);
    // a VM that was refused stays, and may leave no room for another
    expect(tree.done + tree.refused).toBe(20);
    expect(tree.refusals.reduce((sum, { count }) => sum + count, 0)).toBe(tree.refused);
  });

  it('costs the VM its address if it is done all the same', () => {
    const [tree, leaf] = migrating({ beyondReach: 'readdress' });
    expect(leaf).toMatchObject({ done: 20, readdressed: 0 });
    expect(tree.readdressed).toBeGreaterThan(5);
    expect(tree.refusals.map(({ reason }) => reason)).not.toContain('beyond_reach');
  });
});
