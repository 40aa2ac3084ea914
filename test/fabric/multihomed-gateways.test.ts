import { describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '../../src/units.ts';
import { ASYMMETRIC, RoutingLeaves, SYMMETRIC } from './routing-leaves.ts';
import { EVPN_SEGMENTS, smallDatacenter } from './small-datacenter.ts';

/** Two pairs of leaves; a server at each leaf, on both of its pair; VM 2 s in segment 0 and VM 2 s + 1 in segment 1 on server s. */
function dualHomed() {
  const plan = smallDatacenter({
    gatewayLeaf: 0,
    leafCount: 4,
    tenants: [7, 7],
    vms: Array.from({ length: 8 }, (_, vm) => [(vm >> 1) * 2, vm % 2] as const),
  });
  const servers = plan.servers.map((server) => ({ ...server, secondSwitchIndex: server.switchIndex ^ 1 }));
  // Linux asks anew after half a minute or so
  return { ...plan, servers, gateway: { ...plan.gateway!, arpTimeoutNs: seconds(30) } };
}

describe.each([
  ['asymmetric', ASYMMETRIC],
  ['symmetric', SYMMETRIC],
] as const)('gateways in leaves with Ethernet segments, %s', (_, anycast) => {
  const run = () => {
    const fabric = new RoutingLeaves(dualHomed(), anycast, EVPN_SEGMENTS);
    fabric.announceAll();
    fabric.wait(seconds(1));
    return fabric;
  };

  /** Pairs of VMs of different segments on different servers between which a datagram is lost, of several flows. */
  const lost = (fabric: RoutingLeaves) => {
    const vms = [...fabric.plan.vmServer.keys()];
    const missing: string[] = [];
    for (const from of vms) {
      for (const to of vms) {
        if (from % 2 === to % 2 || fabric.plan.vmServer[from] === fabric.plan.vmServer[to]) continue;
        const tags = [100, 101, 102, 103].map((sizeBytes) => fabric.sendDatagram(from, to, sizeBytes));
        fabric.wait(seconds(3.2));
        const arrived = tags.filter((tag) => fabric.deliveriesOf(tag).length === 1).length;
        if (arrived < tags.length) missing.push(`${from}-${to}`);
      }
    }
    return missing;
  };

  it('route between all hosts by whichever leaf a flow comes to', () => {
    expect(lost(run())).toEqual([]);
  });

  it('do so after entries have aged, which only one leaf hears the answers for', () => {
    const fabric = run();
    lost(fabric);
    fabric.wait(seconds(200));
    expect(lost(fabric)).toEqual([]);
  });

  it('do so when a link to a server, or a leaf, has failed, and after its repair', () => {
    const fabric = run();
    fabric.fabric.setServerLinkUp(0, 0, false);
    fabric.wait(seconds(1));
    expect(lost(fabric)).toEqual([]);
    fabric.fabric.setServerLinkUp(0, 0, true);
    fabric.fabric.setSwitchUp(3, false);
    fabric.wait(seconds(1));
    expect(lost(fabric)).toEqual([]);
    fabric.fabric.setSwitchUp(3, true);
    fabric.wait(seconds(20) + milliseconds(500));
    expect(lost(fabric)).toEqual([]);
  });
});
