import { describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '../../src/units.ts';
import { ask, droppedFrames } from '../support/ask.ts';

describe('what does a dead spine cost until somebody notices', () => {
  it('a quarter of what is sent in 0, 0.9 or 180 s, and 200 ms of routing anew', () => {
    const fewer = ['traffic.flowsPerVmPerSecond=1', 'topology.serversPerLeaf=2', 'tenants.0.count=2'];
    const [linkLoss, bfd, bgp, tree] = ask('what-does-a-dead-spine-cost-until-somebody-notices', ...fewer);
    const convergence = [linkLoss, bfd, bgp].map(({ failures }) => failures.convergenceNsMax);
    expect(convergence).toEqual([milliseconds(200), milliseconds(1100), milliseconds(180_200)]);
    expect(linkLoss.failures.lostFrames).toBe(0);
    expect(bfd.failures.lostFrames).toBe(droppedFrames(bfd, 'link_down'));
    expect(bgp.failures.lostFrames).toBeGreaterThan(50 * bfd.failures.lostFrames);
    // requests are repeated for 15 s
    expect([linkLoss, bfd].map(({ flows }) => flows.failed)).toEqual([0, 0]);
    // 28 of 31 peers are in other racks; request and answer have a path each, of which one in four is dead, until 7 s
    // before the end of it; and more where ARP finds nobody either
    const expected = 64 * (180.2 - 7) * (28 / 31) * (1 - (3 / 4) ** 2);
    expect(bgp.flows.failed / expected).toBeGreaterThan(1);
    expect(bgp.flows.failed / expected).toBeLessThan(1.15);
    expect(tree.failures.convergenceNsMax).toBeGreaterThan(seconds(46));
    expect(tree.failures.convergenceNsMax).toBeLessThan(seconds(50));
  });
});

describe('what does a dual-homed server gain', () => {
  const FEWER = ['traffic.flowsPerVmPerSecond=0.5', 'topology.serversPerLeaf=2', 'tenants.0.count=2', 'duration=160s'];

  it('its network: no flow fails, of those from and to one rack in eight', () => {
    const single = ask('what-does-a-dual-homed-server-gain', ...FEWER);
    const dual = ask('what-does-a-dual-homed-server-gain', ...FEWER, 'topology.serverHoming=dual');
    // begun between the failure and 15 s before the end; both ends have to be in the other racks
    const expected = 64 * 0.5 * 45 * (1 - (28 / 32) * (27 / 31));
    for (const { flows } of single) expect(Math.abs(flows.failed / expected - 1)).toBeLessThan(0.15);
    expect(new Set(single.map(({ flows }) => flows.failed)).size).toBe(1);
    for (const { flows } of dual) expect(flows).toMatchObject({ failed: 0, incomplete: 0 });
    const [bond] = dual;
    // a server looks at its links every 100 ms
    expect(bond.failures.convergenceNsMax).toBeLessThanOrEqual(milliseconds(100));
    // while the bond has not looked; with VTEPs in leaves later copies for the dead one, which is still in flood lists
    expect(bond.failures.lostFrames).toBeLessThan(single[0].failures.lostFrames / 100);
    expect(dual[1].failures.lostFrames - droppedFrames(dual[1], 'no_route')).toBeLessThan(20);
    expect(dual[2].failures.lostFrames).toBe(0);
  });
});
