import { describe, expect, it } from 'vitest';
import { oversubscriptionOf } from '../../src/scenario/oversubscription.ts';
import { parseScenario } from '../../src/scenario/read-scenario.ts';
import { ScenarioError } from '../../src/scenario/scenario-error.ts';
import {
  loopClosingLink,
  possibleRootsOf,
  switchIdsOf,
  type TopologyNodes,
  topologyNodes,
  unreachableSwitches,
} from '../../src/scenario/topology-nodes.ts';

function topologyOf(topology: string) {
  const text = `topology: ${topology}\ntenants: [{name: web, vmsPerSegment: 2}]`;
  return parseScenario(text, 'test.yaml').topology;
}

const nodesOf = (topology: string): TopologyNodes => topologyNodes(topologyOf(topology));

const linkIdsOf = (topology: string) => nodesOf(topology).links.map(({ id }) => id);

/** Switches of each tier. */
function tiersOf({ switches }: TopologyNodes): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { tier } of switches) counts[tier] = (counts[tier] ?? 0) + 1;
  return counts;
}

describe('the parts of a leaf-spine', () => {
  const nodes = nodesOf('{leaves: 2, spines: 2, serversPerLeaf: 3, uplinksPerSpine: 2}');

  it('are numbered from 1, servers rack by rack', () => {
    expect(switchIdsOf(nodes)).toEqual(['leaf1', 'leaf2', 'spine1', 'spine2']);
    expect(nodes.servers.map(({ id, at }) => `${id}@${at}`)).toEqual([
      'server1@leaf1',
      'server2@leaf1',
      'server3@leaf1',
      'server4@leaf2',
      'server5@leaf2',
      'server6@leaf2',
    ]);
  });

  it('are cabled leaf by leaf, parallel links counted', () => {
    expect(nodes.links.slice(0, 5).map(({ id }) => id)).toEqual([
      'leaf1-spine1',
      'leaf1-spine1#2',
      'leaf1-spine2',
      'leaf1-spine2#2',
      'leaf2-spine1',
    ]);
  });
});

/** A topology, its switches by tier, links, servers, and the links that one tree of all switches leaves out. */
const CLOSED_FORMS: [string, Record<string, number>, { links: number; servers: number; beyondTree: number }][] = [
  [
    '{leaves: 128, spines: 8, serversPerLeaf: 40}',
    { leaf: 128, spine: 8 },
    { links: 128 * 8, servers: 128 * 40, beyondTree: 127 * 7 },
  ],
  [
    '{leaves: 16, spines: 4, serversPerLeaf: 2, uplinksPerSpine: 2}',
    { leaf: 16, spine: 4 },
    { links: 16 * 4 * 2, servers: 32, beyondTree: 128 - 19 },
  ],
  // P L S + P S U links of P L + P S + S U switches
  [
    '{kind: clos-5-stage, pods: 4, leavesPerPod: 8, spinesPerPod: 4, superSpinesPerPlane: 2, serversPerLeaf: 16}',
    { leaf: 32, spine: 16, 'super-spine': 8 },
    { links: 4 * 8 * 4 + 4 * 4 * 2, servers: 4 * 8 * 16, beyondTree: 160 - 55 },
  ],
  // B (2 A + 2 C + 1) links of B A + 2 B + C switches
  [
    '{kind: three-tier, blocks: 3, accessPerBlock: 6, serversPerAccess: 20, cores: 2}',
    { access: 18, aggregation: 6, core: 2 },
    { links: 3 * (12 + 4 + 1), servers: 3 * 6 * 20, beyondTree: 51 - 25 },
  ],
  [
    '{kind: three-tier, blocks: 3, accessPerBlock: 6, serversPerAccess: 20, cores: 4, joinAggregation: false}',
    { access: 18, aggregation: 6, core: 4 },
    { links: 3 * (12 + 8), servers: 3 * 6 * 20, beyondTree: 60 - 27 },
  ],
  // k³/2 links, k³/4 servers, 5k²/4 switches; 13 of 32 and 1729 of 2048 links are not in the tree
  ['{kind: fat-tree, k: 4}', { edge: 8, aggregation: 8, core: 4 }, { links: 32, servers: 16, beyondTree: 13 }],
  [
    '{kind: fat-tree, k: 16}',
    { edge: 128, aggregation: 128, core: 64 },
    { links: 2048, servers: 1024, beyondTree: 1729 },
  ],
  // N S (L u + B) links in N sites, and B for each pair that is joined
  [
    '{kind: sites, sites: 3, leaves: 4, spines: 2, serversPerLeaf: 5, borders: 2}',
    { leaf: 12, spine: 6, border: 6 },
    { links: 3 * 2 * (4 + 2) + 3 * 2, servers: 60, beyondTree: 42 - 23 },
  ],
  [
    '{kind: sites, sites: 4, leaves: 4, spines: 2, serversPerLeaf: 5, borders: 1, dci: {layout: chain}}',
    { leaf: 16, spine: 8, border: 4 },
    { links: 4 * 2 * (4 + 1) + 3, servers: 80, beyondTree: 43 - 27 },
  ],
];

describe.each(CLOSED_FORMS)('the topology %s', (topology, tiers, { links, servers, beyondTree }) => {
  const nodes = nodesOf(topology);

  it('has as many switches, links and servers as its closed form', () => {
    expect(tiersOf(nodes)).toEqual(tiers);
    expect([nodes.links.length, nodes.servers.length]).toEqual([links, servers]);
    expect(links - (nodes.switches.length - 1)).toBe(beyondTree);
  });

  it('is whole, with every name given once', () => {
    expect(unreachableSwitches(nodes)).toEqual([]);
    const ids = [...nodes.switches, ...nodes.links, ...nodes.servers].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has servers on switches for servers alone, as many on each, and those switches come first', () => {
    const racks = nodes.switches.filter(({ isForServers }) => isForServers);
    expect(nodes.switches.slice(0, racks.length)).toEqual(racks);
    expect(nodes.servers.map(({ at }) => at)).toEqual(
      racks.flatMap(({ id }) => Array.from({ length: servers / racks.length }, () => id)),
    );
  });
});

describe('the cables', () => {
  it('of a five-stage Clos join the spine that each pod has in a plane to all super-spines of the plane', () => {
    const ids = linkIdsOf(
      '{kind: clos-5-stage, pods: 2, leavesPerPod: 1, spinesPerPod: 2, superSpinesPerPlane: 2, serversPerLeaf: 1}',
    );
    expect(ids).toEqual([
      'leaf1-spine1',
      'leaf1-spine2',
      'leaf2-spine3',
      'leaf2-spine4',
      'spine1-superspine1',
      'spine1-superspine2',
      'spine2-superspine3',
      'spine2-superspine4',
      'spine3-superspine1',
      'spine3-superspine2',
      'spine4-superspine3',
      'spine4-superspine4',
    ]);
  });

  it('of three tiers join an access switch to its pair, and pairs to every core', () => {
    expect(linkIdsOf('{kind: three-tier, blocks: 2, accessPerBlock: 1, serversPerAccess: 1, cores: 1}')).toEqual([
      'access1-aggregation1',
      'access1-aggregation2',
      'access2-aggregation3',
      'access2-aggregation4',
      'aggregation1-core1',
      'aggregation2-core1',
      'aggregation3-core1',
      'aggregation4-core1',
      'aggregation1-aggregation2',
      'aggregation3-aggregation4',
    ]);
  });

  it('of a fat tree give every switch k links, servers counted', () => {
    const { switches, links, servers } = nodesOf('{kind: fat-tree, k: 6}');
    const ends = [...links.flatMap(({ a, b }) => [a, b]), ...servers.map(({ at }) => at)];
    for (const { id } of switches) expect(ends.filter((end) => end === id)).toHaveLength(6);
    // every pod reaches every core
    const podOf = new Map(switches.map(({ id, pod }) => [id, pod]));
    const corePods = links.filter(({ b }) => b === 'core9').map(({ a }) => podOf.get(a));
    expect(corePods).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('between sites join counterparts, each site with each or with the next', () => {
    const dciOf = (layout: string) =>
      linkIdsOf(
        `{kind: sites, sites: 3, leaves: 1, spines: 1, serversPerLeaf: 1, borders: 2, dci: {layout: ${layout}}}`,
      ).filter((id) => /^border\d-border/.test(id));
    expect(dciOf('chain')).toEqual(['border1-border3', 'border2-border4', 'border3-border5', 'border4-border6']);
    expect(dciOf('full-mesh')).toEqual([
      'border1-border3',
      'border2-border4',
      'border1-border5',
      'border2-border6',
      'border3-border5',
      'border4-border6',
    ]);
  });

  it('of dual-homed servers lead to their own switch and the other of its pair', () => {
    const { servers } = nodesOf('{leaves: 4, spines: 1, serversPerLeaf: 1, serverHoming: dual}');
    expect(servers.map(({ at, secondAt }) => [at, secondAt])).toEqual([
      ['leaf1', 'leaf2'],
      ['leaf2', 'leaf1'],
      ['leaf3', 'leaf4'],
      ['leaf4', 'leaf3'],
    ]);
    expect(() => nodesOf('{leaves: 3, spines: 1, serversPerLeaf: 1, serverHoming: dual}')).toThrow(ScenarioError);
  });
});

describe('the root by default', () => {
  it.each([
    ['{leaves: 2, spines: 2, serversPerLeaf: 1}', 'spine1'],
    [
      '{kind: clos-5-stage, pods: 2, leavesPerPod: 1, spinesPerPod: 2, superSpinesPerPlane: 1, serversPerLeaf: 1}',
      'superspine1',
    ],
    ['{kind: three-tier, blocks: 2, accessPerBlock: 2, serversPerAccess: 1}', 'core1'],
    ['{kind: fat-tree, k: 4}', 'core1'],
    ['{kind: sites, leaves: 2, spines: 2, serversPerLeaf: 1}', 'spine1'],
  ])('of %s is the first switch of the highest tier: %s', (topology, root) => {
    expect(possibleRootsOf(nodesOf(topology))[0]).toBe(root);
  });
});

describe('oversubscription', () => {
  it.each([
    // 40 × 25G into 8 × 100G
    ['{leaves: 128, spines: 8, serversPerLeaf: 40}', [['leaf', 1.25]]],
    ['{leaves: 4, spines: 2, uplinksPerSpine: 2, serversPerLeaf: 48}', [['leaf', 3]]],
    ['{leaves: 4, spines: 4, serversPerLeaf: 48, serverHoming: dual}', [['leaf', 6]]],
    // 16 × 25G into 4 × 100G, and 8 × 100G into 2 × 100G
    [
      '{kind: clos-5-stage, pods: 4, leavesPerPod: 8, spinesPerPod: 4, superSpinesPerPlane: 2, serversPerLeaf: 16}',
      [
        ['leaf', 1],
        ['spine', 4],
      ],
    ],
    [
      '{kind: fat-tree, k: 8}',
      [
        ['edge', 1],
        ['aggregation', 1],
      ],
    ],
  ] as const)('of %s follows from its links', (topology, expected) => {
    expect(oversubscriptionOf(nodesOf(topology)).map(({ tier, ratio }) => [tier, ratio])).toEqual(expected);
  });
});

describe('a loop', () => {
  it('is closed by the first parallel link', () => {
    expect(loopClosingLink(nodesOf('{leaves: 2, spines: 1, serversPerLeaf: 1, uplinksPerSpine: 2}'))?.id).toBe(
      'leaf1-spine1#2',
    );
  });

  it('is closed by the second spine as soon as there are two leaves', () => {
    expect(loopClosingLink(nodesOf('{leaves: 1, spines: 4, serversPerLeaf: 1}'))).toBe(null);
    expect(loopClosingLink(nodesOf('{leaves: 8, spines: 1, serversPerLeaf: 1}'))).toBe(null);
    expect(loopClosingLink(nodesOf('{leaves: 2, spines: 2, serversPerLeaf: 1}'))?.id).toBe('leaf2-spine2');
  });
});
