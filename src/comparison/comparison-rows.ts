import { formatDuration } from '../units.ts';
import type { ComparedResult } from './compared-result.ts';
import { measuredCount, measuredDuration, measuredRate, measuredRatio, measuredSize, NOTHING } from './format.ts';
import { distinct, inWords } from './words.ts';

/** One quantity of all fabrics; null where a fabric does not have it. */
export interface ComparisonRow {
  readonly label: string;
  readonly values: readonly (number | string | null)[];
  readonly format: (value: number) => string;
  /** It only says how the run was set up, or is not a number. */
  readonly isPlain?: boolean;
}

export interface ComparisonGroup {
  readonly title: string;
  readonly rows: readonly ComparisonRow[];
}

type Value = (result: ComparedResult) => number | null;

/** Everything that a comparison shows, group by group; values in the order of the results. */
export function comparisonGroups(results: readonly ComparedResult[]): ComparisonGroup[] {
  return [
    { title: 'MAC tables', rows: macTableRows(results) },
    { title: 'Limits', rows: limitRows(results) },
    { title: 'Flooding', rows: floodingRows(results) },
    { title: 'Migration', rows: migrationRows(results) },
    ...gatewayGroup(results),
    ...controlPlaneGroup(results),
    { title: 'Fabric', rows: fabricRows(results) },
    { title: 'Run', rows: runRows(results) },
  ];
}

/** Of all bytes on all links, the share that was flooded, 0 to 1; null if nothing was sent. */
export function floodedRatio(result: ComparedResult): number | null {
  return ratioOfBytes(result, result.summary.flooding.floodedBytes);
}

function ratioOfBytes({ summary: { flooding } }: ComparedResult, bytes: number): number | null {
  return flooding.allBytes === 0 ? null : bytes / flooding.allBytes;
}

type MacTables = ComparedResult['summary']['macTables'][number];

const TABLE_OWNERS: Readonly<Record<string, string>> = {
  bridge: 'MAC tables',
  tunnel: 'VTEP tables',
  dci_tunnel: 'VTEP tables of other sites',
};

function macTableRows(results: readonly ComparedResult[]): ComparisonRow[] {
  const sets = distinct(results.flatMap(({ summary }) => summary.macTables.map(({ tier, kind }) => `${tier} ${kind}`)));
  return sets.flatMap((set) => {
    const [tier, kind] = set.split(' ') as [string, string];
    const name = `${tier} ${TABLE_OWNERS[kind] ?? kind}`;
    const of = (value: (tables: MacTables) => number | null) => (result: ComparedResult) => {
      const tables = result.summary.macTables.find((one) => one.tier === tier && one.kind === kind);
      return tables === undefined ? null : value(tables);
    };
    const count = (label: string, value: (tables: MacTables) => number | null) =>
      row(results, label, of(value), measuredCount);
    const rows = [
      { ...count(name, ({ tables }) => tables), isPlain: true },
      count('  most entries in one', ({ entriesMax }) => entriesMax),
      count('  mean entries', ({ entriesMean }) => entriesMean),
      { ...count('  capacity of one', ({ capacity }) => capacity), isPlain: true },
      count('  tables that were full', ({ capacity, fullTables }) => (capacity === null ? null : fullTables)),
      row(
        results,
        '  the first was full after',
        of(({ firstFull }) => firstFull?.timeNs ?? null),
        measuredDuration,
      ),
      count('  learned', ({ learned }) => learned),
      count('  moved to another port', ({ moved }) => moved),
      count('  aged out', ({ aged }) => aged),
      count('  refused for want of room', ({ refused }) => refused),
      count('  evicted by others', ({ evicted }) => evicted),
      count('  of both, lost to others of their hash', ({ collided }) => collided),
      count('  too busy to learn', ({ postponed }) => postponed),
      count('  refused by a limited port', ({ portLimited }) => portLimited),
    ];
    return rows.filter(({ values }, index) => index < 2 || values.some((value) => value !== null && value !== 0));
  });
}

/** What people call what runs out. */
export const LIMIT_WORDS: Readonly<Record<LimitName, string>> = {
  vlan_ids: 'VLAN identifiers',
  mac_table: 'MAC table',
  vtep_peers: 'VTEP peers',
  vnis: 'VNIs of a VTEP',
  stp_ports: 'spanning-tree ports',
  port_queue: 'port queue',
  mroutes: 'multicast routes',
  multicast_groups: 'multicast groups of a VTEP',
  host_entries: 'host table',
};

type LimitName = ComparedResult['summary']['limits'][number]['limit'];

function limitRows(results: readonly ComparedResult[]): ComparisonRow[] {
  const limitOf = (name: string, { summary }: ComparedResult) => summary.limits.find(({ limit }) => limit === name);
  const limits = distinct(results.flatMap(({ summary }) => summary.limits.map(({ limit }) => limit))) as LimitName[];
  return [
    text(results, 'bound first', ({ summary: { limits: bound } }) =>
      bound[0] === undefined ? 'none' : LIMIT_WORDS[bound[0].limit],
    ),
    ...limits.flatMap((limit) => [
      row(
        results,
        `${LIMIT_WORDS[limit]}: first after`,
        (result) => limitOf(limit, result)?.firstNs ?? null,
        measuredDuration,
      ),
      ...named(text(results, '  at', (result) => limitOf(limit, result)?.device ?? NOTHING)),
      row(results, '  how often', (result) => limitOf(limit, result)?.count ?? 0, measuredCount),
    ]),
    row(results, 'segments refused', ({ summary }) => summary.refused.segments, measuredCount),
    row(results, 'VMs without network', ({ summary }) => summary.refused.vms, measuredCount),
  ];
}

/** The row, unless no fabric has a name to say. */
function named(names: ComparisonRow): ComparisonRow[] {
  return names.values.every((value) => value === NOTHING) ? [] : [names];
}

/** Smaller shares of all bytes are no rows of their own. */
const CAUSE_RATIO_SHOWN_MIN = 5e-6;

type Multicast = NonNullable<ComparedResult['summary']['multicast']>;

type Cause = ComparedResult['summary']['flooding']['byCause'][number];

function floodingRows(results: readonly ComparedResult[]): ComparisonRow[] {
  const causes = distinct(results.flatMap(({ summary }) => summary.flooding.byCause.map(({ cause }) => cause)));
  const byCause = (value: (flooded: Cause, result: ComparedResult) => number, format: (value: number) => string) =>
    causes.map((cause) =>
      row(
        results,
        `  ${inWords(cause)}`,
        (result) => {
          const flooded = result.summary.flooding.byCause.find((one) => one.cause === cause);
          return flooded === undefined ? 0 : value(flooded, result);
        },
        format,
      ),
    );
  const ownBytes: Value = ({ summary }) => summary.flooding.ownGroupBytes;
  const allCopies: Value = ({ summary }) => summary.flooding.byCause.reduce((sum, cause) => sum + cause.copies, 0);
  return [
    row(results, 'flooded bytes', ({ summary }) => summary.flooding.floodedBytes, measuredSize),
    ...occurring([
      ...byCause(({ linkBytes }) => linkBytes, measuredSize),
      row(results, '  by the senders themselves', ownBytes, measuredSize),
    ]),
    row(results, 'share of all bytes', floodedRatio, measuredRatio),
    ...byCause(({ linkBytes }, result) => ratioOfBytes(result, linkBytes) ?? 0, measuredRatio).filter(({ values }) =>
      values.some((value) => typeof value === 'number' && value >= CAUSE_RATIO_SHOWN_MIN),
    ),
    row(results, 'copies by cause', allCopies, measuredCount),
    ...occurring(byCause(({ copies }) => copies, measuredCount)),
    row(
      results,
      'flooded frames between switches',
      ({ summary }) => summary.flooding.fabricFloodedFrames,
      measuredCount,
    ),
    row(
      results,
      'most flooded bytes on a link',
      ({ summary }) => summary.flooding.peakLink?.floodedBytes ?? 0,
      measuredSize,
    ),
    text(results, '  which is', ({ summary }) => summary.flooding.peakLink?.link ?? NOTHING),
    row(results, 'fastest flood on a link', ({ summary }) => summary.floodPeak?.rateBitsPerSec ?? 0, measuredRate),
    text(results, '  which is', ({ summary }) => summary.floodPeak?.link ?? NOTHING),
    ...occurring([row(results, '  until', ({ summary }) => summary.floodPeak?.untilNs ?? null, measuredDuration)]),
    row(
      results,
      'hosts that a broadcast reached, mean',
      ({ summary }) => summary.flooding.reach.hostsMean,
      measuredCount,
    ),
    row(
      results,
      '  in the widest segment',
      ({ summary }) => summary.flooding.reach.widest?.hostsMean ?? null,
      measuredCount,
    ),
    text(results, '  which is', ({ summary }) => `${summary.flooding.reach.widest?.segment ?? NOTHING}`),
    ...multicastRows(results),
    row(results, 'frames taken in for nothing', ({ summary }) => summary.flooding.uselessFrames, measuredCount),
  ];
}

/** What multicast takes of routers, if any fabric has it. */
function multicastRows(results: readonly ComparedResult[]): ComparisonRow[] {
  const of = (value: (multicast: Multicast) => number) => (result: ComparedResult) =>
    result.summary.multicast === null ? null : value(result.summary.multicast);
  if (results.every(({ summary }) => summary.multicast === null)) return [];
  return [
    {
      ...row(
        results,
        'multicast groups',
        of(({ groups }) => groups),
        measuredCount,
      ),
      isPlain: true,
    },
    row(
      results,
      '  most routes in a router',
      of(({ entriesMax }) => entriesMax),
      measuredCount,
    ),
    ...named(text(results, '  which is', ({ summary }) => summary.multicast?.device ?? NOTHING)),
    ...occurring([
      row(
        results,
        '  most routes of sources in one',
        of(({ sourceEntriesMax }) => sourceEntriesMax),
        measuredCount,
      ),
      row(
        results,
        '  packets of new sources, registered',
        of(({ registers }) => registers),
        measuredCount,
      ),
      row(
        results,
        '  of these lost',
        of(({ lostRegisters }) => lostRegisters),
        measuredCount,
      ),
    ]),
  ];
}

function migrationRows(results: readonly ComparedResult[]): ComparisonRow[] {
  if (results.every(({ summary }) => summary.migrations.planned === 0)) {
    return [text(results, 'planned', () => 'none')];
  }
  const refusals = distinct(results.flatMap(({ summary }) => summary.migrations.refusals.map(({ reason }) => reason)));
  const unended = row(
    results,
    '  not over in the end',
    ({ summary }) => summary.migrations.unendedOutages,
    measuredCount,
  );
  return [
    { ...row(results, 'planned', ({ summary }) => summary.migrations.planned, measuredCount), isPlain: true },
    row(results, '  done', ({ summary }) => summary.migrations.done, measuredCount),
    ...occurring([
      ...refusals.map((reason) =>
        row(
          results,
          `  refused: ${inWords(reason)}`,
          ({ summary }) => summary.migrations.refusals.find((one) => one.reason === reason)?.count ?? 0,
          measuredCount,
        ),
      ),
      row(results, '  given up', ({ summary }) => summary.migrations.givenUp, measuredCount),
      row(results, '  failed with a server', ({ summary }) => summary.migrations.failed, measuredCount),
      row(results, '  done under a new address', ({ summary }) => summary.migrations.readdressed, measuredCount),
      row(results, '  paused longer than the limit', ({ summary }) => summary.migrations.forced, measuredCount),
    ]),
    row(results, 'copying, median', ({ summary }) => summary.migrations.copyNs.p50, measuredDuration),
    row(results, 'copying, longest', ({ summary }) => summary.migrations.copyNs.max, measuredDuration),
    ...occurring([
      row(results, 'copies held back by links, summed', ({ summary }) => summary.migrations.sharedNs, measuredDuration),
      row(results, 'copies without a path, summed', ({ summary }) => summary.migrations.stalledNs, measuredDuration),
    ]),
    row(results, 'pause, longest', ({ summary }) => summary.migrations.downtimeNs.max, measuredDuration),
    row(results, 'all tables right, median', ({ summary }) => summary.migrations.catchUpNs.p50, measuredDuration),
    row(results, 'all tables right, longest', ({ summary }) => summary.migrations.catchUpNs.max, measuredDuration),
    ...occurring([
      row(results, '  not by the end', ({ summary }) => summary.migrations.notCaughtUp, measuredCount),
      row(results, 'flooded copies meanwhile', ({ summary }) => summary.migrations.floodedCopies, measuredCount),
    ]),
    row(results, 'outage, median', ({ summary }) => summary.migrations.outageNsP50, measuredDuration),
    row(results, 'outage, 99th percentile', ({ summary }) => summary.migrations.outageNsP99, measuredDuration),
    row(results, 'outage, longest', ({ summary }) => summary.migrations.outageNsMax, measuredDuration),
    ...occurring([unended]),
    row(results, 'lost frames', ({ summary }) => summary.migrations.lostFrames, measuredCount),
    row(results, 'frames to the old place', ({ summary }) => summary.migrations.misdeliveredFrames, measuredCount),
  ];
}

/** What routing between segments needs; nothing where nobody routes. */
function gatewayGroup(results: readonly ComparedResult[]): ComparisonGroup[] {
  if (results.every(({ summary }) => summary.gateways.devices === 0)) return [];
  const count = (label: string, value: (gateways: ComparedResult['summary']['gateways']) => number) =>
    row(results, label, ({ summary }) => value(summary.gateways), measuredCount);
  const rows = [
    { ...count('gateways', ({ devices }) => devices), isPlain: true },
    count('  most segments of one', ({ segmentsMax }) => segmentsMax),
    count('  most VNIs of one', ({ vnisMax }) => vnisMax),
    count('  most ARP entries in one', ({ arpEntriesMax }) => arpEntriesMax),
    count('  most host routes in one', ({ hostRoutesMax }) => hostRoutesMax),
    count('  most subnets behind others', ({ prefixesMax }) => prefixesMax),
    count('ARP entries in all', ({ arpEntries }) => arpEntries),
    count('host routes in all', ({ hostRoutes }) => hostRoutes),
  ];
  return [{ title: 'Gateways', rows: occurring(rows) }];
}

/** What people call the messages of a control protocol. */
const MESSAGE_WORDS = { bpdu: 'BPDUs', bgp: 'BGP updates' } as const;

type ProtocolLoad = ComparedResult['summary']['controlPlane']['messages'][number];

/** What control protocols make switches do; nothing where none speaks. */
function controlPlaneGroup(results: readonly ComparedResult[]): ComparisonGroup[] {
  const loads = results.flatMap(({ summary }) => summary.controlPlane.messages);
  const rows = distinct(loads.map(({ protocol }) => protocol)).flatMap((protocol) => {
    const of = ({ summary }: ComparedResult) => summary.controlPlane.messages.find((one) => one.protocol === protocol);
    const words = MESSAGE_WORDS[protocol as ProtocolLoad['protocol']];
    return [
      row(results, `${words} sent`, (result) => of(result)?.sent ?? 0, measuredCount),
      row(results, `${words} received`, (result) => of(result)?.received ?? 0, measuredCount),
      ...occurring([row(results, '  bytes', (result) => of(result)?.sentBytes ?? null, measuredSize)]),
      row(results, '  in a second, most at one switch', (result) => of(result)?.perSecondMax ?? 0, measuredCount),
      ...named(text(results, '  which is', (result) => of(result)?.device ?? NOTHING)),
    ];
  });
  const routes = occurring([
    row(results, 'most routes in one device', ({ summary }) => summary.controlPlane.routes?.max ?? null, measuredCount),
  ]);
  return rows.length === 0 ? [] : [{ title: 'Control plane', rows: [...rows, ...routes] }];
}

function fabricRows(results: readonly ComparedResult[]): ComparisonRow[] {
  const outcomes = distinct(results.flatMap(({ summary }) => summary.drops.map(({ outcome }) => outcome)));
  const drops = outcomes.flatMap((outcome) => [
    row(
      results,
      `dropped frames: ${inWords(outcome.replace(/^drop_/, ''))}`,
      ({ summary }) => summary.drops.find((one) => one.outcome === outcome)?.frames ?? 0,
      measuredCount,
    ),
    ...(outcome === 'drop_storm_control' ? stormRows(results) : []),
  ]);
  return [
    { ...row(results, 'links between switches', ({ summary }) => summary.links.total, measuredCount), isPlain: true },
    row(results, '  blocked at the end', ({ summary }) => summary.links.blocked, measuredCount),
    row(results, '  forwarding at the end', ({ summary }) => summary.links.forwarding, measuredCount),
    row(results, 'usable bisection bandwidth', ({ summary }) => summary.links.bisectionBitsPerSec, measuredRate),
    ...occurring([
      row(results, 'failures', ({ summary }) => summary.failures.count, measuredCount),
      row(results, '  VMs that went down', ({ summary }) => summary.failures.vms, measuredCount),
      row(results, '  last change after one', ({ summary }) => summary.failures.convergenceNsMax, measuredDuration),
      row(
        results,
        '  all tables right after one, longest',
        ({ summary }) => summary.failures.tablesRightNs.max,
        measuredDuration,
      ),
      row(
        results,
        '  all tables right after a repair, longest',
        ({ summary }) => summary.failures.tablesRightAfterRepairNs.max,
        measuredDuration,
      ),
      row(
        results,
        '  tables still wrong in the end',
        ({ summary }) => summary.failures.tablesStillWrong,
        measuredCount,
      ),
      row(
        results,
        '  frames lost at dead links, or without a route',
        ({ summary }) => summary.failures.lostFrames,
        measuredCount,
      ),
    ]),
    row(results, 'bytes on all links', ({ summary }) => summary.flooding.allBytes, measuredSize),
    ...occurring([
      row(results, 'bytes between sites', ({ summary }) => summary.betweenSites?.bytes ?? null, measuredSize),
      row(results, '  flooded', ({ summary }) => summary.betweenSites?.floodedBytes ?? null, measuredSize),
      row(results, '  copies of floods', ({ summary }) => summary.betweenSites?.floodedFrames ?? null, measuredCount),
    ]),
    ...occurring([
      row(results, 'bytes to the outside', ({ summary }) => summary.outside?.sentBytes ?? null, measuredSize),
      row(results, '  from there', ({ summary }) => summary.outside?.receivedBytes ?? null, measuredSize),
      row(
        results,
        '  of the busiest border leaf, both ways',
        ({ summary: { outside } }) =>
          outside === null ? null : outside.busiest.sentBytes + outside.busiest.receivedBytes,
        measuredSize,
      ),
    ]),
    ...named(text(results, '    which is', ({ summary }) => summary.outside?.busiest.border ?? NOTHING)),
    row(results, 'known unicast between switches', ({ summary }) => summary.unicast.fabricBytes, measuredSize),
    row(
      results,
      '  for each delivered byte',
      ({ summary }) => summary.unicast.fabricBytesPerDelivered,
      (bytes) => bytes.toFixed(2),
    ),
    row(results, 'encapsulation overhead', ({ summary }) => summary.flooding.overheadBytes, measuredSize),
    row(
      results,
      '  share of all bytes',
      (result) => ratioOfBytes(result, result.summary.flooding.overheadBytes),
      measuredRatio,
    ),
    { ...row(results, 'VMs arrived', ({ summary }) => summary.vms.arrived, measuredCount), isPlain: true },
    ...occurring([
      { ...row(results, '  ended', ({ summary }) => summary.vms.ended, measuredCount), isPlain: true },
      {
        ...row(results, '  refused for want of servers', ({ summary }) => summary.vms.refused, measuredCount),
        isPlain: true,
      },
    ]),
    row(results, 'flows started', ({ summary }) => summary.flows.started, measuredCount),
    row(results, 'flows finished', ({ summary }) => summary.flows.finished, measuredCount),
    row(results, 'flows failed', ({ summary }) => summary.flows.failed, measuredCount),
    row(results, 'flows incomplete', ({ summary }) => summary.flows.incomplete, measuredCount),
    ...occurring([row(results, 'flows abandoned', ({ summary }) => summary.flows.abandoned, measuredCount)]),
    row(results, 'delivered bytes', ({ summary }) => summary.flows.deliveredBytes, measuredSize),
    ...drops,
  ];
}

function runRows(results: readonly ComparedResult[]): ComparisonRow[] {
  return [
    text(results, 'simulated', ({ simulatedNs, isComplete }) => {
      return `${isComplete ? formatDuration(simulatedNs) : `only ${measuredDuration(simulatedNs)}`}`;
    }),
    ...occurring([
      { ...row(results, '  of it left out as warm-up', ({ warmUpNs }) => warmUpNs, formatDuration), isPlain: true },
    ]),
    row(results, 'events', ({ events = null }) => events, measuredCount),
    row(results, 'frame-hops', ({ frameHops = null }) => frameHops, measuredCount),
    row(results, '  a train counted once', ({ hops = null }) => hops, measuredCount),
    row(results, '  of these, together with others', ({ groupedHops = null }) => groupedHops, measuredCount),
    row(results, 'wall time', ({ wallNs = null }) => wallNs, measuredDuration),
    row(
      results,
      'frame-hops per second',
      ({ frameHops, wallNs }) => (frameHops === undefined || wallNs === undefined ? null : (frameHops / wallNs) * 1e9),
      measuredCount,
    ),
    row(results, 'peak memory of the process', ({ peakRssBytes = null }) => peakRssBytes, measuredSize),
  ];
}

function row(
  results: readonly ComparedResult[],
  label: string,
  value: Value,
  format: (value: number) => string,
): ComparisonRow {
  return { label, values: results.map(value), format };
}

function text(
  results: readonly ComparedResult[],
  label: string,
  value: (result: ComparedResult) => string,
): ComparisonRow {
  return { label, values: results.map(value), format: String, isPlain: true };
}

/** What storm control stopped. */
function stormRows(results: readonly ComparedResult[]): ComparisonRow[] {
  const causes = distinct(results.flatMap(({ summary }) => summary.stormDrops.map(({ cause }) => cause)));
  return causes.map((cause) =>
    row(
      results,
      `  instead of floods: ${inWords(cause)}`,
      ({ summary }) => summary.stormDrops.find((one) => one.cause === cause)?.frames ?? 0,
      measuredCount,
    ),
  );
}

/** Rows of what occurred in one of the fabrics. */
function occurring(rows: readonly ComparisonRow[]): ComparisonRow[] {
  return rows.filter(({ values }) => values.some((value) => value !== null && value !== 0));
}
