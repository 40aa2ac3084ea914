import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../src/scenario/read-scenario.ts';
import { ScenarioError } from '../../src/scenario/scenario-error.ts';
import { milliseconds, seconds } from '../../src/units.ts';

const parse = (topology: string, more = '', fabrics = '[vlan-mlag, vxlan-flood-learn]') =>
  parseScenario(
    `topology: ${topology}\nfabrics: ${fabrics}\ntenants: [{name: web, vmsPerSegment: 2}]\n${more}`,
    'test.yaml',
  );

function complaintsOf(topology: string, more = '', fabrics?: string): string[] {
  try {
    parse(topology, more, fabrics);
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe('a scenario with vlan-mlag', () => {
  it('needs no more than its name', () => {
    const [fabric] = parse('{leaves: 4, spines: 2, serversPerLeaf: 2}').fabrics;
    expect(fabric).toMatchObject({
      kind: 'vlan-mlag',
      name: 'vlan-mlag',
      reach: 'everywhere',
      spanningTree: null,
      mlag: {
        peerLink: { count: 2, rateBitsPerSec: 100e9, delayNs: 500 },
        macSync: { delayNs: milliseconds(10), perSecond: null },
        restoreDelayNs: seconds(30),
      },
    });
  });

  it.each([1, 3, 4])('needs two spines: %i are none', (spines) => {
    expect(complaintsOf(`{leaves: 4, spines: ${spines}, serversPerLeaf: 2}`)).toEqual([
      `topology.spines: got ${spines}, expected 2 for vlan-mlag: the spines are one pair`,
    ]);
  });

  it.each([
    '{kind: three-tier, blocks: 2, accessPerBlock: 3, serversPerAccess: 2}',
    '{kind: three-tier, blocks: 2, accessPerBlock: 2, serversPerAccess: 2, serverHoming: dual, joinAggregation: false}',
    '{kind: clos-5-stage, pods: 3, leavesPerPod: 2, spinesPerPod: 2, superSpinesPerPlane: 1, serversPerLeaf: 2}',
    '{kind: sites, leaves: 2, spines: 2, serversPerLeaf: 2}',
    '{kind: fat-tree, k: 2}',
  ])('takes pairs in %s', (topology) => {
    expect(complaintsOf(topology)).toEqual([]);
  });

  it.each([
    ['{kind: three-tier, blocks: 2, accessPerBlock: 3, serversPerAccess: 2, cores: 3}', 'aggregation3-core2'],
    ['{kind: fat-tree, k: 4}', 'aggregation3-core2'],
    ['{kind: sites, sites: 3, leaves: 2, spines: 2, serversPerLeaf: 2}', 'border3-border5'],
  ])('refuses the loop of pairs in %s', (topology, link) => {
    expect(complaintsOf(topology)).toEqual([
      `fabrics.0: vlan-mlag needs a topology without loops when pairs of switches are one, but ${link} closes one; ` +
        'above the racks, the two switches of a tier are a pair where a pod has just two',
    ]);
  });

  it('refuses a switch that shares servers with two others', () => {
    const switches = '[{id: leaf1}, {id: leaf2}, {id: leaf3}]';
    const links = '[{a: leaf1, b: leaf2}, {a: leaf2, b: leaf3}]';
    const servers = '[{id: s1, at: leaf1, secondAt: leaf2}, {id: s2, at: leaf2, secondAt: leaf3}]';
    expect(complaintsOf(`{kind: explicit, switches: ${switches}, links: ${links}, servers: ${servers}}`)).toEqual([
      'topology.servers: vlan-mlag needs each switch in one pair, but servers pair leaf1 and leaf2, and leaf2 and leaf3',
    ]);
  });

  it('says which switch is unknown, and nothing of pairs that it would make', () => {
    const switches = '[{id: leaf1}, {id: leaf2}, {id: leaf3}]';
    const links = '[{a: leaf1, b: leaf2}, {a: leaf2, b: leaf7}]';
    const servers = '[{id: s1, at: leaf9, secondAt: leaf2}, {id: s2, at: leaf8, secondAt: leaf3}]';
    const complaints = complaintsOf(`{kind: explicit, switches: ${switches}, links: ${links}, servers: ${servers}}`);
    expect(complaints.filter((complaint) => complaint.includes('no switch is called'))).toHaveLength(3);
    expect(complaints.filter((complaint) => complaint.includes('pair'))).toEqual([]);
  });

  it('takes leaves in pairs beneath an overlay, with ingress replication from leaves', () => {
    const overlay = (more: string, homing = 'dual') =>
      complaintsOf(
        `{leaves: 4, spines: 3, serversPerLeaf: 2, serverHoming: ${homing}}`,
        `failures: [{at: 1s, link: leaf1-leaf2#3}]`,
        `[{kind: vxlan-flood-learn, mlag: {}, ${more}}]`,
      );
    expect(overlay('')).toEqual([]);
    expect(overlay('replication: multicast')).toEqual([
      "fabrics.0.replication: got 'multicast', but with mlag the ingress VTEP copies; both of a pair would take a copy from a tree",
    ]);
    expect(overlay('vteps: hypervisor')).toEqual([
      "fabrics.0.vteps: got 'hypervisor', but with mlag VTEPs are in leaves",
    ]);
    expect(overlay('', 'single')[0]).toBe(
      'fabrics.0.mlag: needs servers on two leaves, and there are none; see serverHoming',
    );
  });

  it('knows the links between the switches of pairs by name, for what fails', () => {
    const topology = '{leaves: 4, spines: 2, serversPerLeaf: 2, serverHoming: dual}';
    const failing = (link: string) => complaintsOf(topology, `failures: [{at: 1s, link: ${link}}]`);
    expect(failing('spine1-spine2#2')).toEqual([]);
    expect(failing('leaf3-leaf4')).toEqual([]);
    expect(failing('spine1-spine2#3')).toHaveLength(1);
    expect(failing('leaf2-leaf3')).toHaveLength(1);
  });
});
