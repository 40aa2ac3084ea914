import { describe, expect, it } from 'vitest';
import { PortFlag } from '../../src/device/network.ts';
import { StateBit } from '../../src/device/segment-instances.ts';
import type { RapidPortOptions } from '../../src/protocol/multiple-spanning-tree/multiple-spanning-tree.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { bridgeIdOf } from '../../src/wire/bpdu.ts';
import { EVERYBODY, WiredDevices } from './wired-devices.ts';

const VLANS = { vlans: [1, 2] };

/** Lets a bridge run RSTP on these ports, from now on. */
function runRstp(
  bench: WiredDevices,
  node: number,
  priority: number,
  ports: readonly (Partial<RapidPortOptions> & { port: number })[],
): void {
  const { bridges, spanningTrees } = bench.devices;
  const bridge = bridges.bridgeOf(node);
  spanningTrees.addRapid(
    bridge,
    { bridgeId: bridgeIdOf(priority, node + 1) },
    ports.map((one) => ({ pathCost: 2000, ...one })),
  );
  spanningTrees.start(bridge);
  for (const { port } of ports) spanningTrees.linkChanged(bridge, port, true);
}

describe('rapid spanning trees on bridges', () => {
  it('break a loop of two links, and heal it when the one in use fails', () => {
    const bench = new WiredDevices();
    const [a, b] = [bench.addBridge('a'), bench.addBridge('b')];
    const [first, second] = [bench.link(a, b, VLANS), bench.link(a, b, VLANS)];
    const [x, y] = [bench.addHost('x', a, { pvid: 1 }), bench.addHost('y', b, { pvid: 1 })];
    runRstp(bench, a, 0, [{ port: first[0] }, { port: second[0] }, { port: x.port, adminEdge: true }]);
    runRstp(bench, b, 4096, [{ port: first[1] }, { port: second[1] }, { port: y.port, adminEdge: true }]);
    bench.simulation.run(seconds(1));
    expect(bench.send(x, EVERYBODY)).toEqual(['y']);
    bench.devices.setAdminUp(first[0], false);
    bench.simulation.run(bench.simulation.nowNs + milliseconds(1));
    expect(bench.send(x, EVERYBODY)).toEqual(['y']);
    expect(bench.send(y, EVERYBODY)).toEqual(['x']);
  });

  it('shut a port under BPDU guard at which a bridge speaks, at both of its ends', () => {
    const bench = new WiredDevices();
    const [a, b] = [bench.addBridge('a'), bench.addBridge('b')];
    const [atA, atB] = bench.link(a, b, VLANS);
    runRstp(bench, a, 0, [{ port: atA, adminEdge: true, bpduGuard: true }]);
    runRstp(bench, b, 4096, [{ port: atB }]);
    bench.simulation.run(seconds(1));
    const { network, spanningTrees } = bench.devices;
    expect(spanningTrees.shutPorts).toEqual([atA]);
    expect([atA, atB].map((port) => network.hasFlag(port, PortFlag.linkUp))).toEqual([false, false]);
  });

  it('count what each bridge sends and receives', () => {
    const bench = new WiredDevices();
    const [a, b] = [bench.addBridge('a'), bench.addBridge('b')];
    const [atA, atB] = bench.link(a, b, VLANS);
    runRstp(bench, a, 0, [{ port: atA }]);
    runRstp(bench, b, 4096, [{ port: atB }]);
    bench.simulation.run(seconds(5));
    const { counts } = bench.devices.spanningTrees;
    const before = [counts.sentBy(0), counts.receivedBy(0), counts.sentBy(1), counts.receivedBy(1)];
    bench.simulation.run(seconds(25));
    const after = [counts.sentBy(0), counts.receivedBy(0), counts.sentBy(1), counts.receivedBy(1)];
    expect(after.map((value, i) => value - before[i])).toEqual([10, 0, 0, 10]);
    expect(counts.mostPerSecondAt(0)).toBeLessThan(10);
  });
});

describe('port states by instance', () => {
  it('are asked for only where they differ, and hold on the way in and on the way out', () => {
    const bench = new WiredDevices();
    const [a, b] = [bench.addBridge('a'), bench.addBridge('b')];
    const [atA, atB] = bench.link(a, b, VLANS);
    const hosts = [1, 2].map((pvid) => [
      bench.addHost(`a${pvid}`, a, { pvid }),
      bench.addHost(`b${pvid}`, b, { pvid }),
    ]);
    const { network } = bench.devices;
    network.instances.define(2, Int32Array.of(0, 0, 1));
    for (const port of [atA, atB]) for (const instance of [0, 1]) network.instances.join(port, instance);
    for (const port of [atA, atB])
      for (const instance of [0, 1]) network.setInstanceState(port, instance, StateBit.forwarding);
    const heard = () => hosts.map(([from]) => bench.send(from, EVERYBODY));
    expect(heard()).toEqual([['b1'], ['b2']]);
    expect(network.hasFlag(atB, PortFlag.byInstance)).toBe(false);
    // the far end blocks the second VLAN: it goes out and no further
    network.setInstanceState(atB, 1, 0);
    expect([network.hasFlag(atB, PortFlag.byInstance), network.hasFlag(atA, PortFlag.leadsByInstance)]).toEqual([
      true,
      true,
    ]);
    expect(heard()).toEqual([['b1'], []]);
    // and back, it does not leave
    expect(hosts.map(([, from]) => bench.send(from, EVERYBODY))).toEqual([['a1'], []]);
    network.setInstanceState(atB, 0, 0);
    network.setInstanceState(atB, 1, StateBit.forwarding);
    expect(heard()).toEqual([[], ['b2']]);
    network.setInstanceState(atB, 0, StateBit.forwarding);
    expect(network.hasFlag(atA, PortFlag.leadsByInstance)).toBe(false);
    expect(heard()).toEqual([['b1'], ['b2']]);
  });
});
