import { describe, expect, it } from 'vitest';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { ScenarioError } from '../../src/scenario/scenario-error.ts';
import { scenarioOf } from '../support/scenario-of.ts';

const FABRICS = [
  { name: 'sparse', kind: 'vxlan-multicast' },
  { name: 'sparse-frr', kind: 'vxlan-multicast', implementation: 'frr-8.4', rpf: 'first', rp: 'spine2' },
  { name: 'sparse-shared', kind: 'vxlan-multicast', groups: 1, sptSwitchover: 'never', underlay: 'ipv6' },
  { name: 'sparse-hypervisor', kind: 'vxlan-multicast', vteps: 'hypervisor', groupBy: 'tenant' },
  { name: 'bidir', kind: 'vxlan-multicast', multicast: 'pim-bidir', rpf: 'first' },
  { name: 'flood-learn', kind: 'vxlan-flood-learn', replication: 'multicast' },
  { name: 'assisted', kind: 'vxlan-flood-learn', replication: 'assisted' },
  { name: 'assisted-leaf', kind: 'vxlan-flood-learn', replication: 'assisted', replicators: ['leaf1'], sourcePorts: 4 },
];

describe('a whole run over multicast, or with assisted replication', () => {
  const results = compareFabrics(
    scenarioOf({ fabrics: FABRICS, topology: { leaves: 3, spines: 2, serversPerLeaf: 2 } }),
    {
      outDir: null,
    },
  );

  it.each(FABRICS.map(({ name }, index) => [name, index] as const))(
    '%s loses nothing without saying how',
    (_name, i) => {
      expect(results[i].invariants.filter(({ holds }) => !holds)).toEqual([]);
      expect(results[i].summary.flows.finished).toBeGreaterThan(500);
    },
  );

  it('is flood and learn by multicast under another name, by BIDIR-PIM with a group for each VNI', () => {
    expect(results[4].fingerprint).toBe(results[5].fingerprint);
  });

  it('loses a packet of each new source as frr-8.4 only', () => {
    const [sparse, frr] = results.map(({ summary }) => summary.multicast!);
    expect(sparse).toMatchObject({ groups: 2, lostRegisters: 0 });
    expect(sparse.registers).toBeGreaterThan(0);
    expect(frr.lostRegisters).toBeGreaterThan(0);
    expect(results[4].summary.multicast).toMatchObject({ registers: 0, sourceEntriesMax: 0 });
  });

  it('knows the switches that can replicate, and when', () => {
    const problem = (changes: Record<string, unknown>) => () =>
      scenarioOf({ fabrics: [{ kind: 'vxlan-flood-learn', ...changes }] });
    expect(problem({ replication: 'assisted', replicators: ['spine9'] })).toThrow(/spine9/);
    expect(problem({ replication: 'assisted', replicators: ['spine1', 'spine1'] })).toThrow(/'spine1' twice/);
    expect(problem({ replicators: ['spine1'] })).toThrow(/needs replication: assisted/);
  });

  it('knows the switches that can be rendezvous points', () => {
    const unknown = () => scenarioOf({ fabrics: [{ kind: 'vxlan-multicast', rp: 'spine9' }] });
    expect(unknown).toThrow(ScenarioError);
    expect(unknown).toThrow(/spine9/);
  });
});
