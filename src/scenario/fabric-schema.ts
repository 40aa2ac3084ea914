import * as z from 'zod';
import { PORT_VIOLATIONS } from '../device/port-violation.ts';
import { RAPID_IMPLEMENTATIONS } from '../protocol/multiple-spanning-tree/parameters.ts';
import { ENTROPY_PORT_COUNT, VNI_MAX } from '../wire/vxlan.ts';
import { mlagFields } from './mlag-schema.ts';
import { multicastFields } from './multicast-schema.ts';
import { ethernetSegmentsSchema } from './multihoming-schema.ts';
import { duration, rate } from './quantity.ts';
import { stormControlSchema } from './storm-control-schema.ts';
import { bridgePriority, nodeName } from './topology-schema.ts';

const FABRIC_KINDS = [
  'vlan-stp',
  'vlan-rstp',
  'vlan-pvst',
  'vlan-rapid-pvst',
  'vlan-mstp',
  'vlan-no-stp',
  'vlan-mlag',
  'vxlan-flood-learn',
  'vxlan-multicast',
  'vxlan-evpn',
] as const;

const name = nodeName.optional().describe('Unique name, for result folders and reports; by default the kind');

const macFields = {
  macAgeing: duration({ min: '10s', max: '1000000s' })
    .prefault('300s')
    .describe('Ageing time of learned addresses, 10 s to 1,000,000 s. IEEE 802.1D-2004, Table 7-5'),
  macTableSize: z
    .int()
    .min(1)
    .max(100_000_000)
    .optional()
    .describe('Learned addresses that a switch holds, whatever its hardware; by default as the hardware says'),
  portSecurity: z
    .strictObject({
      macsPerPort: z
        .int()
        .min(1)
        .max(1_000_000)
        .describe('Addresses that a switch learns at a port to a server at most'),
      violation: z
        .enum(PORT_VIOLATIONS)
        .default('drop')
        .describe('What becomes of a frame from one more: forward it without learning, drop it, or shut the port down'),
    })
    .optional()
    .describe('A limit to the addresses behind one port; by default none'),
  stormControl: stormControlSchema,
};

const spanningTree = z.strictObject({
  implementation: z
    .enum(['ieee-802.1d', 'linux-6.18'])
    .default('ieee-802.1d')
    .describe('Whose details to follow where the standard and the Linux bridge differ'),
  root: z
    .string()
    .optional()
    .describe(
      'Switch that shall be root; by default the first of the highest tier, such as spine1 or core1, and in explicit topologies none',
    ),
  rootPriority: bridgePriority.default(4096).describe('Bridge priority of the root switch, a multiple of 4096'),
  priority: bridgePriority
    .default(32_768)
    .describe('Bridge priority of all other switches, a multiple of 4096 up to 61440'),
  helloTime: duration({ min: '1s', max: '10s' })
    .prefault('2s')
    .describe('Time between configuration messages, 1 s to 10 s'),
  maxAge: duration({ min: '6s', max: '40s' })
    .prefault('20s')
    .describe('Age at which a received configuration message is discarded, 6 s to 40 s'),
  forwardDelay: duration({ min: '4s', max: '30s' })
    .prefault('15s')
    .describe('Time spent in each of the states on the way to forwarding, 4 s to 30 s'),
});

const rapidFields = {
  implementation: z
    .enum(RAPID_IMPLEMENTATIONS)
    .default('ieee-802.1q')
    .describe('Whose details to follow where versions of the standard and Open vSwitch differ'),
  roots: z
    .array(z.string())
    .min(1)
    .max(64)
    .optional()
    .describe(
      'Switches that shall be root: of several trees in turn, and each stands by for the others. By default the first of ' +
        'the highest tier, or its first two where there are several trees, and in explicit topologies none',
    ),
  rootPriority: bridgePriority
    .default(4096)
    .describe('Bridge priority of the root of a tree, a multiple of 4096; those that stand by follow in steps of 4096'),
  priority: bridgePriority
    .default(32_768)
    .describe('Bridge priority of all other switches, a multiple of 4096 up to 61440'),
  helloTime: duration({ min: '1s', max: '10s' }).prefault('2s').describe('Time between BPDUs, 1 s to 10 s'),
  maxAge: duration({ min: '6s', max: '40s' })
    .prefault('20s')
    .describe('How many bridges information may cross, a second for each, 6 s to 40 s'),
  forwardDelay: duration({ min: '4s', max: '30s' })
    .prefault('15s')
    .describe('Time in each of the states on the way to forwarding where no neighbour agrees, 4 s to 30 s'),
  transmitHoldCount: z
    .int()
    .min(1)
    .max(10)
    .default(6)
    .describe('BPDUs that a port may send at once, and then one per second. IEEE 802.1D-2004, Table 17-1'),
  edgePorts: z
    .boolean()
    .default(true)
    .describe('Whether ports to servers forward at once and no topology change forgets what is behind them'),
  bpduGuard: z.boolean().default(false).describe('Whether a BPDU at a port to a server shuts it'),
  rootGuard: z.boolean().default(false).describe('Whether a port to a server never becomes the root port'),
};

const vlanRanges = z
  .string()
  .regex(/^\d+(-\d+)?(,\s*\d+(-\d+)?)*$/, 'expected ranges of VLAN identifiers, such as 1-100,200')
  .transform((text) =>
    text.split(',').map((part): [number, number] => {
      const [first, last = first] = part.split('-').map(Number);
      return [first!, last!];
    }),
  );

const mstpInstances = z
  .union([
    z.int().min(1).max(64).describe('So many instances, which share the VLANs in turn'),
    z
      .array(
        z.strictObject({
          vlans: vlanRanges.describe('VLAN identifiers, such as 1-100,200; segment 1 has VLAN 1'),
          root: z.string().optional().describe('Root of the instance; by default one of roots in turn'),
        }),
      )
      .min(1)
      .max(64)
      .describe('Instances by their VLANs; the others follow the CIST'),
  ])
  .default(2)
  .describe('Trees beside the CIST. IEEE 802.1Q-2018, 13.8');

const reach = z
  .enum(['everywhere', 'pruned', 'pod', 'mvrp'])
  .default('everywhere')
  .describe(
    'Which trunks carry a VLAN. everywhere: all. pruned: those that lead to a server where a VM of it starts, and those ' +
      'between such servers, upwards and down again; nobody changes that during the run. pod: all within the pod, block ' +
      'or site that has most of its VMs, and the way from there to the gateway; a leaf-spine is one pod. mvrp: those that ' +
      'were declared to them, hop by hop along the tree, with the delays of MVRP. A VM whose VLAN ' +
      'does not reach its server has no network, and none migrates to where its VLAN does not reach',
  );

const vlanStp = z
  .strictObject({
    kind: z.literal('vlan-stp').describe('A VLAN per segment; spanning tree breaks the loops'),
    name,
    spanningTree: spanningTree
      .prefault({})
      .describe('Parameters of the spanning tree protocol. IEEE 802.1D-1998, Table 8-3'),
    reach,
    ...macFields,
  })
  .describe('VLANs with spanning tree');

const vlanRstp = z
  .strictObject({
    kind: z.literal('vlan-rstp').describe('A VLAN per segment; one rapid spanning tree breaks the loops of all'),
    name,
    spanningTree: z
      .strictObject(rapidFields)
      .prefault({})
      .describe('Parameters of the rapid spanning tree protocol. IEEE 802.1D-2004, clause 17'),
    reach,
    ...macFields,
  })
  .describe('VLANs with rapid spanning tree');

const vlanPvst = z
  .strictObject({
    kind: z.literal('vlan-pvst').describe('A VLAN per segment, and a spanning tree of 1998 for each VLAN (PVST+)'),
    name,
    spanningTree: z
      .strictObject({
        roots: rapidFields.roots,
        rootPriority: rapidFields.rootPriority,
        priority: rapidFields.priority,
        helloTime: rapidFields.helloTime,
        maxAge: rapidFields.maxAge,
        forwardDelay: rapidFields.forwardDelay,
      })
      .prefault({})
      .describe('Parameters of the spanning trees; the roots share the VLANs'),
    reach,
    ...macFields,
  })
  .describe('VLANs with a spanning tree each');

const vlanRapidPvst = z
  .strictObject({
    kind: z.literal('vlan-rapid-pvst').describe('A VLAN per segment, and a rapid spanning tree for each VLAN'),
    name,
    spanningTree: z
      .strictObject(rapidFields)
      .prefault({})
      .describe('Parameters of the rapid spanning trees; the roots share the VLANs'),
    reach,
    ...macFields,
  })
  .describe('VLANs with a rapid spanning tree each');

const vlanMstp = z
  .strictObject({
    kind: z.literal('vlan-mstp').describe('A VLAN per segment, and a rapid spanning tree for each of a few instances'),
    name,
    spanningTree: z
      .strictObject({
        ...rapidFields,
        instances: mstpInstances,
        maxHops: z
          .int()
          .min(6)
          .max(40)
          .default(20)
          .describe('Bridges that information may cross in the region. IEEE 802.1Q-2018, Table 13-5'),
      })
      .prefault({})
      .describe('Parameters of the multiple spanning trees, one region. IEEE 802.1Q-2018, clause 13'),
    reach,
    ...macFields,
  })
  .describe('VLANs with multiple spanning trees');

const vlanNoStp = z
  .strictObject({
    kind: z.literal('vlan-no-stp').describe('A VLAN per segment, no spanning tree; the topology must be a tree'),
    name,
    reach,
    ...macFields,
  })
  .describe('VLANs without spanning tree');

const vlanMlag = z
  .strictObject({
    kind: z
      .literal('vlan-mlag')
      .describe(
        'A VLAN per segment over pairs of switches that act as one (MLAG, vPC): all links forward, without spanning tree, ' +
          'and servers on two switches use both links. Pairs are the switches that share servers, and above them the two ' +
          'switches of a tier where a pod has just two',
      ),
    name,
    reach,
    ...mlagFields,
    ...macFields,
  })
  .describe('VLANs over pairs of switches');

const mechanism = z
  .strictObject({
    detection: z
      .enum(['link-loss', 'bfd', 'bgp-hold'])
      .describe(
        'How routers notice that a link beside them is dead: at once, when bfdMultiplier intervals pass without a word, ' +
          'or when the hold time does',
      ),
    bfdInterval: duration({ min: '1ms', max: '1min' })
      .prefault('300ms')
      .describe('Time between BFD packets. FRR: 300 ms'),
    bfdMultiplier: z.int().min(1).max(255).default(3).describe('BFD packets that may be missed. FRR: 3'),
    holdTime: duration({ min: '3s', max: '65535s' }).prefault('180s').describe('Hold time of BGP. FRR: 180 s'),
    fibUpdate: duration({ max: '180s' })
      .prefault('200ms')
      .describe('Time from there until all routers have heard of it and use new routes'),
    pic: z
      .boolean()
      .default(true)
      .describe(
        'Prefix-independent convergence: routes share next hops, and one that is gone is gone from all of them at once. If ' +
          'not, each router writes each route, one to a VTEP, at routesPerSecond',
      ),
    routesPerSecond: z
      .int()
      .min(1)
      .max(100_000_000)
      .optional()
      .describe(
        'Routes that a router writes per second where pic is off; it depends on the hardware, so there is no default',
      ),
  })
  .describe('Times by the mechanism that finds out');

const vteps = z.enum(['leaf', 'hypervisor']).default('leaf').describe('Where frames are encapsulated');

const underlayFields = {
  underlay: z.enum(['ipv4', 'ipv6']).default('ipv4').describe('Encapsulation adds 50 bytes over IPv4 and 70 over IPv6'),
  vniBase: z.int().min(1).max(VNI_MAX).default(10_000).describe('VNI of the first segment; the others follow'),
  sourcePorts: z
    .int()
    .min(1)
    .max(ENTROPY_PORT_COUNT)
    .default(ENTROPY_PORT_COUNT)
    .describe('Different UDP source ports per VTEP: the entropy for ECMP. Some switches use only 256'),
  convergence: z
    .union([
      duration({ max: '180s' }).describe('Time until all agree; who is beside a dead link knows at once'),
      mechanism,
    ])
    .prefault('200ms')
    .describe(
      'Time from a failure or repair until the underlay has agreed on new paths; its protocol is not simulated',
    ),
};

const sites = z
  .enum(['end-to-end', 'border-gateways'])
  .default('end-to-end')
  .describe(
    'What joins the sites of a topology of sites: tunnels from any VTEP to any other, or gateways at their borders, ' +
      'which encapsulate anew, so that a flood crosses once to each border of another site; with EVPN they announce ' +
      'what each side has as their own (RFC 9014)',
  );

const mlag = z
  .strictObject(mlagFields)
  .optional()
  .describe(
    'Leaves that share dual-homed servers act as one (MLAG, vPC), with one VTEP address between them, and servers use ' +
      'both of their links; by default each leaf is on its own, and one link of a server stands by',
  );

const vxlanFloodLearn = z
  .strictObject({
    kind: z
      .literal('vxlan-flood-learn')
      .describe('A VNI per segment over a routed underlay; VTEPs learn from floods. RFC 7348'),
    name,
    vteps,
    replication: z
      .enum(['ingress', 'multicast', 'assisted'])
      .default('ingress')
      .describe(
        'Who copies a flooded frame: the ingress VTEP, once per remote VTEP; the underlay, by BIDIR-PIM with a group ' +
          'for each segment (vxlan-multicast has more to choose from); or a replicator (RFC 9574)',
      ),
    replicators: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('Switches that replicate if that is assisted; by default those of the highest tier'),
    sites,
    mlag,
    ...underlayFields,
    ...macFields,
  })
  .describe('VXLAN with flood and learn');

const vxlanMulticast = z
  .strictObject({
    kind: z
      .literal('vxlan-multicast')
      .describe('VXLAN with flood and learn whose floods are multicast by the underlay. RFC 7348, 4.2'),
    name,
    vteps,
    ...multicastFields,
    ...underlayFields,
    ...macFields,
  })
  .describe('VXLAN with flood and learn over multicast');

const bgp = z.strictObject({
  hold: duration({ max: '10s' })
    .prefault('50ms')
    .describe('From the first change until a speaker sends it, with all that came meanwhile. FRR: 50 ms'),
  mrai: duration({ max: '10min' })
    .prefault('0s')
    .describe('Least time between two batches of UPDATEs of a speaker. RFC 4271, 10 suggests 30 s; FRR: 0 s'),
  learn: duration({ max: '10s' }).prefault('1ms').describe('From an address that a bridge learned until BGP has it'),
  install: duration({ max: '10s' })
    .prefault('10ms')
    .describe('From a route that BGP learned until the tables that forward have it'),
  installRate: z
    .number()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe('Addresses that a VTEP enters into its tables per second; by default without limit'),
  connect: duration({ max: '10min' })
    .optional()
    .describe(
      'From a link that comes up until a session is established; by default 1 s over eBGP and 10 s to route ' +
        'reflectors, whose first attempt finds no route. FRR',
    ),
});

const duplicateDetection = z.strictObject({
  moves: z.int().min(2).max(1000).default(5).describe('Moves within the window that make an address a duplicate'),
  window: duration({ min: '1s', max: '1d' }).prefault('180s').describe('The window. RFC 7432, 15.1'),
  action: z
    .enum(['warn', 'freeze'])
    .optional()
    .describe('What becomes of a duplicate; by default freeze with rfc-7432, and warn with frr-8.4'),
  recovery: duration({ min: '1s', max: '1d' })
    .prefault('1800s')
    .describe('How long it is neither announced nor taken from others'),
});

const vxlanEvpn = z
  .strictObject({
    kind: z
      .literal('vxlan-evpn')
      .describe('A VNI per segment over a routed underlay; BGP tells VTEPs where stations are. RFC 7432, RFC 8365'),
    name,
    vteps,
    sessions: z
      .enum(['ebgp', 'route-reflectors'])
      .default('ebgp')
      .describe(
        'ebgp: each switch peers with its neighbours, leaves are ASes of their own, switches of one tier and pod share ' +
          'one (RFC 7938). route-reflectors: one AS, and the switches above the leaves reflect (RFC 4456)',
      ),
    implementation: z
      .enum(['frr-8.4', 'rfc-7432'])
      .default('rfc-7432')
      .describe(
        'Whose details to follow where the RFCs and FRR on Linux differ: which ARP is suppressed and learned from',
      ),
    arpSuppression: z
      .boolean()
      .default(true)
      .describe('Whether VTEPs answer ARP requests for addresses that they know in place of flooding them. RFC 9161'),
    learnIpAddresses: z
      .boolean()
      .optional()
      .describe(
        'Whether VTEPs learn IP addresses from ARP and announce them in MAC/IP routes (RFC 7432, 10); by default as ' +
          'arpSuppression, which has nothing to answer without',
      ),
    stationRefresh: z
      .boolean()
      .optional()
      .describe(
        'Whether VTEPs with ARP suppression ask silent stations by unicast before they age out (RFC 9161, 3.5); by default ' +
          'true with rfc-7432, and false with frr-8.4',
      ),
    unknownUnicast: z
      .enum(['flood', 'drop'])
      .default('flood')
      .describe('What a VTEP does with frames for stations that nobody has announced'),
    replication: z
      .enum(['ingress', 'multicast'])
      .default('ingress')
      .describe(
        'Who copies a flooded frame: the ingress VTEP, to whom type-3 routes name, or the underlay, by BIDIR-PIM with a ' +
          'group for each segment',
      ),
    sites,
    mlag,
    ethernetSegments: ethernetSegmentsSchema
      .optional()
      .describe(
        'Servers on two leaves are Ethernet segments, all-active (RFC 7432, 8): they use both of their links, and their leaves ' +
          'learn of each other by BGP alone; by default one link of a server stands by',
      ),
    gateway: z
      .enum(['central', 'anycast-asymmetric', 'anycast-symmetric'])
      .default('central')
      .describe(
        'Who routes between segments, if the scenario has a gateway: the switch that it names, or every leaf for its own ' +
          'VMs. asymmetric: into the VNI of the destination, which every leaf of the tenant has to carry. symmetric: through ' +
          "a VNI of the tenant's own, to hosts that have announced themselves. RFC 9135",
      ),
    subnetPrefixes: z
      .boolean()
      .default(false)
      .describe(
        'With symmetric: whether leaves announce the subnets that they carry, so that silent hosts are found. RFC 9136',
      ),
    bgp: bgp.prefault({}).describe('Times of BGP, as FRR with its datacenter defaults has them'),
    duplicateDetection: duplicateDetection
      .prefault({})
      .describe('Addresses that seem to be in two places. RFC 7432, 15.1'),
    ...underlayFields,
    ...macFields,
  })
  .describe('VXLAN with EVPN');

const fabricObject = z.discriminatedUnion('kind', [
  vlanStp,
  vlanRstp,
  vlanPvst,
  vlanRapidPvst,
  vlanMstp,
  vlanNoStp,
  vlanMlag,
  vxlanFloodLearn,
  vxlanMulticast,
  vxlanEvpn,
]);

/** One of the `fabrics` of a scenario file. */
export const fabricSchema = z.union([
  z
    .enum(FABRIC_KINDS)
    .transform((kind) => fabricObject.parse({ kind }))
    .describe('A kind of fabric with its defaults'),
  fabricObject,
]);

/** How long routers trust ARP by default. Sources: `protocol/neighbour-cache.ts`, whose profiles these are. */
const GATEWAY_ARP_TIMEOUTS_NS = { linux: 30e9, 'ios-eos': 14_400e9, 'nx-os': 1500e9 } as const;

/** Routers to the outside that have addresses in the subnet where they meet a routing table. */
const OUTSIDE_ROUTERS_MAX = 13;

/** The `outside` of a scenario file. */
export const outsideSchema = z.strictObject({
  at: z
    .array(z.string())
    .min(1)
    .max(OUTSIDE_ROUTERS_MAX)
    .describe('Border leaves: switches for servers with a router of another network on a port each'),
  rate: rate({ min: '1Mbps' }).prefault('100Gbps').describe('Bits per second of the links to these routers'),
  delay: duration({ max: '1s' }).prefault('10us').describe('Propagation delay of these links, one way'),
  share: z.number().min(0).max(1).default(0.2).describe('Share of the flows of VMs that go to the outside'),
});

/** The `gateway` of a scenario file. */
export const gatewaySchema = z.strictObject({
  at: z.string().describe('Switch that the gateway is cabled to, such as leaf1'),
  rate: rate({ min: '1Mbps' }).prefault('100Gbps').describe("Bits per second of the gateway's link"),
  delay: duration({ max: '1s' }).prefault('500ns').describe("Propagation delay of the gateway's link, one way"),
  arpTimeout: z
    .union([
      z.enum(['linux', 'ios-eos', 'nx-os']).transform((profile) => GATEWAY_ARP_TIMEOUTS_NS[profile]),
      duration({ min: '1s', max: '1d' }),
    ])
    .prefault('4h')
    .describe(
      'How long the gateway trusts an ARP entry before it asks again: a time, or that of linux (30 s), nx-os (1500 s) ' +
        'or ios-eos (4 h)',
    ),
  betweenTenants: z
    .boolean()
    .default(false)
    .describe('Whether VMs of different tenants reach each other; if not, each tenant has a routing table of its own'),
});
