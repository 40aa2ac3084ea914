import type { Devices } from '../device/devices.ts';
import type { Fabric } from './fabric.ts';
import type { DatacenterPlan } from './plan.ts';
import { withLeafPeerLinks, withPeerLinks } from './switch-pairs.ts';
import { VlanFabric, type VlanSettings } from './vlan-fabric.ts';
import { VxlanFabric, type VxlanSettings } from './vxlan-fabric.ts';

/** The plan with the links that the design adds to it, behind all others. */
export function planOfFabric(plan: DatacenterPlan, settings: VlanSettings | VxlanSettings): DatacenterPlan {
  const { mlag = null } = settings;
  if (mlag === null) return plan;
  return 'vteps' in settings ? withLeafPeerLinks(plan, mlag.peerLink) : withPeerLinks(plan, mlag.peerLink);
}

/** Builds the datacenter of a plan in the design that the settings name, out of devices that nobody has used yet. */
export function buildFabric(devices: Devices, plan: DatacenterPlan, settings: VlanSettings | VxlanSettings): Fabric {
  return 'vteps' in settings ? new VxlanFabric(devices, plan, settings) : new VlanFabric(devices, plan, settings);
}
