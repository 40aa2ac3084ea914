import type { Devices } from '../device/devices.ts';
import type { Fabric } from './fabric.ts';
import type { DatacenterPlan } from './plan.ts';
import { VlanFabric, type VlanSettings } from './vlan-fabric.ts';
import { VxlanFabric, type VxlanSettings } from './vxlan-fabric.ts';

/** Builds the datacenter of a plan in the design that the settings name, out of devices that nobody has used yet. */
export function buildFabric(devices: Devices, plan: DatacenterPlan, settings: VlanSettings | VxlanSettings): Fabric {
  return 'vteps' in settings ? new VxlanFabric(devices, plan, settings) : new VlanFabric(devices, plan, settings);
}
