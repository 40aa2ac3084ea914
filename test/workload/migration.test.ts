import { describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '../../src/units.ts';
import { FrameKind } from '../../src/wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../../src/wire/frame-pool.ts';
import { CatchingUp } from '../../src/workload/catching-up.ts';
import { FlowSizeDistribution } from '../../src/workload/flow-size-distribution.ts';
import { type CopyNetwork, MemoryCopies } from '../../src/workload/memory-copies.ts';
import { ANNOUNCEMENT_OFFSETS_NS, Migrations, type MigrationsParameters } from '../../src/workload/migration.ts';
import { Destinations, type PlannedMigration } from '../../src/workload/migration-plan.ts';
import type { PreCopyParameters } from '../../src/workload/pre-copy.ts';
import { Probes } from '../../src/workload/probes.ts';
import { Traffic } from '../../src/workload/traffic.ts';
import { bridgedDatacenter } from './bridged-datacenter.ts';

/** Two rounds, then a pause of 34.36 ms; 3.814 s in all. */
const ROUND_NS = (4 * 2 ** 30 * 8) / 10;
const COPY = {
  copyNs: Math.round(ROUND_NS * 1.1),
  downtimeNs: Math.round(ROUND_NS * 0.01),
  transferredBytes: Math.round(4 * 2 ** 30 * 1.11),
};
const PRE_COPY: PreCopyParameters = {
  memoryBytes: 4 * 2 ** 30,
  dirtyRateBitsPerSec: 1e9,
  workingSetBytes: null,
  downtimeLimitNs: milliseconds(300),
  roundsMax: 30,
  copyNsMax: null,
  stallNsMax: seconds(20),
  onGiveUp: 'abort',
};
const EVERY_NS = milliseconds(10);

interface Setting {
  plan: PlannedMigration[];
  announcement?: MigrationsParameters['announcement'];
  isProbed?: boolean;
  vmsPerServerMax?: number;
  serverRacks?: number[];
  rateBitsPerSec?: number;
  preCopy?: Partial<PreCopyParameters>;
  network?: CopyNetwork;
  changes?: Partial<MigrationsParameters>;
}

/** VMs 0, 1 and 2 on servers 0, 1 and 2, each in a rack of its own unless told otherwise. */
function migrating({
  plan,
  announcement = 'rarp',
  isProbed = true,
  vmsPerServerMax,
  serverRacks = [0, 1, 2, 3],
  rateBitsPerSec = 25e9,
  preCopy = {},
  network: copyNetwork,
  changes = {},
}: Setting) {
  const vmServers = [0, 1, 2];
  const datacenter = bridgedDatacenter({ serverRacks, vmServers, wire: { rateBitsPerSec } });
  const { devices, datagrams, pauses, peers, streams, vmSegments, serverNodes, moveVm } = datacenter;
  const { network, servers, stacks } = devices;
  const probes = new Probes({
    network,
    servers,
    stacks,
    datagrams,
    pauses,
    peers,
    isSilent: new Uint8Array(3),
    everyNs: EVERY_NS,
    stream: streams.stream('probes'),
  });
  const announcedFrom: { server: string; kind: number }[] = [];
  network.tap = {
    sent(port, frame) {
      const server = network.nodeNames[network.nodeOf(port)]!;
      const { words } = network.frames;
      const f = frame << FRAME_SHIFT;
      const kind = words[f + Frame.kind]!;
      const isGratuitous = kind === FrameKind.arpRequest && words[f + Frame.senderIp] === words[f + Frame.targetIp];
      if (server.startsWith('server') && (kind === FrameKind.rarp || isGratuitous))
        announcedFrom.push({ server, kind });
    },
    received() {},
  };
  const heard: number[] = [];
  network.observer = { misdelivered: (station) => heard.push(station) };
  const tables = Array.from({ length: devices.bridges.bridgeCount }, (_, table) => ({
    kind: 'bridge' as const,
    table,
  }));
  const copies = new MemoryCopies({
    simulation: datacenter.simulation,
    network: copyNetwork ?? null,
    bandwidthBitsPerSec: 10e9,
    linkShare: 1,
    preCopy: { ...PRE_COPY, ...preCopy },
  });
  const migrations = new Migrations({
    devices,
    datagrams,
    pauses,
    destinations: new Destinations({
      vmServers: Int32Array.from(vmServers),
      serverRacks: Int32Array.from(serverRacks),
      vmsPerServerMax: vmsPerServerMax ?? null,
      policy: 'any',
      stream: streams.stream('migrations'),
    }),
    plan,
    copies,
    announcement,
    announcementLossRatio: 0,
    announcementStream: streams.stream('lost announcements'),
    catchingUp: new CatchingUp({ devices, tables, placeOfServer: datacenter.placeOfServer }),
    canHost: () => true,
    beyondReach: 'refuse',
    probes: isProbed ? probes : null,
    vmSegments,
    serverNodes,
    moveVm,
    ...changes,
  });
  return { ...datacenter, migrations, copies, announcedFrom, heard };
}

const ONE: PlannedMigration[] = [{ vm: 0, startNs: seconds(10), toServer: 3 }];
const PAUSE_NS = seconds(10) + COPY.copyNs;
const RESUME_NS = PAUSE_NS + COPY.downtimeNs;

describe('a migration', () => {
  it('copies while the VM runs, pauses it for the last round, and lets it run at its new place', () => {
    const { simulation, devices, migrations, pauses, serverNodes } = migrating({ plan: ONE });
    simulation.run(PAUSE_NS - 1);
    expect(pauses.isPaused(0)).toBe(false);
    simulation.run(RESUME_NS - 1);
    expect(pauses.isPaused(0)).toBe(true);
    expect(devices.servers.serverOf(0)).toBe(serverNodes[0]);
    simulation.run(RESUME_NS);
    expect(pauses.isPaused(0)).toBe(false);
    expect(devices.servers.serverOf(0)).toBe(serverNodes[3]);
    expect(migrations.rows()).toMatchObject([
      {
        vm: 0,
        segment: 0,
        fromServer: 0,
        toServer: 3,
        status: 'done',
        startNs: seconds(10),
        pauseNs: PAUSE_NS,
        resumeNs: RESUME_NS,
        rounds: 2,
        transferredBytes: COPY.transferredBytes,
        downtimeNs: COPY.downtimeNs,
      },
    ]);
  });

  it('is announced at 0, 50, 200, 450 and 800 ms, from the new place', () => {
    const { simulation, migrations, announcedFrom } = migrating({ plan: ONE });
    simulation.run(seconds(30));
    expect(ANNOUNCEMENT_OFFSETS_NS).toEqual([0, 50, 200, 450, 800].map(milliseconds));
    expect(migrations.rows()[0]!.announcedNs).toEqual(ANNOUNCEMENT_OFFSETS_NS.map((offsetNs) => RESUME_NS + offsetNs));
    expect(announcedFrom).toEqual(new Array(5).fill({ server: 'server3', kind: FrameKind.rarp }));
  });

  it.each([
    ['garp', [FrameKind.arpRequest]],
    ['both', [FrameKind.rarp, FrameKind.arpRequest]],
    ['none', []],
  ] as const)('is announced by %s as told', (announcement, kinds) => {
    const { simulation, announcedFrom } = migrating({ plan: ONE, announcement });
    simulation.run(seconds(14.8));
    const rounds = Array.from({ length: 5 }, () => kinds.map((kind) => ({ server: 'server3', kind })));
    expect(announcedFrom).toEqual(rounds.flat());
  });

  it('has an outage of its pause, to within two probes, when it is announced', () => {
    const { simulation, migrations } = migrating({ plan: ONE });
    simulation.run(seconds(60));
    const [row] = migrations.rows();
    expect(row).toMatchObject({ proberVm: expect.any(Number), isOutageOver: true });
    expect(row!.outageNs).toBeGreaterThanOrEqual(COPY.downtimeNs);
    expect(row!.outageNs).toBeLessThanOrEqual(COPY.downtimeNs + 2 * EVERY_NS);
    // a probe each 10 ms, those of 34.36 ms lost
    expect([3, 4]).toContain(row!.lostProbes);
    expect(row!.lostFrames).toBe(row!.lostProbes);
    expect(row!.misdeliveredFrames).toBe(0);
    expect(row!.firstDeliveryNs).toBeGreaterThan(RESUME_NS);
    expect(row!.firstDeliveryNs! - RESUME_NS).toBeLessThanOrEqual(EVERY_NS + milliseconds(1));
  });

  it('is probed from a second before the pause until two seconds after it was reached, by a VM of another server', () => {
    const { simulation, migrations, devices, serverNodes } = migrating({ plan: ONE });
    simulation.run(PAUSE_NS - seconds(1) - 1);
    expect(migrations.rows()[0]!.sentProbes).toBe(0);
    simulation.run(seconds(60));
    const { sentProbes, proberVm } = migrations.rows()[0]!;
    const probedNs = seconds(3) + COPY.downtimeNs;
    expect(Math.abs(sentProbes - probedNs / EVERY_NS)).toBeLessThanOrEqual(3);
    expect([serverNodes[0], serverNodes[3]]).not.toContain(devices.servers.serverOf(proberVm!));
  });

  it('is not found without an announcement until its prober asks for it again', () => {
    const { simulation, migrations } = migrating({ plan: ONE, announcement: 'none' });
    simulation.run(seconds(100));
    const [row] = migrations.rows();
    expect(row).toMatchObject({ status: 'done', isOutageOver: true });
    // at the soonest after its reachable time and 5 s of delay and 3 s of probes, less the second before the pause
    expect(row!.outageNs).toBeGreaterThan(seconds(20));
    expect(row!.outageNs).toBeLessThan(seconds(60));
    expect(row!.misdeliveredFrames).toBeGreaterThan(2000);
    expect(row!.lostFrames).toBeGreaterThan(row!.misdeliveredFrames);
  });

  it('has an outage of at least the time so far while it is not reached', () => {
    const { simulation, migrations } = migrating({ plan: ONE, announcement: 'none' });
    simulation.run(RESUME_NS + seconds(5));
    const [row] = migrations.rows();
    expect(row!.isOutageOver).toBe(false);
    expect(row!.outageNs).toBeGreaterThan(seconds(5));
    expect(row!.outageNs).toBeLessThan(seconds(5) + COPY.downtimeNs + EVERY_NS);
  });

  it('loses frames of flows too, not only probes', () => {
    const datacenter = migrating({ plan: ONE, isProbed: false });
    const { simulation, devices, datagrams, pauses, peers, streams } = datacenter;
    const traffic = new Traffic({
      network: devices.network,
      stacks: devices.stacks,
      datagrams,
      pauses,
      peers,
      isSilent: new Uint8Array(3),
      flowsPerVmPerSecond: 0,
      interSegmentRatio: 0,
      sizes: new FlowSizeDistribution([{ sizeBytes: 1, probability: 1 }]),
      flowRateBitsPerSec: 1e8,
      framesPerTrainMax: 4,
      mtuBytes: 1500,
      streams,
    });
    simulation.run(seconds(13));
    traffic.startFlow(1, 0, 50e6);
    simulation.run(seconds(30));
    const [row] = datacenter.migrations.rows();
    // 34.36 ms at 100 Mb/s in frames of 1514 bytes
    expect(Math.abs(row!.lostFrames - (COPY.downtimeNs * 1e8) / 8e9 / 1514)).toBeLessThanOrEqual(8);
    expect(row).toMatchObject({ proberVm: null, sentProbes: 0, outageNs: null });
    expect(row!.firstDeliveryNs).toBeGreaterThan(RESUME_NS);
    expect(50e6 - traffic.deliveredBytes).toBe(row!.lostFrames * 1460);
    expect(traffic.incompleteFlows).toBe(1);
  });

  it('is refused to where the VM is, to a full server, and while the VM is on the move', () => {
    const { simulation, migrations } = migrating({
      plan: [
        { vm: 0, startNs: seconds(1), toServer: 0 },
        { vm: 1, startNs: seconds(2), toServer: 2 },
        { vm: 2, startNs: seconds(3), toServer: 3 },
        { vm: 2, startNs: seconds(4), toServer: 3 },
        { vm: 1, startNs: seconds(20), toServer: 2 },
      ],
      vmsPerServerMax: 1,
    });
    simulation.run(seconds(60));
    expect(migrations.rows().map(({ status }) => status)).toEqual(['refused', 'refused', 'done', 'refused', 'done']);
  });

  it('is incomplete when the run ends first', () => {
    const plan = [...ONE, { vm: 1, startNs: seconds(13), toServer: 2 }, { vm: 2, startNs: seconds(15), toServer: 1 }];
    const { simulation, migrations } = migrating({ plan });
    simulation.run(seconds(14));
    const rows = migrations.rows();
    expect(rows.map(({ status }) => status)).toEqual(['done', 'incomplete', 'incomplete']);
    expect(rows[2]).toMatchObject({ vm: 2, pauseNs: null, resumeNs: null, outageNs: null });
  });

  it('may follow another of the same VM', () => {
    const plan = [...ONE, { vm: 0, startNs: seconds(20), toServer: 0 }];
    const { simulation, migrations } = migrating({ plan });
    simulation.run(seconds(60));
    for (const row of migrations.rows()) {
      expect(row).toMatchObject({ status: 'done', isOutageOver: true });
      expect(row.outageNs).toBeLessThanOrEqual(COPY.downtimeNs + 2 * EVERY_NS);
    }
    expect(migrations.rows()[1]).toMatchObject({ fromServer: 3, toServer: 0 });
  });

  it('is given up when copying does not converge, and the VM runs on where it was', () => {
    const preCopy = { dirtyRateBitsPerSec: 10e9, roundsMax: 3 };
    const { simulation, migrations, pauses, devices, serverNodes } = migrating({ plan: ONE, preCopy });
    simulation.run(seconds(60));
    const [row] = migrations.rows();
    expect(row).toMatchObject({ status: 'given_up', rounds: 3, pauseNs: null, resumeNs: null, sentProbes: 0 });
    expect(row!.copyNs).toBe(Math.round(3 * ROUND_NS));
    expect(pauses.isPaused(0)).toBe(false);
    expect(devices.servers.serverOf(0)).toBe(serverNodes[0]);
  });

  it('is forced at the price of its pause when it is told to be', () => {
    const preCopy = { dirtyRateBitsPerSec: 10e9, roundsMax: 3, onGiveUp: 'force' } as const;
    const { simulation, migrations } = migrating({ plan: ONE, preCopy });
    simulation.run(seconds(60));
    const [row] = migrations.rows();
    expect(row).toMatchObject({ status: 'done', isForced: true, rounds: 3, isOutageOver: true });
    expect(Math.abs(row!.downtimeNs - ROUND_NS)).toBeLessThan(2);
  });

  it('waits for a path, and looks for one when paths change', () => {
    let path: Int32Array | null = null;
    const network = { pathBetweenServers: () => path, rateBitsPerSecOf: () => 5e9 };
    const { simulation, migrations, copies } = migrating({ plan: ONE, network });
    simulation.run(seconds(15));
    path = Int32Array.of(1, 2);
    copies.pathsChanged();
    simulation.run(seconds(60));
    const [row] = migrations.rows();
    expect(row).toMatchObject({ status: 'done', stalledNs: seconds(5), pathLinks: 2, bottleneckPort: 1 });
  });

  it('beyond the reach of its segment is refused, or done at the price of its address', () => {
    const canHost = () => false;
    const refused = migrating({ plan: ONE, changes: { canHost } });
    refused.simulation.run(seconds(60));
    expect(refused.migrations.rows()).toMatchObject([{ status: 'refused', refusal: 'beyond_reach' }]);
    const moved = migrating({ plan: ONE, changes: { canHost, beyondReach: 'readdress' } });
    moved.simulation.run(seconds(100));
    const [row] = moved.migrations.rows();
    expect(row).toMatchObject({ status: 'readdressed', resumeNs: RESUME_NS, announcedNs: [], isOutageOver: false });
    expect(row!.outageNs).toBeGreaterThan(seconds(59));
    expect(moved.pauses.isPaused(0)).toBe(true);
  });

  it('loses all five announcements with the fifth power of the probability of losing one', () => {
    const trials = 900;
    const plan = Array.from({ length: trials }, (_, index) => ({
      vm: 0,
      startNs: seconds(10 + 2 * index),
      toServer: index % 2 === 0 ? 3 : 0,
    }));
    const ratio = 0.5;
    const { simulation, migrations } = migrating({
      plan,
      isProbed: false,
      preCopy: { memoryBytes: 1e6, dirtyRateBitsPerSec: 0 },
      changes: { announcementLossRatio: ratio },
    });
    simulation.run(seconds(20 + 2 * trials));
    const rows = migrations.rows();
    const share = (lost: number) => rows.filter(({ lostAnnouncements }) => lostAnnouncements === lost).length / trials;
    for (const [lost, ways] of [1, 5, 10, 10, 5, 1].entries()) {
      const expected = ways * ratio ** 5;
      // four standard errors of a share
      expect(Math.abs(share(lost) - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / trials));
    }
    for (const { announcedNs, lostAnnouncements } of rows) expect(announcedNs.length + lostAnnouncements).toBe(5);
  });

  it('is out of reach for as long as it is paused, also if that is from the start', () => {
    // 80 ms at 10 Gb/s, less than the downtime limit: no probe was there before
    const { simulation, migrations } = migrating({ plan: ONE, preCopy: { memoryBytes: 1e8 } });
    simulation.run(seconds(20));
    const { pauseNs, downtimeNs, outageNs, lostProbes, isOutageOver } = migrations.rows()[0]!;
    expect([pauseNs, downtimeNs, isOutageOver]).toEqual([seconds(10), milliseconds(80), true]);
    expect(Math.abs(outageNs! - downtimeNs!)).toBeLessThanOrEqual(EVERY_NS);
    expect(lostProbes).toBe(8);
  });

  it('leaves another observer its own account of misdelivered frames', () => {
    const { simulation, heard } = migrating({ plan: ONE });
    simulation.run(seconds(60));
    expect(heard.filter((station) => station === 0).length).toBeGreaterThanOrEqual(3);
  });

  it('goes to the same random places at the same times on any fabric', () => {
    const plan: PlannedMigration[] = [0, 1, 2, 0, 1].map((vm, index) => ({
      vm,
      startNs: seconds(5 * (index + 1)),
      toServer: null,
    }));
    const placesOn = (serverRacks: number[], rateBitsPerSec: number) => {
      const { simulation, migrations } = migrating({ plan, serverRacks, rateBitsPerSec });
      simulation.run(seconds(60));
      return migrations.rows().map(({ vm, fromServer, toServer, pauseNs, status, proberVm }) => {
        return { vm, fromServer, toServer, pauseNs, status, proberVm };
      });
    };
    const places = placesOn([0, 1, 2, 3], 25e9);
    expect(new Set(places.map(({ status }) => status))).toEqual(new Set(['done']));
    expect(placesOn([0, 0, 0, 0], 1e8)).toEqual(places);
  });
});
