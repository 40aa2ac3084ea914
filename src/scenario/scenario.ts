import { RandomStreams } from '../engine/random.ts';
import type { HardwareLimits, PortSecurity } from '../fabric/hardware.ts';
import type { MlagSettings } from '../fabric/mlag.ts';
import type { MulticastSettings } from '../fabric/multicast-groups.ts';
import type { MultihomingSettings } from '../fabric/multihoming-settings.ts';
import type { PvstTreeSettings, RapidTreeSettings } from '../fabric/rapid-trees.ts';
import type { StormControlSettings } from '../fabric/storm-control.ts';
import type { SwitchTier } from '../fabric/switch-tiers.ts';
import type { CountDistribution } from '../workload/count-distribution.ts';
import type { FlowSizePoint } from '../workload/flow-size-distribution.ts';
import type { Lifetimes } from '../workload/lifetimes.ts';
import { countSegments, drawTenantSizes, type TenantKind, type TenantSizes } from '../workload/tenant-sizes.ts';

/**
 * A run as the simulator understands it: every default filled in, every value with a unit an integer in the unit that
 * its name ends with. Plain data; `null` stands for "none" or "no limit". `schema.ts` describes the file it comes from.
 */
export interface Scenario {
  /** Of its file, without folder and extension: names the folder of its results. */
  readonly name: string;
  readonly title: string;
  /** What the run is meant to find out. */
  readonly question: string;
  readonly seed: number;
  /** Times that each fabric is simulated, each with a seed of its own; see `replications.ts`. */
  readonly replications: number;
  /** How long the datacenter is simulated. */
  readonly durationNs: number;
  /** Simulated time at the beginning that summaries leave out; 0 is none. */
  readonly warmUpNs: number;
  readonly topology: Topology;
  /** Each is simulated on its own, with the same VMs, traffic, migrations and failures. Never empty. */
  readonly fabrics: readonly FabricSettings[];
  readonly gateway: GatewaySettings | null;
  readonly outside: OutsideSettings | null;
  /** VMs are numbered through this list: by tenant, by replica, by segment. */
  readonly tenants: readonly Tenant[];
  readonly placement: Placement;
  /** null: all VMs are there from the start and stay. */
  readonly growth: Growth | null;
  readonly traffic: Traffic;
  readonly hosts: Hosts;
  readonly migrations: Migrations;
  /** In the order of the file, not of time. */
  readonly failures: readonly Failure[];
  readonly attacks: readonly Attack[];
  /** Whether copies of floods that nobody reacts to are events of their own. */
  readonly exactFloods: boolean;
  readonly samples: { readonly everyNs: number };
  /** Floods and migrations that are followed hop by hop. */
  readonly trace: { readonly floodCount: number; readonly migrationCount: number };
}

export type Topology = GeneratedTopology | ExplicitTopology;

/** Topologies that follow from a few numbers; `topology-generators.ts` makes the parts. */
export type GeneratedTopology = LeafSpineTopology | ClosTopology | ThreeTierTopology | FatTreeTopology | SitesTopology;

/** To how many switches a server is cabled. */
export type ServerHoming = 'single' | 'dual';

/** What all generated topologies say. */
interface GeneratedSettings {
  readonly serverLink: LinkSettings;
  /** Links between switches with servers and the switches above them; others have it too where they have none of their own. */
  readonly fabricLink: LinkSettings;
  readonly serverHoming: ServerHoming;
  readonly switches: SwitchSettings;
}

/** Every leaf is cabled to every spine. */
export interface LeafSpineTopology extends GeneratedSettings {
  readonly kind: 'leaf-spine';
  readonly leafCount: number;
  readonly spineCount: number;
  readonly serversPerLeaf: number;
  /** Parallel links between each leaf and each spine. */
  readonly uplinksPerSpine: number;
}

/** Pods of leaves and spines under planes of super-spines. */
export interface ClosTopology extends GeneratedSettings {
  readonly kind: 'clos-5-stage';
  readonly podCount: number;
  readonly leavesPerPod: number;
  readonly spinesPerPod: number;
  readonly superSpinesPerPlane: number;
  readonly serversPerLeaf: number;
  /** Links between spines and super-spines. */
  readonly coreLink: LinkSettings;
}

/** Blocks of access switches under a pair of aggregation switches, and a core. */
export interface ThreeTierTopology extends GeneratedSettings {
  readonly kind: 'three-tier';
  readonly blockCount: number;
  readonly accessPerBlock: number;
  readonly serversPerAccess: number;
  readonly coreCount: number;
  /** Whether the two aggregation switches of a block are cabled to each other. */
  readonly isAggregationJoined: boolean;
  /** Links between aggregation and core, and between the two of a pair. */
  readonly coreLink: LinkSettings;
}

export interface FatTreeTopology extends GeneratedSettings {
  readonly kind: 'fat-tree';
  /** Ports of every switch. */
  readonly k: number;
}

/** Leaf-spines joined by links between their border switches. */
export interface SitesTopology extends GeneratedSettings {
  readonly kind: 'sites';
  readonly siteCount: number;
  /** Of each site, as are the other counts. */
  readonly leafCount: number;
  readonly spineCount: number;
  readonly serversPerLeaf: number;
  readonly uplinksPerSpine: number;
  readonly bordersPerSite: number;
  readonly dci: LinkSettings & { readonly layout: 'full-mesh' | 'chain' };
}

export interface ExplicitTopology {
  readonly kind: 'explicit';
  readonly switchList: readonly ExplicitSwitch[];
  readonly linkList: readonly ExplicitLink[];
  readonly serverList: readonly ExplicitServer[];
  readonly switches: SwitchSettings;
}

export interface LinkSettings {
  readonly rateBitsPerSec: number;
  /** Propagation, one way. */
  readonly delayNs: number;
}

/** What all switches share. */
export interface SwitchSettings {
  /** From the last bit in to the first bit out of an idle port. */
  readonly delayNs: number;
  /** Of each egress port; what does not fit is dropped. */
  readonly bufferBytes: number;
  /** Largest layer-2 payload of a link between switches. */
  readonly mtuBytes: number;
  /** Time between two looks of a dual-homed server at the links of its bond. */
  readonly bondMiimonNs: number;
}

export interface ExplicitSwitch {
  readonly id: string;
  readonly role: SwitchTier;
  /** Bridge priority unless a fabric makes this switch its root; null takes the fabric's. */
  readonly stpPriority: number | null;
  /** Bridge address as 02:00:5e:00:01:01, lower case; null lets the simulator choose. */
  readonly mac: string | null;
}

export interface ExplicitLink extends LinkSettings {
  /** As failures name it: `a-b`, and `a-b#2` for the second link between the same two switches. */
  readonly id: string;
  readonly a: string;
  readonly b: string;
  /** Spanning-tree port path cost of both ends; null derives it from the rate. */
  readonly pathCost: number | null;
}

export interface ExplicitServer extends LinkSettings {
  readonly id: string;
  /** The switch it is cabled to. */
  readonly at: string;
  /** The second switch of a dual-homed server. */
  readonly secondAt: string | null;
}

export type FabricKind = FabricSettings['kind'];
export type FabricSettings = VlanFabricSettings | VxlanFabricSettings;

/** What a table of learned addresses does. */
export interface MacLearning {
  /** A learned address is forgotten when it has not been heard for this long. */
  readonly macAgeingNs: number;
  /** Learned addresses that a switch holds; null is no limit. A full table learns nothing new until one ages out. */
  readonly macTableSize: number | null;
  /** What the switches of a tier hold, by tier; `macTableSize` goes before their tables. */
  readonly hardware: Readonly<Record<string, HardwareLimits>>;
  readonly portSecurity: PortSecurity | null;
  readonly stormControl: StormControlSettings | null;
}

/** One layer-2 domain with a VLAN per segment; `spanningTree` is null without spanning tree, and `mlag` without pairs. */
export interface VlanFabricSettings extends MacLearning {
  readonly kind: 'vlan-stp' | 'vlan-no-stp' | 'vlan-mlag' | 'vlan-rstp' | 'vlan-pvst' | 'vlan-rapid-pvst' | 'vlan-mstp';
  readonly name: string;
  readonly spanningTree: SpanningTreeSettings | PvstTreeSettings | RapidTreeSettings | null;
  readonly mlag?: MlagSettings | null;
  readonly reach: 'everywhere' | 'pruned' | 'pod' | 'mvrp';
}

export interface SpanningTreeSettings {
  /** Whose details are followed where the standard and practice differ. */
  readonly implementation: 'ieee-802.1d' | 'linux-6.18';
  /** The switch that is given `rootPriority`; null leaves the election to the addresses. */
  readonly rootSwitch: string | null;
  readonly rootPriority: number;
  /** Bridge priority of every other switch that names none. */
  readonly priority: number;
  readonly helloTimeNs: number;
  readonly maxAgeNs: number;
  readonly forwardDelayNs: number;
}

/**
 * A routed underlay with ECMP, and an overlay with a VNI per segment, which learns from flooded frames (RFC 7348) or is told
 * by EVPN (RFC 8365).
 */
export interface VxlanFabricSettings extends MacLearning {
  readonly kind: 'vxlan-flood-learn' | 'vxlan-multicast' | 'vxlan-evpn';
  readonly name: string;
  readonly vteps: 'leaf' | 'hypervisor';
  readonly replication: 'ingress' | 'multicast' | 'assisted';
  /** Switches that replicate, if it is assisted; null: those of the highest tier. */
  readonly replicators: readonly string[] | null;
  /** How, if by multicast. */
  readonly multicast: MulticastSettings | null;
  readonly underlay: 'ipv4' | 'ipv6';
  /** VNI of the first segment; the others follow. */
  readonly vniBase: number;
  /** What joins the sites of a topology that has some. */
  readonly sites: 'end-to-end' | 'border-gateways';
  /** Different UDP source ports that a VTEP spreads flows over. */
  readonly sourcePortCount: number;
  /** From a failure until the underlay's routers have agreed on the new paths; after a repair, less `detectionNs`. */
  readonly convergenceNs: number;
  /** From a failure until the routers at the dead link stop using it. */
  readonly detectionNs: number;
  /** Time that a router takes to write a route, one after the other; 0 writes all that changed at once. */
  readonly routeNs: number;
  /** null where VTEPs learn from floods. */
  readonly evpn: EvpnFabricSettings | null;
  /** How leaves route between segments; null where one gateway does. */
  readonly anycast: { readonly irb: 'asymmetric' | 'symmetric'; readonly subnetPrefixes: boolean } | null;
  /** Leaves that share dual-homed servers act as one; null leaves each on its own. */
  readonly mlag: MlagSettings | null;
}

/** How EVPN is run. */
export interface EvpnFabricSettings {
  readonly sessions: 'ebgp' | 'route-reflectors';
  readonly implementation: 'frr-8.4' | 'rfc-7432';
  readonly learnsIpAddresses: boolean;
  readonly suppressesArp: boolean;
  readonly refreshesStations: boolean;
  readonly unknownUnicast: 'flood' | 'drop';
  /** From the first change in a speaker until it is sent. */
  readonly holdNs: number;
  readonly mraiNs: number;
  readonly learnNs: number;
  readonly installNs: number;
  /** null is no limit. */
  readonly installsPerSecond: number | null;
  readonly connectNs: number;
  readonly announceNs: number;
  readonly sessionLossNs: number;
  readonly duplicates: {
    readonly movesMax: number;
    readonly windowNs: number;
    readonly action: 'warn' | 'freeze';
    /** null is for ever. */
    readonly recoveryNs: number | null;
  };
  /** Servers on two leaves as Ethernet segments; null: one of their links stands by. */
  readonly multihoming: MultihomingSettings | null;
}

/** One router on one switch that carries traffic between segments. */
export interface GatewaySettings {
  readonly at: string;
  readonly rateBitsPerSec: number;
  readonly delayNs: number;
  /** How long the gateway trusts an ARP entry before it asks again. */
  readonly arpTimeoutNs: number;
  /** Whether VMs of different tenants reach each other through it. */
  readonly betweenTenants: boolean;
}

/** Another network, behind routers at border leaves. */
export interface OutsideSettings {
  readonly at: readonly string[];
  readonly rateBitsPerSec: number;
  readonly delayNs: number;
  /** 0…1: flows of VMs that go there. */
  readonly share: number;
}

export type Tenant = TenantKind;

export interface Placement {
  readonly policy: 'spread' | 'random' | 'pack' | 'tenant-affinity';
  /** null is no limit. */
  readonly vmsPerServerMax: number | null;
  /** VMs of one segment on one server, and in one rack; null is no limit. */
  readonly segmentVmsPerServerMax: number | null;
  readonly segmentVmsPerRackMax: number | null;
}

/** VMs that are there from the start, VMs that come later, and how long they live. */
export interface Growth {
  /** A number of VMs, or a share of those that the tenants have. */
  readonly initial: { readonly vms: number } | { readonly ratio: number };
  readonly arrivals: { readonly perSecond: number } | { readonly allByNs: number } | null;
  readonly lifetimes: Lifetimes;
}

export interface Traffic {
  readonly flowsPerVmPerSecond: number;
  readonly flowSizesName: 'web-search' | 'data-mining' | 'facebook-hadoop' | 'fixed' | 'cdf';
  readonly flowSizes: readonly FlowSizePoint[];
  /** Pace of one flow. */
  readonly flowRateBitsPerSec: number;
  /** 0…1: flows that go to another segment of the tenant, through the gateway. */
  readonly interSegmentRatio: number;
  /** 0…1: flows that go to another tenant, through the gateway. */
  readonly interTenantRatio: number;
  /** Different VMs that a VM talks to. */
  readonly peersPerVm: CountDistribution;
  /** 0…1: those of a VM's peers in its segment that are in its rack, where there are so many. */
  readonly peersInRackRatio: number;
  /** 0…1: VMs that only answer ARP. */
  readonly silentVmsRatio: number;
  /** Frames of one flow that may travel as one event. */
  readonly framesPerTrainMax: number;
}

export interface Hosts {
  readonly arpProfile: ArpProfile;
  readonly gratuitousArpAtBoot: boolean;
  /** VMs boot at random moments of the `bootWindowNs` that begin at `bootStartNs`. */
  readonly bootStartNs: number;
  readonly bootWindowNs: number;
  /** Largest IP packet of a VM. */
  readonly mtuBytes: number;
}

/** `linux` asks its peer again by unicast every 30 s or so; `nx-os` trusts an answer for 1500 s, `ios-eos` for 4 h. */
export type ArpProfile = 'linux' | 'ios-eos' | 'nx-os';

export interface Migrations {
  readonly random: RandomMigrations | null;
  readonly list: readonly PlannedMigration[];
  readonly memoryBytes: number;
  readonly dirtyRateBitsPerSec: number;
  /** Most that a later round copies; null is all memory. */
  readonly workingSetBytes: number | null;
  /** Most that one copy takes. */
  readonly bandwidthBitsPerSec: number;
  readonly copiesOver: 'fabric' | 'own-network';
  /** 0…1: the part of a link's rate that copies may take. */
  readonly copyShareOfLink: number;
  /** Copying goes on in rounds until the last round fits in this pause. */
  readonly downtimeLimitNs: number;
  /** Copying is given up after so many rounds or so long; null is no limit. */
  readonly roundsMax: number | null;
  readonly copyNsMax: number | null;
  readonly onGiveUp: 'abort' | 'force';
  /** And when it finds no path for this long. */
  readonly stallNsMax: number;
  readonly beyondReach: 'refuse' | 'readdress';
  readonly announce: 'rarp' | 'garp' | 'both' | 'none';
  /** Time between the datagrams that measure a migrating VM's outage; null sends none. */
  readonly probeEveryNs: number | null;
  /** 0…1: announcements that are lost. */
  readonly announcementLossRatio: number;
}

export interface RandomMigrations {
  readonly count: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly destination: 'any' | 'same-rack' | 'other-rack';
}

export interface PlannedMigration {
  readonly vm: string;
  readonly to: string;
  readonly atNs: number;
}

/** Frames from random sources, as macof sends them. Exactly one of `vm` and `server` is not null. */
export interface Attack {
  readonly kind: 'macof' | 'broadcast-storm';
  readonly vm: string | null;
  readonly server: string | null;
  readonly startNs: number;
  readonly stopNs: number;
  readonly framesPerSecond: number;
  /** Different source addresses. */
  readonly sourceCount: number;
}

export type FailureKind = 'link' | 'switch' | 'server' | 'rack';

/** Something that fails once, or failures by chance. */
export type Failure = NamedFailure | RandomFailure;

export interface NamedFailure {
  readonly kind: FailureKind;
  /** Of the link, switch or server; of a rack, its switch. */
  readonly id: string;
  readonly atNs: number;
  /** null: it stays down. */
  readonly restoreAfterNs: number | null;
}

export interface RandomFailure {
  readonly kind: 'random';
  readonly what: FailureKind;
  /** Exactly one of these is not null. */
  readonly count: number | null;
  readonly meanTimeBetweenNs: number | null;
  readonly startNs: number;
  readonly endNs: number;
  /** null: what fails stays down. */
  readonly restoreAfterNs: number | null;
  /** Whether that is the same each time, or the mean of an exponential distribution. */
  readonly repair: 'fixed' | 'exponential';
}

/** What sizes depend on. */
type Tenancy = Pick<Scenario, 'tenants' | 'seed'>;

/** Segments of all tenants: VLANs or VNIs that a fabric needs. */
export function segmentCount({ tenants, seed }: Tenancy): number {
  return countSegments(tenants, new RandomStreams(seed));
}

/** The size of each segment; VMs are named `vm1` to `vm<vmCount>`. */
export function tenantSizes({ tenants, seed }: Tenancy): TenantSizes {
  return drawTenantSizes(tenants, new RandomStreams(seed));
}

/** VMs that are there from the start, of all that the tenants have. */
export function initialVmsOf({ initial }: Growth, vmCount: number): number {
  return 'vms' in initial ? Math.min(initial.vms, vmCount) : Math.round(initial.ratio * vmCount);
}
