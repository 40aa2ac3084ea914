import { describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '../../src/units.ts';
import { describeFabric } from './fabric.case.ts';
import { arriving, setLinks, threePairs } from './paired-leaves.ts';
import { describePairs } from './pairs.case.ts';
import { SETTLE_NS } from './running-fabric.ts';
import { VXLAN_MLAG } from './small-datacenter.ts';

describeFabric('VXLAN from leaves in pairs', VXLAN_MLAG);
describePairs('VXLAN from leaves in pairs', () => VXLAN_MLAG);

describe('leaves in pairs with one VTEP address', () => {
  it('know the same at both, of their own servers and of what is behind other pairs', () => {
    const running = threePairs(VXLAN_MLAG);
    for (const vm of running.plan.vmServer.keys()) running.broadcast(vm);
    const { fabric, devices } = running;
    let beyond = 0;
    // the segment of these is behind all pairs
    for (const vm of [0, ...running.siblingsOf(0)]) {
      const server = running.plan.vmServer[vm];
      for (const owner of fabric.macTables) {
        const { tables } = owner.kind === 'bridge' ? devices.bridges : devices.tunnels;
        const expected = fabric.placeOfServer(owner, server);
        const place = tables.lookUp(owner.table, devices.servers.addressOf(vm), devices.network.nowMs);
        if (expected < 0) expect(place).toBeLessThan(0);
        else expect(place).toBe(expected);
        if (owner.kind === 'tunnel' && expected >= 0) beyond++;
      }
    }
    expect(beyond).toBe(6 * 4);
  });

  it('flood a copy to each other pair', () => {
    const running = threePairs(VXLAN_MLAG);
    const tag = running.send(0);
    running.wait(seconds(1));
    const encapsulated = running.fabricTransmissionsOf(tag).filter(({ isEncapsulated }) => isEncapsulated);
    // N - 1 copies for N pairs, over two links each; and one over each peer link
    expect(encapsulated).toHaveLength(2 * 2);
    expect(running.fabricTransmissionsOf(tag)).toHaveLength(2 * 2 + 3);
    expect(running.deliveriesOf(tag)).toHaveLength(5);
  });

  it('send what comes for an orphan of the other over the peer link', () => {
    const running = threePairs(VXLAN_MLAG);
    for (const vm of [1, 4]) running.broadcast(vm);
    expect(arriving(running, 4, 1)).toBe(30);
  });

  it('let the second withdraw the address when the peer link fails, so that no flow to a server on both is lost', () => {
    const running = threePairs(VXLAN_MLAG);
    for (const vm of running.plan.vmServer.keys()) running.broadcast(vm);
    setLinks(running, VXLAN_MLAG, ['leaf1-leaf2', 'leaf1-leaf2#2'], false);
    running.wait(SETTLE_NS);
    expect(arriving(running, 4, 0)).toBe(30);
    expect(arriving(running, 0, 4)).toBe(30);
    // the orphan of the second still sends, and what comes for it goes to the first
    expect(arriving(running, 4, 1)).toBe(0);
    setLinks(running, VXLAN_MLAG, ['leaf1-leaf2', 'leaf1-leaf2#2'], true);
    running.wait(SETTLE_NS);
    expect(arriving(running, 4, 1)).toBe(30);
  });

  it('route by way of the other of the pair when a leaf has lost its uplinks', () => {
    const running = threePairs(VXLAN_MLAG);
    for (const vm of running.plan.vmServer.keys()) running.broadcast(vm);
    setLinks(running, VXLAN_MLAG, ['leaf1-spine1', 'leaf1-spine2'], false);
    running.wait(SETTLE_NS);
    expect(arriving(running, 4, 0)).toBe(30);
    expect(arriving(running, 0, 4)).toBe(30);
  });

  it('lose a few frames for as long as routes take when one dies, and none thereafter', () => {
    const running = threePairs(VXLAN_MLAG);
    for (const vm of running.plan.vmServer.keys()) running.broadcast(vm);
    running.fabric.setSwitchUp(0, false);
    // a spine knows at once that a link is dead, and a server within miimon
    running.wait(milliseconds(200));
    expect(arriving(running, 4, 0)).toBe(30);
    expect(arriving(running, 0, 4)).toBe(30);
    running.fabric.setSwitchUp(0, true);
    running.wait(SETTLE_NS);
    expect(arriving(running, 4, 0)).toBe(30);
  });
});
