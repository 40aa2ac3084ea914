import { parseScenario } from '../../src/scenario/read-scenario.ts';
import type { FabricSettings, Scenario } from '../../src/scenario/scenario.ts';

/** The fastest spanning tree that the standard allows: forwards after 8 s, is quiet after 20. */
export const FAST_TREE = { helloTime: '1s', maxAge: '6s', forwardDelay: '4s' };

/** Every kind of fabric that takes a leaf-spine. */
export const FABRICS = [
  { name: 'tree', kind: 'vlan-stp', spanningTree: FAST_TREE },
  { name: 'linux-tree', kind: 'vlan-stp', spanningTree: { ...FAST_TREE, implementation: 'linux-6.18' } },
  { name: 'pairs', kind: 'vlan-mlag' },
  { name: 'leaf', kind: 'vxlan-flood-learn' },
  { name: 'leaf-multicast', kind: 'vxlan-flood-learn', replication: 'multicast', underlay: 'ipv6' },
  { name: 'hypervisor', kind: 'vxlan-flood-learn', vteps: 'hypervisor' },
  { name: 'hypervisor-multicast', kind: 'vxlan-flood-learn', vteps: 'hypervisor', replication: 'multicast' },
];

/**
 * A scenario of three racks, two spines and twelve VMs in two segments, with a bit of everything, as a file would say it;
 * `changes` take the place of whole sections.
 */
export function scenarioOf(changes: Record<string, unknown> = {}): Scenario {
  const file = {
    duration: '40s',
    topology: { leaves: 3, spines: 2, serversPerLeaf: 2 },
    fabrics: FABRICS,
    tenants: [{ name: 'shop', segments: 2, vmsPerSegment: 6 }],
    traffic: { flowsPerVmPerSecond: 3, sizes: 'facebook-hadoop' },
    hosts: { bootStart: '20s', bootWindow: '1s' },
    migrations: { random: { count: 5, start: '22s', end: '34s' }, memory: '1GiB' },
    failures: [{ at: '30s', link: 'leaf2-spine1', restoreAfter: '4s' }],
    ...changes,
  };
  return parseScenario(JSON.stringify(file), 'small.yaml');
}

export function fabricOf({ fabrics }: Scenario, name: string): FabricSettings {
  const fabric = fabrics.find((one) => one.name === name);
  if (fabric === undefined) throw new Error(`the scenario has no fabric ${name}`);
  return fabric;
}
