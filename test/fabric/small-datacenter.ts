import type { EvpnSettings } from '../../src/fabric/evpn-control-plane.ts';
import type { DatacenterPlan } from '../../src/fabric/plan.ts';
import type { RapidTreeSettings } from '../../src/fabric/rapid-trees.ts';
import type { VlanSettings, VlanSpanningTreeSettings } from '../../src/fabric/vlan-fabric.ts';
import type { VxlanSettings } from '../../src/fabric/vxlan-fabric.ts';
import { DF_WAIT_NS } from '../../src/protocol/evpn/designated-forwarder.ts';
import { DEFAULT_DUPLICATE_DETECTION } from '../../src/protocol/evpn/duplicate-detection.ts';
import { KEEP_NS } from '../../src/protocol/evpn/evpn-vtep.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { parseIpv4 } from '../../src/wire/ipv4-address.ts';
import { ENTROPY_PORT_COUNT } from '../../src/wire/vxlan.ts';

/** A leaf-spine datacenter for tests: leaves come first among the switches, servers go rack by rack. */
export interface SmallDatacenter {
  leafCount?: number;
  spineCount?: number;
  serversPerLeaf?: number;
  /** The tenant of each segment; segment s has the subnet 10.0.s.0/24. */
  tenants?: readonly number[];
  /** Server and segment of each VM. */
  vms?: readonly (readonly [server: number, segment: number])[];
  /** The leaf with the gateway. */
  gatewayLeaf?: number | null;
  /** Whether the gateway routes between tenants; by default it does not. */
  betweenTenants?: boolean;
}

export function smallDatacenter({
  leafCount = 3,
  spineCount = 2,
  serversPerLeaf = 2,
  tenants = [0],
  vms = [],
  gatewayLeaf = null,
  betweenTenants = false,
}: SmallDatacenter): DatacenterPlan {
  const leaves = Array.from({ length: leafCount }, (_, i) => ({
    id: `leaf${i + 1}`,
    tier: 'leaf' as const,
    holdsVtep: true,
  }));
  const spines = Array.from({ length: spineCount }, (_, i) => ({
    id: `spine${i + 1}`,
    tier: 'spine' as const,
    holdsVtep: false,
  }));
  const rate = { rateBitsPerSec: 10e9, delayNs: 500 };
  return {
    switches: [...leaves, ...spines].map((one) => ({ ...one, pod: 0, mac: null, stpPriority: null })),
    links: leaves.flatMap((leaf, a) =>
      spines.map((spine, s) => ({ id: `${leaf.id}-${spine.id}`, a, b: leafCount + s, ...rate, pathCost: null })),
    ),
    servers: Array.from({ length: leafCount * serversPerLeaf }, (_, i) => ({
      id: `server${i + 1}`,
      switchIndex: Math.floor(i / serversPerLeaf),
      secondSwitchIndex: null,
      ...rate,
    })),
    switchDelayNs: 800,
    bufferBytes: 1_000_000,
    bondMiimonNs: milliseconds(100),
    segments: tenants.map((tenant, segment) => ({
      subnet: parseIpv4(`10.0.${segment}.0`),
      prefixLength: 24,
      tenant,
    })),
    vmServer: Int32Array.from(vms, ([server]) => server),
    vmSegment: Int32Array.from(vms, ([, segment]) => segment),
    vmIp: (vm) => parseIpv4(`10.0.${vms[vm][1]}.${vm + 1}`),
    vmMac: (vm) => 0x0200_0000_0001 + vm,
    gateway:
      gatewayLeaf === null
        ? null
        : { switchIndex: gatewayLeaf, ...rate, betweenTenants, arpTimeoutNs: seconds(14_400) },
  };
}

/** VLANs with spanning tree, the standard's times, spine1 root. */
export const VLAN_STP: VlanSettings & { readonly spanningTree: VlanSpanningTreeSettings } = {
  kind: 'vlan-stp',
  name: 'vlan-stp',
  macAgeingNs: seconds(300),
  macTableSize: null,
  reach: 'everywhere',
  spanningTree: {
    implementation: 'ieee-802.1d',
    rootSwitch: 'spine1',
    rootPriority: 4096,
    priority: 32_768,
    helloTimeNs: seconds(2),
    maxAgeNs: seconds(20),
    forwardDelayNs: seconds(15),
  },
};

/** VLANs over pairs of switches that act as one. */
export const VLAN_MLAG: VlanSettings = {
  ...VLAN_STP,
  kind: 'vlan-mlag',
  name: 'vlan-mlag',
  spanningTree: null,
  mlag: {
    peerLink: { count: 2, rateBitsPerSec: 10e9, delayNs: 500 },
    macSync: { delayNs: milliseconds(10), perSecond: null },
    restoreDelayNs: seconds(30),
  },
};

/** VLANs with rapid spanning trees, the standard's times; spine1, and where there are several trees spine2, root. */
export function rapidVlans(
  protocol: RapidTreeSettings['protocol'],
  more: Partial<RapidTreeSettings> = {},
): VlanSettings {
  const rootSwitches = protocol === 'rstp' ? ['spine1'] : ['spine1', 'spine2'];
  return {
    kind: `vlan-${protocol}`,
    name: `vlan-${protocol}`,
    macAgeingNs: seconds(300),
    macTableSize: null,
    reach: 'everywhere',
    spanningTree: {
      protocol,
      implementation: 'ieee-802.1q',
      rootSwitches,
      rootPriority: 4096,
      priority: 32_768,
      helloTimeNs: seconds(2),
      maxAgeNs: seconds(20),
      forwardDelayNs: seconds(15),
      transmitHoldCount: 6,
      edgePorts: true,
      bpduGuard: false,
      rootGuard: false,
      maxHops: 20,
      instances: protocol === 'mstp' ? rootSwitches.map(() => ({ vlans: null, rootSwitch: null })) : [],
      ...more,
    },
  };
}

/** VXLAN from the leaves with ingress replication. */
export const VXLAN: VxlanSettings = {
  kind: 'vxlan-flood-learn',
  name: 'vxlan',
  macAgeingNs: seconds(300),
  macTableSize: null,
  vteps: 'leaf',
  replication: 'ingress',
  underlay: 'ipv4',
  vniBase: 10_000,
  sourcePortCount: ENTROPY_PORT_COUNT,
  convergenceNs: milliseconds(200),
};

/** EVPN as FRR 8.4 has it with the timers of its datacenter profile. */
export const FRR_EVPN: EvpnSettings = {
  sessions: 'ebgp',
  implementation: 'frr-8.4',
  learnsIpAddresses: true,
  suppressesArp: true,
  refreshesStations: false,
  unknownUnicast: 'flood',
  holdNs: milliseconds(50),
  mraiNs: 0,
  learnNs: milliseconds(1),
  installNs: milliseconds(10),
  installsPerSecond: null,
  connectNs: seconds(1),
  announceNs: milliseconds(100),
  sessionLossNs: milliseconds(20),
  duplicates: { ...DEFAULT_DUPLICATE_DETECTION, action: 'warn' },
};

export const EVPN: VxlanSettings = { ...VXLAN, kind: 'vxlan-evpn', name: 'evpn', evpn: FRR_EVPN };

/** VXLAN from leaves that act as one where they share servers. */
export const VXLAN_MLAG: VxlanSettings = { ...VXLAN, name: 'vxlan-mlag', mlag: VLAN_MLAG.mlag ?? null };

/** Servers on two leaves are Ethernet segments. */
export const EVPN_SEGMENTS: VxlanSettings = {
  ...EVPN,
  name: 'evpn-segments',
  evpn: {
    ...FRR_EVPN,
    implementation: 'rfc-7432',
    refreshesStations: true,
    multihoming: {
      algorithm: 'modulo',
      dfWaitNs: DF_WAIT_NS,
      keepNs: KEEP_NS,
      isPrefixIndependent: true,
      startupDelayNs: seconds(10),
      tracksUplinks: true,
    },
  },
};

/** EVPN over leaves that act as one where they share servers. */
export const EVPN_MLAG: VxlanSettings = { ...EVPN, name: 'evpn-mlag', mlag: VLAN_MLAG.mlag ?? null };
