import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pl from 'nodejs-polars';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bothObservers, FloodCause, OUTCOME_COUNT } from '../../src/device/observer.ts';
import { type CellValue, readArrowFile } from '../../src/metrics/arrow-file.ts';
import { TRAFFIC_CLASSES } from '../../src/metrics/column-values.ts';
import type { FailureRecord } from '../../src/metrics/failure-table.ts';
import type { MigrationRecord } from '../../src/metrics/migration-table.ts';
import { Recorder } from '../../src/metrics/recorder.ts';
import { RESULT_TABLES } from '../../src/metrics/tables.ts';
import { seconds } from '../../src/units.ts';
import { BROADCAST_ID } from '../../src/wire/address-book.ts';
import { SmallDatacenter, type SmallDatacenterOptions } from './small-datacenter.ts';

const METADATA = {
  scenarioTitle: 'A triangle of switches',
  scenarioDigest: 'd1ce',
  seed: 7,
  version: '1.2.3',
  fabric: 'vlan',
  kind: 'vlan-stp',
  durationNs: seconds(180),
  warmUpNs: 0,
};

/** How many samples `runThreeMinutes` takes. */
const SAMPLES = 8 + 5 + 10 + 17;

const EXAMPLE_MIGRATION: MigrationRecord = {
  vm: 1,
  segment: 1,
  fromServer: 0,
  toServer: 3,
  status: 'done',
  refusal: null,
  isForced: false,
  pathLinks: 4,
  bottleneckPort: -1,
  copyNs: 8e9,
  sharedNs: 0,
  stalledNs: 0,
  lostAnnouncements: 0,
  wrongTables: 2,
  halfRightNs: 1,
  allRightNs: 3,
  stillWrongTables: 0,
  floodedCopies: 7,
  blackholedFrames: 1,
  startNs: 1,
  pauseNs: 2,
  rounds: 3,
  transferredBytes: 2 ** 40,
  downtimeNs: 4,
  resumeNs: 6,
  announcement: 'rarp',
  announcedNs: [6, 7, 9],
  firstDeliveryNs: 8,
  proberVm: 2,
  sentProbes: 10,
  lostProbes: 5,
  outageNs: 11,
  isOutageOver: true,
  lostFrames: 12,
  misdeliveredFrames: 5,
};

const EXAMPLE_FAILURE: FailureRecord = {
  kind: 'rack',
  name: 'leaf',
  failNs: 1,
  restoreNs: null,
  vms: 3,
  changes: 4,
  convergenceNs: 5,
  changesAfterRepair: 0,
  convergenceAfterRepairNs: null,
  tablesRightNs: null,
  tablesRightAfterRepairNs: null,
  linkDownFrames: 6,
  noRouteFrames: 7,
  unresolvedFrames: 8,
  stationGoneFrames: 9,
  failedFlows: 10,
  incompleteFlows: 11,
};

let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'recorder-')), 'vlan-seed7');
});

afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true });
});

const pathOf = (table: string) => join(folder, `${table}.arrow`);
const rowsOf = (table: string) => readArrowFile(pathOf(table)).rows();

function record(datacenter: SmallDatacenter): Recorder {
  const recorder = new Recorder(datacenter.recorded, { folder, metadata: METADATA });
  const { network } = datacenter.devices;
  network.observer = bothObservers(network.observer, recorder.observer);
  return recorder;
}

/** Three minutes: the tree settles, every station says something to all and to another one, and a link fails. */
function runThreeMinutes(datacenter: SmallDatacenter, recorder: Recorder | null): void {
  const runUntil = (endSecond: number, everySeconds: number) => {
    while (datacenter.simulation.nowNs < seconds(endSecond)) {
      datacenter.runFor(seconds(everySeconds));
      recorder?.sample(datacenter.simulation.nowNs);
    }
  };
  datacenter.start();
  runUntil(80, 10);
  for (let station = 0; station < datacenter.stationCount; station++) {
    datacenter.send(station, 'all');
    datacenter.send(station, (station + 2) % datacenter.stationCount, 1500);
  }
  runUntil(84, 1);
  datacenter.learnBehindTunnel(3);
  runUntil(85, 1);
  datacenter.setLinkUp('leaf1-spine1', false);
  runUntil(95, 1);
  // whoever spoke last before speaks first now, so that a full table that forgot nothing would refuse it
  for (let station = datacenter.stationCount - 1; station >= 0; station--) datacenter.send(station, 'all');
  // after 150 s the topology change is over
  runUntil(170, 5);
  for (let station = 0; station < datacenter.stationCount; station++) datacenter.send(station, station ^ 2);
  runUntil(180, 5);
}

function recordThreeMinutes(options: SmallDatacenterOptions = {}): { datacenter: SmallDatacenter; recorder: Recorder } {
  const datacenter = new SmallDatacenter(options);
  const recorder = record(datacenter);
  runThreeMinutes(datacenter, recorder);
  return { datacenter, recorder };
}

function finish(datacenter: SmallDatacenter, recorder: Recorder, isComplete = true): void {
  const end = { fingerprint: datacenter.fingerprint.digest(), isComplete };
  recorder.finish(end, [EXAMPLE_MIGRATION], [EXAMPLE_FAILURE]);
}

/** A frame that is under way, and a table that is right at once. */
function follow({ recorded, devices: { servers, network } }: SmallDatacenter, { traces }: Recorder): void {
  const [port, peer] = recorded.links[0].ports;
  const hop = { port, peer, sentNs: 5, arrivedNs: null, isEncapsulated: false, copies: 1, outcome: null, sentOn: 0 };
  traces!.write({
    trace: 0,
    announcement: null,
    cause: 'broadcast_other',
    node: network.nodeOf(port),
    segment: 0,
    source: servers.addressOf(0),
    destination: BROADCAST_ID,
    startNs: 5,
    hops: [hop],
    isCut: false,
  });
  traces!.follow(0, 1);
  traces!.pointElsewhere(1, [0, 1]);
  traces!.right(1, 1);
}

const sumOf = (rows: readonly Record<string, CellValue>[], column: string) =>
  rows.reduce((sum, row) => sum + Number(row[column]), 0);

/** The last row for each different value of some columns. */
function lastOf(rows: readonly Record<string, CellValue>[], ...columns: string[]): Record<string, CellValue>[] {
  return [...new Map(rows.map((row) => [columns.map((column) => row[column]).join(), row])).values()];
}

const forAll = <T>(options: SmallDatacenterOptions, use: (datacenter: SmallDatacenter) => T): T => {
  const { datacenter, recorder } = recordThreeMinutes(options);
  finish(datacenter, recorder);
  return use(datacenter);
};

describe('recorder', () => {
  it('writes what there is, and what is cabled to what by which ports', () => {
    forAll({ macTableCapacity: 6 }, ({ recorded, devices: { network } }) => {
      const nodes = rowsOf('nodes');
      expect(nodes.map(({ name, tier }) => ({ name, tier }))).toEqual(
        recorded.nodes.map(({ name, tier }) => ({ name, tier })),
      );
      const capacities = nodes.map((row) => [row.bridge_capacity_entries, row.tunnel_capacity_entries]);
      expect(capacities).toEqual(nodes.map(({ tier }) => [tier === 'server' ? null : 6, null]));
      const links = rowsOf('links');
      expect(links.map(({ link }) => link)).toEqual(recorded.links.map(({ id }) => id));
      for (const [index, row] of links.entries()) {
        const { ports } = recorded.links[index];
        expect([row.a_node, row.b_node]).toEqual(ports.map((port) => network.nodeNames[network.nodeOf(port)]));
        expect([row.a_port, row.b_port]).toEqual(ports.map((port) => network.portNames[port]));
        expect(row.rate_bits_per_sec).toBe(network.rateBitsPerSecOf(ports[0]));
      }
      const portsOfLinks = new Set(links.flatMap((row) => [row.a_port, row.b_port]));
      for (const { port } of rowsOf('stp_events')) if (port !== null) expect(portsOfLinks).toContain(port);
    });
  });

  it('writes the links’ own counters', () => {
    forAll({}, ({ devices: { network }, recorded }) => {
      const rows = lastOf(rowsOf('link_samples'), 'link', 'direction');
      const ofPort = (link: string, end: number) =>
        rows.find((row) => row.link === link && row.direction === ['a_to_b', 'b_to_a'][end]);
      for (const { id, tier, ports } of recorded.links) {
        for (const [end, port] of ports.entries()) {
          const row = ofPort(id, end);
          expect(row?.tier).toBe(tier);
          for (const [index, name] of TRAFFIC_CLASSES.entries()) {
            expect(row?.[`${name}_frames`]).toBe(network.classFrames(port, index));
            expect(row?.[`${name}_bytes`]).toBe(network.classBytes(port, index));
          }
          expect(row?.overhead_bytes).toBe(network.overheadBytes(port));
          expect(row?.dropped_frames).toBe(network.droppedFrames(port));
        }
      }
      const allFrames = TRAFFIC_CLASSES.reduce((sum, name) => sum + sumOf(rows, `${name}_frames`), 0);
      expect(allFrames).toBe(network.hopFrames);
      expect(sumOf(rows, 'broadcast_frames')).toBeGreaterThan(0);
      expect(sumOf(rows, 'unknown_unicast_frames') + sumOf(rows, 'known_unicast_frames')).toBeGreaterThan(0);
    });
  });

  it('writes a link only when it has carried something since the sample before', () => {
    forAll({}, ({ recorded }) => {
      const rows = rowsOf('link_samples');
      const totals = rows.map((row) => TRAFFIC_CLASSES.reduce((sum, name) => sum + Number(row[`${name}_frames`]), 0));
      const lastTotals = new Map<string, number>();
      for (const [index, { link, direction }] of rows.entries()) {
        const key = `${link} ${direction}`;
        expect(totals[index]).toBeGreaterThan(lastTotals.get(key) ?? 0);
        lastTotals.set(key, totals[index]);
      }
      expect(lastTotals.size).toBe(recorded.links.length * 2);
      expect(rows.length).toBeLessThan(SAMPLES * lastTotals.size);
    });
  });

  it('writes what nodes flooded, as the network counted it', () => {
    forAll({}, ({ devices: { network } }) => {
      const rows = lastOf(rowsOf('flood_samples'), 'node', 'cause');
      const floods = network.nodeNames.flatMap((_name, node) => network.floodsOf(node));
      for (const column of ['frames', 'copies', 'bytes'] as const) {
        expect(sumOf(rows, column)).toBe(floods.reduce((sum, counts) => sum + counts[column], 0));
      }
      expect(new Set(rows.map(({ cause }) => cause))).toContain('broadcast_other');
    });
  });

  it('writes what links carried of floods, and the same by segment', () => {
    forAll({}, ({ devices: { network }, recorded }) => {
      const ofLinks = rowsOf('link_floods');
      const ports = recorded.links.flatMap((link) => link.ports);
      const other = ofLinks.filter(({ cause }) => cause === 'broadcast_other');
      const carried = ports.map((port) => network.floodedFrames(port, FloodCause.broadcastOther));
      expect(other.map(({ frames }) => frames)).toEqual(carried.filter((frames) => frames > 0));
      const ofSegments = lastOf(rowsOf('segment_floods'), 'segment', 'cause');
      expect(new Set(ofSegments.map(({ segment }) => segment))).toEqual(new Set([100, 101]));
      for (const unit of ['frames', 'bytes']) {
        expect(sumOf(ofSegments, unit)).toBe(sumOf(ofLinks, unit));
        expect(sumOf(ofSegments, unit)).toBeGreaterThan(0);
      }
    });
  });

  it('writes a segment only when something was flooded in it since the sample before', () => {
    forAll({}, () => {
      const rows = rowsOf('segment_floods');
      const last = new Map<string, number>();
      for (const { segment, cause, frames } of rows) {
        expect(Number(frames)).toBeGreaterThan(last.get(`${segment} ${cause}`) ?? 0);
        last.set(`${segment} ${cause}`, Number(frames));
      }
      expect(rows.length).toBeLessThan(SAMPLES * last.size);
    });
  });

  it('writes whom a segment’s broadcasts reached, and what was in vain', () => {
    const { datacenter, recorder } = recordThreeMinutes();
    const { servers, network } = datacenter.devices;
    const before = network.reach.reachedHosts(0);
    servers.announceByRarp(0);
    datacenter.runFor(seconds(1));
    recorder.sample(datacenter.simulation.nowNs);
    finish(datacenter, recorder);
    const rows = lastOf(rowsOf('segment_reach'), 'segment', 'segment');
    expect(rows.map(({ segment, group_frames }) => [segment, group_frames])).toEqual([
      [100, 1],
      [101, 0],
    ]);
    // the other three servers
    expect(network.reach.reachedHosts(0)).toBe(before + 3);
    expect(rows[0].reached_hosts).toBe(before + 3);
    expect(sumOf(rows, 'useless_frames')).toBe(servers.uselessFrames);
  });

  it('writes the tables’ own counters at every sample', () => {
    forAll({ macTableCapacity: 6 }, ({ devices: { bridges }, recorded }) => {
      const rows = rowsOf('switch_samples');
      expect(rows.length).toBe(SAMPLES * recorded.macTables.length);
      const last = rows.slice(-recorded.macTables.length);
      expect(last.map((row) => row.switch)).toEqual(['leaf1', 'leaf2', 'spine1', 'leaf1']);
      expect(last.map((row) => row.table_kind)).toEqual(['bridge', 'bridge', 'bridge', 'tunnel']);
      expect(last.map((row) => row.capacity_entries)).toEqual([6, 6, 6, null]);
      for (let table = 0; table < bridges.bridgeCount; table++) {
        expect(last[table].mac_entries).toBe(bridges.tables.entryCounts[table]);
        expect(last[table].learned_count).toBe(bridges.tables.learnedCounts[table]);
        expect(last[table].moved_count).toBe(bridges.tables.movedCounts[table]);
        expect(last[table].aged_count).toBe(bridges.tables.agedCounts[table]);
        expect(last[table].refused_count).toBe(bridges.tables.refusedCounts[table]);
        expect(last[table].flushed_count).toBe(bridges.tables.flushedCounts[table]);
      }
      expect(sumOf(last, 'refused_count')).toBeGreaterThan(0);
      expect(sumOf(last, 'flushed_count')).toBeGreaterThan(0);
    });
  });

  it.each([{}, { ageingTimeNs: seconds(3) }, { ageingTimeNs: seconds(3), implementation: 'linux-6.18' } as const])(
    'writes segments that add up to the tables (%o)',
    (options) => {
      forAll(options, () => {
        const segments = rowsOf('segment_samples');
        const keyOf = ({ time_ns, tier, table_kind }: Record<string, CellValue>) => `${time_ns} ${tier} ${table_kind}`;
        const entries = new Map<string, number>();
        for (const row of rowsOf('switch_samples')) {
          entries.set(keyOf(row), (entries.get(keyOf(row)) ?? 0) + Number(row.mac_entries));
        }
        for (const [key, sum] of entries) {
          expect([
            key,
            sumOf(
              segments.filter((row) => keyOf(row) === key),
              'mac_entries',
            ),
          ]).toEqual([key, sum]);
        }
        expect(new Set(segments.map(({ segment }) => segment))).toEqual(new Set([100, 101]));
        // the tunnel's one station has aged out a second later
        expect(segments.filter(({ table_kind }) => table_kind === 'tunnel')).toEqual([
          { time_ns: seconds(85), tier: 'leaf', table_kind: 'tunnel', segment: 101, mac_entries: 1, table_count: 1 },
        ]);
        expect(Math.max(...segments.map(({ table_count }) => Number(table_count)))).toBe(2);
      });
    },
  );

  it('counts an entry no more once it has reached the ageing time, though no frame asked for it', () => {
    forAll({ ageingTimeNs: seconds(3) }, () => {
      const leaf1 = rowsOf('switch_samples').filter((row) => row.switch === 'leaf1' && row.table_kind === 'bridge');
      const entriesAt = (second: number) => leaf1.find((row) => row.time_ns === seconds(second))?.mac_entries;
      expect([80, 81, 82, 83, 84].map(entriesAt)).toEqual([0, 8, 8, 0, 0]);
    });
  });

  it('writes every port state and topology change, and every link', () => {
    forAll({}, ({ devices: { bridges, spanningTrees }, recorded }) => {
      const events = rowsOf('stp_events');
      const states = lastOf(
        events.filter(({ event }) => event === 'port_state'),
        'switch',
        'port',
      );
      for (const { name, node } of recorded.nodes.filter(({ tier }) => tier !== 'server')) {
        const bridge = bridges.bridgeOf(node);
        const tree = spanningTrees.treeOf(bridge);
        for (let index = 0; index < (tree?.portCount ?? 0); index++) {
          const port = recorded.devices.network.portNames[spanningTrees.portAt(bridge, index)];
          const row = states.find((state) => state.switch === name && state.port === port);
          expect(row?.to_state).toBe(spanningTrees.stateNames[tree?.stateOf(index) ?? 0]);
        }
      }
      const changes = events.filter(({ event }) => event === 'topology_change');
      expect(changes.length).toBeGreaterThan(0);
      expect(changes.every(({ port }) => port === null)).toBe(true);
      expect(new Set(changes.map(({ from_state }) => from_state))).toEqual(new Set(['inactive', 'active']));
      const links = rowsOf('link_events');
      expect(links.slice(0, recorded.links.length)).toEqual(
        recorded.links.map(({ id }) => ({ time_ns: 0, link: id, is_up: true })),
      );
      expect(links.slice(recorded.links.length)).toEqual([
        { time_ns: seconds(85), link: 'leaf1-spine1', is_up: false },
      ]);
    });
  });

  it('writes one row about the run, and how its frames ended', () => {
    forAll({}, ({ devices: { network, servers }, simulation, fingerprint }) => {
      expect(rowsOf('run')).toEqual([
        {
          scenario_title: 'A triangle of switches',
          scenario_digest: 'd1ce',
          fabric: 'vlan',
          kind: 'vlan-stp',
          seed: 7,
          version: '1.2.3',
          fingerprint: fingerprint.digest(),
          is_complete: true,
          duration_ns: seconds(180),
          simulated_ns: seconds(180),
          warmup_ns: 0,
          event_count: simulation.eventCount,
          frame_hops: network.hopFrames,
          hop_events: network.hops,
          created_frames: network.createdFrames,
          delivered_frames: network.outcomeFrames[0],
          useless_frames: servers.uselessFrames,
          violated_invariants: 0,
        },
      ]);
      const outcomes = rowsOf('run_outcomes');
      // every outcome but the two that end nothing, and nothing is under way when all is quiet
      expect(outcomes.length).toBe(OUTCOME_COUNT - 2);
      expect(sumOf(outcomes, 'frames')).toBe(network.createdFrames);
    });
  });

  it('writes migrations, with nulls for what did not happen', () => {
    const { datacenter, recorder } = recordThreeMinutes();
    const refused = {
      ...EXAMPLE_MIGRATION,
      toServer: -1,
      status: 'refused',
      refusal: 'no_server',
      copyNs: 0,
      wrongTables: null,
      halfRightNs: null,
      allRightNs: null,
      pauseNs: null,
      resumeNs: null,
      rounds: 0,
      transferredBytes: 0,
      downtimeNs: 0,
      announcedNs: [],
      firstDeliveryNs: null,
      proberVm: null,
      outageNs: null,
      isOutageOver: false,
    } as const;
    const absent = { ...refused, fromServer: -1, refusal: 'not_running' } as const;
    const migrations = [EXAMPLE_MIGRATION, refused, absent];
    recorder.finish({ fingerprint: datacenter.fingerprint.digest(), isComplete: true }, migrations);
    const [done, none, nowhere] = rowsOf('migrations');
    expect(done).toEqual({
      vm: 'vm2',
      segment: 101,
      from_server: 'server1',
      to_server: 'server4',
      status: 'done',
      refusal: null,
      start_ns: 1,
      pause_ns: 2,
      resume_ns: 6,
      copy_rounds: 3,
      transferred_bytes: 2 ** 40,
      downtime_ns: 4,
      is_forced: false,
      copy_ns: 8e9,
      copy_rate_bits_per_sec: 2 ** 40,
      path_links: 4,
      bottleneck_link: null,
      shared_ns: 0,
      stalled_ns: 0,
      announcement: 'rarp',
      announcement_count: 3,
      first_announced_ns: 6,
      last_announced_ns: 9,
      lost_announcement_count: 0,
      first_delivery_ns: 8,
      wrong_tables: 2,
      half_right_ns: 1,
      all_right_ns: 3,
      still_wrong_tables: 0,
      flooded_copies: 7,
      prober: 'vm3',
      sent_probes: 10,
      lost_probes: 5,
      outage_ns: 11,
      is_outage_over: true,
      lost_frames: 12,
      misdelivered_frames: 5,
      blackholed_frames: 1,
    });
    expect(Object.keys(none).filter((name) => none[name] === null)).toEqual([
      'to_server',
      'pause_ns',
      'resume_ns',
      'copy_rounds',
      'transferred_bytes',
      'downtime_ns',
      'is_forced',
      'copy_ns',
      'copy_rate_bits_per_sec',
      'path_links',
      'bottleneck_link',
      'shared_ns',
      'stalled_ns',
      'first_announced_ns',
      'last_announced_ns',
      'first_delivery_ns',
      'wrong_tables',
      'half_right_ns',
      'all_right_ns',
      'still_wrong_tables',
      'flooded_copies',
      'prober',
      'outage_ns',
      'is_outage_over',
    ]);
    expect(nowhere).toEqual({ ...none, from_server: null, refusal: 'not_running' });
  });

  it('gives Polars what it gives our own reader, in every table', () => {
    const { datacenter, recorder } = recordThreeMinutes();
    follow(datacenter, recorder);
    finish(datacenter, recorder);
    for (const { name } of RESULT_TABLES) {
      const records = pl.readIPC(readFileSync(pathOf(name))).toRecords();
      expect([name, records]).toEqual([name, rowsOf(name)]);
      expect([name, records.length > 0]).toEqual([name, true]);
    }
  });

  it('leaves tables that nothing was written to readable and empty', () => {
    const datacenter = new SmallDatacenter();
    const recorder = record(datacenter);
    recorder.finish({ fingerprint: datacenter.fingerprint.digest(), isComplete: true }, []);
    for (const { name, columns } of RESULT_TABLES) {
      if (['nodes', 'links', 'run', 'run_outcomes', 'run_invariants'].includes(name)) continue;
      const table = readArrowFile(pathOf(name));
      expect([name, table.isComplete, table.rowCount]).toEqual([name, true, 0]);
      expect(pl.readIPC(readFileSync(pathOf(name))).columns).toEqual(columns.map((column) => column.name));
    }
  });

  it('says in every file which run it is of', () => {
    const { datacenter, recorder } = recordThreeMinutes();
    finish(datacenter, recorder);
    for (const { name, description } of RESULT_TABLES) {
      expect(readArrowFile(pathOf(name)).metadata).toEqual({
        table: name,
        description,
        seed: '7',
        scenario_digest: 'd1ce',
        version: '1.2.3',
        fabric: 'vlan',
        fingerprint: datacenter.fingerprint.digest(),
        is_complete: 'true',
      });
    }
  });

  it('finishes an interrupted run, and says that it is one', () => {
    const datacenter = new SmallDatacenter();
    const recorder = record(datacenter);
    datacenter.start();
    datacenter.runFor(seconds(31));
    recorder.sample(seconds(31));
    finish(datacenter, recorder, false);
    const [run] = rowsOf('run');
    expect([run.is_complete, run.simulated_ns, run.duration_ns]).toEqual([false, seconds(31), seconds(180)]);
    expect(readArrowFile(pathOf('switch_samples')).metadata.is_complete).toBe('false');
    expect(rowsOf('switch_samples').length).toBe(datacenter.recorded.macTables.length);
    expect(readdirSync(folder).length).toBe(RESULT_TABLES.length);
  });

  it('leaves partial files alone when it is abandoned', () => {
    const { recorder } = recordThreeMinutes();
    recorder.abandon();
    expect(readdirSync(folder).sort()).toEqual(RESULT_TABLES.map(({ name }) => `${name}.arrow.partial`).sort());
  });

  it('removes the tables of an earlier run before it writes its own', () => {
    const earlier = recordThreeMinutes();
    finish(earlier.datacenter, earlier.recorder);
    expect(existsSync(pathOf('run'))).toBe(true);
    const recorder = record(new SmallDatacenter());
    expect(readdirSync(folder).filter((name) => name.endsWith('.arrow'))).toEqual([]);
    recorder.abandon();
  });

  it('writes nothing without a folder, and sums up the same', () => {
    const { datacenter, recorder } = recordThreeMinutes();
    finish(datacenter, recorder);
    const counts = {
      migrations: [],
      vms: { planned: 8, arrived: 8, ended: 0, refused: 0 },
      flows: { started: 0, finished: 0, failed: 0, incomplete: 0, abandoned: 0, deliveredBytes: 0 },
      links: { blocked: 0, forwarding: 2, bisectionBitsPerSec: 1e9 },
      refused: { segments: 0, vms: 0 },
      hardwareUse: [],
    };
    const summary = recorder.summary(counts);
    rmSync(folder, { recursive: true });
    const silent = new SmallDatacenter();
    const recorderOfNothing = new Recorder(silent.recorded, { folder: null, metadata: METADATA });
    runThreeMinutes(silent, recorderOfNothing);
    recorderOfNothing.finish({ fingerprint: silent.fingerprint.digest(), isComplete: true }, []);
    expect(existsSync(folder)).toBe(false);
    expect(recorderOfNothing.summary(counts)).toEqual(summary);
  });

  it('writes the same bytes for the same run', () => {
    const bytes = [0, 1].map(() => {
      const { datacenter, recorder } = recordThreeMinutes();
      finish(datacenter, recorder);
      return RESULT_TABLES.map(({ name }) => readFileSync(pathOf(name)).toString('base64'));
    });
    expect(bytes[0]).toEqual(bytes[1]);
  });

  it.each([
    {},
    { ageingTimeNs: seconds(3) },
    { ageingTimeNs: seconds(3), macTableCapacity: 6 },
    { ageingTimeNs: seconds(3), macTableCapacity: 6, implementation: 'linux-6.18' } as const,
  ])('changes nothing of what happens (%o)', (options) => {
    const { datacenter } = recordThreeMinutes(options);
    const alone = new SmallDatacenter(options);
    runThreeMinutes(alone, null);
    expect(alone.fingerprint.digest()).toBe(datacenter.fingerprint.digest());
    const floodsIn = ({ devices: { network } }: SmallDatacenter) =>
      network.nodeNames.map((_name, node) => network.floodsOf(node));
    expect(floodsIn(alone)).toEqual(floodsIn(datacenter));
    expect(alone.devices.bridges.tables.learnedCounts).toEqual(datacenter.devices.bridges.tables.learnedCounts);
  });
});
