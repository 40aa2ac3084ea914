import { describe, expect, it } from 'vitest';
import { OVS_3_1 } from '../../../src/protocol/multiple-spanning-tree/parameters.ts';
import { PortState } from '../../../src/protocol/spanning-tree/port-states.ts';
import { milliseconds, seconds } from '../../../src/units.ts';
import type { LinkEnd } from '../spanning-tree/wired-bridges.ts';
import { RapidNetwork } from './rapid-network.ts';

const { forwarding } = PortState;

/**
 * What Open vSwitch 3.1 did in a lab: RSTP with default times on a ring of three bridges and on two with two links, a host
 * at each. The roles are exact in every run; outages were taken from streams between the hosts, three runs each.
 */
const RING_ROLES = {
  up: ['designated-root', 'designated-alternate', 'root-designated'],
  'first link down': ['disabled-disabled', 'root-designated', 'root-designated'],
  'first link silent': ['designated-designated', 'root-designated', 'root-designated'],
};
const PAIR_ROLES = {
  up: ['designated-root', 'designated-alternate'],
  'first link down': ['disabled-disabled', 'designated-root'],
  'first link silent': ['designated-designated', 'designated-root'],
};

/** Bridges of priority 4096, 8192, 12288 whose clocks tick at moments of their own, and a port to a host at each. */
function lab(size: number, pairs: readonly (readonly [number, number])[], phasesMs: readonly number[]): RapidNetwork {
  const network = new RapidNetwork(milliseconds(1));
  for (let i = 0; i < size; i++) {
    network.addBridge({ priority: 4096 * (i + 1), profile: OVS_3_1, phaseNs: milliseconds(phasesMs[i]) });
    const host = network.addPort(i, { pathCost: 2000 });
    network.bridges[i].enablePort(host.port, 0);
  }
  network.run(seconds(4));
  for (const [a, b] of pairs) network.connect(a, b, 2000);
  network.run(seconds(8));
  return network;
}

const RING = [
  [0, 1],
  [1, 2],
  [2, 0],
] as const;
const PAIR = [
  [0, 1],
  [0, 1],
] as const;

function rolesOf(network: RapidNetwork): string[] {
  return network.links.map(({ ends }) => ends.map((end) => network.roleAt(end)).join('-'));
}

/** When the other end of a link began to forward, after a moment. */
function forwardsAfterNs(network: RapidNetwork, end: LinkEnd, sinceNs: number): number {
  return network.lastEntered(end, forwarding) - sinceNs;
}

const PHASES = [0, 1, 2, 3, 4].map((i) => [i * 190, (i * 370) % 1000, (i * 610 + 100) % 1000]);

describe('Open vSwitch 3.1, as observed', () => {
  it.each(PHASES)('has the roles of the ring, whatever the phases of the clocks: %i, %i, %i ms', (...phasesMs) => {
    const network = lab(3, RING, phasesMs);
    expect(rolesOf(network)).toEqual(RING_ROLES.up);
    const hosts = network.bridges.map((_, bridge) => network.stateAt({ bridge, port: 0 }));
    expect(hosts).toEqual([forwarding, forwarding, forwarding]);
    network.fail(0);
    network.run(seconds(6));
    expect(rolesOf(network)).toEqual(RING_ROLES['first link down']);
    network.restore(0);
    network.run(seconds(6));
    expect(rolesOf(network)).toEqual(RING_ROLES.up);
    network.links[0].isSilent = true;
    network.run(seconds(12));
    expect(rolesOf(network)).toEqual(RING_ROLES['first link silent']);
    // both ends forward, and so does the way round: the loop that the lab saw until the next hello
    expect(network.forwardingLinks()).toHaveLength(3);
    network.links[0].isSilent = false;
    network.run(seconds(6));
    expect(rolesOf(network)).toEqual(RING_ROLES.up);
  });

  it.each(PHASES)('has the roles of the pair: %i, %i, %i ms', (...phasesMs) => {
    const network = lab(2, PAIR, phasesMs);
    expect(rolesOf(network)).toEqual(PAIR_ROLES.up);
    network.fail(0);
    network.run(seconds(6));
    expect(rolesOf(network)).toEqual(PAIR_ROLES['first link down']);
    network.restore(0);
    network.run(seconds(6));
    expect(rolesOf(network)).toEqual(PAIR_ROLES.up);
    network.links[0].isSilent = true;
    network.run(seconds(12));
    expect(rolesOf(network)).toEqual(PAIR_ROLES['first link silent']);
  });

  it('heals a lost carrier within milliseconds (10 to 50 ms on the loaded machine of the lab)', () => {
    for (const phasesMs of PHASES) {
      const network = lab(3, RING, phasesMs);
      const failedNs = network.nowNs;
      network.fail(0);
      network.run(seconds(6));
      expect(forwardsAfterNs(network, network.links[1].ends[1], failedNs)).toBeLessThan(milliseconds(10));
    }
  });

  it('heals silence in three hellos less the phase: 3.3 to 5.0 s in the lab', () => {
    const tookNs = PHASES.flatMap((phasesMs) =>
      [0, 400, 800, 1200, 1600].map((waitMs) => {
        const network = lab(3, RING, phasesMs);
        network.run(milliseconds(waitMs));
        const lostNs = network.nowNs;
        network.links[0].isSilent = true;
        network.run(seconds(12));
        return forwardsAfterNs(network, network.links[1].ends[1], lostNs);
      }),
    );
    expect(Math.min(...tookNs)).toBeGreaterThan(seconds(3));
    expect(Math.min(...tookNs)).toBeLessThan(seconds(4.2));
    expect(Math.max(...tookNs)).toBeGreaterThan(seconds(4.9));
    expect(Math.max(...tookNs)).toBeLessThan(seconds(6.1));
  });

  it('has the two that are left agree in the same time when the process of the root is killed', () => {
    const network = lab(3, RING, [100, 300, 700]);
    const killedNs = network.nowNs;
    // nobody hears of it: the links keep their carrier
    network.links[0].isSilent = true;
    network.links[2].isSilent = true;
    network.run(seconds(12));
    const roles = [network.links[0].ends[1], ...network.links[1].ends, network.links[2].ends[0]];
    expect(roles.map((end) => network.roleAt(end))).toEqual(['designated', 'designated', 'root', 'designated']);
    const tookNs = forwardsAfterNs(network, network.links[1].ends[1], killedNs);
    expect(tookNs).toBeGreaterThan(seconds(3));
    expect(tookNs).toBeLessThan(seconds(6.1));
  });
});
