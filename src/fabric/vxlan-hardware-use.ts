import type { Devices } from '../device/devices.ts';
import type { GatewayUse } from './fabric.ts';
import { type HardwareUse, hardwareOf, hostEntriesUse } from './hardware.ts';
import type { DatacenterPlan } from './plan.ts';
import type { Membership } from './site-borders.ts';
import type { Vteps } from './vteps.ts';
import type { VxlanGateways } from './vxlan-gateways.ts';
import type { VxlanSettings } from './vxlan-settings.ts';

/** An overlay whose devices have limits. */
interface LimitedOverlay {
  readonly devices: Devices;
  readonly plan: DatacenterPlan;
  readonly settings: VxlanSettings;
  /** Indexed by switch: the network's nodes. */
  readonly switchNodes: readonly number[];
  readonly vteps: Vteps;
  readonly membership: Membership;
  readonly gateways: VxlanGateways;
}

/** What each device of an overlay uses of the limits that its hardware sets. */
export function vxlanHardwareUse(overlay: LimitedOverlay): HardwareUse[] {
  const { settings, gateways, vteps } = overlay;
  const gatewayUse: GatewayUse[] = gateways.uses();
  const tunnels = Array.from({ length: vteps.tunnelCount }, (_, tunnel) => tunnel);
  return [
    ...hostEntriesUse(settings, gatewayUse),
    ...tunnels.flatMap((tunnel) => tunnelUse(overlay, tunnel)),
    ...multicastUse(overlay),
  ];
}

/** Most multicast routes of switches at a time. */
function multicastUse({ devices, plan, settings, switchNodes }: LimitedOverlay): HardwareUse[] {
  const { multicast } = devices.underlay;
  return plan.switches.flatMap(({ id, tier }, index): HardwareUse[] => {
    const { mroutes = null } = hardwareOf(settings, tier);
    if (mroutes === null || multicast.groupCount === 0) return [];
    const used = multicast.state.entriesMax(switchNodes[index]);
    return [{ owner: id, tier, resource: 'mroutes', used, limit: mroutes, refused: [] }];
  });
}

function tunnelUse(overlay: LimitedOverlay, tunnel: number): HardwareUse[] {
  const { devices, settings, vteps, membership, gateways } = overlay;
  const { owner, tier } = vteps.ownerOf(tunnel);
  const { vtepPeers, vnis, multicastGroups = null } = hardwareOf(settings, tier);
  const peers = devices.tunnels.peersOf(tunnel);
  const labels = membership.refusedBy(tunnel).map((segment) => `${settings.vniBase + segment}`);
  const uses: HardwareUse[] = [];
  if (vtepPeers !== null && peers !== null) {
    const refused = [...peers.refused].map((endpoint) => vteps.ownerOfEndpoint(endpoint));
    uses.push({ owner, tier, resource: 'vtep_peers', used: peers.knownCount, limit: vtepPeers, refused });
  }
  if (vnis !== null) {
    const used = membership.carriedCount(tunnel) + (gateways.anycast?.l3VniCount(tunnel) ?? 0);
    uses.push({ owner, tier, resource: 'vnis', used, limit: vnis, refused: labels });
  }
  if (multicastGroups !== null && settings.replication === 'multicast') {
    const used = membership.joinedGroupCount(tunnel);
    uses.push({ owner, tier, resource: 'multicast_groups', used, limit: multicastGroups, refused: labels });
  }
  return uses;
}
