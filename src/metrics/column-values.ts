import type { LIMIT_NAMES } from '../device/limits.ts';
import type { FLOOD_CAUSE_NAMES, Outcome, TRAFFIC_CLASS_NAMES } from '../device/observer.ts';
import type { SpanningTrees } from '../device/spanning-trees.ts';

// The compiler compares each list with the devices': a name that is added or lost there is an error here.

/** How links count what they carry, indexed by TrafficClass. */
export const TRAFFIC_CLASSES: typeof TRAFFIC_CLASS_NAMES = [
  'known_unicast',
  'unknown_unicast',
  'broadcast',
  'multicast',
  'control',
];

/** The classes of copies that a flood made. */
export const FLOODED_CLASSES: readonly (typeof TRAFFIC_CLASS_NAMES)[number][] = [
  'unknown_unicast',
  'broadcast',
  'multicast',
];

/** Why something is flooded, indexed by FloodCause. */
export const FLOOD_CAUSE_ORDER: typeof FLOOD_CAUSE_NAMES = [
  'broadcast_arp',
  'broadcast_other',
  'multicast',
  'never_learned',
  'aged_out',
  'port_flushed',
  'table_full',
  'moved',
  'topology_change',
  'evicted',
  'hash_collision',
  'learning_rate',
  'port_limit',
  'withdrawn',
];

/** Why a frame was flooded. */
export const FLOOD_CAUSES = {
  broadcast_arp: 'an ARP message to all',
  broadcast_other: 'any other broadcast, such as the RARP of a migrated VM',
  multicast: 'a group address',
  never_learned: 'this table never held the destination',
  aged_out: 'the destination was silent for the ageing time',
  port_flushed: "the destination's port had gone down",
  table_full: 'the table was full when the destination spoke',
  evicted: 'another station took the entry, as the table was full',
  hash_collision: 'stations of the same hash had taken the entries in which it could lie',
  learning_rate: 'the switch was busy learning others when the destination spoke',
  port_limit: "the destination's port had as many addresses as it may have",
  moved: 'the entry was removed because the destination is known elsewhere',
  topology_change: 'the entry aged out early, because the topology changed',
  withdrawn: 'the control plane took back the route to the destination',
} as const satisfies Record<(typeof FLOOD_CAUSE_NAMES)[number], string>;

/** The decisions that end no frame: the ledger of frames leaves them out. */
type Decision = 'forwarded' | 'flooded';

/** How a frame ended, by the devices' name. */
export const OUTCOMES = {
  delivered: { name: 'delivered', meaning: 'taken in by the station it was for' },
  filtered: { name: 'filtered', meaning: 'its destination lies behind the port it came from' },
  consumed: { name: 'consumed', meaning: 'a control message for the device that got it' },
  notForHere: { name: 'not_for_here', meaning: 'reached a server that has no station for it' },
  dropLinkDown: { name: 'drop_link_down', meaning: 'the link was down when it was sent, or went down under it' },
  dropQueueFull: { name: 'drop_queue_full', meaning: 'the port had no room for it' },
  dropPortBlocked: {
    name: 'drop_port_blocked',
    meaning: 'spanning tree kept the port from forwarding, or the other switch of a pair serves what is there',
  },
  dropVlanFiltered: { name: 'drop_vlan_filtered', meaning: 'the port does not carry its VLAN' },
  dropBadSource: { name: 'drop_bad_source', meaning: 'its source is a group address' },
  dropNoRoute: { name: 'drop_no_route', meaning: 'no route led to its destination' },
  dropTtl: { name: 'drop_ttl', meaning: 'routed too often' },
  dropUnresolved: { name: 'drop_unresolved', meaning: 'ARP found no address for its next hop' },
  dropNoEgress: { name: 'drop_no_egress', meaning: 'flooded where there was no other port, or nobody to flood to' },
  dropStationGone: { name: 'drop_station_gone', meaning: 'reached a VM that had moved away or was paused' },
  dropPortLimit: { name: 'drop_port_limit', meaning: 'its source was one more than its port may have' },
  dropStormControl: { name: 'drop_storm_control', meaning: 'more than storm control lets in by its port in a second' },
  dropUnknownVni: { name: 'drop_unknown_vni', meaning: 'reached a VTEP that does not serve its VNI' },
} as const satisfies Record<Exclude<keyof typeof Outcome, Decision>, { name: string; meaning: string }>;

/** The same by the name they have in results. */
export const OUTCOME_MEANINGS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.values(OUTCOMES).map(({ name, meaning }) => [name, meaning]),
);

/** The same of a copy of a frame that was followed. */
export const TRACE_OUTCOMES: Readonly<Record<string, string>> = {
  sent_on: 'the node sent it on',
  ...OUTCOME_MEANINGS,
  under_way: 'it had not arrived, or was not looked at, when its trace ended',
};

/** Why a frame was followed. */
export const TRACE_KINDS = {
  flood: 'the first flood after a moment',
  announcement: 'it announced a VM at its new place',
} as const;

/** The states of a bridge port, in the order of their numbers, and those of a topology change. */
export const STP_STATES = {
  disabled: 'port: takes no part',
  listening: 'port: on its way to forwarding',
  learning: 'port: learns, does not forward yet',
  forwarding: 'port: forwards',
  blocking: 'port: held back, another path is in use',
  inactive: 'topology change: the ageing time holds',
  active: 'topology change: addresses age within the forward delay',
} as const satisfies Record<SpanningTrees['stateNames'][number] | 'inactive' | 'active', string>;

export const TIERS = {
  leaf: 'a switch with servers',
  access: 'a switch with servers, of three tiers',
  edge: 'a switch with servers, of a fat tree',
  spine: 'a switch between leaves',
  aggregation: 'a switch between access or edge switches',
  'super-spine': 'a switch between spines',
  core: 'a switch between aggregation switches',
  border: 'a switch that joins its site to others',
  server: "a server, or its hypervisor's switch or VTEP",
  gateway: 'the router between segments',
} as const;

export const TABLE_KINDS = {
  bridge: "a bridge's MAC table: addresses behind ports",
  tunnel: "a VTEP's table: addresses behind remote VTEPs; of a border gateway, behind those of its own site",
  dci_tunnel: "a border gateway's table of other sites: addresses behind the gateways there",
} as const;

export const LINK_TIERS = {
  fabric: 'between two switches',
  server: 'between a switch and a server',
  gateway: 'between a switch and a gateway that is a device of its own',
} as const;

export const DIRECTIONS = {
  a_to_b: "from the link's first end to its second; of a server's or gateway's link, from the switch to it",
  b_to_a: 'the other way',
} as const;

export const MIGRATION_STATUSES = {
  done: 'the VM runs at its new place',
  refused: 'it did not begin, for the reason that refusal names',
  given_up: 'copying did not converge, or found no path for too long; the VM stays where it is',
  failed: 'one of the two servers failed',
  readdressed: 'the VM runs where its segment is not: its old address answers no more',
  incomplete: 'the run ended before the VM ran at its new place',
} as const;

export const REFUSALS = {
  no_server: 'no server had room for the VM, or it was there already',
  on_the_move: 'the VM was on the move already',
  not_running: 'the VM did not run',
  beyond_reach: "the VM's segment does not reach the server",
} as const;

export const ANNOUNCEMENTS = {
  rarp: 'the hypervisor broadcasts RARP',
  garp: 'the VM broadcasts gratuitous ARP',
  both: 'both',
  none: 'nobody tells',
} as const;

export const FAILURE_KINDS = {
  link: 'a link between two switches',
  switch: 'a switch',
  server: 'a server with its VMs',
  rack: 'a switch together with all servers at it',
} as const;

export const STP_EVENT_KINDS = {
  port_state: 'a port changed its state',
  topology_change: 'the topology change that the root announces began or ended for this switch',
  topology_change_detected:
    'a port of this switch began to forward in a rapid tree, which forgets what it learned elsewhere',
} as const;

/** What two counts of a run have to agree on, and which two they are. */
export const RUN_INVARIANTS = {
  frames_conserved: 'frames that came into being, and those that ended or are under way',
  floods_left:
    'copies that nodes decided to flood, and those that left bridges, were lost at full queues or dead links there, or ' +
    'entered tunnels',
  underlay_floods_left:
    'packets with floods that VTEPs and routers sent on, hop by hop, and those that left routed ports or were lost there',
  segment_flood_frames: 'flooded copies on links, added up over segments, and over links',
  segment_flood_bytes: 'the same in bytes',
  segment_useless_frames: 'copies that servers took in for nothing, added up over segments, and over servers',
  head_end_copies:
    'packets that VTEPs sent to each other VTEP, and the frames flooded so with the further copies of them',
  tree_copies: 'packets that routers sent along multicast trees or delivered, and those that came with the copies made',
  frames_long_enough:
    'bytes that left a port in one class, where they are fewest for the frames, and 60 for each frame',
  tables_within_capacity: 'learned addresses in the fullest of the tables with a limit, and the limit',
  encapsulation_counted:
    'bytes of encapsulation on all wires, and packets on routed wires times what each has of it, or a Register of its packet',
} as const;

export const RUN_INVARIANT_RELATIONS = {
  equal: 'left is equal to right',
  at_least: 'left is at least right',
  at_most: 'left is at most right',
} as const;

/** What can run out. */
export const LIMITS = {
  vlan_ids: 'VLAN identifiers: segments that got none have no network',
  mac_table: 'room in a MAC table',
  vtep_peers: 'remote VTEPs that a VTEP can know',
  vnis: 'segments that a VTEP can carry',
  stp_ports: 'logical ports that a spanning tree can handle: counted, not enforced',
  port_queue: 'room in the queue of a port',
  mroutes: 'room for a multicast route in a router: counted, not enforced',
  multicast_groups: 'multicast groups that a VTEP can join: segments beyond do not reach it',
  host_entries: 'room for a host in the table of a leaf that routes',
} as const satisfies Record<(typeof LIMIT_NAMES)[number], string>;
