import { describe, expect, it } from 'vitest';
import { Limit } from '../../src/device/limits.ts';
import type { MigrationRecord } from '../../src/metrics/migration-table.ts';
import { Recorder } from '../../src/metrics/recorder.ts';
import type { RunCounts } from '../../src/metrics/run-totals.ts';
import type { FabricSummary } from '../../src/metrics/summary.ts';
import { seconds } from '../../src/units.ts';
import { SmallDatacenter, type SmallDatacenterOptions } from './small-datacenter.ts';

const METADATA = {
  scenarioTitle: '',
  scenarioDigest: '',
  seed: 1,
  version: '',
  fabric: '',
  kind: '',
  durationNs: seconds(90),
  warmUpNs: 0,
};

const NO_COUNTS: RunCounts = {
  migrations: [],
  vms: { planned: 9, arrived: 8, ended: 2, refused: 1 },
  flows: { started: 5, finished: 2, failed: 1, incomplete: 1, abandoned: 1, deliveredBytes: 1000 },
  links: { blocked: 1, forwarding: 2, bisectionBitsPerSec: 1e9 },
  refused: { segments: 0, vms: 0 },
  hardwareUse: [],
};

const ARRIVED: MigrationRecord = {
  vm: 0,
  segment: 0,
  fromServer: 0,
  toServer: 1,
  status: 'done',
  refusal: null,
  isForced: false,
  pathLinks: 4,
  bottleneckPort: -1,
  copyNs: 5,
  sharedNs: 0,
  stalledNs: 0,
  lostAnnouncements: 0,
  wrongTables: 2,
  halfRightNs: 1,
  allRightNs: 3,
  stillWrongTables: 0,
  floodedCopies: 7,
  blackholedFrames: 1,
  startNs: 0,
  pauseNs: 0,
  rounds: 0,
  transferredBytes: 0,
  downtimeNs: 0,
  resumeNs: 0,
  announcement: 'none',
  announcedNs: [],
  firstDeliveryNs: null,
  proberVm: null,
  sentProbes: 0,
  lostProbes: 0,
  outageNs: null,
  isOutageOver: false,
  lostFrames: 2,
  misdeliveredFrames: 1,
};

/** A quiet datacenter whose tree has settled, and its recorder. */
function settled(options: SmallDatacenterOptions = {}): { datacenter: SmallDatacenter; recorder: Recorder } {
  const datacenter = new SmallDatacenter(options);
  const recorder = new Recorder(datacenter.recorded, { folder: null, metadata: METADATA });
  datacenter.start();
  datacenter.runFor(seconds(80));
  return { datacenter, recorder };
}

function floodingOf(use: (datacenter: SmallDatacenter) => void): FabricSummary['flooding'] {
  const { datacenter, recorder } = settled();
  use(datacenter);
  datacenter.runFor(seconds(1));
  return recorder.summary(NO_COUNTS).flooding;
}

describe('summary of flooding', () => {
  it('counts a broadcast once on every link, also on one that is blocked at its other end, and BPDUs nowhere', () => {
    expect(floodingOf(() => {}).floodedBytes).toBe(0);
    const { floodedBytes, byCause, ownGroupBytes, peakLink, uselessFrames } = floodingOf((datacenter) =>
      datacenter.send(0, 'all'),
    );
    // 100 bytes and a tag, over the links of four servers and all three of the triangle
    expect(floodedBytes).toBe(7 * 104);
    expect(byCause).toEqual([
      { cause: 'broadcast_other', frames: 3, copies: 6, bytes: 6 * 100, linkFrames: 6, linkBytes: 6 * 104 },
    ]);
    expect(ownGroupBytes).toBe(104);
    expect(peakLink).toEqual({ link: 'leaf1-spine1', direction: 'a_to_b', floodedBytes: 104 });
    expect(uselessFrames).toBe(0);
  });

  it('counts unicast as flooded until its destination is known', () => {
    const first = floodingOf((datacenter) => datacenter.send(0, 2));
    expect(first.byCause).toEqual([
      { cause: 'never_learned', frames: 3, copies: 6, bytes: 6 * 100, linkFrames: 6, linkBytes: 6 * 104 },
    ]);
    expect(first.ownGroupBytes).toBe(0);
    expect(first.uselessFrames).toBe(2);
    const both = floodingOf((datacenter) => {
      datacenter.send(0, 2);
      datacenter.runFor(seconds(1));
      datacenter.send(2, 0);
    });
    expect([both.floodedBytes, both.uselessFrames]).toEqual([first.floodedBytes, 2]);
    expect(both.allBytes).toBeGreaterThan(first.allBytes);
  });

  it('names the direction of a link that carried most flooded bytes', () => {
    const { peakLink } = floodingOf((datacenter) => {
      for (let i = 0; i < 3; i++) datacenter.send(2, 'all');
      datacenter.send(4, 'all');
    });
    // leaf1 sends all four into the link whose other end is blocked
    expect(peakLink).toEqual({ link: 'leaf1-leaf2', direction: 'a_to_b', floodedBytes: 4 * 104 });
    expect(floodingOf(() => {}).peakLink).toBe(null);
  });

  it('says how many hosts a broadcast reached, and in which segment most', () => {
    const { reach } = floodingOf(({ devices: { servers } }) => {
      servers.announceByRarp(0);
      servers.announceByRarp(1);
    });
    expect(reach).toEqual({ frames: 2, hostsMean: 3, widest: { segment: 100, hostsMean: 3 } });
    expect(floodingOf(() => {}).reach).toEqual({ frames: 0, hostsMean: null, widest: null });
    const wider = floodingOf((datacenter) => {
      const { servers } = datacenter.devices;
      servers.announceByRarp(0);
      datacenter.runFor(seconds(0.5));
      datacenter.setLinkUp(datacenter.recorded.links.at(-1)!.id, false);
      servers.announceByRarp(1);
    });
    expect(wider.reach).toEqual({ frames: 2, hostsMean: 2.5, widest: { segment: 100, hostsMean: 3 } });
  });

  it('counts all bytes that crossed the links', () => {
    const { datacenter, recorder } = settled();
    const { network } = datacenter.devices;
    const { allBytes, overheadBytes } = recorder.summary(NO_COUNTS).flooding;
    const sentBytes = datacenter.recorded.links.flatMap(({ ports }) => ports.map((port) => network.sentBytes(port)));
    expect(allBytes).toBe(sentBytes.reduce((sum, bytes) => sum + bytes, 0));
    expect(allBytes).toBeGreaterThan(0);
    expect(overheadBytes).toBe(0);
  });
});

/** Of tables that had room for all. */
const NOTHING_LOST = {
  refused: 0,
  evicted: 0,
  collided: 0,
  postponed: 0,
  portLimited: 0,
  lossy: 0,
  firstLossNs: null,
  fullTables: 0,
  firstFull: null,
};

describe('summary of MAC tables', () => {
  it('tells apart tiers and kinds of table, and remembers the fullest at a sample', () => {
    const { datacenter, recorder } = settled({ ageingTimeNs: seconds(3), macTableCapacity: 5 });
    recorder.sample(datacenter.simulation.nowNs);
    for (let station = 0; station < 4; station++) datacenter.send(station, 'all');
    datacenter.runFor(seconds(1));
    recorder.sample(datacenter.simulation.nowNs);
    datacenter.runFor(seconds(3));
    recorder.sample(datacenter.simulation.nowNs);
    expect(recorder.summary(NO_COUNTS).macTables).toEqual([
      {
        tier: 'leaf',
        kind: 'bridge',
        tables: 2,
        entriesMax: 4,
        entriesMean: 8 / 6,
        capacity: 5,
        learned: 8,
        moved: 0,
        aged: 8,
        ...NOTHING_LOST,
      },
      {
        tier: 'leaf',
        kind: 'tunnel',
        tables: 1,
        entriesMax: 0,
        entriesMean: 0,
        capacity: null,
        learned: 0,
        moved: 0,
        aged: 0,
        ...NOTHING_LOST,
      },
      {
        tier: 'spine',
        kind: 'bridge',
        tables: 1,
        entriesMax: 4,
        entriesMean: 4 / 3,
        capacity: 5,
        learned: 4,
        moved: 0,
        aged: 4,
        ...NOTHING_LOST,
      },
    ]);
  });
});

describe('summary of tables that are too small', () => {
  it('says how many filled up and what was lost to it, and when the first did', () => {
    const { datacenter, recorder } = settled({ macTableCapacity: 3 });
    const startNs = datacenter.simulation.nowNs;
    for (let station = 0; station < 4; station++) datacenter.send(station, 'all');
    datacenter.runFor(seconds(1));
    recorder.sample(datacenter.simulation.nowNs);
    const tables = recorder.summary(NO_COUNTS).macTables.filter(({ kind }) => kind === 'bridge');
    expect(
      tables.map(({ entriesMax, refused, fullTables, lossy }) => [entriesMax, refused, fullTables, lossy]),
    ).toEqual([
      [3, 2, 2, 2],
      [3, 1, 1, 1],
    ]);
    for (const { firstLossNs } of tables) {
      // tables count in milliseconds
      expect(firstLossNs).toBeGreaterThanOrEqual(startNs - 1e6);
      expect(firstLossNs).toBeLessThan(startNs + seconds(1));
    }
  });
});

describe('summary of hardware', () => {
  it('groups devices by tier and limit, with the fullest and the first of what was refused', () => {
    const use = (owner: string, used: number, refused: string[]) => {
      return { owner, tier: 'leaf', resource: 'vnis', used, limit: 3, refused };
    };
    const hardwareUse = [use('leaf1', 2, []), use('leaf2', 3, ['10007', '10008'])];
    expect(settled().recorder.summary({ ...NO_COUNTS, hardwareUse }).hardware).toEqual([
      {
        tier: 'leaf',
        resource: 'vnis',
        devices: 2,
        usedMax: 3,
        limit: 3,
        overLimit: 0,
        refused: 2,
        refusedNames: ['leaf2: 10007', 'leaf2: 10008'],
      },
    ]);
  });
});

describe('summary of gateways', () => {
  it('has the most that one holds, and what all hold', () => {
    const use = (owner: string, arpEntries: number, hostRoutes: number) => {
      return { owner, tier: 'leaf', segments: 2, arpEntries, hostRoutes, prefixes: 1, vnis: arpEntries };
    };
    const gatewayUse = [use('leaf1', 3, 9), use('leaf2', 5, 7)];
    expect(settled().recorder.summary({ ...NO_COUNTS, gatewayUse }).gateways).toEqual({
      devices: 2,
      segmentsMax: 2,
      arpEntriesMax: 5,
      hostRoutesMax: 9,
      prefixesMax: 1,
      vnisMax: 5,
      arpEntries: 8,
      hostRoutes: 16,
    });
    expect(settled().recorder.summary(NO_COUNTS).gateways.devices).toBe(0);
  });
});

describe('summary of unicast', () => {
  it('counts bytes of known unicast once for each link between switches, and for each delivered byte', () => {
    const { datacenter, recorder } = settled();
    datacenter.send(0, 'all');
    datacenter.send(4, 'all');
    datacenter.runFor(seconds(1));
    const before = recorder.summary(NO_COUNTS).unicast;
    expect(before.fabricBytes).toBe(0);
    datacenter.send(0, 4);
    datacenter.runFor(seconds(1));
    // leaf1 to leaf2 by way of the root, 100 bytes and a tag; 1,000 bytes were delivered
    expect(recorder.summary(NO_COUNTS).unicast).toEqual({
      fabricBytes: 2 * 104,
      fabricBytesPerDelivered: (2 * 104) / 1000,
    });
    const flows = { ...NO_COUNTS.flows, deliveredBytes: 0 };
    expect(recorder.summary({ ...NO_COUNTS, flows }).unicast.fabricBytesPerDelivered).toBe(null);
  });
});

describe('summary of migrations', () => {
  const summaryOf = (migrations: readonly MigrationRecord[]) =>
    settled().recorder.summary({ ...NO_COUNTS, migrations }).migrations;

  it('knows no outage where none was measured', () => {
    expect(summaryOf([{ ...ARRIVED, status: 'refused', refusal: 'beyond_reach' }])).toMatchObject({
      planned: 1,
      done: 0,
      refused: 1,
      refusals: [{ reason: 'beyond_reach', count: 1 }],
      copyNs: { p50: null, p99: null, max: null },
      outages: 0,
      unendedOutages: 0,
      outageNsP50: null,
      outageNsP99: null,
      outageNsMax: null,
      lostFrames: 2,
      misdeliveredFrames: 1,
    });
  });

  it('gives outages that happened, not values between them', () => {
    const outages = Array.from({ length: 10 }, (_, index) => {
      return { ...ARRIVED, outageNs: (10 - index) * 7, isOutageOver: index >= 4 };
    });
    expect(summaryOf([...outages, ARRIVED])).toMatchObject({
      planned: 11,
      done: 11,
      outages: 10,
      unendedOutages: 4,
      outageNsP50: 35,
      outageNsP99: 70,
      outageNsMax: 70,
      lostFrames: 22,
      misdeliveredFrames: 11,
    });
  });
});

describe('summary', () => {
  it('counts links between switches, and passes on what it was told', () => {
    const { links, flows } = settled().recorder.summary(NO_COUNTS);
    expect(links).toEqual({ total: 3, ...NO_COUNTS.links });
    expect(flows).toEqual(NO_COUNTS.flows);
  });

  it('names only what was lost among the outcomes', () => {
    const { datacenter, recorder } = settled();
    expect(recorder.summary(NO_COUNTS).drops).toEqual([]);
    datacenter.setLinkUp('leaf-server1', false);
    datacenter.send(0, 'all');
    datacenter.runFor(seconds(1));
    expect(recorder.summary(NO_COUNTS).drops).toEqual([{ outcome: 'drop_link_down', frames: 1 }]);
  });
});

describe('summary of limits', () => {
  it('says which bound first, when and where, and how often', () => {
    const { datacenter, recorder } = settled({ macTableCapacity: 3 });
    const { network } = datacenter.devices;
    recorder.sample(datacenter.simulation.nowNs);
    for (let station = 0; station < 4; station++) datacenter.send(station, 'all');
    datacenter.runFor(seconds(1));
    recorder.sample(datacenter.simulation.nowNs);
    const fullNs = datacenter.simulation.nowNs;
    network.limits.hit(Limit.portQueue, 0, fullNs - seconds(0.5), 3);
    network.limits.hit(Limit.portQueue, 1, fullNs + seconds(0.5), 4);
    const { limits, macTables } = recorder.summary({ ...NO_COUNTS, refused: { segments: 2, vms: 9 } });
    expect(limits).toEqual([
      { limit: 'vlan_ids', firstNs: 0, device: null, count: 2 },
      { limit: 'mac_table', firstNs: fullNs - seconds(1), device: 'leaf1', count: 3 },
      { limit: 'port_queue', firstNs: fullNs - seconds(0.5), device: 'leaf1', count: 7 },
    ]);
    expect(macTables[0]).toMatchObject({ fullTables: 2, firstFull: { owner: 'leaf1', timeNs: fullNs } });
  });

  it('is empty where everything fits', () => {
    expect(settled().recorder.summary(NO_COUNTS).limits).toEqual([]);
  });
});

describe('peak of floods', () => {
  it('is the fastest direction of a link between two samples, with when that was', () => {
    const { datacenter, recorder } = settled();
    recorder.sample(datacenter.simulation.nowNs);
    expect(recorder.summary(NO_COUNTS).floodPeak?.rateBitsPerSec ?? 0).toBe(0);
    const sendFor = (frames: number) => {
      for (let i = 0; i < frames; i++) datacenter.send(0, 'all', 1000);
      datacenter.runFor(seconds(2));
      recorder.sample(datacenter.simulation.nowNs);
    };
    sendFor(3);
    sendFor(5);
    const peakNs = datacenter.simulation.nowNs;
    sendFor(4);
    expect(recorder.summary(NO_COUNTS).floodPeak).toMatchObject({
      // five frames of 1,004 bytes with their tag in two seconds
      rateBitsPerSec: (5 * 1004 * 8) / 2,
      untilNs: peakNs,
    });
    const { fabricFloodPeak, fabricArpPeak } = recorder.summary(NO_COUNTS);
    const { network } = datacenter.devices;
    const [port] = datacenter.recorded.links.find(({ id }) => id === fabricFloodPeak!.link)!.ports;
    // with FCS, preamble and gap, as the link is taken; of ARP there is nothing
    const bitsPerSec = (5 * (1004 + 4 + 8 + 12) * 8) / 2;
    expect(fabricFloodPeak!.share).toBeCloseTo(bitsPerSec / network.rateBitsPerSecOf(port), 15);
    expect(fabricArpPeak).toBeNull();
  });
});
