import type { DatacenterPlan } from '../../src/fabric/plan.ts';
import type { VlanSettings } from '../../src/fabric/vlan-fabric.ts';
import { planDatacenter, planVms } from '../../src/scenario/datacenter-plan.ts';
import { parseScenario } from '../../src/scenario/read-scenario.ts';
import { type Scenario, tenantSizes } from '../../src/scenario/scenario.ts';
import { topologyNodes } from '../../src/scenario/topology-nodes.ts';

/** A scenario of a topology, with a segment of so many VMs for each tenant, or other tenants as a file would say them. */
export function scenarioWith(topology: string, { vmsPerSegment = [1], tenants = '', more = '' } = {}): Scenario {
  const each = vmsPerSegment.map((count, index) => `{name: t${index}, vmsPerSegment: ${count}}`).join(', ');
  return parseScenario(`topology: ${topology}\n${tenants || `tenants: [${each}]`}\n${more}`, 'test.yaml');
}

/** The datacenter of a scenario with its VMs on these servers, in the order of VMs. */
export function planWith(scenario: Scenario, vmServer: readonly number[]): DatacenterPlan {
  return planDatacenter(scenario, planVms(tenantSizes(scenario)), Int32Array.from(vmServer));
}

/** One VM of a segment on every server, and two of another on the first server and the last. */
export function planEverywhere(topology: string): DatacenterPlan {
  const { servers } = topologyNodes(scenarioWith(topology).topology);
  const scenario = scenarioWith(topology, { vmsPerSegment: [servers.length, 2] });
  return planWith(scenario, [...servers.keys(), 0, servers.length - 1]);
}

/** VLANs with spanning tree whose root is the one of a scenario that names none. */
export function treeOf(topology: string, kind: VlanSettings['kind'] = 'vlan-stp'): VlanSettings {
  const fabric = scenarioWith(topology, { more: `fabrics: [${kind}]` }).fabrics[0];
  if (fabric === undefined || !('reach' in fabric)) throw new Error('there is no tree');
  return fabric;
}
