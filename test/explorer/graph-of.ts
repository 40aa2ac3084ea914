import { type Graph, isBelowSwitches } from '../../src/explorer/page/graph.ts';

/** Nodes as `tier` or `tier pod`, and links between them by name. */
export function graphOf(
  nodes: readonly { readonly name: string; readonly tier: string; readonly pod?: number | null }[],
  links: readonly (readonly [string, string])[],
): Graph {
  const nodeNames = nodes.map(({ name }) => name);
  const nodeOfName = new Map(nodeNames.map((name, index) => [name, index]));
  const linkNames = links.map(([a, b]) => `${a}-${b}`);
  const linksOfNode: number[][] = nodes.map(() => []);
  for (const [link, ends] of links.entries()) for (const end of ends) linksOfNode[nodeOfName.get(end)!].push(link);
  return {
    nodeNames,
    nodeTiers: nodes.map(({ tier }) => tier),
    nodePods: nodes.map(({ pod = null }) => pod),
    nodeOfName,
    linkNames,
    isServerLink: links.map(([, b]) => isBelowSwitches(nodes[nodeOfName.get(b)!].tier)),
    isPeerLink: links.map(() => false),
    a: Int32Array.from(links, ([a]) => nodeOfName.get(a)!),
    b: Int32Array.from(links, ([, b]) => nodeOfName.get(b)!),
    aPorts: links.map(([a], link) => `${a} ${linkNames[link]}`),
    bPorts: links.map(([, b], link) => `${b} ${linkNames[link]}`),
    ratesBitsPerSec: new Float64Array(links.length).fill(1e9),
    linkOfName: new Map(linkNames.map((name, index) => [name, index])),
    linksOfNode,
  };
}

/** Leaves below spines, with servers. */
export function leafSpineGraph(leaves: number, spines: number, serversPerLeaf: number): Graph {
  const names = (word: string, count: number) => Array.from({ length: count }, (_, index) => `${word}${index + 1}`);
  const nodes = [
    ...names('leaf', leaves).map((name) => ({ name, tier: 'leaf', pod: 0 })),
    ...names('spine', spines).map((name) => ({ name, tier: 'spine', pod: 0 })),
    ...names('server', leaves * serversPerLeaf).map((name) => ({ name, tier: 'server', pod: 0 })),
  ];
  const between = names('leaf', leaves).flatMap((leaf) =>
    names('spine', spines).map((spine) => [leaf, spine] as const),
  );
  const toServers = names('server', leaves * serversPerLeaf).map(
    (server, index) => [`leaf${Math.floor(index / serversPerLeaf) + 1}`, server] as const,
  );
  return graphOf(nodes, [...between, ...toServers]);
}
