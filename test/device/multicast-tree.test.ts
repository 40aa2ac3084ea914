import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MulticastTree, type WaysToRoot } from '../../src/device/multicast-tree.ts';

/** A tree of nodes, 0 at the root: the link from node n up to `parents[n]` has the ports 2 n at n and 2 n + 1 above. */
function waysAlong(parents: readonly number[]): WaysToRoot {
  return {
    parentPort: (node) => (node === 0 ? -1 : 2 * node),
    peerOf: (port) => port ^ 1,
    nodeOf: (port) => (port % 2 === 0 ? port / 2 : parents[port >> 1]),
  };
}

/** The ports at each node of the union of the members' ways, found at once. */
function unionOfWays(parents: readonly number[], members: readonly number[]): Map<number, number[]> {
  const ports = new Map<number, Set<number>>();
  const at = (node: number) => ports.get(node) ?? ports.set(node, new Set()).get(node)!;
  for (const member of members) {
    at(member);
    for (let node = member; node !== 0; node = parents[node]) {
      at(node).add(2 * node);
      at(parents[node]).add(2 * node + 1);
    }
  }
  return new Map([...ports].map(([node, set]) => [node, [...set].sort((a, b) => a - b)]));
}

describe('a multicast tree', () => {
  it('is the union of the ways of whoever is a member, in whatever order they came and went', () => {
    const parentsOf = fc
      .integer({ min: 1, max: 12 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, node) => fc.nat(node))))
      .map((parents) => [0, ...parents]);
    const changes = fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 40 });
    fc.assert(
      fc.property(parentsOf, changes, (parents, steps) => {
        const counted = new Map<number, number>();
        const tree = new MulticastTree(waysAlong(parents), (node, change) =>
          counted.set(node, (counted.get(node) ?? 0) + change),
        );
        const members: number[] = [];
        for (const [number, isJoin] of steps) {
          if (isJoin || members.length === 0) {
            members.push(number % parents.length);
            tree.join(number % parents.length);
          } else {
            const [member] = members.splice(number % members.length, 1);
            tree.leave(member);
          }
          const expected = unionOfWays(parents, members);
          expect(new Set(tree.nodes)).toEqual(new Set(expected.keys()));
          for (const node of parents.keys()) {
            expect(tree.portsAt(node)).toEqual(expected.get(node) ?? []);
            expect(counted.get(node) ?? 0).toBe(expected.has(node) ? 1 : 0);
          }
        }
      }),
    );
  });

  it('ends where no way leads on', () => {
    const tree = new MulticastTree({ parentPort: () => -1, peerOf: () => -1, nodeOf: () => -1 });
    tree.join(5);
    expect([...tree.nodes]).toEqual([5]);
    expect(tree.portsAt(5)).toEqual([]);
    tree.leave(5);
    expect([...tree.nodes]).toEqual([]);
  });
});
