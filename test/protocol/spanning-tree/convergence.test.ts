import { describe, expect, it } from 'vitest';
import { IEEE_802_1D, type SpanningTreeProfile } from '../../../src/protocol/spanning-tree/parameters.ts';
import { PortState } from '../../../src/protocol/spanning-tree/port-states.ts';
import { milliseconds, seconds } from '../../../src/units.ts';
import { BridgeNetwork } from './bridge-network.ts';
import { LINUX_ON_TIME } from './on-time.ts';

const { blocking, disabled, forwarding, learning, listening } = PortState;

function ringOf(size: number, options: { delayNs?: number; profile?: SpanningTreeProfile } = {}): BridgeNetwork {
  const network = new BridgeNetwork(options.delayNs);
  for (let i = 0; i < size; i++) network.addBridge({ profile: options.profile ?? LINUX_ON_TIME });
  for (let i = 0; i < size; i++) network.connect(i, (i + 1) % size);
  return network;
}

describe('spanning tree of a small network', () => {
  it('takes a lone port through listening and learning in two forward delays', () => {
    const network = new BridgeNetwork();
    const bridge = network.addBridge();
    network.bridges[bridge].addPort({ pathCost: 100 });
    network.bridges[bridge].enablePort(0, 0);
    network.runUntil(seconds(60));
    expect(network.actionsOf(bridge, 'state').map(({ timeNs, value }) => [timeNs, value])).toEqual([
      [0, blocking],
      [0, listening],
      [seconds(15), learning],
      [seconds(30), forwarding],
    ]);
  });

  it('blocks exactly one port of a triangle, on the bridge with the worst identifier', () => {
    const network = ringOf(3);
    network.runUntil(seconds(60));
    const states = network.links.map(({ ends }) => ends.map((end) => network.stateAt(end)));
    // links 0-1, 1-2, 2-0
    expect(states).toEqual([
      [forwarding, forwarding],
      [forwarding, blocking],
      [forwarding, forwarding],
    ]);
    expect(network.links.map(({ ends }) => ends.map((end) => network.roleAt(end)))).toEqual([
      ['designated', 'root'],
      ['designated', 'alternate'],
      ['root', 'designated'],
    ]);
    expect(network.bridges.map((bridge) => bridge.rootPathCost)).toEqual([0, 100, 100]);
    expect(network.bridges.map((bridge) => bridge.rootPortIndex)).toEqual([-1, 0, 1]);
  });

  it.each([LINUX_ON_TIME, IEEE_802_1D])('forwards everywhere two forward delays after the start ($name)', (profile) => {
    const network = ringOf(3, { profile });
    network.runUntil(seconds(60));
    expect(network.lastEntered({ bridge: 2, port: 1 }, forwarding)).toBe(seconds(30));
  });

  it('cuts a ring of an even number of bridges opposite to the root', () => {
    const network = ringOf(6, { delayNs: 1000 });
    network.runUntil(seconds(60));
    expect(network.bridges.map((bridge) => bridge.rootPathCost)).toEqual([0, 100, 200, 300, 200, 100]);
    const blocked = network
      .segments()
      .flat()
      .filter((end) => network.stateAt(end) === blocking);
    // bridge 3 reaches the root at equal cost by bridges 2 and 4, and 2 has the better identifier
    expect(blocked).toEqual([{ bridge: 3, port: 1 }]);
  });

  it('uses the lowest port of parallel links', () => {
    const network = new BridgeNetwork();
    network.addBridge();
    network.addBridge();
    for (let i = 0; i < 3; i++) network.connect(0, 1);
    network.runUntil(seconds(60));
    expect([0, 1, 2].map((port) => network.bridges[1].roleOf(port))).toEqual(['root', 'alternate', 'alternate']);
    expect([0, 1, 2].map((port) => network.bridges[1].stateOf(port))).toEqual([forwarding, blocking, blocking]);
    expect([0, 1, 2].map((port) => network.bridges[0].stateOf(port))).toEqual([forwarding, forwarding, forwarding]);
  });

  it('prefers a better priority of the far port, and a lower cost to both', () => {
    const network = new BridgeNetwork();
    network.addBridge();
    network.addBridge();
    for (let i = 0; i < 3; i++) network.connect(0, 1);
    network.bridges[0].setPortPriority(1, 16, 0);
    network.runUntil(seconds(60));
    expect(network.bridges[1].rootPortIndex).toBe(1);
    network.bridges[1].setPathCost(2, 99, network.nowNs);
    expect(network.bridges[1].rootPortIndex).toBe(2);
    expect(network.bridges[1].rootPathCost).toBe(99);
  });

  it('blocks the higher end of a link from a bridge to itself', () => {
    const network = new BridgeNetwork();
    network.addBridge();
    network.connect(0, 0);
    network.runUntil(seconds(60));
    expect([0, 1].map((port) => network.bridges[0].roleOf(port))).toEqual(['designated', 'backup']);
    expect([0, 1].map((port) => network.bridges[0].stateOf(port))).toEqual([forwarding, blocking]);
    expect(network.bridges[0].isRootBridge).toBe(true);
  });

  it('follows a change of bridge priority', () => {
    const network = ringOf(3);
    network.runUntil(seconds(60));
    network.bridges[2].setBridgePriority(0x1000, network.nowNs);
    expect(network.bridges[2].isRootBridge).toBe(true);
    network.runUntil(seconds(62));
    expect(network.bridges.map((bridge) => bridge.rootId)).toEqual(Array(3).fill(network.bridges[2].bridgeId));
    network.runUntil(seconds(120));
    expect(network.bridges.map((bridge) => bridge.rootPathCost)).toEqual([100, 100, 0]);
  });

  it('keeps a root that made its priority worse until its old word has aged out everywhere', () => {
    const network = new BridgeNetwork();
    network.addBridge();
    network.addBridge();
    network.connect(0, 1);
    network.runUntil(seconds(61));
    const oldRootId = network.bridges[0].bridgeId;
    network.bridges[0].setBridgePriority(0xf000, network.nowNs);
    // the last message of the old root left at 60 s and lives for max age
    network.runUntil(seconds(80) - 1);
    expect(network.bridges[1].rootId).toBe(oldRootId);
    network.runUntil(seconds(81));
    expect(network.bridges.map((bridge) => bridge.isRootBridge)).toEqual([false, true]);
  });
});

describe('spanning tree after a failure', () => {
  it('has the alternate port forward two forward delays after the root port failed', () => {
    const network = ringOf(3);
    network.runUntil(seconds(61));
    network.fail(2);
    expect(network.bridges[2].rootPortIndex).toBe(0);
    expect(network.bridges[2].roleOf(1)).toBe('disabled');
    expect(network.bridges[2].rootPathCost).toBe(200);
    network.runUntil(seconds(120));
    expect(network.lastEntered({ bridge: 2, port: 0 }, forwarding)).toBe(seconds(61 + 30));
  });

  it('needs up to max age more if the failure was out of sight', () => {
    const network = ringOf(3, { delayNs: 1000 });
    network.runUntil(seconds(61));
    network.fail(0);
    // bridge 1 lost its only way and claims to be root, which bridge 2 ignores until its information is too old
    expect(network.bridges[1].isRootBridge).toBe(true);
    network.runUntil(seconds(79));
    expect(network.bridges[2].stateOf(0)).toBe(blocking);
    network.runUntil(seconds(82));
    expect(network.bridges[2].stateOf(0)).toBe(listening);
    expect(network.bridges[1].rootPathCost).toBe(200);
    network.runUntil(seconds(140));
    const forwardedNs = network.lastEntered({ bridge: 2, port: 0 }, forwarding) - seconds(61);
    expect(forwardedNs).toBeGreaterThan(seconds(30 + 18));
    expect(forwardedNs).toBeLessThanOrEqual(seconds(50));
  });

  it('disables a failed port at once and starts over when the link returns', () => {
    const network = ringOf(3);
    network.runUntil(seconds(61));
    network.fail(0);
    expect(network.bridges[0].stateOf(0)).toBe(disabled);
    network.runUntil(seconds(70));
    network.restore(0);
    expect(network.bridges[0].stateOf(0)).toBe(listening);
    network.runUntil(seconds(140));
    expect(network.bridges[1].rootPortIndex).toBe(0);
    expect(network.bridges[1].rootPathCost).toBe(100);
    expect(network.bridges[2].stateOf(0)).toBe(blocking);
  });

  it('does not let the message age limit the number of bridges in Linux, as it does in the standard', () => {
    const followersInLine = (profile: SpanningTreeProfile, size: number) => {
      const network = new BridgeNetwork(1000);
      for (let i = 0; i < size; i++) network.addBridge({ profile });
      for (let i = 1; i < size; i++) network.connect(i - 1, i);
      network.runUntil(seconds(200));
      return network.bridges.filter((bridge) => bridge.rootId === network.bridges[0].bridgeId).length;
    };
    expect(followersInLine(LINUX_ON_TIME, 24)).toBe(24);
    // 7 bridges is the diameter that IEEE 802.1D-1998, 8.10.2 plans for
    expect(followersInLine(IEEE_802_1D, 7)).toBe(7);
    // at 1 s per bridge and more for messages that wait, no word of the root passes a twentieth bridge
    expect(followersInLine(IEEE_802_1D, 24)).toBeLessThanOrEqual(20);
  });

  it('adds 4 ms to the message age at each bridge in Linux, besides the time that a message waits', () => {
    const network = new BridgeNetwork(milliseconds(1));
    for (let i = 0; i < 4; i++) network.addBridge();
    for (let i = 1; i < 4; i++) network.connect(i - 1, i);
    network.runUntil(seconds(61));
    const ages = [0, 1, 2].map((bridge) => network.actionsOf(bridge, 'config', seconds(59)).map((a) => a.value));
    expect(ages).toMatchObject([
      [{ messageAgeNs: 0 }],
      [{ messageAgeNs: milliseconds(4) }],
      [{ messageAgeNs: milliseconds(8) }],
    ]);
  });
});
