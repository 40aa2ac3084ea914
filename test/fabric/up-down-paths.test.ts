import { describe, expect, it } from 'vitest';
import { UpDownPaths } from '../../src/fabric/up-down-paths.ts';
import { planEverywhere } from './planned-datacenter.ts';

/** The links of a topology that are on up-down paths between these switches, by name. */
function linksBetween(topology: string, ...members: string[]): string[] {
  const plan = planEverywhere(topology);
  const indices = members.map((id) => plan.switches.findIndex((one) => one.id === id));
  return new UpDownPaths(plan)
    .linksBetween(indices)
    .map((link) => plan.links[link].id)
    .sort();
}

const THREE_TIER = '{kind: three-tier, blocks: 2, accessPerBlock: 2, serversPerAccess: 1, cores: 2}';
const FAT_TREE = '{kind: fat-tree, k: 4}';

describe('up-down paths', () => {
  it('of one switch, or of none, are none', () => {
    expect(linksBetween('{leaves: 3, spines: 2, serversPerLeaf: 1}', 'leaf2')).toEqual([]);
    expect(linksBetween('{leaves: 3, spines: 2, serversPerLeaf: 1}')).toEqual([]);
    expect(linksBetween(THREE_TIER, 'access1')).toEqual([]);
  });

  it('between two leaves lead over every spine, and over parallel links, and past no third leaf', () => {
    expect(linksBetween('{leaves: 3, spines: 2, serversPerLeaf: 1, uplinksPerSpine: 2}', 'leaf1', 'leaf3')).toEqual([
      'leaf1-spine1',
      'leaf1-spine1#2',
      'leaf1-spine2',
      'leaf1-spine2#2',
      'leaf3-spine1',
      'leaf3-spine1#2',
      'leaf3-spine2',
      'leaf3-spine2#2',
    ]);
  });

  it('inside a pod of a Clos stay inside: a super-spine has one spine of the pod below it', () => {
    const clos =
      '{kind: clos-5-stage, pods: 2, leavesPerPod: 2, spinesPerPod: 2, superSpinesPerPlane: 1, serversPerLeaf: 1}';
    expect(linksBetween(clos, 'leaf1', 'leaf2')).toEqual([
      'leaf1-spine1',
      'leaf1-spine2',
      'leaf2-spine1',
      'leaf2-spine2',
    ]);
    expect(linksBetween(clos, 'leaf1', 'leaf3')).toEqual([
      'leaf1-spine1',
      'leaf1-spine2',
      'leaf3-spine3',
      'leaf3-spine4',
      'spine1-superspine1',
      'spine2-superspine2',
      'spine3-superspine1',
      'spine4-superspine2',
    ]);
  });

  it('inside a block of three tiers may lead over its aggregation pair or the core, not over the other block', () => {
    expect(linksBetween(THREE_TIER, 'access1', 'access2')).toEqual([
      'access1-aggregation1',
      'access1-aggregation2',
      'access2-aggregation1',
      'access2-aggregation2',
      'aggregation1-aggregation2',
      'aggregation1-core1',
      'aggregation1-core2',
      'aggregation2-core1',
      'aggregation2-core2',
    ]);
  });

  it('between pods of a fat tree lead over all (k/2)² cores', () => {
    const links = linksBetween(FAT_TREE, 'edge1', 'edge3');
    expect(links).toHaveLength(2 + 2 + 4 + 4);
    expect(links.filter((id) => id.startsWith('edge'))).toEqual([
      'edge1-aggregation1',
      'edge1-aggregation2',
      'edge3-aggregation3',
      'edge3-aggregation4',
    ]);
  });

  it('between sites in a chain pass the sites between and no site beyond', () => {
    const sites = '{kind: sites, sites: 4, leaves: 2, spines: 1, serversPerLeaf: 1, borders: 1, dci: {layout: chain}}';
    expect(linksBetween(sites, 'leaf1', 'leaf5')).toEqual([
      'border1-border2',
      'border2-border3',
      'leaf1-spine1',
      'leaf5-spine3',
      'spine1-border1',
      'spine3-border3',
    ]);
    // one spine is the only way between the leaves of a site
    expect(linksBetween(sites, 'leaf1', 'leaf2')).toEqual(['leaf1-spine1', 'leaf2-spine1']);
  });

  it('between sites in a full mesh may lead over any third', () => {
    const sites = '{kind: sites, sites: 3, leaves: 1, spines: 1, serversPerLeaf: 1, borders: 1}';
    expect(linksBetween(sites, 'leaf1', 'leaf2')).toEqual([
      'border1-border2',
      'border1-border3',
      'border2-border3',
      'leaf1-spine1',
      'leaf2-spine2',
      'spine1-border1',
      'spine2-border2',
    ]);
  });

  it('forget what was asked before', () => {
    const plan = planEverywhere(FAT_TREE);
    const paths = new UpDownPaths(plan);
    const first = paths.linksBetween([0, 3]);
    paths.linksBetween([1, 2, 5, 7]);
    expect(paths.linksBetween([0, 3])).toEqual(first);
  });
});
