import { Document } from 'yaml';
import { linkAttributes, nodeAttributes } from './graph-attributes.ts';
import type { LabCable } from './lab-cables.ts';
import type { TopologyGraph } from './topology-graph.ts';

/** An image with the `ip` and `bridge` of iproute2, as the labs of containerlab itself use it for hosts. */
export const DEFAULT_IMAGE = 'ghcr.io/srl-labs/network-multitool:latest';

/** FRR's own image, of the version that simulated VTEPs were checked against; it has iproute2 too. */
export const FRR_IMAGE = 'quay.io/frrouting/frr:8.4.1';

export interface ContainerlabFacts {
  readonly cables: readonly LabCable[];
  /** By node of the graph. */
  readonly commands: readonly (readonly string[])[];
  readonly image: string;
  /** Said in comments at the top. */
  readonly origin: readonly string[];
}

/** A containerlab topology of Linux containers. https://containerlab.dev/manual/topo-def-file/ */
export function writeContainerlab(
  graph: TopologyGraph,
  { cables, commands, image, origin }: ContainerlabFacts,
): string {
  const document = new Document({
    name: graph.name,
    topology: {
      kinds: { linux: { image } },
      nodes: Object.fromEntries(
        graph.nodes.map((node, index) => {
          const exec = commands[index]!;
          return [node.id, { kind: 'linux', labels: nodeAttributes(node), ...(exec.length === 0 ? {} : { exec }) }];
        }),
      ),
      links: graph.links.map((link, index) => {
        const { a, b } = cables[index]!;
        const endpoints = [`${link.a}:${a.interfaceName}`, `${link.b}:${b.interfaceName}`];
        return { endpoints, vars: linkAttributes(link) };
      }),
    },
  });
  document.commentBefore = origin.map((line) => ` ${line}`).join('\n');
  return document.toString({ lineWidth: 0 });
}
