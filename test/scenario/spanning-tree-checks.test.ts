import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../src/scenario/read-scenario.ts';
import { ScenarioError } from '../../src/scenario/scenario-error.ts';

/** `path: message` of each problem with the spanning tree of a fabric. */
function complaints(kind: string, spanningTree: string): string[] {
  const text = `topology: {leaves: 4, spines: 2, serversPerLeaf: 8}
tenants: [{name: web, vmsPerSegment: 20}]
fabrics: [{kind: ${kind}, spanningTree: ${spanningTree}}]`;
  try {
    parseScenario(text, 'test.yaml');
  } catch (error) {
    if (error instanceof ScenarioError) {
      return error.problems.map(({ path, message }) => `${path.replace('fabrics.0.spanningTree.', '')}: ${message}`);
    }
    throw error;
  }
  return [];
}

describe('rapid spanning trees in a scenario', () => {
  it.each([
    ['vlan-rstp', '{roots: [spine1]}'],
    ['vlan-rapid-pvst', '{roots: [spine1, leaf4], transmitHoldCount: 10, edgePorts: false}'],
    ['vlan-mstp', '{instances: 4, maxHops: 40}'],
    ['vlan-mstp', '{instances: [{vlans: "1-10, 12", root: spine2}, {vlans: "11,13-4094"}]}'],
  ])('%s may have %s', (kind, spanningTree) => {
    expect(complaints(kind, spanningTree)).toEqual([]);
  });

  it.each([
    ['vlan-rstp', '{roots: [spine3]}', 'roots.0: '],
    ['vlan-rapid-pvst', '{roots: [spine1, spine1]}', "roots.1: got 'spine1' twice"],
    ['vlan-rapid-pvst', '{rootPriority: 32768}', 'rootPriority: got 32768, expected less than the 32768 of the others'],
    ['vlan-rstp', '{maxAge: 40s}', 'maxAge: got 40s, expected at most 2 × (forwardDelay − 1 s) = 28s'],
    [
      'vlan-mstp',
      '{instances: [{vlans: "1-10"}, {vlans: "10"}]}',
      'instances.1.vlans: got VLAN 10, which is in instance 1 already',
    ],
    ['vlan-mstp', '{instances: [{vlans: "9-8"}]}', 'instances.0.vlans: got 9-8, expected identifiers from 1 to 4094'],
    ['vlan-mstp', '{instances: [{vlans: "1", root: leaf9}]}', 'instances.0.root: '],
    ['vlan-mstp', '{instances: [{vlans: "x"}]}', 'instances'],
  ])('%s may not have %s', (kind, spanningTree, expected) => {
    const found = complaints(kind, spanningTree);
    expect(found).toHaveLength(1);
    expect(found[0].startsWith(expected), found[0]).toBe(true);
  });

  it('have the first switches of the highest tier for their roots', () => {
    const rootsOf = (kind: string) => {
      const text = `topology: {leaves: 4, spines: 3, serversPerLeaf: 8}
tenants: [{name: web, vmsPerSegment: 20}]
fabrics: [${kind}]`;
      const [fabric] = parseScenario(text, 'test.yaml').fabrics;
      if (fabric === undefined || !('spanningTree' in fabric) || fabric.spanningTree === null) return [];
      return 'rootSwitches' in fabric.spanningTree ? fabric.spanningTree.rootSwitches : [];
    };
    expect([rootsOf('vlan-rstp'), rootsOf('vlan-rapid-pvst'), rootsOf('vlan-mstp')]).toEqual([
      ['spine1'],
      ['spine1', 'spine2'],
      ['spine1', 'spine2'],
    ]);
  });
});
