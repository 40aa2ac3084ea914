import { SWITCH_MAC_FIRST } from '../fabric/addressing.ts';
import { IEEE_802_1D } from '../protocol/spanning-tree/parameters.ts';
import type { VlanFabricSettings } from '../scenario/scenario.ts';
import { formatMac } from '../wire/mac-address.ts';
import { addBridge, addTrunk, addUplink, addVms, type LabPlan, vlanRange } from './lab-parts.ts';

const NS_PER_CENTISECOND = 1e7;

/** VLANs on the Linux bridge, with its spanning tree of 1998. */
export function vlanCommands(lab: LabPlan, settings: VlanFabricSettings): string[][] {
  const { plan, graph, ports, mtuBytes, notes } = lab;
  const { spanningTree, macAgeingNs, kind, reach } = settings;
  if (spanningTree !== null && kind !== 'vlan-stp') {
    notes.add('the Linux bridge speaks the spanning tree of 1998 alone: the fabric is exported with that', kind);
  }
  if (reach !== 'everywhere') notes.add('every VLAN is on every trunk of the export', `reach: ${reach}`);
  const vlans = vlanRange(plan.segments.length);
  return graph.nodes.map((_, node) => {
    const server = node - plan.switches.length;
    if (server >= 0) return [...addBridge(), ...addUplink(ports[node]!, vlans, lab), ...addVms(lab, server)];
    const ageing = ` ageing_time ${Math.round(macAgeingNs / NS_PER_CENTISECOND)}`;
    return [
      ...addBridge({
        // in the order of switches, as the simulator gives them: the same bridge wins a tie
        address: formatMac(plan.switches[node]!.mac ?? SWITCH_MAC_FIRST + node),
        options: `${ageing}${spanningTree === null ? '' : treeOptions(lab, spanningTree, node)}`,
      }),
      ...ports[node]!.flatMap(({ interfaceName, cable }) => {
        const { rateBitsPerSec, cost } = graph.links[cable]!;
        const pathCost = cost ?? IEEE_802_1D.pathCostOf(rateBitsPerSec);
        return [
          ...addTrunk(interfaceName, vlans, mtuBytes),
          ...(spanningTree === null ? [] : [`ip link set ${interfaceName} type bridge_slave cost ${pathCost}`]),
        ];
      }),
    ];
  });
}

/** Priority and timers of a bridge. */
function treeOptions({ graph }: LabPlan, tree: NonNullable<VlanFabricSettings['spanningTree']>, node: number): string {
  const { id, stpPriority } = graph.nodes[node]!;
  const isRoot = 'rootSwitch' in tree && tree.rootSwitch === id;
  const priority = isRoot ? tree.rootPriority : (stpPriority ?? tree.priority);
  const times = { hello_time: tree.helloTimeNs, max_age: tree.maxAgeNs, forward_delay: tree.forwardDelayNs };
  const timers = Object.entries(times).map(([name, ns]) => ` ${name} ${Math.round(ns / NS_PER_CENTISECOND)}`);
  return ` stp_state 1 priority ${priority}${timers.join('')}`;
}
