import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../src/scenario/read-scenario.ts';
import { ScenarioError } from '../../src/scenario/scenario-error.ts';
import { seconds } from '../../src/units.ts';

const parse = (fabric: string, { homing = 'dual', leaves = 4, servers = 2, more = '' } = {}) =>
  parseScenario(
    `topology: {leaves: ${leaves}, spines: 3, serversPerLeaf: ${servers}, serverHoming: ${homing}}\n` +
      `fabrics: [{kind: vxlan-evpn, ${fabric}}]\ntenants: [{name: web, vmsPerSegment: 2}]\n${more}`,
    'test.yaml',
  );

function complaintsOf(...given: Parameters<typeof parse>): string[] {
  try {
    parse(...given);
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

function multihomingOf(fabric: string) {
  const [settings] = parse(fabric).fabrics;
  return settings !== undefined && 'evpn' in settings ? settings.evpn?.multihoming : undefined;
}

describe('a scenario with Ethernet segments', () => {
  it('needs no more than to ask for them', () => {
    expect(multihomingOf('ethernetSegments: {}')).toEqual({
      algorithm: 'modulo',
      dfWaitNs: seconds(3),
      isPrefixIndependent: true,
      keepNs: seconds(1080),
      startupDelayNs: seconds(180),
      tracksUplinks: true,
    });
    expect(multihomingOf('mlag: {}')).toBeNull();
  });

  it('elects as FRR does where that is asked for', () => {
    expect(multihomingOf('implementation: frr-8.4, ethernetSegments: {}')).toMatchObject({
      algorithm: 'lowest-address',
    });
    expect(multihomingOf('implementation: frr-8.4, ethernetSegments: {election: modulo}')).toMatchObject({
      algorithm: 'modulo',
    });
  });

  it.each([
    [
      'ethernetSegments: {}, mlag: {}',
      'fabrics.0.mlag: does not go with ethernetSegments: servers on two leaves are one or the other',
    ],
    [
      'ethernetSegments: {}, vteps: hypervisor',
      "fabrics.0.vteps: got 'hypervisor', but with ethernetSegments VTEPs are in leaves",
    ],
    ['mlag: {}, vteps: hypervisor', "fabrics.0.vteps: got 'hypervisor', but with mlag VTEPs are in leaves"],
    [
      'mlag: {}, replication: multicast',
      "fabrics.0.replication: got 'multicast', but with mlag the ingress VTEP copies; both of a pair would take a copy from a tree",
    ],
  ])('does not take %s', (fabric, complaint) => {
    expect(complaintsOf(fabric)).toEqual([complaint]);
  });

  it('takes gateways in leaves, but not with pairs', () => {
    const gateway = { more: 'gateway: {at: leaf1}' };
    expect(complaintsOf('ethernetSegments: {}, gateway: anycast-symmetric', gateway)).toEqual([]);
    expect(complaintsOf('mlag: {}, gateway: anycast-symmetric', gateway)).toEqual([
      "fabrics.0.gateway: got 'anycast-symmetric', expected 'central': with mlag gateways in leaves are not modelled",
    ]);
  });

  it('needs servers on two leaves, and not too many', () => {
    expect(complaintsOf('ethernetSegments: {}', { homing: 'single' })).toEqual([
      'fabrics.0.ethernetSegments: needs servers on two leaves, and there are none; see serverHoming',
    ]);
    expect(complaintsOf('mlag: {}', { homing: 'single' })).toEqual([
      'fabrics.0.mlag: needs servers on two leaves, and there are none; see serverHoming',
    ]);
    expect(complaintsOf('ethernetSegments: {}', { leaves: 100, servers: 41 })).toEqual([
      'fabrics.0.ethernetSegments: got 4100 servers on two leaves, expected at most 4000',
    ]);
  });

  it('can fail links to servers', () => {
    const link = (name: string) =>
      complaintsOf('ethernetSegments: {}', { more: `failures: [{at: 1s, link: ${name}}]` });
    expect(link('leaf1-server1')).toEqual([]);
    expect(link('leaf2-server1')).toEqual([]);
    expect(link('leaf3-server1')).toHaveLength(1);
  });
});

describe('what a failure does to routes', () => {
  it('is at once for all of them, or one by one at a rate that has to be said', () => {
    const routeNs = (convergence: string) => {
      const [fabric] = parse(`convergence: {detection: bfd, ${convergence}}`).fabrics;
      return fabric !== undefined && 'routeNs' in fabric ? fabric.routeNs : undefined;
    };
    expect(routeNs('pic: true')).toBe(0);
    expect(routeNs('pic: false, routesPerSecond: 4000')).toBe(250_000);
    expect(complaintsOf('convergence: {detection: bfd, pic: false}')).toEqual([
      'fabrics.0.convergence.pic: got false, which needs routesPerSecond: how fast a router writes its routes',
    ]);
    expect(complaintsOf('convergence: {detection: bfd, routesPerSecond: 4000}')).toEqual([
      'fabrics.0.convergence.routesPerSecond: got 4000, which has no effect; expected pic: false beside it',
    ]);
  });

  it('begins when the hold time of BGP is over, where nothing else notices', () => {
    const [fabric] = parse('convergence: {detection: bgp-hold, holdTime: 9s}').fabrics;
    expect(fabric).toMatchObject({ detectionNs: seconds(9), convergenceNs: seconds(9.2) });
  });
});
