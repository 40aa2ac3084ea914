import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VxlanFabric, type VxlanSettings } from '../../src/fabric/vxlan-fabric.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { describeFabric } from './fabric.case.ts';
import { planEverywhere } from './planned-datacenter.ts';
import { RunningFabric } from './running-fabric.ts';
import { EVPN_SEGMENTS } from './small-datacenter.ts';

describeFabric('EVPN from leaves with Ethernet segments', EVPN_SEGMENTS, { announcedNs: milliseconds(150) });

/** Until routes are where they belong, elections have been held, and a leaf that came back lets its servers use it. */
const SETTLE_NS = seconds(20);

const TOPOLOGY = '{leaves: 4, spines: 2, serversPerLeaf: 2, serverHoming: dual}';

/** Servers 0 to 3 on leaves 0 and 1, servers 4 to 7 on leaves 2 and 3, a VM of one segment on each. */
function fourLeaves(settings: VxlanSettings = EVPN_SEGMENTS): RunningFabric {
  const running = new RunningFabric(planEverywhere(TOPOLOGY), settings, SETTLE_NS);
  for (const vm of running.plan.vmServer.keys()) running.broadcast(vm);
  return running;
}

function withMultihoming(
  changes: Partial<NonNullable<NonNullable<VxlanSettings['evpn']>['multihoming']>>,
  more: Partial<NonNullable<VxlanSettings['evpn']>> = {},
): VxlanSettings {
  const evpn = EVPN_SEGMENTS.evpn!;
  return { ...EVPN_SEGMENTS, evpn: { ...evpn, ...more, multihoming: { ...evpn.multihoming!, ...changes } } };
}

function controlPlaneOf({ fabric }: RunningFabric) {
  if (!(fabric instanceof VxlanFabric) || fabric.controlPlane === null) throw new Error('this fabric has no EVPN');
  return fabric.controlPlane;
}

/** The leaves through which flows from one VM reach another's server, ascending, and how many of 30 arrive. */
function flowsBetween(running: RunningFabric, from: number, to: number) {
  const { network } = running.devices;
  const server = running.plan.vmServer[to];
  const ports = [running.fabric.serverPorts[server], running.fabric.secondServerPorts[server]];
  const leafPorts = ports.flatMap((pair) => (pair === null ? [] : [pair[0]]));
  const leaves = new Set<number>();
  let arrived = 0;
  for (let flow = 0; flow < 30; flow++) {
    const tag = running.send(from, { to, flowHash: flow * 7919 });
    running.wait(milliseconds(1));
    arrived += running.deliveriesOf(tag).filter(({ vm }) => vm === to).length;
    for (const { port } of running.transmissionsOf(tag)) {
      if (leafPorts.includes(port)) leaves.add(running.fabric.switchNodes.indexOf(network.nodeOf(port)));
    }
  }
  return { leaves: [...leaves].sort(), arrived };
}

/** How many of 30 flows from one VM to another, wherever that is, arrive. */
function reaching(running: RunningFabric, from: number, to: number): number {
  const tags = Array.from({ length: 30 }, (_, flow) => running.send(from, { to, flowHash: flow * 7919 }));
  running.wait(milliseconds(30));
  return tags.filter((tag) => running.deliveriesOf(tag).some(({ vm }) => vm === to)).length;
}

/** Fails one of a server's two links, or repairs it. */
function setServerLink({ fabric }: RunningFabric, server: number, which: 0 | 1, isUp: boolean): void {
  fabric.setServerLinkUp(server, which, isUp);
}

describe('servers on two leaves as Ethernet segments', () => {
  it('get each flood once, and none of their own, whichever link it leaves by', () => {
    const running = fourLeaves();
    for (const from of running.plan.vmServer.keys()) {
      for (let flowHash = 0; flowHash < 8; flowHash++) {
        const tag = running.send(from, { flowHash });
        running.wait(milliseconds(1));
        const reached = running.deliveriesOf(tag).map(({ vm }) => vm);
        expect(reached.sort((a, b) => a - b)).toEqual(running.siblingsOf(from));
      }
    }
  });

  it('get a frame from each of their leaves that knows them, while that of the sender does not', () => {
    // RFC 8365, 8.3.3: VXLAN does not say which packets are copies of a flood
    const running = new RunningFabric(planEverywhere(TOPOLOGY), EVPN_SEGMENTS, SETTLE_NS);
    for (let flowHash = 0; flowHash < 8; flowHash++) running.send(0, { flowHash });
    running.wait(milliseconds(1));
    const { evpn } = controlPlaneOf(running);
    const address = running.devices.servers.addressOf(0);
    expect([0, 1].map((leaf) => evpn.rulesOf(leaf).isLocal(address))).toEqual([true, true]);
    const copiesOf = (tag: number) => running.deliveriesOf(tag).filter(({ vm }) => vm === 0).length;
    const early = running.send(4, { to: 0 });
    running.wait(SETTLE_NS);
    expect(copiesOf(early)).toBe(2);
    const late = running.send(4, { to: 0 });
    running.wait(milliseconds(1));
    expect(copiesOf(late)).toBe(1);
  });

  it('are reached through both leaves by flows from elsewhere, though their VM spoke to one of them only', () => {
    const running = new RunningFabric(planEverywhere(TOPOLOGY), EVPN_SEGMENTS, SETTLE_NS);
    running.broadcast(0);
    const { evpn, routes } = controlPlaneOf(running);
    const address = running.devices.servers.addressOf(0);
    expect(evpn.rulesOf(2).heard.ethernetSegmentOfStation(address)).toBe(0);
    const heard = [0, 1].filter((leaf) => !evpn.rulesOf(leaf).isSynchronised(address));
    expect(heard).toHaveLength(1);
    expect(routes.isProxy(evpn.rulesOf(2).heard.best(address))).toBe(heard[0] !== 0);
    expect(flowsBetween(running, 4, 0)).toEqual({ leaves: [0, 1], arrived: 30 });
    // both of its leaves deliver to it themselves
    expect(flowsBetween(running, 1, 0)).toEqual({ leaves: [0, 1], arrived: 30 });
  });

  it('take the way that the fabric names', () => {
    const running = fourLeaves();
    const { plan, fabric } = running;
    for (const [from, to] of [
      [0, 1],
      [0, 5],
      [6, 2],
    ]) {
      for (let flow = 0; flow < 20; flow++) {
        const tag = running.send(from, { to, flowHash: flow * 7919 });
        running.wait(milliseconds(1));
        const path = fabric.pathBetweenServers(plan.vmServer[from], plan.vmServer[to], flow * 7919);
        expect(running.transmissionsOf(tag).map(({ port }) => port)).toEqual([...path!]);
      }
    }
  });

  it('share the flooding into them by VNI: a leaf floods every other one', () => {
    const { evpn } = controlPlaneOf(fourLeaves());
    const { nowNs } = { nowNs: seconds(60) };
    const forwarders = [0, 1].map((leaf) =>
      [0, 1].map((es) => evpn.rulesOf(leaf).ethernetSegments!.isForwarder(0, es, nowNs)),
    );
    expect(forwarders[0]).toEqual(forwarders[1].map((isForwarder) => !isForwarder));
    expect(forwarders[0][0]).not.toBe(forwarders[0][1]);
  });

  it('lose nothing to a dead link once its leaf and the server know of it, and everybody else after an UPDATE', () => {
    const running = fourLeaves();
    setServerLink(running, 0, 0, false);
    // a neighbour on the same leaf: redirected at once; from afar: two hops of BGP and the table
    running.wait(milliseconds(1));
    expect(flowsBetween(running, 2, 0).arrived).toBe(30);
    running.wait(milliseconds(150));
    expect(flowsBetween(running, 4, 0)).toEqual({ leaves: [1], arrived: 30 });
    for (const from of [0, 2, 4]) expect(running.broadcast(from)).toEqual(running.siblingsOf(from));
    setServerLink(running, 0, 0, true);
    running.wait(SETTLE_NS);
    expect(flowsBetween(running, 4, 0)).toEqual({ leaves: [0, 1], arrived: 30 });
    expect(flowsBetween(running, 2, 0)).toEqual({ leaves: [0, 1], arrived: 30 });
    for (const from of [0, 2, 4]) expect(running.broadcast(from)).toEqual(running.siblingsOf(from));
  });

  it('outlive a leaf, which lets them use it again when it has heard of all', () => {
    const running = fourLeaves();
    running.fabric.setSwitchUp(0, false);
    running.wait(seconds(1));
    expect(flowsBetween(running, 4, 0)).toEqual({ leaves: [1], arrived: 30 });
    expect(flowsBetween(running, 0, 4).arrived).toBe(30);
    running.fabric.setSwitchUp(0, true);
    running.wait(seconds(9));
    expect(flowsBetween(running, 4, 0)).toEqual({ leaves: [1], arrived: 30 });
    // it has nothing to ask for: what others know of the segment is there before the link comes up
    running.wait(seconds(1) + milliseconds(200));
    expect(flowsBetween(running, 4, 0)).toEqual({ leaves: [0, 1], arrived: 30 });
    running.wait(SETTLE_NS);
    for (const from of [0, 2, 4]) expect(running.broadcast(from)).toEqual(running.siblingsOf(from));
  });

  it('use their other link when a leaf has lost its uplinks, if it watches them', () => {
    for (const tracksUplinks of [true, false]) {
      const running = fourLeaves(withMultihoming({ tracksUplinks }));
      const uplinks = [...running.plan.links.keys()].filter((link) => running.plan.links[link].a === 0);
      for (const link of uplinks) running.fabric.setLinkUp(link, false);
      running.wait(seconds(1));
      const { arrived } = flowsBetween(running, 0, 4);
      if (tracksUplinks) expect(arrived).toBe(30);
      else expect(arrived).toBeLessThan(25);
      for (const link of uplinks) running.fabric.setLinkUp(link, true);
      running.wait(SETTLE_NS);
      expect(flowsBetween(running, 0, 4).arrived).toBe(30);
      expect(flowsBetween(running, 4, 0)).toEqual({ leaves: [0, 1], arrived: 30 });
    }
  });

  it('keep being known where a leaf has heard nothing of them for hours, and are forgotten when nobody has', () => {
    const running = fourLeaves(withMultihoming({}, { refreshesStations: false }));
    const { evpn } = controlPlaneOf(running);
    const address = running.devices.servers.addressOf(0);
    const known = () => [0, 1].map((leaf) => evpn.rulesOf(leaf).isLocal(address));
    // by one and the same link
    for (let minute = 0; minute < 60; minute += 4) {
      running.send(0, { flowHash: 3 });
      running.wait(seconds(240));
      expect(known()).toEqual([true, true]);
    }
    running.wait(seconds(600));
    expect(flowsBetween(running, 4, 0)).toMatchObject({ arrived: 30 });
    running.wait(seconds(1200));
    expect(known()).toEqual([false, false]);
    expect(evpn.rulesOf(2).vtepOfStation(address)).toBe(-1);
  });

  it('take a VM that moves to other leaves along, and between servers of the same', () => {
    const running = fourLeaves();
    for (const server of [5, 7, 1, 0]) {
      running.fabric.moveVm(0, server);
      running.devices.servers.announceByRarp(0);
      running.wait(seconds(1));
      for (const from of running.siblingsOf(0)) {
        if (running.plan.vmServer[from] === server) continue;
        expect(reaching(running, from, 0)).toBe(30);
      }
      expect(running.broadcast(0)).toEqual(running.siblingsOf(0));
    }
  });
});

describe('a link that fails with many stations behind it', () => {
  /** How long flows from afar to each of 100 VMs are lost, at 100 entries a second. */
  function outagesMs(isPrefixIndependent: boolean): number[] {
    const settings = withMultihoming({ isPrefixIndependent }, { installsPerSecond: 50 });
    const base = planEverywhere(TOPOLOGY);
    const count = 50;
    // all on the first server but for the last, which is on other leaves
    const plan = {
      ...base,
      vmServer: Int32Array.from({ length: count + 1 }, (_, vm) => (vm < count ? 0 : 4)),
      vmSegment: new Int32Array(count + 1),
      vmIp: (vm: number) => base.vmIp(0) + vm,
      vmMac: (vm: number) => base.vmMac(0) + vm,
    };
    const running = new RunningFabric(plan, settings, SETTLE_NS);
    for (let vm = 0; vm <= count; vm++) running.send(vm);
    running.wait(seconds(5));
    setServerLink(running, 0, 0, false);
    const outages = new Array<number>(count).fill(-1);
    for (let ms = 0; outages.includes(-1) && ms < 5000; ms += 20) {
      // a flow that goes by way of the leaf that has lost its link, before anybody knows
      for (let vm = 0; vm < count; vm++) {
        if (outages[vm] >= 0) continue;
        const tags = [1, 2, 3, 4, 5, 6].map((flow) => running.send(count, { to: vm, flowHash: flow * 7919 }));
        running.wait(milliseconds(0.1));
        if (tags.every((tag) => running.deliveriesOf(tag).some((delivery) => delivery.vm === vm))) outages[vm] = ms;
      }
      running.wait(milliseconds(20 - 0.1 * outages.filter((outage) => outage < 0).length));
    }
    return outages;
  }

  it('moves all of them at once if next hops are shared (RFC 7432, 8.2), and one by one if not', () => {
    const shared = outagesMs(true);
    const apart = outagesMs(false);
    // two hops of BGP at 50 ms, learned after 1 ms and installed after 10
    expect(Math.max(...shared)).toBeLessThanOrEqual(140);
    expect(Math.max(...apart)).toBeGreaterThan(900);
    expect(Math.min(...apart)).toBeLessThanOrEqual(140);
  });
});

describe('Ethernet segments, whatever failed', () => {
  const LEAVES = 4;
  const anyCase = fc.record({
    // of each of eight servers: its second leaf, counted from its own; 0 for none
    seconds: fc.array(fc.nat(LEAVES - 1), { minLength: 8, maxLength: 8 }),
    algorithm: fc.constantFrom('modulo' as const, 'lowest-address' as const),
    isPrefixIndependent: fc.boolean(),
    sessions: fc.constantFrom('ebgp' as const, 'route-reflectors' as const),
    changes: fc.array(
      fc.record({
        what: fc.constantFrom('server link', 'server link', 'leaf', 'spine', 'server', 'move'),
        index: fc.nat(1000),
        isUp: fc.boolean(),
        waitNs: fc.constantFrom(0, milliseconds(5), milliseconds(70), seconds(1), seconds(15)),
      }),
      { maxLength: 12 },
    ),
  });

  it('have one designated forwarder a VNI, and carry every flood to each host once and to its sender never', () => {
    let floods = 0;
    const property = fc.property(
      anyCase,
      ({ seconds: seconds_, algorithm, isPrefixIndependent, sessions, changes }) => {
        const base = planEverywhere('{leaves: 4, spines: 2, serversPerLeaf: 2}');
        const servers = base.servers.map((server, index) => {
          const second = (server.switchIndex + seconds_[index]) % LEAVES;
          return { ...server, secondSwitchIndex: second === server.switchIndex ? null : second };
        });
        const plan = { ...base, servers };
        const settings = withMultihoming({ algorithm, isPrefixIndependent }, { sessions });
        const running = new RunningFabric(plan, settings, SETTLE_NS);
        const { fabric } = running;
        const places = Array.from(plan.vmServer);
        const downServers = new Set<number>();
        for (const { what, index, isUp, waitNs } of changes) {
          const server = index % servers.length;
          if (what === 'server link') setServerLink(running, server, index % 2 === 0 ? 0 : 1, isUp);
          else if (what === 'leaf') fabric.setSwitchUp(index % LEAVES, isUp);
          // one spine is always there
          else if (what === 'spine') fabric.setSwitchUp(LEAVES, isUp);
          else if (what === 'server') {
            fabric.setServerUp(server, isUp);
            if (isUp) downServers.delete(server);
            else downServers.add(server);
          } else {
            const vm = index % places.length;
            fabric.moveVm(vm, server);
            places[vm] = server;
          }
          running.wait(waitNs);
        }
        running.wait(SETTLE_NS);
        const { network, servers: hosts } = running.devices;
        const isUpAt = (port: number) => network.hasFlag(port, 1);
        const linksOf = (server: number) =>
          [fabric.serverPorts[server], fabric.secondServerPorts[server]].filter(
            (pair) => pair !== null && isUpAt(pair[0]),
          );
        const isReached = (vm: number) => linksOf(places[vm]).length > 0;
        for (const vm of places.keys()) hosts.announceByRarp(vm);
        running.wait(seconds(1));

        const { evpn } = controlPlaneOf(running);
        const { nowNs } = running.simulation;
        for (const server of servers.keys()) {
          if (servers[server].secondSwitchIndex === null) continue;
          for (const segment of plan.segments.keys()) {
            const forwarders = [0, 1, 2, 3].filter((leaf) =>
              evpn.rulesOf(leaf).ethernetSegments!.isForwarder(server, segment, nowNs),
            );
            expect(forwarders).toHaveLength(linksOf(server).length > 0 ? 1 : 0);
          }
        }
        for (const from of places.keys()) {
          const tag = running.send(from, { flowHash: from * 31 });
          running.wait(milliseconds(2));
          const reached = running.deliveriesOf(tag).map(({ vm }) => vm);
          const expected = running.siblingsOf(from).filter((vm) => {
            return places[vm] === places[from] || (isReached(from) && isReached(vm));
          });
          expect(reached.sort((a, b) => a - b)).toEqual(expected);
          floods += expected.length;
          for (const to of expected) {
            const unicast = running.send(from, { to, flowHash: to * 17 });
            running.wait(milliseconds(2));
            expect(running.deliveriesOf(unicast).map(({ vm }) => vm)).toEqual([to]);
          }
        }
        expect(network.frames.liveCount).toBe(0);
      },
    );
    fc.assert(property, { numRuns: 40, seed: 11 });
    expect(floods).toBeGreaterThan(400);
  });
});
