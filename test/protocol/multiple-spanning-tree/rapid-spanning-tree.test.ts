import { describe, expect, it } from 'vitest';
import { IEEE_802_1D_2004, IEEE_802_1W, OVS_3_1 } from '../../../src/protocol/multiple-spanning-tree/parameters.ts';
import { PortState } from '../../../src/protocol/spanning-tree/port-states.ts';
import { milliseconds, seconds } from '../../../src/units.ts';
import { bridgeIdOf } from '../../../src/wire/bpdu.ts';
import { RapidNetwork } from './rapid-network.ts';

const { blocking, forwarding, disabled } = PortState;

/** Bridges 0, 1, 2 in a ring of equal links, 0 the root; link i leads from bridge i to the next. */
function ring(size = 3, options: Parameters<RapidNetwork['addBridge']>[0] = {}, delayNs = 1000): RapidNetwork {
  const network = new RapidNetwork(delayNs);
  for (let i = 0; i < size; i++) network.addBridge(options);
  for (let i = 0; i < size; i++) network.connect(i, (i + 1) % size);
  network.run(seconds(10) + milliseconds(300));
  return network;
}

function rolesOf(network: RapidNetwork): string[] {
  return network.links.map(({ ends }) => ends.map((end) => network.roleAt(end)).join('-'));
}

describe('rapid spanning tree: roles (802.1D-2004, 17.7)', () => {
  it('blocks one port of a ring, as the standard draws it', () => {
    const network = ring();
    expect(rolesOf(network)).toEqual(['designated-root', 'designated-alternate', 'root-designated']);
    expect(network.stateAt(network.links[1].ends[1])).toBe(blocking);
  });

  it('blocks the higher port of two links between the same bridges', () => {
    const network = new RapidNetwork(1000);
    for (let i = 0; i < 2; i++) network.addBridge();
    for (let i = 0; i < 2; i++) network.connect(0, 1);
    network.run(seconds(5));
    expect(rolesOf(network)).toEqual(['designated-root', 'designated-alternate']);
  });

  it('makes the worse of two ports on one segment the backup', () => {
    const network = new RapidNetwork(1000);
    network.addBridge();
    network.connect(0, 0);
    network.run(seconds(5));
    expect(rolesOf(network)).toEqual(['designated-backup']);
  });

  it('follow priorities and costs that change', () => {
    const network = ring();
    network.rapid(2).setBridgePriority(0, network.nowNs);
    network.run(seconds(1));
    expect(rolesOf(network)).toEqual(['designated-alternate', 'root-designated', 'designated-root']);
    // over bridge 1 it is shorter for bridge 0 now
    network.rapid(0).setPathCost(1, 1000, network.nowNs);
    network.run(seconds(1));
    expect(rolesOf(network)).toEqual(['root-designated', 'root-designated', 'designated-alternate']);
  });
});

describe('rapid spanning tree: how long it takes', () => {
  it('forwards on a new link as soon as both ends have agreed (17.10)', () => {
    const network = new RapidNetwork(1000);
    for (let i = 0; i < 2; i++) network.addBridge();
    network.run(seconds(1));
    network.connect(0, 1);
    network.run(milliseconds(100));
    expect(network.forwardingLinks()).toHaveLength(1);
    // the proposals of both, then an agreement, each over a wire of 1 us
    expect(network.lastStateChangeNs - seconds(1)).toBe(2000);
  });

  it('moves to the alternate port at once when the root port fails (17.29.2)', () => {
    const network = ring();
    network.fail(2);
    expect(network.stateAt(network.links[1].ends[1])).toBe(forwarding);
    expect(network.roleAt(network.links[1].ends[1])).toBe('root');
  });

  it('goes round the ring in the time of the wires when the link at the root fails', () => {
    const network = ring(5);
    const failedNs = network.nowNs;
    network.fail(0);
    network.run(seconds(30));
    // 0-4-3, and 1 hangs on 2 now: the word of the new root path crosses a few wires
    expect(rolesOf(network).slice(1)).toEqual([
      'root-designated',
      'root-designated',
      'root-designated',
      'root-designated',
    ]);
    expect(network.lastStateChangeNs - failedNs).toBeLessThan(milliseconds(1));
  });

  it('waits for three hello times when frames get lost without a word (17.21.23)', () => {
    const network = ring();
    network.links[2].isSilent = true;
    const lostNs = network.nowNs;
    network.run(seconds(20));
    const [, end] = network.links[1].ends;
    expect([network.roleAt(end), network.stateAt(end)]).toEqual(['root', forwarding]);
    const tookNs = network.lastEntered(end, forwarding) - lostNs;
    expect(tookNs).toBeGreaterThan(seconds(4));
    expect(tookNs).toBeLessThanOrEqual(seconds(6));
  });
});

describe('rapid spanning tree: edge ports', () => {
  const edge = { adminEdge: true, pathCost: 100 };

  it('forward at once and tell of no change (17.3)', () => {
    const network = new RapidNetwork();
    const bridge = network.addBridge();
    const end = network.addPort(bridge, edge);
    network.bridges[0].enablePort(end.port, 0);
    expect(network.stateAt(end)).toBe(forwarding);
    network.run(seconds(10));
    expect(network.actionsOf(0, 'topology change')).toEqual([]);
    expect(network.actionsOf(0, 'flush')).toEqual([]);
  });

  it('that nobody names are found after three seconds of silence (17.25)', () => {
    const network = new RapidNetwork();
    const bridge = network.addBridge();
    const end = network.addPort(bridge, { pathCost: 100 });
    network.bridges[0].enablePort(end.port, 0);
    network.runUntil(seconds(3) - 1);
    expect([network.stateAt(end), network.rapid(0).isEdge(0)]).toEqual([blocking, false]);
    network.runUntil(seconds(3));
    expect([network.stateAt(end), network.rapid(0).isEdge(0)]).toEqual([forwarding, true]);
  });

  it('cease to be edges when a bridge speaks', () => {
    const network = new RapidNetwork(1000);
    for (let i = 0; i < 2; i++) network.addBridge();
    network.connect(0, 1, 100, { adminEdge: true });
    expect(network.rapid(1).isEdge(0)).toBe(true);
    network.run(seconds(1));
    expect([network.rapid(0).isEdge(0), network.rapid(1).isEdge(0)]).toEqual([false, false]);
    expect(rolesOf(network)).toEqual(['designated-root']);
  });

  it('under BPDU guard are shut by the first BPDU, until the link has been down', () => {
    const network = new RapidNetwork(1000);
    for (let i = 0; i < 2; i++) network.addBridge();
    network.connect(0, 1, 100, { adminEdge: true, bpduGuard: true });
    network.run(seconds(10));
    expect(network.actions.filter(({ what }) => what === 'guard').map(({ bridge }) => bridge)).toEqual([1, 0]);
    expect([network.stateAt({ bridge: 0, port: 0 }), network.stateAt({ bridge: 1, port: 0 })]).toEqual([
      disabled,
      disabled,
    ]);
    network.fail(0);
    network.restore(0);
    expect(network.stateAt({ bridge: 0, port: 0 })).toBe(forwarding);
  });
});

describe('rapid spanning tree: root guard', () => {
  it('keeps a port that hears of a better root discarding, and lets it go when that falls silent', () => {
    const network = new RapidNetwork(1000);
    network.addBridge({ priority: 4096 });
    network.addBridge({ priority: 8192 });
    network.connect(0, 1);
    const guarded = network.addPort(0, { pathCost: 100, rootGuard: true });
    const intruder = network.addBridge({ priority: 0 });
    const other = network.addPort(intruder, { pathCost: 100 });
    network.links.push({ ends: [guarded, other], isUp: false, isSilent: false, life: 0 });
    network.restore(1);
    network.run(seconds(10));
    expect([network.roleAt(guarded), network.stateAt(guarded)]).toEqual(['alternate', blocking]);
    expect(network.rapid(1).rootPriorityOf().rootId).toBe(bridgeIdOf(4096, 1));
    network.rapid(intruder).setBridgePriority(0xf000, network.nowNs);
    network.run(seconds(10));
    expect([network.roleAt(guarded), network.stateAt(guarded)]).toEqual(['designated', forwarding]);
  });
});

describe('rapid spanning tree: topology changes (17.31)', () => {
  it('flush all ports but the one that the change is behind, all over the tree', () => {
    const network = ring(4);
    const sinceNs = network.nowNs;
    network.fail(3);
    network.run(seconds(1));
    // bridge 2 begins to forward towards 3: it and everybody else forget what was learned anywhere but that way
    const flushed = (bridge: number) => [
      ...new Set(network.actionsOf(bridge, 'flush', sinceNs).map(({ port }) => port)),
    ];
    expect(network.actionsOf(2, 'topology change', sinceNs)).toHaveLength(1);
    expect(flushed(0)).toEqual([]);
    expect(flushed(1)).toEqual([0]);
    expect(flushed(2)).toEqual([0]);
  });

  it('are not made by a link that only fails', () => {
    const network = new RapidNetwork(1000);
    for (let i = 0; i < 3; i++) network.addBridge();
    network.connect(0, 1);
    network.connect(1, 2);
    network.run(seconds(10));
    const sinceNs = network.nowNs;
    network.fail(1);
    network.run(seconds(1));
    expect(network.actions.filter(({ what, timeNs }) => what === 'topology change' && timeNs >= sinceNs)).toEqual([]);
  });

  it.each([
    [IEEE_802_1D_2004, 3],
    [IEEE_802_1W, 4],
  ])('are told of by $name for a time', (profile, toldSeconds) => {
    const network = new RapidNetwork(1000);
    for (let i = 0; i < 2; i++) network.addBridge({ profile });
    network.connect(0, 1);
    const connectedNs = network.nowNs;
    network.run(seconds(20));
    const told = network.actionsOf(0, 'bpdu').filter(({ bpdu }) => bpdu?.topologyChange === true);
    const last = told[told.length - 1].timeNs - connectedNs;
    expect(last).toBeLessThan(seconds(toldSeconds));
    expect(last).toBeGreaterThan(seconds(toldSeconds - 2));
  });
});

describe('rapid spanning tree: transmission (17.26)', () => {
  it('sends a hello every two seconds from designated ports and nothing from the others', () => {
    const network = ring();
    const sinceNs = network.nowNs;
    network.run(seconds(20));
    expect(network.actionsOf(0, 'bpdu', sinceNs)).toHaveLength(20);
    expect(network.actionsOf(1, 'bpdu', sinceNs)).toHaveLength(10);
    expect(network.actionsOf(2, 'bpdu', sinceNs)).toHaveLength(0);
  });

  it('sends no more than the transmit hold count at once, and one a second from then on', () => {
    const network = new RapidNetwork(1000);
    for (let i = 0; i < 2; i++) network.addBridge({ transmitHoldCount: 3 });
    network.connect(0, 1);
    network.run(seconds(10));
    const sinceNs = network.nowNs;
    // each change is worth a message
    for (let i = 0; i < 40; i++) {
      network.rapid(0).setPortPriority(0, i % 2 === 0 ? 16 : 32, network.nowNs);
      network.run(milliseconds(100));
    }
    const sent = network.actionsOf(0, 'bpdu', sinceNs - 1).filter(({ timeNs }) => timeNs < sinceNs + seconds(4));
    expect(sent).toHaveLength(3 + 3);
  });
});

describe('rapid spanning tree beside the protocol of 1998 (17.24)', () => {
  function mixed(): RapidNetwork {
    const network = new RapidNetwork(1000);
    network.addBridge();
    network.addClassicBridge();
    network.addBridge();
    for (let i = 0; i < 3; i++) network.connect(i, (i + 1) % 3);
    return network;
  }

  it('speaks configuration BPDUs to a bridge that knows nothing else, and agrees with it', () => {
    const network = mixed();
    network.run(seconds(60));
    expect(rolesOf(network)).toEqual(['designated-root', 'designated-alternate', 'root-designated']);
    expect([network.rapid(0).sendsRapid(0), network.rapid(0).sendsRapid(1)]).toEqual([false, true]);
    expect(network.forwardingLinks()).toHaveLength(2);
  });

  it('takes two forward delays to forward there', () => {
    const network = mixed();
    network.run(seconds(15));
    expect(network.stateAt({ bridge: 0, port: 0 })).not.toBe(forwarding);
    network.run(seconds(60));
    expect(network.stateAt({ bridge: 0, port: 0 })).toBe(forwarding);
  });

  it('tells it of a change by a notification and stops when acknowledged', () => {
    const network = new RapidNetwork(1000);
    network.addClassicBridge();
    for (let i = 0; i < 2; i++) network.addBridge();
    network.connect(0, 1);
    network.run(seconds(60));
    const sinceNs = network.nowNs;
    network.connect(1, 2);
    network.run(seconds(20));
    expect(network.actionsOf(1, 'tcn', sinceNs).length).toBeGreaterThan(0);
    const last = network.actionsOf(1, 'tcn', sinceNs).at(-1)?.timeNs ?? 0;
    expect(last - sinceNs).toBeLessThan(seconds(3));
  });
});

describe('rapid spanning tree: counting to infinity (Elmeleegy et al.)', () => {
  /** A ring of `size` bridges whose root hangs on it by one link, which fails. */
  function cutOff(
    size: number,
    options: Parameters<RapidNetwork['addBridge']>[0],
  ): { network: RapidNetwork; failedNs: number } {
    const network = new RapidNetwork(1000);
    const root = network.addBridge({ priority: 0, ...options });
    for (let i = 0; i < size; i++) network.addBridge(options);
    for (let i = 0; i < size; i++) network.connect(1 + i, 1 + ((i + 1) % size));
    const link = network.connect(root, 1);
    network.run(seconds(30) + milliseconds(700));
    const failedNs = network.nowNs;
    network.fail(link);
    return { network, failedNs };
  }

  /** When nobody believed in the old root any more. */
  function forgottenAfterNs(network: RapidNetwork, failedNs: number): number {
    const gone = bridgeIdOf(0, 1);
    const last = network.actions.findLast(({ bpdu }) => bpdu?.rootId === gone && bpdu.messageAgeNs > 0);
    return (last?.timeNs ?? 0) - failedNs;
  }

  it.each([
    // bridges in the ring, transmit hold count, and how long it took
    [2, 1, 18.3],
    [2, 6, 7.0],
    [3, 1, 6.0],
    [3, 6, 3.3],
    [12, 6, 0.0],
  ])(
    'chases the old root round a ring of %i with a hold count of %i until it is too old',
    (size, hold, tookSeconds) => {
      const { network, failedNs } = cutOff(size, { transmitHoldCount: hold });
      network.run(seconds(60));
      const gone = bridgeIdOf(0, 1);
      const ages = network.actions
        .filter(({ timeNs, bpdu }) => timeNs > failedNs && bpdu?.rootId === gone)
        .map(({ bpdu }) => (bpdu?.messageAgeNs ?? 0) / 1e9);
      expect(Math.max(...ages)).toBe(20);
      expect(network.rapid(1).rootPriorityOf().rootId).toBe(bridgeIdOf(0x8000, 2));
      // each bridge may send only so much: the transmit hold count stretches microseconds to seconds
      expect(forgottenAfterNs(network, failedNs) / 1e9).toBeCloseTo(tookSeconds, 1);
    },
  );

  it('is over sooner with a smaller max age', () => {
    const [short, long] = [6, 20].map((maxAge) => {
      const { network, failedNs } = cutOff(3, { maxAgeNs: seconds(maxAge) });
      network.run(seconds(60));
      return forgottenAfterNs(network, failedNs);
    });
    expect(short).toBeLessThan(milliseconds(1));
    expect(long).toBeGreaterThan(seconds(3));
  });

  it('does not happen where there is no cycle', () => {
    const network = new RapidNetwork(1000);
    network.addBridge({ priority: 0 });
    for (let i = 1; i < 5; i++) {
      network.addBridge();
      network.connect(i - 1, i);
    }
    network.run(seconds(30));
    const failedNs = network.nowNs;
    network.fail(0);
    network.run(seconds(30));
    expect(forgottenAfterNs(network, failedNs)).toBeLessThan(0);
  });
});

describe('rapid spanning tree of Open vSwitch 3.1', () => {
  it('ticks by whole seconds of each bridge: after silence it takes three hellos less its phase', () => {
    for (const phaseNs of [0, milliseconds(250), milliseconds(900)]) {
      const network = ring(3, { profile: OVS_3_1, phaseNs });
      network.links[2].isSilent = true;
      const lostNs = network.nowNs;
      network.run(seconds(20));
      const forwardsNs = network.lastEntered(network.links[1].ends[1], forwarding);
      const tookNs = forwardsNs - lostNs;
      expect((forwardsNs - phaseNs) % seconds(1)).toBeLessThan(milliseconds(1));
      expect(tookNs).toBeGreaterThan(seconds(3));
      expect(tookNs).toBeLessThanOrEqual(seconds(6));
    }
  });
});
