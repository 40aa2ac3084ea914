import type { Devices } from '../device/devices.ts';
import { Limit } from '../device/limits.ts';
import { ENDPOINT_IP_FIRST } from './addressing.ts';
import type { EvpnControlPlane } from './evpn-control-plane.ts';
import { hardwareOf } from './hardware.ts';
import { addMulticastGroups, GROUP_PER_SEGMENT } from './multicast-groups.ts';
import type { DatacenterPlan } from './plan.ts';
import { type SegmentChange, SegmentMembership } from './segment-membership.ts';
import { highestSwitches } from './switch-tiers.ts';
import type { Vteps } from './vteps.ts';
import type { VxlanSettings } from './vxlan-settings.ts';

/** An overlay whose VTEPs are to carry segments. */
interface CarryingOverlay {
  readonly devices: Devices;
  readonly plan: DatacenterPlan;
  readonly settings: VxlanSettings;
  /** Indexed by switch: the network's nodes. */
  readonly switchNodes: readonly number[];
  readonly vteps: Vteps;
  readonly controlPlane: EvpnControlPlane | null;
  readonly onJoined: SegmentChange;
  readonly onLeft: SegmentChange;
}

/** Where VTEPs flood: to the segment's group, to each other VTEP that carries it, or to switches that replicate. */
export function addMembership(overlay: CarryingOverlay): SegmentMembership {
  const { devices, plan, settings, vteps, controlPlane, onJoined, onLeft } = overlay;
  const { network, tunnels } = devices;
  const evpn = controlPlane?.evpn ?? null;
  const hardwareAt = (tunnel: number) => hardwareOf(settings, vteps.ownerOf(tunnel).tier);
  const membership = new SegmentMembership(tunnels, {
    segmentCount: plan.segments.length,
    groups: settings.replication === 'multicast' ? addGroups(overlay) : null,
    replicators: settings.replication === 'assisted' ? addReplicators(overlay) : null,
    onLeft,
    onJoined,
    source: evpn,
    onRefused: (tunnel, limit) => {
      network.limits.hit(Limit[limit], network.nodeOf(tunnels.portOf(tunnel)), network.simulation.nowNs, 1);
    },
    vnisMax: (tunnel) => hardwareAt(tunnel).vnis,
    groupsMax: (tunnel) => hardwareAt(tunnel).multicastGroups ?? null,
  });
  if (evpn !== null) {
    // each site has a membership of its own
    const { onMayLeave } = evpn;
    evpn.onMayLeave = (tunnel, segment) => {
      onMayLeave?.(tunnel, segment);
      membership.release(tunnel, segment);
    };
  }
  return membership;
}

/** An endpoint at each switch that replicates. */
function addReplicators({ devices, plan, settings, switchNodes }: CarryingOverlay): number[] {
  const { underlay, tunnels } = devices;
  const { switches } = plan;
  const named = settings.replicators;
  const indices = named?.map((name) => switches.findIndex(({ id }) => id === name)) ?? highestSwitches(switches);
  return indices.map((index) => {
    const endpoint = underlay.addEndpoint(switchNodes[index], ENDPOINT_IP_FIRST + underlay.endpointCount);
    tunnels.addReplicator(endpoint);
    return endpoint;
  });
}

/** The group of each segment; routers' tables of multicast routes are as large as their hardware says. */
function addGroups({ devices, plan, settings, switchNodes }: CarryingOverlay): number[] {
  for (const [index, { tier }] of plan.switches.entries()) {
    const { mroutes = null } = hardwareOf(settings, tier);
    if (mroutes !== null) devices.underlay.multicast.state.limit(switchNodes[index], mroutes);
  }
  return addMulticastGroups(devices, plan, switchNodes, settings.multicast ?? GROUP_PER_SEGMENT);
}
