import { beforeEach, describe, expect, it } from 'vitest';
import { IEEE_802_1D } from '../../../src/protocol/spanning-tree/parameters.ts';
import { PortState } from '../../../src/protocol/spanning-tree/port-states.ts';
import { SpanningTree, type SpanningTreeOptions } from '../../../src/protocol/spanning-tree/spanning-tree.ts';
import { milliseconds, seconds } from '../../../src/units.ts';
import { bridgeIdOf, type ConfigBpdu, portIdOf } from '../../../src/wire/bpdu.ts';
import { LINUX_ON_TIME } from './on-time.ts';

const { blocking, disabled, forwarding, listening } = PortState;
const OWN_ID = bridgeIdOf(0x8000, 5);
const ROOT_ID = bridgeIdOf(0x8000, 1);

/** A bridge of `portCount` ports of cost 10, and what it sent: 'config 0', 'tcn 1', 'flag true'. */
function bridgeWith(portCount: number, options: Partial<SpanningTreeOptions> = {}) {
  const sent: string[] = [];
  const configs: ConfigBpdu[] = [];
  const bridge = new SpanningTree(
    { bridgeId: OWN_ID, profile: LINUX_ON_TIME, ...options },
    {
      transmitConfig: (port, bpdu) => {
        sent.push(`config ${port}`);
        configs.push({ ...bpdu });
      },
      transmitTcn: (port) => sent.push(`tcn ${port}`),
      portStateChanged: () => {},
      topologyChangeChanged: (active) => sent.push(`flag ${active}`),
    },
  );
  for (let i = 0; i < portCount; i++) bridge.addPort({ pathCost: 10 });
  const takeSent = () => sent.splice(0);
  const enableAll = (nowNs: number) => {
    for (let i = 0; i < portCount; i++) bridge.enablePort(i, nowNs);
  };
  return { bridge, configs, takeSent, enableAll };
}

/** A message from bridge 2, a neighbour of the root. */
function word(changes: Partial<ConfigBpdu> = {}): ConfigBpdu {
  return {
    rootId: ROOT_ID,
    rootPathCost: 10,
    bridgeId: bridgeIdOf(0x8000, 2),
    portId: portIdOf(32, 1),
    messageAgeNs: 0,
    maxAgeNs: seconds(20),
    helloTimeNs: seconds(2),
    forwardDelayNs: seconds(15),
    topologyChange: false,
    topologyChangeAck: false,
    ...changes,
  };
}

/** A started bridge whose port 0 is the root port and forwards, at 40 s, with notifications over and done. */
function settledBelowRoot(portCount: number) {
  const made = bridgeWith(portCount);
  made.bridge.start(0);
  made.enableAll(0);
  for (let s = 0; s <= 40; s += 2) {
    made.bridge.tick(seconds(s));
    made.bridge.receiveConfig(0, word({ topologyChangeAck: true }), seconds(s));
  }
  made.bridge.tick(seconds(41));
  made.takeSent();
  made.configs.length = 0;
  return made;
}

describe('spanning tree: start', () => {
  it('says the first word after one hello time in Linux', () => {
    const { bridge, takeSent, enableAll } = bridgeWith(2);
    bridge.start(0);
    enableAll(0);
    bridge.tick(seconds(2) - 1);
    expect(takeSent()).toEqual([]);
    bridge.tick(seconds(2));
    expect(takeSent()).toEqual(['config 1', 'config 0']);
  });

  it('says it at once in the standard (802.1D-1998, 8.8.1)', () => {
    const { bridge, takeSent, enableAll } = bridgeWith(2, { profile: IEEE_802_1D });
    enableAll(0);
    expect(bridge.stateOf(0)).toBe(disabled);
    bridge.start(0);
    expect(bridge.stateOf(0)).toBe(listening);
    expect(takeSent()).toEqual(['config 1', 'config 0']);
  });

  it('has nothing to do before the start and after the stop', () => {
    const { bridge, enableAll } = bridgeWith(2);
    enableAll(0);
    expect(bridge.nextDeadlineNs).toBe(Number.POSITIVE_INFINITY);
    bridge.start(0);
    expect(bridge.nextDeadlineNs).toBe(seconds(2));
    bridge.tick(seconds(50));
    bridge.receiveConfig(0, word(), seconds(50));
    bridge.stop(seconds(51));
    expect(bridge.nextDeadlineNs).toBe(Number.POSITIVE_INFINITY);
    expect([bridge.stateOf(0), bridge.roleOf(1), bridge.isRootBridge]).toEqual([disabled, 'disabled', true]);
  });

  it('falls silent when it fails, and then starts as a new bridge does', () => {
    const { bridge, takeSent, enableAll } = settledBelowRoot(3);
    bridge.receiveConfig(0, word({ helloTimeNs: seconds(5), topologyChange: true }), seconds(42));
    takeSent();
    bridge.fail();
    expect(takeSent()).toEqual(['flag false']);
    expect(bridge.nextDeadlineNs).toBe(Number.POSITIVE_INFINITY);
    expect([0, 1, 2].map((port) => bridge.stateOf(port))).toEqual([disabled, disabled, disabled]);
    for (const port of [0, 1, 2]) bridge.disablePort(port, seconds(42));
    expect([takeSent(), bridge.isRootBridge, bridge.rootPathCost]).toEqual([[], true, 0]);
    bridge.start(seconds(50));
    enableAll(seconds(50));
    bridge.tick(seconds(52) - 1);
    expect(takeSent()).toEqual([]);
    bridge.tick(seconds(52));
    expect(takeSent()).toEqual(['config 2', 'config 1', 'config 0']);
    expect(bridge.stateOf(0)).toBe(listening);
  });

  it('gives the same history whether ticked often or once', () => {
    const often = bridgeWith(2);
    const once = bridgeWith(2);
    for (const made of [often, once]) {
      made.bridge.start(0);
      made.enableAll(0);
    }
    for (let s = 0; s <= 90; s += 0.5) often.bridge.tick(seconds(s));
    once.bridge.tick(seconds(90));
    expect(once.takeSent()).toEqual(often.takeSent());
    expect(once.bridge.nextDeadlineNs).toBe(often.bridge.nextDeadlineNs);
  });
});

describe('spanning tree: hold timer (802.1D-1998, 8.6.1, 8.7.8)', () => {
  it('lets one configuration message leave a port per second and sends the last word late', () => {
    const { bridge, configs, takeSent } = settledBelowRoot(2);
    for (let ms = 0; ms < 3000; ms += 100) {
      bridge.tick(seconds(42) + milliseconds(ms));
      bridge.receiveConfig(0, word({ messageAgeNs: milliseconds(ms) }), seconds(42) + milliseconds(ms));
    }
    bridge.tick(seconds(44.999));
    expect(takeSent()).toEqual(['config 1', 'config 1', 'config 1']);
    // at 42, 43 and 44 s; the information sent at 43 s had arrived at 42.9 s, at an age of 0.9 s, and waited
    expect(configs.map((config) => config.messageAgeNs / 1e6)).toEqual([4, 1004, 2004]);
    bridge.tick(seconds(45));
    expect(takeSent()).toEqual(['config 1']);
    bridge.tick(seconds(50));
    expect(takeSent()).toEqual([]);
  });

  it('forgets what waits when the port ceases to be designated', () => {
    const { bridge, takeSent } = settledBelowRoot(2);
    bridge.receiveConfig(0, word(), seconds(42));
    bridge.receiveConfig(0, word(), seconds(42.2));
    bridge.receiveConfig(1, word({ rootPathCost: 10 }), seconds(42.4));
    expect(bridge.roleOf(1)).toBe('alternate');
    bridge.tick(seconds(50));
    expect(takeSent()).toEqual(['config 1', 'tcn 0', 'tcn 0', 'tcn 0', 'tcn 0']);
  });

  it('forgets what waits when the port becomes the root port', () => {
    const { bridge, takeSent } = settledBelowRoot(2);
    bridge.receiveConfig(0, word(), seconds(42));
    bridge.receiveConfig(0, word(), seconds(42.2));
    bridge.receiveConfig(1, word({ rootPathCost: 0 }), seconds(42.4));
    expect(bridge.roleOf(1)).toBe('root');
    takeSent();
    bridge.tick(seconds(43));
    // bridge 2 and this one are both at cost 10 of the root now, and 2 has the better identifier
    expect(bridge.roleOf(0)).toBe('alternate');
    expect(takeSent()).toEqual([]);
  });

  it('is over when the port was disabled meanwhile', () => {
    const { bridge, takeSent } = settledBelowRoot(2);
    bridge.receiveConfig(0, word(), seconds(42));
    bridge.disablePort(1, seconds(42.1));
    bridge.enablePort(1, seconds(42.2));
    takeSent();
    bridge.receiveConfig(0, word(), seconds(42.3));
    expect(takeSent()).toEqual(['config 1']);
  });
});

describe('spanning tree: received configuration messages (802.1D-1998, 8.7.1)', () => {
  it('are answered by a designated port that knows better', () => {
    const { bridge, configs, takeSent } = settledBelowRoot(2);
    const claim = word({ rootId: bridgeIdOf(0x8000, 9), bridgeId: bridgeIdOf(0x8000, 9), rootPathCost: 0 });
    bridge.receiveConfig(1, claim, seconds(41.5));
    expect(takeSent()).toEqual(['config 1']);
    expect(configs[0]).toMatchObject({ rootId: ROOT_ID, rootPathCost: 20, bridgeId: OWN_ID, portId: portIdOf(32, 2) });
  });

  it('are ignored by a root port or blocking port that knows better', () => {
    const { bridge, takeSent } = settledBelowRoot(2);
    bridge.receiveConfig(0, word({ rootId: bridgeIdOf(0x8000, 9) }), seconds(41.5));
    expect(takeSent()).toEqual([]);
    expect(bridge.rootId).toBe(ROOT_ID);
  });

  it('are ignored if older than max age, on disabled ports, and while the spanning tree is off', () => {
    const { bridge, enableAll } = bridgeWith(2);
    bridge.start(0);
    bridge.receiveConfig(0, word(), 0);
    enableAll(0);
    bridge.receiveConfig(0, word({ messageAgeNs: seconds(20) + 1 }), 0);
    bridge.setEnabled(false, 0);
    bridge.receiveConfig(0, word(), 0);
    expect(bridge.isRootBridge).toBe(true);
    bridge.setEnabled(true, 0);
    bridge.receiveConfig(0, word({ messageAgeNs: seconds(20) }), 0);
    expect(bridge.isRootBridge).toBe(false);
  });

  it('of the same designated bridge are believed even if worse in nothing but the port', () => {
    const { bridge } = settledBelowRoot(1);
    bridge.receiveConfig(0, word({ portId: portIdOf(32, 7) }), seconds(41.5));
    expect(bridge.designatedOf(0).portId).toBe(portIdOf(32, 7));
  });

  it("give the root's times to the tree, not the bridge's own", () => {
    const { bridge, configs } = bridgeWith(2);
    bridge.start(0);
    bridge.enablePort(1, 0);
    bridge.enablePort(0, 0);
    const times = { maxAgeNs: seconds(10), helloTimeNs: seconds(1), forwardDelayNs: seconds(7) };
    bridge.receiveConfig(0, word(times), 0);
    expect(configs).toMatchObject([times]);
    expect(bridge.forwardDelayNs).toBe(seconds(7));
    bridge.tick(seconds(10));
    expect([bridge.isRootBridge, bridge.forwardDelayNs]).toEqual([true, seconds(15)]);
    expect(configs[configs.length - 1]).toMatchObject({ maxAgeNs: seconds(20), helloTimeNs: seconds(2) });
  });

  it('are not passed on once they would be too old', () => {
    const { bridge, takeSent } = settledBelowRoot(2);
    bridge.receiveConfig(0, word({ messageAgeNs: seconds(20) - milliseconds(4) }), seconds(41.5));
    expect(takeSent()).toEqual([]);
    bridge.receiveConfig(0, word({ messageAgeNs: seconds(20) - milliseconds(4) - 1 }), seconds(41.5));
    expect(takeSent()).toEqual(['config 1']);
  });
});

describe('spanning tree: message age timer (802.1D-1998, 8.7.4)', () => {
  it('makes the bridge root when the information on its root port is too old, age on arrival included', () => {
    const { bridge, takeSent } = settledBelowRoot(2);
    bridge.receiveConfig(0, word({ messageAgeNs: seconds(3) }), seconds(42));
    takeSent();
    bridge.tick(seconds(59) - 1);
    expect(bridge.isRootBridge).toBe(false);
    bridge.tick(seconds(59));
    expect([bridge.isRootBridge, bridge.roleOf(0), bridge.stateOf(0)]).toEqual([true, 'designated', forwarding]);
    // becoming root is a topology change, told at once, and starts the hello timer
    expect(takeSent()).toEqual(['flag true', 'config 1', 'config 0']);
    bridge.tick(seconds(61));
    expect(takeSent()).toEqual(['config 1', 'config 0']);
  });

  it('does not run on designated ports', () => {
    const { bridge } = bridgeWith(1);
    bridge.start(0);
    bridge.enablePort(0, 0);
    // its own message comes back to the port that sent it
    const echo = word({ rootId: OWN_ID, bridgeId: OWN_ID, rootPathCost: 0, portId: portIdOf(32, 1) });
    bridge.receiveConfig(0, echo, seconds(1));
    expect(bridge.roleOf(0)).toBe('designated');
    // without hellos, what is left after the learning state began at 15 s is its end
    bridge.setEnabled(false, seconds(1));
    bridge.tick(seconds(20));
    expect(bridge.nextDeadlineNs).toBe(seconds(30));
  });
});

describe('spanning tree: hello timer (802.1D-1998, 8.7.3)', () => {
  it('runs on the root only', () => {
    const { bridge, takeSent } = settledBelowRoot(2);
    expect(bridge.nextDeadlineNs).toBe(seconds(60));
    bridge.tick(seconds(59));
    expect(takeSent()).toEqual([]);
  });

  it('keeps running on a bridge whose own old identifier outbids it, as in Linux', () => {
    const { bridge, takeSent, configs } = bridgeWith(2);
    bridge.start(0);
    bridge.enablePort(0, 0);
    bridge.enablePort(1, 0);
    // a link from port 0 to port 1
    bridge.tick(seconds(2));
    bridge.receiveConfig(1, configs[1], seconds(2));
    expect(bridge.roleOf(1)).toBe('backup');
    bridge.setBridgePriority(0xf000, seconds(3));
    expect([bridge.rootPortIndex, bridge.rootId]).toEqual([1, OWN_ID]);
    takeSent();
    bridge.tick(seconds(6));
    expect(takeSent()).toEqual(['config 0', 'config 0']);
  });
});

describe('spanning tree: topology change', () => {
  it('is notified at once and each hello until acknowledged, by a bridge below the root (8.6.14, 8.7.6)', () => {
    const { bridge, takeSent } = settledBelowRoot(3);
    bridge.receiveConfig(1, word(), seconds(42));
    expect(bridge.stateOf(1)).toBe(blocking);
    expect(takeSent()).toEqual(['tcn 0']);
    bridge.tick(seconds(44) - 1);
    expect(takeSent()).toEqual([]);
    bridge.tick(seconds(46));
    expect(takeSent()).toEqual(['tcn 0', 'tcn 0']);
    bridge.receiveConfig(0, word({ topologyChangeAck: true }), seconds(47));
    takeSent();
    bridge.tick(seconds(55));
    expect(takeSent()).toEqual([]);
  });

  it('is passed on and acknowledged by the designated bridge that hears of it (8.7.2)', () => {
    const { bridge, configs, takeSent } = settledBelowRoot(2);
    bridge.receiveTcn(1, seconds(42));
    expect(takeSent()).toEqual(['tcn 0', 'config 1']);
    expect(configs.map((config) => config.topologyChangeAck)).toEqual([true]);
    bridge.receiveTcn(1, seconds(43));
    expect(takeSent()).toEqual(['config 1']);
    bridge.receiveTcn(0, seconds(43));
    expect(takeSent()).toEqual([]);
  });

  it("raises the root's flag for max age and forward delay, counted from the last notification (8.5.3.13)", () => {
    const { bridge, takeSent } = bridgeWith(1);
    bridge.start(0);
    bridge.enablePort(0, 0);
    bridge.tick(seconds(30));
    expect(takeSent().filter((what) => what.startsWith('flag'))).toEqual(['flag true']);
    bridge.tick(seconds(65) - 1);
    expect(bridge.topologyChangeActive).toBe(true);
    bridge.tick(seconds(65));
    expect(bridge.topologyChangeActive).toBe(false);
    bridge.receiveTcn(0, seconds(70));
    bridge.receiveTcn(0, seconds(80));
    bridge.tick(seconds(115) - 1);
    expect(bridge.topologyChangeActive).toBe(true);
    bridge.tick(seconds(115));
    expect(bridge.topologyChangeActive).toBe(false);
  });

  it("is followed from the root's messages and sent on with them", () => {
    const { bridge, configs } = settledBelowRoot(2);
    bridge.receiveConfig(0, word({ topologyChange: true }), seconds(42));
    expect([bridge.topologyChangeActive, configs[0].topologyChange]).toEqual([true, true]);
    bridge.receiveConfig(0, word(), seconds(44));
    expect([bridge.topologyChangeActive, configs[1].topologyChange]).toEqual([false, false]);
  });

  it('that a root had seen is notified to the better root it meets (8.7.1)', () => {
    const { bridge, takeSent } = bridgeWith(2);
    bridge.start(0);
    bridge.enablePort(0, 0);
    bridge.enablePort(1, 0);
    bridge.tick(seconds(31));
    takeSent();
    bridge.receiveConfig(0, word(), seconds(31));
    // the flag of the new root, lowered, replaces its own
    expect(takeSent()).toEqual(['tcn 0', 'flag false', 'config 1']);
    bridge.tick(seconds(33));
    expect(takeSent()).toEqual(['tcn 0']);
  });

  it('of a former root ends when the new root says so, not by its own timer (8.7.1)', () => {
    const { bridge, enableAll } = bridgeWith(2);
    bridge.start(0);
    enableAll(0);
    bridge.tick(seconds(31));
    bridge.receiveConfig(0, word({ topologyChange: true }), seconds(31));
    bridge.receiveConfig(0, word({ topologyChange: true }), seconds(50));
    bridge.tick(seconds(66));
    expect(bridge.topologyChangeActive).toBe(true);
  });

  it('that is over is not notified to a better root (8.7.7)', () => {
    const { bridge, takeSent, enableAll } = bridgeWith(2);
    bridge.start(0);
    enableAll(0);
    bridge.tick(seconds(66));
    takeSent();
    bridge.receiveConfig(0, word(), seconds(66.5));
    bridge.tick(seconds(80));
    expect(takeSent()).toEqual(['config 1']);
  });

  it('is not made by a port that only listened', () => {
    const { bridge, takeSent } = bridgeWith(2);
    bridge.start(0);
    bridge.enablePort(0, 0);
    bridge.enablePort(1, 0);
    bridge.receiveConfig(0, word(), seconds(1));
    bridge.receiveConfig(1, word(), seconds(1));
    expect(bridge.stateOf(1)).toBe(blocking);
    expect(takeSent()).toEqual(['config 1']);
  });

  it('is not made by the only port of a bridge, which is designated for no other (8.7.5)', () => {
    const { bridge, takeSent } = bridgeWith(1);
    bridge.start(0);
    bridge.enablePort(0, 0);
    for (let s = 0; s <= 34; s += 2) {
      bridge.tick(seconds(s));
      bridge.receiveConfig(0, word(), seconds(s));
    }
    expect(bridge.stateOf(0)).toBe(forwarding);
    expect(takeSent()).toEqual([]);
  });
});

describe('spanning tree: management', () => {
  it('keeps a port designated whose priority gets worse (8.8.5)', () => {
    const { bridge } = settledBelowRoot(2);
    bridge.setPortPriority(1, 60, seconds(41));
    expect([bridge.roleOf(1), bridge.designatedOf(1).portId]).toEqual(['designated', portIdOf(60, 2)]);
  });

  it('forgets what a disabled port knew, and shows itself there (8.8.3)', () => {
    const { bridge, takeSent } = settledBelowRoot(2);
    bridge.disablePort(0, seconds(41));
    expect([bridge.stateOf(0), bridge.designatedOf(0).bridgeId, bridge.isRootBridge]).toEqual([disabled, OWN_ID, true]);
    expect(takeSent()).toEqual(['flag true', 'config 1']);
  });

  it('refuses a hello time of nothing', () => {
    expect(() => bridgeWith(1, { helloTimeNs: 0 })).toThrow('helloTimeNs: got 0, expected more than 0');
  });
});

describe('spanning tree: without waiting', () => {
  let made: ReturnType<typeof bridgeWith>;
  beforeEach(() => {
    made = bridgeWith(2, { isEnabled: false });
  });

  it('forwards at once and says nothing while switched off', () => {
    made.bridge.start(0);
    made.enableAll(0);
    made.bridge.tick(seconds(100));
    expect([made.bridge.stateOf(0), made.bridge.stateOf(1)]).toEqual([forwarding, forwarding]);
    expect(made.takeSent()).toEqual([]);
  });

  it('leaves forwarding ports alone when switched on, and begins with its hellos', () => {
    made.bridge.start(0);
    made.enableAll(0);
    made.bridge.setEnabled(true, seconds(5));
    expect(made.bridge.stateOf(0)).toBe(forwarding);
    made.bridge.tick(seconds(7));
    expect(made.takeSent()).toEqual(['config 1', 'config 0']);
  });

  it('leaves a blocked port blocked when switched off', () => {
    const { bridge } = settledBelowRoot(2);
    bridge.receiveConfig(1, word(), seconds(42));
    bridge.setEnabled(false, seconds(43));
    bridge.tick(seconds(50));
    expect(bridge.stateOf(1)).toBe(blocking);
    // until the information that blocked it is too old
    bridge.tick(seconds(62));
    expect(bridge.stateOf(1)).toBe(forwarding);
  });

  it('forwards at once, and calls it a topology change, if the forward delay is 0', () => {
    const { bridge, takeSent } = bridgeWith(1, { forwardDelayNs: 0 });
    bridge.start(0);
    bridge.enablePort(0, 0);
    expect(bridge.stateOf(0)).toBe(forwarding);
    expect(takeSent()).toEqual(['flag true']);
  });
});
