import { describe, expect, it } from 'vitest';
import { bothObservers } from '../../src/device/observer.ts';
import { RandomStream } from '../../src/engine/random.ts';
import { DEFAULT_DUPLICATE_DETECTION, DuplicateDetector } from '../../src/protocol/evpn/duplicate-detection.ts';
import { MacTables } from '../../src/protocol/mac-tables.ts';
import { seconds } from '../../src/units.ts';
import { WIRE_EXTRA_BYTES } from '../../src/wire/ethernet.ts';
import { VXLAN_OVERHEAD_IPV4_BYTES, VXLAN_OVERHEAD_IPV6_BYTES } from '../../src/wire/vxlan.ts';
import { EvpnLab } from './evpn-lab.ts';
import { planEverywhere, treeOf } from './planned-datacenter.ts';
import { RunningFabric } from './running-fabric.ts';

/** Frame check sequence, which the sizes of frames leave out. */
const FCS_BYTES = 4;

// what docs/published-numbers.md lists and no other test asks for

describe('a switch that installs 550 routes a second (sonic-buildimage, issue 15004)', () => {
  it('has a quarter of 132,000 remote MAC addresses after a minute, so that all take four', () => {
    const lab = new EvpnLab({ leaves: 2, spines: 1 }, { installsPerSecond: 550 });
    const { network, tunnels } = lab.running.devices;
    const { evpn } = lab.controlPlane;
    const first = 0x0200_0100_0000;
    const stations = Array.from({ length: 33_000 }, (_, index) => network.addresses.idOf(0, first + index));
    for (const address of stations) evpn.stationIsHere(0, address);
    const known = () => stations.filter((address) => tunnels.tables.lookUp(1, address, network.nowMs) >= 0).length;
    lab.running.wait(seconds(30));
    expect(Math.abs(known() - 30 * 550)).toBeLessThan(0.2 * 550);
    lab.running.wait(seconds(29.5));
    expect(known()).toBeLessThan(stations.length);
    lab.running.wait(seconds(1));
    expect(known()).toBe(stations.length);
  });
});

describe('the topology change of a classic spanning tree (bridge mailing list, July 2022: 35.19 s)', () => {
  it('lasts for max age and the forward delay: 35 s', () => {
    const topology = '{leaves: 3, spines: 2, serversPerLeaf: 1}';
    const running = new RunningFabric(planEverywhere(topology), treeOf(topology), seconds(100));
    const { network } = running.devices;
    const root = running.devices.bridges.bridgeOf(
      running.fabric.switchNodes[running.plan.switches.findIndex(({ id }) => id === 'spine1')],
    );
    const times: number[] = [];
    network.observer = bothObservers(network.observer, {
      topologyChangeChanged: (bridge) => {
        if (bridge === root) times.push(network.simulation.nowNs);
      },
    });
    running.fabric.setServerLinkUp(0, 0, false);
    running.wait(seconds(10));
    // a port that comes to forward 30 s later is what a leaf tells the root
    running.fabric.setServerLinkUp(0, 0, true);
    running.wait(seconds(80));
    expect(times).toHaveLength(2);
    expect((times[1] - times[0]) / 1e9).toBeCloseTo(35, 2);
  });
});

describe('a table of stations that speak by chance, on average every 300 s', () => {
  /** The mean number of 1,000 stations in the table, looked at every 10 s. */
  function meanOccupancy(ageingS: number): number {
    const tables = new MacTables();
    const table = tables.addTable({ holdMs: ageingS * 1000 });
    const stream = new RandomStream(`occupancy ${ageingS}`);
    const nextMs = Array.from({ length: 1000 }, () => stream.exponential(300_000));
    let looked = 0;
    let held = 0;
    for (let nowMs = 0; nowMs < 6_000_000; nowMs += 1000) {
      for (const [station, dueMs] of nextMs.entries()) {
        if (dueMs > nowMs) continue;
        tables.learn(table, station, 1, nowMs);
        nextMs[station] = dueMs + stream.exponential(300_000);
      }
      if (nowMs < 1_000_000 || nowMs % 10_000 !== 0) continue;
      looked++;
      for (const station of nextMs.keys()) if (tables.lookUp(table, station, nowMs) >= 0) held++;
    }
    return held / looked / 1000;
  }

  // within a percent of all stations: a look is an average over 1,000 of them
  it.each([
    [300, 0.632],
    [15, 0.0488],
  ])('holds 1 - e^-T/300 of them with an ageing time of %i s', (ageingS, expected) => {
    expect(Math.abs(meanOccupancy(ageingS) - expected)).toBeLessThan(0.01);
  });
});

describe('links that one spanning tree blocks', () => {
  it.each([
    ['{leaves: 64, spines: 8, serversPerLeaf: 1}', 441, 512],
    ['{kind: fat-tree, k: 4}', 13, 32],
    ['{kind: fat-tree, k: 8}', 177, 256],
  ])('%s: %i of %i', (topology, blocked, all) => {
    const { fabric, plan } = new RunningFabric(planEverywhere(topology), treeOf(topology));
    expect(plan.links).toHaveLength(all);
    expect(fabric.blockedLinkCount()).toBe(blocked);
  });
});

describe('the wire with encapsulation', () => {
  it.each([
    [64, 59.5],
    [128, 33.8],
    [256, 18.1],
    [512, 9.4],
    [1024, 4.8],
    [1518, 3.25],
    [9018, 0.55],
  ])('is busy for a frame of %i bytes with its FCS longer by %f of a hundred', (frameBytes, percent) => {
    const plainBytes = frameBytes - FCS_BYTES + WIRE_EXTRA_BYTES;
    expect(Math.abs((VXLAN_OVERHEAD_IPV4_BYTES / plainBytes) * 100 - percent)).toBeLessThan(0.06);
  });

  it('is busy longer by 83.3 of a hundred for 64 bytes over IPv6', () => {
    expect((VXLAN_OVERHEAD_IPV6_BYTES / (64 - FCS_BYTES + WIRE_EXTRA_BYTES)) * 100).toBeCloseTo(83.3, 1);
  });
});

describe('duplicate detection by 5 moves in 180 s', () => {
  const detected = (spacingS: number) => {
    const detector = new DuplicateDetector(DEFAULT_DUPLICATE_DETECTION);
    // to here and away in turn
    for (let move = 0; move < 20; move++) {
      if (move % 2 === 0) detector.movedHere(1, seconds(move * spacingS));
      else detector.movedAway(1, seconds(move * spacingS));
    }
    return detector.detectedCount > 0;
  };

  it('finds moves every 44 s, and never those every 46 s: five moves have four gaps', () => {
    expect(detected(44)).toBe(true);
    expect(detected(46)).toBe(false);
  });
});
