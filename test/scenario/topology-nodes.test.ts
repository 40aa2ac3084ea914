import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../src/scenario/read-scenario.ts';
import { loopClosingLink, type TopologyNodes, topologyNodes } from '../../src/scenario/topology-nodes.ts';

function nodesOf(topology: string): TopologyNodes {
  const text = `topology: ${topology}\ntenants: [{name: web, vmsPerSegment: 2}]`;
  return topologyNodes(parseScenario(text, 'test.yaml').topology);
}

describe('the parts of a leaf-spine', () => {
  const nodes = nodesOf('{leaves: 2, spines: 2, serversPerLeaf: 3, uplinksPerSpine: 2}');

  it('are numbered from 1, servers rack by rack', () => {
    expect(nodes.leafIds).toEqual(['leaf1', 'leaf2']);
    expect(nodes.spineIds).toEqual(['spine1', 'spine2']);
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
