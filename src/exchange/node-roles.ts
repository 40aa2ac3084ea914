import { type SwitchTier, TIER_LEVELS } from '../fabric/switch-tiers.ts';
import { ExchangeError } from './exchange-error.ts';
import type { NetworkGraph, NetworkNode } from './network-graph.ts';

/** What a node becomes: a switch of a tier, a switch whose tier its place in the network tells, a server, or nothing. */
export type NodeRole = SwitchTier | 'switch' | 'server' | 'ignore';

export const NODE_ROLES: readonly NodeRole[] = [
  ...(Object.keys(TIER_LEVELS) as SwitchTier[]),
  'switch',
  'server',
  'ignore',
];

/** Nodes whose name the pattern is found in have the role. */
export interface RoleRule {
  readonly pattern: RegExp;
  readonly role: NodeRole;
}

/** Who said what a node is: the user, the file in so many words, or its name. */
export type RoleSource = 'rule' | 'hint' | 'name';

export interface FoundRole {
  readonly role: NodeRole;
  readonly source: RoleSource;
}

// words by which networks are named; the first word of a name that is here counts, and those of the first line before all
const WORDS: readonly (readonly [role: NodeRole, words: readonly string[]])[] = [
  ['super-spine', ['superspine', 'sspine']],
  ['border', ['border', 'borderleaf', 'exit', 'dcgw', 'bgw']],
  ['leaf', ['leaf', 'tor']],
  ['spine', ['spine']],
  ['core', ['core']],
  ['aggregation', ['aggregation', 'agg', 'aggr', 'distribution', 'dist']],
  ['access', ['access', 'acc']],
  ['edge', ['edge']],
  [
    'server',
    ['server', 'servers', 'srv', 'host', 'hosts', 'client', 'clients', 'vm', 'pc', 'compute', 'hypervisor', 'esxi'],
  ],
  ['switch', ['switch', 'sw', 'router', 'routers', 'bridge']],
  // a management network would make one switch of all
  ['ignore', ['oob']],
];

const ROLE_OF_WORD = new Map(WORDS.flatMap(([role, words]) => words.map((word) => [word, role] as const)));

/** The role that a name or a hint such as `leaf01`, `dc1-spine-2` or `Border Leaf` speaks of; null if it does not. */
export function roleOfWords(text: string): NodeRole | null {
  const lower = text.toLowerCase();
  if ((NODE_ROLES as readonly string[]).includes(lower)) return lower as NodeRole;
  const words = lower.split(/[^a-z]+/).filter((word) => word !== '');
  if (/^h\d+$/.test(lower)) return 'server';
  // two words that mean more together than the first of them
  if (/super[^a-z]*spine/.test(lower)) return 'super-spine';
  if (words.includes('border')) return 'border';
  for (const word of words) {
    const role = ROLE_OF_WORD.get(word);
    if (role !== undefined) return role;
  }
  return null;
}

/**
 * What each node is, by the first that knows: the rules of the user; what the file says of its role, function or group; its
 * name; its kind. Whoever is left is a switch.
 */
export function findRoles({ nodes }: NetworkGraph, rules: readonly RoleRule[]): Map<string, FoundRole> {
  return new Map(nodes.map((node) => [node.id, findRole(node, rules)]));
}

function findRole(node: NetworkNode, rules: readonly RoleRule[]): FoundRole {
  const rule = rules.find(({ pattern }) => pattern.test(node.name) || pattern.test(node.id));
  if (rule !== undefined) return { role: rule.role, source: 'rule' };
  for (const hint of node.hints) {
    const role = roleOfWords(hint);
    // a file that says "router" leaves the tier to the name
    if (role === 'switch') break;
    if (role !== null) return { role, source: 'hint' };
  }
  const ofName = roleOfWords(node.name) ?? roleOfWords(node.id);
  if (ofName !== null) return { role: ofName, source: 'name' };
  return { role: node.isHost === true ? 'server' : 'switch', source: 'name' };
}

/** Reads `--role 'leaf|tor=leaf'`. */
export function parseRoleRule(text: string): RoleRule {
  const split = text.lastIndexOf('=');
  const role = text.slice(split + 1) as NodeRole;
  if (split < 1 || !NODE_ROLES.includes(role)) {
    throw new ExchangeError(
      '--role',
      null,
      `got '${text}', expected <regular expression>=<role> with one of ${NODE_ROLES.join(', ')}`,
    );
  }
  try {
    return { pattern: new RegExp(text.slice(0, split), 'i'), role };
  } catch (error) {
    throw new ExchangeError('--role', null, `got '${text}': ${(error as Error).message}`);
  }
}
