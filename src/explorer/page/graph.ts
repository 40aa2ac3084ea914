import type { ColumnTable } from '../../results/parse-table.ts';

/** A fabric as it is drawn: nodes and links by their index in the tables `nodes` and `links`. */
export interface Graph {
  readonly nodeNames: readonly string[];
  readonly nodeTiers: readonly string[];
  /** null is above all pods. */
  readonly nodePods: readonly (number | null)[];
  readonly nodeOfName: ReadonlyMap<string, number>;
  readonly linkNames: readonly string[];
  /** Whether it leads from a switch to a server, or to a gateway that is no switch. */
  readonly isServerLink: readonly boolean[];
  readonly isPeerLink: readonly boolean[];
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly aPorts: readonly string[];
  readonly bPorts: readonly string[];
  readonly ratesBitsPerSec: Float64Array;
  readonly linkOfName: ReadonlyMap<string, number>;
  /** By node: its links, servers' included. */
  readonly linksOfNode: readonly (readonly number[])[];
}

/** What `nodes` and `links` say. */
export function readGraph(nodes: ColumnTable, links: ColumnTable): Graph {
  const texts = (table: ColumnTable, column: string) => Array.from(table.column(column).values) as string[];
  const flags = (column: string) => Array.from(links.column(column).values) as boolean[];
  const nodeNames = texts(nodes, 'name');
  const nodeOfName = new Map(nodeNames.map((name, index) => [name, index]));
  const ends = (column: string) => Int32Array.from(texts(links, column), (name) => nodeOfName.get(name) ?? -1);
  const linkNames = texts(links, 'link');
  const a = ends('a_node');
  const b = ends('b_node');
  const linksOfNode: number[][] = nodeNames.map(() => []);
  for (let link = 0; link < linkNames.length; link++) {
    linksOfNode[a[link]!]?.push(link);
    linksOfNode[b[link]!]?.push(link);
  }
  return {
    nodeNames,
    nodeTiers: texts(nodes, 'tier'),
    nodePods: Array.from(nodes.column('pod').values) as (number | null)[],
    nodeOfName,
    linkNames,
    isServerLink: texts(links, 'tier').map((tier) => tier !== 'fabric'),
    isPeerLink: flags('is_peer_link'),
    a,
    b,
    aPorts: texts(links, 'a_port'),
    bPorts: texts(links, 'b_port'),
    ratesBitsPerSec: Float64Array.from(links.column('rate_bits_per_sec').values as ArrayLike<number>),
    linkOfName: new Map(linkNames.map((name, index) => [name, index])),
    linksOfNode,
  };
}

/** Whether a node of this tier hangs below a switch, and is drawn there: a server, or a gateway that is no switch. */
export function isBelowSwitches(tier: string): boolean {
  return tier === 'server' || tier === 'gateway';
}
