import { describe, expect, it } from 'vitest';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { FABRICS, scenarioOf } from '../support/scenario-of.ts';

const QUIET = { migrations: {}, failures: [] };
const TREE_AND_VTEPS = FABRICS.filter(({ name }) => ['tree', 'leaf', 'hypervisor'].includes(name));

/** Links that a spanning tree blocks and flows that did not finish, of each fabric. */
function outcomesOf(changes: Record<string, unknown>) {
  const scenario = scenarioOf({ fabrics: TREE_AND_VTEPS, ...changes });
  return compareFabrics(scenario, { outDir: null }).map(({ summary: { links, flows } }) => {
    return { links, flows, unfinished: flows.failed + flows.incomplete };
  });
}

describe('an explicit topology', () => {
  it('carries all flows of a ring of four switches, which a tree cuts at one link', () => {
    const ids = ['north', 'east', 'south', 'west'];
    const topology = {
      kind: 'explicit',
      switches: ids.map((id) => ({ id })),
      links: ids.map((a, index) => ({ a, b: ids[(index + 1) % 4] })),
      servers: ids.map((at) => ({ id: `host-${at}`, at })),
    };
    const [tree, leaf, hypervisor] = outcomesOf({ topology, ...QUIET });
    expect(tree.links).toMatchObject({ total: 4, blocked: 1, forwarding: 3 });
    expect([leaf.links, hypervisor.links]).toMatchObject([
      { total: 4, blocked: 0, forwarding: 4 },
      { total: 4, blocked: 0, forwarding: 4 },
    ]);
    for (const { flows, unfinished } of [tree, leaf, hypervisor]) {
      expect(unfinished).toBe(0);
      expect(flows.finished).toBeGreaterThan(400);
    }
  });

  it('needs no spanning tree where it is a tree, and loses only a rack when a link of it fails', () => {
    const topology = {
      kind: 'explicit',
      switches: [{ id: 'top' }, { id: 'left' }, { id: 'right' }],
      links: [
        { a: 'top', b: 'left' },
        { a: 'top', b: 'right' },
      ],
      servers: [
        { id: 'a', at: 'left' },
        { id: 'b', at: 'left' },
        { id: 'c', at: 'right' },
      ],
    };
    const settings = { topology, fabrics: [{ kind: 'vlan-no-stp' }, { kind: 'vxlan-flood-learn' }], migrations: {} };
    const cut = [{ at: '25s', link: 'top-right' }];
    for (const { unfinished } of outcomesOf({ ...settings, failures: [] })) expect(unfinished).toBe(0);
    for (const { flows, unfinished } of outcomesOf({ ...settings, failures: cut, duration: '60s' })) {
      expect(unfinished).toBeGreaterThan(100);
      expect(flows.finished).toBeGreaterThan(unfinished);
    }
  });
});

describe('parallel uplinks', () => {
  it('are blocked by a tree but for one to each spine or leaf', () => {
    const [tree, leaf] = outcomesOf({
      topology: { leaves: 4, spines: 2, serversPerLeaf: 2, uplinksPerSpine: 2 },
      ...QUIET,
    });
    // 4 * 2 * 2 links, of which 4 + 2 - 1 are the tree
    expect(tree.links).toEqual({ total: 16, blocked: 11, forwarding: 5, bisectionBitsPerSec: 2 * 100e9 });
    expect(leaf.links).toEqual({ total: 16, blocked: 0, forwarding: 16, bisectionBitsPerSec: 2 * 4 * 100e9 });
    expect([tree.unfinished, leaf.unfinished]).toEqual([0, 0]);
  });
});

describe('a failure', () => {
  it.each([
    ['a link', { link: 'leaf2-spine1' }],
    ['a spine', { switch: 'spine1' }],
    ['a leaf', { switch: 'leaf2' }],
  ])('of %s is over when it is repaired: nothing more is lost, and the tree is as before', (_, what) => {
    const failures = [{ at: '30s', ...what, restoreAfter: '15s' }];
    // the tree needs 6 s to age and 8 s to forward after either change, and a request that was lost gives up 15 s later
    const until = (duration: string) => outcomesOf({ migrations: {}, failures, duration });
    const [before, after, long] = [outcomesOf(QUIET), until('75s'), until('85s')];
    for (const [index, { links, flows, unfinished }] of long.entries()) {
      expect(links).toEqual(before[index].links);
      expect(before[index].unfinished).toBe(0);
      expect(unfinished).toBe(after[index].unfinished);
      expect(flows.finished).toBeGreaterThan(after[index].flows.finished + 250);
    }
    // the tree stood still for seconds
    expect(long[0].unfinished).toBeGreaterThan(10);
  });

  it('of a spine is not felt by flows over ECMP', () => {
    const failures = [{ at: '25s', switch: 'spine1' }];
    const [tree, leaf, hypervisor] = outcomesOf({ migrations: {}, failures, duration: '60s' });
    expect(tree.unfinished).toBeGreaterThan(50);
    expect([leaf.unfinished, hypervisor.unfinished]).toEqual([0, 0]);
  });
});
