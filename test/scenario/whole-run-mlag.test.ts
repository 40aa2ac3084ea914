import { describe, expect, it } from 'vitest';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { scenarioOf } from '../support/scenario-of.ts';

const SCENARIO = {
  duration: '45s',
  topology: { leaves: 4, spines: 2, serversPerLeaf: 4, serverHoming: 'dual' },
  fabrics: ['vlan-stp', 'vlan-mlag', 'vxlan-flood-learn'],
  tenants: [{ name: 'shop', segments: 4, vmsPerSegment: 20 }],
  traffic: { flowsPerVmPerSecond: 1, sizes: { fixed: '20KB' } },
  migrations: {},
  failures: [],
  hosts: { bootStart: '31s', bootWindow: '1s' },
};

const run = (more: object) => {
  const results = compareFabrics(scenarioOf({ ...SCENARIO, ...more }), { outDir: null });
  return Object.fromEntries(results.map((result) => [result.fabric, result]));
};

describe('a whole run over pairs of switches', () => {
  it('forwards on all links, has every address in every table, and delivers what the others do', () => {
    const results = run({});
    for (const { invariants } of Object.values(results)) expect(invariants.every(({ holds }) => holds)).toBe(true);
    const { 'vlan-stp': stp, 'vlan-mlag': mlag, 'vxlan-flood-learn': vxlan } = results;
    // 4 leaves with 2 uplinks each, of which a tree of 6 switches leaves 5; and 2 links for each of 3 pairs
    expect([stp, mlag, vxlan].map((one) => one!.summary.links)).toEqual([
      { total: 8, blocked: 3, forwarding: 5, bisectionBitsPerSec: 200e9 },
      { total: 14, blocked: 0, forwarding: 14, bisectionBitsPerSec: 400e9 },
      { total: 8, blocked: 0, forwarding: 8, bisectionBitsPerSec: 400e9 },
    ]);
    const fullest = (result: typeof mlag) =>
      result!.summary.macTables
        .filter(({ kind }) => kind === 'bridge')
        .map(({ tier, entriesMax }) => [tier, entriesMax]);
    expect(fullest(mlag)).toEqual([
      ['leaf', 80],
      ['spine', 80],
    ]);
    expect(mlag!.summary.flows.finished).toBe(vxlan!.summary.flows.finished);
  });

  it('spares fabrics without a peer link its failure, and draws the same links to fail on all', () => {
    const { 'vlan-stp': stp, 'vlan-mlag': mlag } = run({
      failures: [
        { at: '35s', link: 'spine1-spine2' },
        { random: { kind: 'link', count: 2, start: '36s', end: '40s' } },
      ],
    });
    const names = (result: typeof mlag) => result!.summary.failures;
    expect(names(stp)).toMatchObject({ count: 2 });
    expect(names(mlag)).toMatchObject({ count: 3 });
  });

  it('routes at one switch of a pair, whose answers flood where it has not been told of who asked', () => {
    const scenario = {
      topology: { leaves: 4, spines: 2, serversPerLeaf: 3, serverHoming: 'dual' },
      fabrics: ['vlan-mlag', { name: 'pairs', kind: 'vxlan-flood-learn', mlag: {} }],
      gateway: { at: 'leaf1' },
      traffic: { flowsPerVmPerSecond: 1, interSegment: 0.6, sizes: { fixed: '20KB' } },
      migrations: { random: { count: 4 } },
      failures: [{ at: '36s', switch: 'leaf2', restoreAfter: '1s' }],
    };
    const [together, alone] = [false, true].map((exactFloods) => run({ ...scenario, exactFloods }));
    for (const [name, result] of Object.entries(together!)) {
      expect(result.invariants.filter(({ holds }) => !holds)).toEqual([]);
      expect(result.summary.flows.finished).toBeGreaterThan(500);
      expect(result.summary.flows.failed).toBe(0);
      expect(result.summary).toEqual(alone![name]!.summary);
    }
  });
});
