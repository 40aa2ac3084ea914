import * as z from 'zod';
import { ip, LIST_MAX, mac, name, type ObservedLink, observationSchema, vni } from './observation-schema.ts';

/** What an observation of FRR says of its fabric. */
export interface EvpnTopology {
  readonly nodes: readonly EvpnNode[];
  readonly links: readonly ObservedLink[];
}

export interface EvpnNode {
  readonly name: string;
  /** `leaf`, `spine`, `host`, or `vm-port`: a port to which the VM that moves can be attached. */
  readonly kind: string;
  /** Of a host or a port: the leaf that it is at. */
  readonly leaf?: string | undefined;
  readonly vni?: number | undefined;
  readonly mac?: string | undefined;
  readonly ip?: string | undefined;
}

/** How leaves and spines speak to each other, as most families name it. */
export const bgpMode = z.enum(['ebgp', 'ibgp']).default('ebgp');

/** The schema of a family of experiments with FRR's EVPN. */
export function evpnSchema<P extends z.ZodRawShape, A extends z.ZodRawShape>(
  experiment: string,
  { params, action }: { params: P; action: A },
) {
  const node = { leaf: name.optional(), vni: vni.optional(), mac: mac.optional(), ip: ip.optional() };
  return observationSchema(experiment, { params, node, action });
}

/** The schema of a family whose actions and further parameters are not known in advance: they are kept as they are. */
export function looseEvpnSchema<P extends z.ZodRawShape>(experiment: string, params: P) {
  const strict = evpnSchema(experiment, { params: {}, action: {} });
  const action = z.looseObject({ op: name, t: z.number().optional() });
  return strict.extend({ params: z.looseObject(params), actions: z.array(action).max(LIST_MAX).default([]) });
}

/** What the fabric of such an observation has to have. */
export function evpnProblems({ nodes, links }: EvpnTopology): string[] {
  const problems: string[] = [];
  const leaves = nodes.filter(({ kind }) => kind === 'leaf').map((node) => node.name);
  const spines = nodes.filter(({ kind }) => kind === 'spine').map((node) => node.name);
  if (leaves.length < 2) problems.push('topology.nodes: expected two leaves or more');
  if (spines.length < 1) problems.push('topology.nodes: expected a spine');
  for (const [index, { name: node, kind, leaf, mac: own, ip: address }] of nodes.entries()) {
    if (kind !== 'host' && kind !== 'vm-port') continue;
    const where = `topology.nodes.${index}`;
    if (leaf === undefined || !leaves.includes(leaf)) problems.push(`${where}: ${node} needs the leaf that it is at`);
    if (kind === 'host' && (own === undefined || address === undefined))
      problems.push(`${where}: a host needs mac and ip`);
  }
  for (const leaf of leaves) {
    if (!nodes.some((node) => node.kind === 'host' && node.leaf === leaf)) {
      problems.push(`topology.nodes: there is no host at ${leaf}`);
    }
  }
  for (const [index, { kind, a, b }] of links.entries()) {
    if (kind !== 'underlay' || (leaves.includes(a) && spines.includes(b))) continue;
    problems.push(`topology.links.${index}: expected a leaf as a and a spine as b`);
  }
  return problems;
}

/** That an experiment has the actions that it is made of. */
export function missingActions(actions: readonly { readonly op: string }[], needed: readonly string[]): string[] {
  const has = (op: string) => actions.some((action) => action.op.startsWith(op));
  return needed.filter((op) => !has(op)).map((op) => `actions: expected one that is called ${op}`);
}
