import * as z from 'zod';
import { isGroupMac, isMacAddress, parseMac } from '../../wire/mac-address.ts';
import { isIp } from '../recording-schema.ts';

/** The format of observations. docs/recordings.md describes it. */
export const OBSERVATION_FORMAT = 'fabric-observation/1';

/** Frames of one action, devices of one kind, and simulated time: bounds beyond anything that was observed. */
const FRAMES_MAX = 100_000;
const SIZE_MAX = 64;
const TIME_S_MAX = 86_400;
export const LIST_MAX = 4096;

export const name = z
  .string()
  .regex(/^(?!__proto__$)[^\p{Cc}]+$/u, 'expected a name: not empty, not __proto__, without control characters');
export const mac = z
  .string()
  .refine(
    (text) => isMacAddress(text) && !isGroupMac(parseMac(text)),
    'expected the MAC address of one station, like 02:00:00:0a:01:01',
  );
export const ip = z.string().refine(isIp, 'expected an IPv4 address like 10.255.0.1');
export const frames = z.number().int().min(1).max(FRAMES_MAX);
export const size = z.number().int().min(1).max(SIZE_MAX);
export const vni = z.number().int().min(1).max(0xff_ff_ff);
export const vlan = z.number().int().min(0).max(4094);
export const seconds = z.number().nonnegative().max(TIME_S_MAX);
/** A switch that files write as a truth value or as 0 and 1. */
export const flag = z.union([z.boolean(), z.literal(0), z.literal(1)]).transform(Boolean);

const link = z.object({
  id: name,
  a: name,
  aif: name,
  b: name,
  bif: name,
  kind: z.enum(['underlay', 'access', 'trunk', 'edge']),
});

/** What is asked of a file of a family: its parameters, and what it says of nodes and actions. */
export function observationSchema<P extends z.ZodRawShape, N extends z.ZodRawShape, A extends z.ZodRawShape>(
  experiment: string,
  shapes: { params: P; node: N; action: A },
) {
  return z.object({
    format: z.literal(OBSERVATION_FORMAT),
    id: name,
    experiment: z.literal(experiment),
    params: z.object(shapes.params),
    topology: z.object({
      nodes: z
        .array(z.object({ name, kind: name, ...shapes.node }))
        .min(1)
        .max(LIST_MAX),
      links: z.array(link).max(LIST_MAX),
    }),
    actions: z
      .array(z.object({ op: name, t: z.number().max(TIME_S_MAX).optional(), ...shapes.action }))
      .max(LIST_MAX)
      .default([]),
  });
}

export type ObservedLink = z.infer<typeof link>;

/** What every observation says of the network. */
export interface ObservedTopology {
  readonly nodes: readonly { readonly name: string; readonly kind: string }[];
  readonly links: readonly ObservedLink[];
}

/** What a topology must keep between its parts. */
export function topologyProblems({ nodes, links }: ObservedTopology): string[] {
  const names = nodes.map(({ name: node }) => node);
  const again = names.filter((node, index) => names.indexOf(node) !== index);
  const problems = again.map((node) => `topology.nodes: ${node} is there more than once`);
  const ends = new Set<string>();
  for (const [index, { a, aif, b, bif }] of links.entries()) {
    for (const [node, interfaceName] of [
      [a, aif],
      [b, bif],
    ] as const) {
      if (!names.includes(node)) problems.push(`topology.links.${index}: there is no node ${node}`);
      const end = `${node}:${interfaceName}`;
      if (ends.has(end)) problems.push(`topology.links.${index}: ${end} has a link already`);
      ends.add(end);
    }
  }
  return problems;
}
