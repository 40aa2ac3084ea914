import {
  ANNOUNCEMENTS,
  DIRECTIONS,
  FAILURE_KINDS,
  FLOOD_CAUSES,
  RUN_INVARIANTS as INVARIANTS,
  LINK_TIERS,
  MIGRATION_STATUSES,
  OUTCOME_MEANINGS,
  REFUSALS,
  RUN_INVARIANT_RELATIONS,
  STP_EVENT_KINDS,
  STP_STATES,
  TABLE_KINDS,
  TIERS,
  TRACE_KINDS,
  TRACE_OUTCOMES,
} from './column-values.ts';
import type { ColumnDefinition, TableDefinition } from './table-definition.ts';

const TIME = { name: 'time_ns', type: 'int64', unit: 'ns', description: 'Simulated time' } as const;

/** A column of names that the run brings, or whose `meanings` are listed. */
const dictionary = <const N extends string>(
  name: N,
  description: string,
  meanings?: Readonly<Record<string, string>>,
) => ({ name, type: 'dictionary', description, ...(meanings !== undefined && { meanings }) }) as const;

/** A column that counts, or measures in whole units. */
const whole = <const N extends string>(name: N, unit: string, description: string) =>
  ({ name, type: 'int64', unit, description }) as const;

const nullable = <const C extends ColumnDefinition>(column: C) => ({ ...column, nullable: true }) as const;

/** What there is. */
export const NODES = {
  name: 'nodes',
  description:
    'Every switch, every server, and the gateway where it is a device of its own, in this order, as the run began. A tier is in the order in which it is cabled, so ' +
    'that neighbours in a rack, pod or site follow each other.',
  columns: [
    { name: 'name', type: 'utf8', description: 'The switch, server or gateway' },
    dictionary('tier', 'What it is', TIERS),
    nullable({
      name: 'pod',
      type: 'uint32',
      description:
        'Number of its pod, block or site; null for one above them. A server or gateway is in that of its first switch',
    }),
    nullable({
      name: 'bridge_capacity_entries',
      type: 'uint32',
      unit: 'entries',
      description: 'Learned addresses that the MAC table of its bridge can hold; null is no limit, or no such table',
    }),
    nullable({
      name: 'tunnel_capacity_entries',
      type: 'uint32',
      unit: 'entries',
      description: 'The same of the table of its VTEP',
    }),
  ],
} as const satisfies TableDefinition;

/** What is cabled to what. */
export const LINKS = {
  name: 'links',
  description:
    'Every link between two switches, then every link of a server, then that of a gateway that is a device of its own; ' +
    'of the latter two, a is the switch. Left out: links to routers of another network.',
  columns: [
    { name: 'link', type: 'utf8', description: 'The link' },
    dictionary('tier', 'Where it is', LINK_TIERS),
    { name: 'a_node', type: 'utf8', description: 'What is at its first end' },
    { name: 'b_node', type: 'utf8', description: 'What is at its second end' },
    { name: 'a_port', type: 'utf8', description: 'The port at its first end, as stp_events names it' },
    { name: 'b_port', type: 'utf8', description: 'The port at its second end' },
    whole('rate_bits_per_sec', 'bit/s', 'What it carries each way'),
    { name: 'is_between_sites', type: 'bool', description: 'Whether it joins two sites' },
    { name: 'is_peer_link', type: 'bool', description: 'Whether it joins two switches that act as one' },
  ],
} as const satisfies TableDefinition;

/** Tables of learned addresses, sampled. */
export const SWITCH_SAMPLES = {
  name: 'switch_samples',
  description:
    'Every table of learned addresses at every sample: switches, and VTEPs wherever they are. Counts are cumulative.',
  columns: [
    TIME,
    dictionary('switch', "The switch that has the table, or the server or gateway of the table's bridge or VTEP"),
    dictionary('tier', 'What has the table', TIERS),
    dictionary('table_kind', 'What kind of table', TABLE_KINDS),
    { name: 'mac_entries', type: 'uint32', unit: 'entries', description: 'Learned addresses that it holds' },
    {
      name: 'capacity_entries',
      type: 'uint32',
      unit: 'entries',
      description: 'Learned addresses that it can hold; null is no limit',
      nullable: true,
    },
    whole('learned_count', 'entries', 'Addresses entered since the start'),
    whole('moved_count', 'entries', 'Entries that changed to another place since the start'),
    whole('aged_count', 'entries', 'Entries that aged out since the start'),
    whole('refused_count', 'entries', 'Times since the start that a full table refused a new address'),
    whole('evicted_count', 'entries', 'Entries that other addresses took since the start, for want of room'),
    whole(
      'collided_count',
      'entries',
      'Of the refused and evicted, those that lost to others of their hash while entries were free',
    ),
    whole(
      'postponed_count',
      'entries',
      'Times since the start that it was too busy learning others to learn an address',
    ),
    whole('port_limited_count', 'entries', 'Times since the start that a port had as many addresses as it may have'),
    nullable(
      whole(
        'first_full_ns',
        'ns',
        "When all its entries were first taken; null: not yet, or they are part of a bridge's",
      ),
    ),
    nullable(
      whole('first_loss_ns', 'ns', 'When it first refused or evicted an address for want of room; null: not yet'),
    ),
    whole(
      'flushed_count',
      'entries',
      'Entries removed since the start because a port went down, a station moved, or a control plane took them back',
    ),
  ],
} as const satisfies TableDefinition;

/** Learned addresses by segment, sampled. */
export const SEGMENT_SAMPLES = {
  name: 'segment_samples',
  description:
    'Learned addresses of each segment at every sample, over all tables of one kind in one tier. No row: none holds any.',
  columns: [
    TIME,
    dictionary('tier', 'What has the tables', TIERS),
    dictionary('table_kind', 'What kind of tables', TABLE_KINDS),
    { name: 'segment', type: 'uint32', description: 'The VLAN id, or the VNI' },
    { name: 'mac_entries', type: 'uint32', unit: 'entries', description: 'Learned addresses of the segment, summed' },
    { name: 'table_count', type: 'uint32', unit: 'tables', description: 'Tables that hold one of them or more' },
  ],
} as const satisfies TableDefinition;

/** What links carried, sampled. */
export const LINK_SAMPLES = {
  name: 'link_samples',
  description:
    'What each direction of each link carried since the start, at every sample at which that had changed. ' +
    'No row: as at the sample before, or nothing yet. Bytes are of frames without FCS, preamble and gap.',
  columns: [
    TIME,
    dictionary('link', 'The link'),
    dictionary('tier', 'Where the link is', LINK_TIERS),
    dictionary('direction', 'Which way', DIRECTIONS),
    whole('known_unicast_frames', 'frames', 'Frames sent towards a place that was known'),
    whole('known_unicast_bytes', 'bytes', 'Their bytes'),
    whole('unknown_unicast_frames', 'frames', 'Copies of unicast frames that were flooded'),
    whole('unknown_unicast_bytes', 'bytes', 'Their bytes'),
    whole('broadcast_frames', 'frames', 'Copies of broadcasts'),
    whole('broadcast_bytes', 'bytes', 'Their bytes'),
    whole('multicast_frames', 'frames', 'Copies of multicasts'),
    whole('multicast_bytes', 'bytes', 'Their bytes'),
    whole('control_frames', 'frames', 'Messages of control protocols, such as BPDUs'),
    whole('control_bytes', 'bytes', 'Their bytes'),
    whole('overhead_bytes', 'bytes', 'Bytes of all these that are encapsulation'),
    whole('dropped_frames', 'frames', 'Frames that found no room in the sending port'),
  ],
} as const satisfies TableDefinition;

/** What nodes flooded, sampled. */
export const FLOOD_SAMPLES = {
  name: 'flood_samples',
  description: 'What each node flooded since the start, by cause, at every sample. No row: nothing yet.',
  columns: [
    TIME,
    dictionary('node', 'The switch, server or gateway that flooded'),
    dictionary('tier', 'What the node is', TIERS),
    dictionary('cause', 'Why it flooded', FLOOD_CAUSES),
    whole('frames', 'frames', 'Frames flooded'),
    whole('copies', 'frames', 'Copies made of them'),
    whole('bytes', 'bytes', 'Bytes of these copies, before any encapsulation'),
  ],
} as const satisfies TableDefinition;

/** What links carried of floods, in the end. */
export const LINK_FLOODS = {
  name: 'link_floods',
  description:
    'What each direction of each link carried of floods until the end of the run, by cause. No row: nothing. A copy ' +
    'counts on every link that it crosses, with tags and encapsulation. Left out: control protocols, and what stations ' +
    'sent to all as far as their first switch; there nothing has been copied yet.',
  columns: [
    dictionary('link', 'The link'),
    dictionary('tier', 'Where the link is', LINK_TIERS),
    dictionary('direction', 'Which way', DIRECTIONS),
    dictionary('cause', 'Why it was flooded', FLOOD_CAUSES),
    whole('frames', 'frames', 'Copies'),
    whole('bytes', 'bytes', 'Their bytes'),
  ],
} as const satisfies TableDefinition;

/** What was flooded in segments, sampled. */
export const SEGMENT_FLOODS = {
  name: 'segment_floods',
  description:
    'What all links carried of the floods of each segment since the start, by cause, at every sample at which that had ' +
    'changed. Over segments it adds up to link_floods over links, and what went to and from routers of another network.',
  columns: [
    TIME,
    { name: 'segment', type: 'uint32', description: 'The VLAN id, or the VNI' },
    dictionary('cause', 'Why it was flooded', FLOOD_CAUSES),
    whole('frames', 'frames', 'Copies, each on every link that it crossed'),
    whole('bytes', 'bytes', 'Their bytes'),
  ],
} as const satisfies TableDefinition;

/** Whom floods reached in segments, sampled. */
export const SEGMENT_REACH = {
  name: 'segment_reach',
  description:
    'Whom the floods of each segment reached since the start, at every sample at which that had changed. Hosts per ' +
    'frame to all or many is the blast radius.',
  columns: [
    TIME,
    { name: 'segment', type: 'uint32', description: 'The VLAN id, or the VNI' },
    whole('group_frames', 'frames', 'Frames to all or many that stations and gateways of the segment sent'),
    whole('reached_hosts', 'hosts', 'Copies of these that servers took in from their link, for nothing or not'),
    whole('useless_frames', 'frames', 'Copies, also of unicast, that servers took in for nothing'),
  ],
} as const satisfies TableDefinition;

/** VMs that moved, or should have. */
export const MIGRATIONS = {
  name: 'migrations',
  description: 'Every planned migration, by start, with the time of each phase; null where it did not come to that.',
  columns: [
    { name: 'vm', type: 'utf8', description: 'The VM' },
    { name: 'segment', type: 'uint32', description: 'Its VLAN id, or its VNI' },
    nullable(dictionary('from_server', 'The server that it leaves; null if it was at none')),
    nullable(dictionary('to_server', 'The server that it goes to; null if none was to be had')),
    dictionary('status', 'What became of it', MIGRATION_STATUSES),
    nullable(dictionary('refusal', 'Why it was refused', REFUSALS)),
    whole('start_ns', 'ns', 'Copying begins'),
    nullable(whole('pause_ns', 'ns', 'The VM stops for the last round')),
    nullable(whole('resume_ns', 'ns', 'The VM runs at its new place')),
    nullable({ name: 'copy_rounds', type: 'uint32', unit: 'rounds', description: 'Rounds of copying while it ran' }),
    nullable(whole('transferred_bytes', 'bytes', 'Memory copied in all rounds, in the last as far as it came')),
    nullable(whole('downtime_ns', 'ns', 'From pause to resumption, or to the end of the pause at the old place')),
    nullable({
      name: 'is_forced',
      type: 'bool',
      description: 'Whether it was paused with more left to copy than fits in the downtime limit',
    }),
    nullable(whole('copy_ns', 'ns', 'Time of copying in all, the pause included')),
    nullable({
      name: 'copy_rate_bits_per_sec',
      type: 'float64',
      unit: 'bit/s',
      description: 'Mean rate of copying over that time',
    }),
    nullable({
      name: 'path_links',
      type: 'uint32',
      unit: 'links',
      description:
        "Links that the copy crossed, the servers' included, as it ended; 0 if copies have their own network",
    }),
    nullable(
      dictionary('bottleneck_link', 'The full link that held the copy back for the longest time; null if none did'),
    ),
    nullable(whole('shared_ns', 'ns', 'Time for which a full link held the copy back')),
    nullable(whole('stalled_ns', 'ns', 'Time for which there was no path')),
    dictionary('announcement', 'How its new place is announced', ANNOUNCEMENTS),
    { name: 'announcement_count', type: 'uint32', description: 'Times that it was announced' },
    nullable(whole('first_announced_ns', 'ns', 'First announcement')),
    nullable(whole('last_announced_ns', 'ns', 'Last announcement')),
    { name: 'lost_announcement_count', type: 'uint32', description: 'Announcements that were lost' },
    nullable(whole('first_delivery_ns', 'ns', 'First datagram that reached the VM at its new place')),
    nullable({
      name: 'wrong_tables',
      type: 'uint32',
      unit: 'tables',
      description: 'Tables of learned addresses that pointed elsewhere when the VM resumed at its new place',
    }),
    nullable(
      whole('half_right_ns', 'ns', 'From resumption until half of these pointed to the new place, or held it no more'),
    ),
    nullable(whole('all_right_ns', 'ns', 'The same for all of them')),
    nullable({
      name: 'still_wrong_tables',
      type: 'uint32',
      unit: 'tables',
      description: 'Of these, tables that pointed elsewhere to the end of the run, or until the VM moved on',
    }),
    nullable(
      whole('flooded_copies', 'frames', 'Copies of unicast frames for it, flooded until the last of these was right'),
    ),
    nullable({ name: 'prober', type: 'utf8', description: 'The VM that probed it; null if none did' }),
    whole('sent_probes', 'frames', 'Probes sent to it'),
    whole('lost_probes', 'frames', 'Probes that did not arrive by the end of the run'),
    nullable(
      whole(
        'outage_ns',
        'ns',
        'From the last probe that arrived before the pause (or else the first one sent) to the first after it',
      ),
    ),
    nullable({
      name: 'is_outage_over',
      type: 'bool',
      description: 'Whether a probe arrived at the new place; false: the outage is outage_ns or longer',
    }),
    whole('lost_frames', 'frames', 'Unicast frames for it that arrived where it did not run'),
    whole('misdelivered_frames', 'frames', 'Of these, known unicast that was sent to the old place after it had left'),
    whole('blackholed_frames', 'frames', 'Of these, frames that a switch on the way took no further'),
  ],
} as const satisfies TableDefinition;

/** What failed. */
export const FAILURES = {
  name: 'failures',
  description:
    'Everything that failed within the run, in the order in which it did, with what happened from then until its repair ' +
    'or the end of the run, whatever it was due to: failures that overlap count the same losses.',
  columns: [
    dictionary('kind', 'What failed', FAILURE_KINDS),
    { name: 'name', type: 'utf8', description: 'Its name; of a rack, that of its switch' },
    whole('fail_ns', 'ns', 'It fails'),
    nullable(whole('restore_ns', 'ns', 'It comes back; null if not within the run')),
    {
      name: 'vm_count',
      type: 'uint32',
      unit: 'VMs',
      description: 'VMs that went down with servers; not those that have yet to boot, or were down already',
    },
    {
      name: 'change_count',
      type: 'uint32',
      description:
        'Links, port states and the choices of bonds that changed, and times that routes were computed, until the repair',
    },
    whole('convergence_ns', 'ns', 'From the failure to the last of these'),
    nullable({
      name: 'repair_change_count',
      type: 'uint32',
      description: 'The same from the repair until the next failure or repair of anything',
    }),
    nullable(whole('repair_convergence_ns', 'ns', 'From the repair to the last of these')),
    nullable(
      whole(
        'tables_right_ns',
        'ns',
        'From the failure until no entry of a table points elsewhere than to where its VM can be reached; null if some ' +
          'did so until the repair or the end. To 10 ms or a twentieth, of up to 256 VMs, without what tables have yet to learn of migrations',
      ),
    ),
    nullable(
      whole('repair_tables_right_ns', 'ns', 'The same from the repair, until anything else fails or comes back'),
    ),
    whole('link_down_frames', 'frames', 'Frames sent to a link that was down, or under way on it'),
    whole('no_route_frames', 'frames', 'Frames that no route led any further'),
    whole('unresolved_frames', 'frames', 'Frames for whose next hop ARP found no address'),
    whole('station_gone_frames', 'frames', 'Frames that reached a VM that did not run'),
    whole('failed_flows', 'flows', 'Flows that failed: nobody answered'),
    whole('incomplete_flows', 'flows', 'Flows that lost data'),
  ],
} as const satisfies TableDefinition;

/** What the spanning tree did. */
export const STP_EVENTS = {
  name: 'stp_events',
  description: 'Every change of a port state and of a topology change, at the moment it happened.',
  columns: [
    TIME,
    dictionary('switch', 'The switch'),
    dictionary('event', 'What changed', STP_EVENT_KINDS),
    nullable({ name: 'port', type: 'utf8', description: 'The port; null for a topology change' }),
    dictionary('from_state', 'The state before', STP_STATES),
    dictionary('to_state', 'The state from now on', STP_STATES),
    {
      name: 'tree',
      type: 'uint32',
      description:
        'The spanning tree: of MSTP the instance, else a class of VLANs that share one; 0 where there is one',
    },
  ],
} as const satisfies TableDefinition;

/** Links that went up and down. */
export const LINK_EVENTS = {
  name: 'link_events',
  description:
    'Every time that a link came up or went down. Bridged links come up as the run starts; routed ones are up from the ' +
    'start, without a row that says so.',
  columns: [TIME, dictionary('link', 'The link'), { name: 'is_up', type: 'bool', description: 'Whether it came up' }],
} as const satisfies TableDefinition;

/** Frames that were followed. */
export const TRACES = {
  name: 'traces',
  description:
    'Every frame that was followed hop by hop, as `trace` of the scenario asks; else no row. Copies are known by their ' +
    'headers: a station that sends the same again while copies are under way begins another trace.',
  columns: [
    { name: 'trace', type: 'uint32', description: 'Its number' },
    dictionary('kind', 'Why it was followed', TRACE_KINDS),
    dictionary('cause', 'Why it is flooded', FLOOD_CAUSES),
    { name: 'segment', type: 'uint32', description: 'The VLAN id, or the VNI' },
    { name: 'from_node', type: 'utf8', description: 'The node that sent it first' },
    { name: 'source', type: 'utf8', description: 'Its source address' },
    { name: 'destination', type: 'utf8', description: 'Its destination address' },
    nullable({
      name: 'migration',
      type: 'uint32',
      description: 'The migration that it announces: a row of migrations, from 0; null for a flood',
    }),
    nullable({ name: 'round', type: 'uint32', description: 'Which announcement of that migration it is, from 0' }),
    whole('start_ns', 'ns', 'When it was sent'),
    { name: 'hop_count', type: 'uint32', description: 'Its rows in trace_hops' },
    { name: 'is_cut', type: 'bool', description: 'Whether it had more hops than are kept' },
  ],
} as const satisfies TableDefinition;

/** The ways of frames that were followed. */
export const TRACE_HOPS = {
  name: 'trace_hops',
  description:
    'Every copy of a frame that was followed, on every wire, in the order of sending. Copies to servers of a switch that ' +
    'none of them reacts to are one row without a link.',
  columns: [
    { name: 'trace', type: 'uint32', description: 'The number of the frame' },
    whole('sent_ns', 'ns', 'When it was handed to the port; it may have waited there'),
    nullable(whole('arrived_ns', 'ns', 'When it had arrived and was looked at; null: it did not, or nobody looked')),
    nullable(dictionary('link', 'The link; null for copies to several servers')),
    { name: 'from_node', type: 'utf8', description: 'The node that it left' },
    nullable({ name: 'to_node', type: 'utf8', description: 'The node at the other end; null for several servers' }),
    { name: 'is_encapsulated', type: 'bool', description: 'Whether it was inside a VXLAN packet' },
    { name: 'copies', type: 'uint32', unit: 'frames', description: 'Copies: 1, but to several servers' },
    {
      name: 'sent_on_copies',
      type: 'uint32',
      unit: 'frames',
      description: 'Copies that the other end sent on at once',
    },
    dictionary('outcome', 'What became of it at the other end', TRACE_OUTCOMES),
  ],
} as const satisfies TableDefinition;

/** How tables followed migrations that were followed. */
export const TRACE_TABLES = {
  name: 'trace_tables',
  description:
    'For each migration that was followed, every table of learned addresses that pointed elsewhere when the VM resumed, ' +
    'with the time at which it pointed to its new place or held it no more.',
  columns: [
    { name: 'migration', type: 'uint32', description: 'The migration: a row of migrations, from 0' },
    { name: 'vm', type: 'utf8', description: 'The VM' },
    { name: 'switch', type: 'utf8', description: "The switch or server of the table's bridge or VTEP" },
    dictionary('table_kind', 'What kind of table', TABLE_KINDS),
    whole('resume_ns', 'ns', 'When the VM resumed at its new place'),
    nullable(whole('right_ns', 'ns', 'When the table was right; null: not by the end of the run')),
  ],
} as const satisfies TableDefinition;

/** The run itself. */
export const RUN = {
  name: 'run',
  description: 'The run, in one row. This file gets its name last: where it is, all the others are complete.',
  columns: [
    { name: 'scenario_title', type: 'utf8', description: 'Title of the scenario' },
    { name: 'scenario_digest', type: 'utf8', description: 'Hash of the scenario with all its defaults' },
    { name: 'fabric', type: 'utf8', description: 'Name of the fabric in the scenario' },
    { name: 'kind', type: 'utf8', description: 'Kind of the fabric' },
    { name: 'seed', type: 'int64', description: 'Seed of all random streams' },
    { name: 'version', type: 'utf8', description: 'Version of the simulator' },
    { name: 'fingerprint', type: 'utf8', description: 'Hash of everything that happened: equal runs have equal ones' },
    { name: 'is_complete', type: 'bool', description: 'Whether the run reached its end; false: it was interrupted' },
    whole('duration_ns', 'ns', 'Simulated time that the scenario asks for'),
    whole('simulated_ns', 'ns', 'Simulated time that the run reached'),
    whole('warmup_ns', 'ns', 'Simulated time at the beginning that the summary in run.json leaves out, and no table'),
    whole('event_count', 'events', 'Events of the simulation'),
    whole('frame_hops', 'frames', 'Frames that crossed a wire, each once per wire'),
    whole('hop_events', 'trains', 'The same, with a train of identical frames counted once'),
    whole('created_frames', 'frames', 'Frames that came into being: sent, or copied in a flood'),
    whole('delivered_frames', 'frames', 'Frames taken in by the station they were for'),
    whole('useless_frames', 'frames', 'Frames that servers took in for nothing'),
    {
      name: 'violated_invariants',
      type: 'uint32',
      description: 'Checks of run_invariants that failed: the results of such a run are not to be trusted',
    },
  ],
} as const satisfies TableDefinition;

/** How the frames of the run ended. */
export const RUN_OUTCOMES = {
  name: 'run_outcomes',
  description: 'How the frames of the run ended, one row per outcome. Frames still under way at the end are in none.',
  columns: [dictionary('outcome', 'How they ended', OUTCOME_MEANINGS), whole('frames', 'frames', 'Frames')],
} as const satisfies TableDefinition;

/** Whether the counters of the run agree with one another. */
export const RUN_INVARIANTS = {
  name: 'run_invariants',
  description: "Checks of the run's own bookkeeping, made at its end: each holds, or dcfabric has a mistake.",
  columns: [
    dictionary('invariant', 'Which two counts were compared', INVARIANTS),
    nullable(
      dictionary('cause', 'The cause of the floods that were counted; null where that is not asked', FLOOD_CAUSES),
    ),
    whole('left', 'as the counts', 'The first of them'),
    dictionary('relation', 'What has to hold', RUN_INVARIANT_RELATIONS),
    whole('right', 'as the counts', 'The second'),
    { name: 'holds', type: 'bool', description: 'Whether it does' },
  ],
} as const satisfies TableDefinition;

/** All tables, in the order in which files are completed: `run` last. */
export const RESULT_TABLES: readonly TableDefinition[] = [
  NODES,
  LINKS,
  SWITCH_SAMPLES,
  SEGMENT_SAMPLES,
  LINK_SAMPLES,
  FLOOD_SAMPLES,
  LINK_FLOODS,
  SEGMENT_FLOODS,
  SEGMENT_REACH,
  MIGRATIONS,
  FAILURES,
  STP_EVENTS,
  LINK_EVENTS,
  TRACES,
  TRACE_HOPS,
  TRACE_TABLES,
  RUN_OUTCOMES,
  RUN_INVARIANTS,
  RUN,
];
