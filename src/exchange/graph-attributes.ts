import type { NetworkNode } from './network-graph.ts';
import { exactDuration, exactRate } from './quantities.ts';
import type { SaidLink } from './topology-graph.ts';

/** Names and values that importers read again. */
export type TextAttributes = Readonly<Record<string, string>>;

/** Attributes of nodes that any export may have. */
export const NODE_ATTRIBUTES = ['role', 'stpPriority', 'mac'] as const;

/** Attributes of links that any export may have. */
export const LINK_ATTRIBUTES = ['rate', 'delay', 'stpCost'] as const;

export function nodeAttributes({ hints: [role = ''], stpPriority, mac }: NetworkNode): TextAttributes {
  return {
    role,
    ...(stpPriority === undefined ? {} : { stpPriority: String(stpPriority) }),
    ...(mac === undefined ? {} : { mac }),
  };
}

export function linkAttributes({ rateBitsPerSec, delayNs, cost }: SaidLink): TextAttributes {
  return {
    rate: exactRate(rateBitsPerSec),
    delay: exactDuration(delayNs),
    ...(cost === undefined ? {} : { stpCost: String(cost) }),
  };
}
