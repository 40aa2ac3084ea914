import { describe, expect, it } from 'vitest';
import { ALL_SEGMENTS, PortFlag, PortMode } from '../../src/device/network.ts';
import { Carried } from '../../src/device/observer.ts';
import { createTestFrame } from '../../src/replay/test-frame.ts';
import { FRAME_SHIFT, Frame } from '../../src/wire/frame-pool.ts';
import { EVERYBODY, WiredDevices } from './wired-devices.ts';

const VLAN = { vlans: [0] };

/** Two bridges joined by `count` links that are one, a host at each. */
function twoBridges(count: number) {
  const bench = new WiredDevices();
  const { devices } = bench;
  const [a, b] = ['a', 'b'].map((name) => bench.addBridge(name));
  const cables = Array.from({ length: count }, () => bench.link(a, b, VLAN));
  const logical = [0, 1].map((end) => {
    const ports = cables.map((cable) => cable[end]);
    for (const port of ports) devices.setAdminUp(port, false);
    const port = devices.aggregations.add(ports, `aggregation ${end}`);
    for (const one of ports) devices.setAdminUp(one, true);
    return port;
  });
  const hosts = [bench.addHost('h1', a, VLAN), bench.addHost('h2', b, VLAN)];
  const sent: number[] = [];
  devices.network.tap = {
    sent: (port) => sent.push(port),
    received: devices.network.tap!.received,
  };
  return { bench, devices, a, b, cables, logical, hosts, sent };
}

describe('an aggregation of links', () => {
  it('carries a flood once, and none comes back', () => {
    const { bench, hosts, cables, sent } = twoBridges(3);
    expect(bench.send(hosts[0], EVERYBODY)).toEqual(['h2']);
    expect(sent.filter((port) => cables.flat().includes(port))).toHaveLength(1);
  });

  it('is where addresses are learned', () => {
    const { bench, hosts, devices, a, b, logical } = twoBridges(2);
    for (const [from, to] of [
      [0, 1],
      [1, 0],
    ]) {
      bench.send(hosts[from], hosts[to].mac);
    }
    const { tables } = devices.bridges;
    const address = (host: number) => devices.servers.addressOf(hosts[host].station);
    expect(tables.lookUp(devices.bridges.bridgeOf(b), address(0), devices.network.nowMs)).toBe(logical[1]);
    expect(tables.lookUp(devices.bridges.bridgeOf(a), address(1), devices.network.nowMs)).toBe(logical[0]);
  });

  /** By port of the first bridge: how many of 600 flows from one host to the other it carries. */
  function spread({ bench, devices, hosts, cables, sent }: ReturnType<typeof twoBridges>): number[] {
    bench.send(hosts[1], hosts[0].mac);
    const before = sent.length;
    for (let flow = 0; flow < 600; flow++) {
      const { network, servers } = devices;
      const frame = createTestFrame(network, {
        id: 1,
        segment: 0,
        src: hosts[0].mac,
        dst: hosts[1].mac,
        sizeBytes: 100,
      });
      network.frames.words[(frame << FRAME_SHIFT) + Frame.flowHash] = flow;
      servers.transmitOnUplink(servers.serverOf(hosts[0].station), frame, Carried.knownUnicast);
      bench.simulation.run(bench.simulation.nowNs + 100_000);
    }
    return cables.map(([port]) => sent.slice(before).filter((one) => one === port).length);
  }

  it('spreads flows over its links about evenly', () => {
    const counts = spread(twoBridges(3));
    expect(counts.reduce((sum, count) => sum + count)).toBe(600);
    // binomial: 200 with a standard deviation of 11.5
    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(4 * 11.5);
  });

  it('moves the flows of a link that is lost to the others, at once, and forgets nothing', () => {
    const bridges = twoBridges(3);
    spread(bridges);
    bridges.devices.setAdminUp(bridges.cables[1][0], false);
    const { flushedCounts } = bridges.devices.bridges.tables;
    const counts = spread(bridges);
    expect(counts[1]).toBe(0);
    expect(counts[0] + counts[2]).toBe(600);
    expect(flushedCounts).toEqual([0, 0]);
  });

  it('goes down with its last link, and comes up with the first', () => {
    const { bench, devices, hosts, cables, logical } = twoBridges(2);
    bench.send(hosts[0], EVERYBODY);
    for (const [port] of cables) devices.setAdminUp(port, false);
    expect(devices.network.hasFlag(logical[0], PortFlag.forwarding)).toBe(false);
    expect(devices.bridges.tables.flushedCounts).toEqual([0, 1]);
    expect(bench.send(hosts[0], EVERYBODY)).toEqual([]);
    devices.setAdminUp(cables[1][0], true);
    expect(bench.send(hosts[0], EVERYBODY)).toEqual(['h2']);
  });

  it('counts flooded copies at the link that carries them', () => {
    const { bench, hosts, devices, a } = twoBridges(2);
    bench.send(hosts[0], EVERYBODY);
    const [{ frames, copies }] = devices.network.floodsOf(a);
    expect([frames, copies]).toEqual([1, 1]);
  });
});

describe('a server with two links that are one', () => {
  it('uses the link that is left once it has looked', () => {
    const bench = new WiredDevices();
    const { devices } = bench;
    const { network, bonds, aggregations, servers } = devices;
    const bridge = bench.addBridge('a');
    const node = network.addNode('server');
    const cables = [0, 1].map(() => {
      const nic = network.addPort(node, 'nic', PortMode.nic, { trunk: ALL_SEGMENTS });
      const port = network.addPort(bridge, 'port', PortMode.bridged, { trunk: ALL_SEGMENTS });
      network.connect(port, nic, { rateBitsPerSec: 10e9, delayNs: 100, bufferBytes: 1e6 });
      devices.setAdminUp(port, true);
      return [nic, port] as const;
    });
    bonds.add({ server: node, ports: [cables[0][0], cables[1][0]], mode: 'active-active', miimonNs: 100, phaseNs: 30 });
    const uplink = servers.uplinkOf(node);
    const used = () => new Set(Array.from({ length: 50 }, (_, hash) => aggregations.portFor(uplink, hash)));
    expect(used()).toEqual(new Set(cables.map(([nic]) => nic)));
    devices.setAdminUp(cables[0][1], false);
    bench.simulation.run(29);
    expect(used().size).toBe(2);
    bench.simulation.run(30);
    expect(used()).toEqual(new Set([cables[1][0]]));
    expect(bonds.failoverCount).toBe(0);
  });
});
