import { Datacenter } from '../scenario/datacenter.ts';
import type { FabricSettings, Scenario } from '../scenario/scenario.ts';
import type { LabCable } from './lab-cables.ts';
import type { LabPlan, LabPort } from './lab-parts.ts';
import { vlanCommands } from './lab-vlans.ts';
import { vxlanCommands } from './lab-vxlan.ts';

/** What one laptop runs; larger scenarios are exported as nodes and links only. */
const LAB_NODES_MAX = 200;
const LAB_VMS_MAX = 500;

export interface LabOptions extends Pick<LabPlan, 'graph' | 'hasFrr' | 'notes'> {
  readonly cables: readonly LabCable[];
}

/** What each node of a lab is told, by node of the graph, so that it does what the fabric does. */
export function labCommands(
  scenario: Scenario,
  settings: FabricSettings,
  { graph, cables, hasFrr, notes }: LabOptions,
): string[][] {
  const { plan } = new Datacenter(scenario, settings, { folder: null, version: '', digest: '' });
  const silent = graph.nodes.map(() => [] as string[]);
  if (graph.nodes.length > LAB_NODES_MAX || plan.vmServer.length > LAB_VMS_MAX) {
    const limit = `${LAB_NODES_MAX} nodes or ${LAB_VMS_MAX} VMs`;
    notes.add(`more than ${limit}: nodes and links are exported, but not what the fabric does`);
    return silent;
  }
  if (settings.kind === 'vlan-mlag' || ('mlag' in settings && settings.mlag)) {
    notes.add('the Linux bridge has no MLAG: nodes and links are exported, but not what the fabric does');
    return silent;
  }
  if (scenario.gateway !== null) notes.add('gateways between segments are not exported');
  if (scenario.migrations.random !== null || scenario.migrations.list.length > 0) {
    notes.add('VMs stay where they start: migrations are not exported');
  }
  if (scenario.failures.length > 0) notes.add('failures are not exported');
  const ports = graph.nodes.map((): LabPort[] => []);
  for (const [cable, { a, b }] of cables.entries()) {
    ports[a.node]!.push({ interfaceName: a.interfaceName, cable, peer: b.node });
    ports[b.node]!.push({ interfaceName: b.interfaceName, cable, peer: a.node });
  }
  const lab: LabPlan = { plan, graph, mtuBytes: scenario.topology.switches.mtuBytes, hasFrr, notes, ports };
  return 'vteps' in settings ? vxlanCommands(lab, settings) : vlanCommands(lab, settings);
}
