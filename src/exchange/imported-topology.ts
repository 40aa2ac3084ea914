import type { SwitchTier } from '../fabric/switch-tiers.ts';
import { isForServers, nameLinks } from '../scenario/topology-nodes.ts';
import { isGroupMac, isMacAddress, parseMac } from '../wire/mac-address.ts';
import { ExchangeError } from './exchange-error.ts';
import type { NetworkGraph, NetworkLink, NetworkNode } from './network-graph.ts';
import { type FoundRole, findRoles, type RoleRule } from './node-roles.ts';
import type { Notes } from './notes.ts';

/** The parts of an explicit topology, as `topology` of a scenario lists them. */
export interface ImportedTopology {
  readonly switches: readonly ImportedSwitch[];
  readonly links: readonly ImportedLink[];
  readonly servers: readonly ImportedServer[];
}

export interface ImportedSwitch {
  readonly id: string;
  readonly role: SwitchTier;
  readonly stpPriority?: number;
  readonly mac?: string;
}

interface LinkFacts {
  readonly rateBitsPerSec?: number;
  readonly delayNs?: number;
}

export interface ImportedLink extends LinkFacts {
  readonly a: string;
  readonly b: string;
  readonly cost?: number;
}

export interface ImportedServer extends LinkFacts {
  readonly id: string;
  readonly at: string;
  readonly secondAt?: string;
}

export interface ImportOptions {
  readonly file: string;
  readonly roles: readonly RoleRule[];
  /** Servers for each switch that takes them, if the network has none. */
  readonly serversPerLeaf: number;
  readonly notes: Notes;
}

/** Makes a network of switches, links and servers of a graph; whatever has no place in one is noted. */
export function importTopology(graph: NetworkGraph, options: ImportOptions): ImportedTopology {
  const { file, notes } = options;
  const roles = findRoles(graph, options.roles);
  const cabled = keepCabled(graph, roles, notes);
  const isServer = (id: string) => roles.get(id)?.role === 'server';
  const switches = cabled.nodes.filter(({ id }) => !isServer(id));
  if (switches.length === 0) {
    const message = 'no node is a switch with a link; say which are, such as --role "router|sw=leaf"';
    throw new ExchangeError(file, null, message);
  }
  const between = cabled.links.filter(({ a, b }) => !isServer(a) && !isServer(b));
  const kept = largestPart(switches, between, notes);
  const ids = renamed(
    cabled.nodes.filter(({ id }) => isServer(id) || kept.has(id)),
    kept,
    between,
    notes,
  );
  const homes = homesOf(cabled, isServer, kept, notes);
  const tiers = tiersOf(
    switches.filter(({ id }) => kept.has(id)),
    between,
    homes,
    roles,
    options,
  );
  const servers = [...homes].map(([id, { at, secondAt, facts }]): ImportedServer => {
    const second = secondAt === null ? {} : { secondAt: ids.get(secondAt)! };
    return { id: ids.get(id)!, at: ids.get(at)!, ...second, ...facts };
  });
  return {
    switches: switches
      .filter(({ id }) => kept.has(id))
      .map((node) => ({ id: ids.get(node.id)!, role: tiers.get(node.id)!, ...bridgeFacts(node, notes) })),
    links: between
      .filter(({ a }) => kept.has(a))
      .map((link) => ({ a: ids.get(link.a)!, b: ids.get(link.b)!, ...withinBounds(link, notes), ...costOf(link) })),
    servers: servers.length > 0 ? servers : addServers(ids, tiers, options),
  };
}

/** Without what is to be ignored, and without what has no cable. */
function keepCabled({ nodes, links }: NetworkGraph, roles: ReadonlyMap<string, FoundRole>, notes: Notes) {
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  const isIgnored = (id: string) => roles.get(id)?.role === 'ignore';
  for (const { id, name } of nodes) {
    if (isIgnored(id) && roles.get(id)?.source !== 'rule') notes.add('what is out of band is left out', name);
  }
  const kept = links.filter(({ a, b }) => {
    if (isIgnored(a) || isIgnored(b)) return false;
    if (a !== b) return true;
    notes.add('links from a node to itself are left out', names.get(a));
    return false;
  });
  const ends = new Set(kept.flatMap(({ a, b }) => [a, b]));
  const cabled = nodes.filter(({ id, name }) => {
    if (isIgnored(id)) return false;
    if (!ends.has(id)) notes.add('nodes without a link are left out', name);
    return ends.has(id);
  });
  return { nodes: cabled, links: kept };
}

/** The switches of the largest part of a network that is not in one piece. */
function largestPart(switches: readonly NetworkNode[], links: readonly NetworkLink[], notes: Notes): Set<string> {
  const neighbours = new Map<string, string[]>(switches.map(({ id }) => [id, []]));
  for (const { a, b } of links) {
    neighbours.get(a)!.push(b);
    neighbours.get(b)!.push(a);
  }
  const seen = new Set<string>();
  let largest = new Set<string>();
  for (const { id } of switches) {
    if (seen.has(id)) continue;
    const part = new Set([id]);
    for (const one of part) for (const other of neighbours.get(one)!) part.add(other);
    for (const one of part) seen.add(one);
    if (part.size > largest.size) largest = part;
  }
  for (const { id, name } of switches) {
    if (!largest.has(id)) notes.add('no link joins these to the largest part of the network; they are left out', name);
  }
  return largest;
}

interface Home {
  readonly at: string;
  readonly secondAt: string | null;
  readonly facts: LinkFacts;
}

/** To which switches each server is cabled. */
function homesOf(
  { nodes, links }: Pick<NetworkGraph, 'nodes' | 'links'>,
  isServer: (id: string) => boolean,
  kept: ReadonlySet<string>,
  notes: Notes,
): Map<string, Home> {
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  const homes = new Map<string, Home>();
  for (const link of links) {
    if (!isServer(link.a) && !isServer(link.b)) continue;
    const [server, other] = isServer(link.a) ? [link.a, link.b] : [link.b, link.a];
    const text = `${names.get(server)} - ${names.get(other)}`;
    const home = homes.get(server);
    if (isServer(other)) notes.add('links between servers are left out', text);
    else if (!kept.has(other)) continue;
    else if (home === undefined) homes.set(server, { at: other, secondAt: null, facts: withinBounds(link, notes) });
    else if (home.at === other || home.secondAt === other) {
      notes.add('second links of a server to the same switch are left out', text);
    } else if (home.secondAt === null) homes.set(server, { ...home, secondAt: other });
    else notes.add('third links of a server are left out', text);
  }
  for (const { id, name } of nodes) {
    if (isServer(id) && !homes.has(id)) notes.add('servers without a link to a switch that is kept are left out', name);
  }
  // in the order of the file's nodes
  return new Map(nodes.flatMap(({ id }) => (homes.has(id) ? [[id, homes.get(id)!] as const] : [])));
}

/** The tier of each switch: as found, and where nothing was found by its distance from the servers. */
function tiersOf(
  switches: readonly NetworkNode[],
  links: readonly NetworkLink[],
  homes: ReadonlyMap<string, Home>,
  roles: ReadonlyMap<string, FoundRole>,
  { file, notes }: ImportOptions,
): Map<string, SwitchTier> {
  const withServers = new Set([...homes.values()].flatMap(({ at, secondAt }) => [at, secondAt ?? at]));
  const distances = distancesFrom(withServers, links);
  const tiers = new Map<string, SwitchTier>();
  for (const { id, name } of switches) {
    const { role, source } = roles.get(id)!;
    const distance = distances.get(id);
    if (role === 'switch') tiers.set(id, distance === undefined ? 'leaf' : TIER_AT_DISTANCE[Math.min(distance, 2)]!);
    else if (distance !== 0 || isForServers(role as SwitchTier)) tiers.set(id, role as SwitchTier);
    else if (source === 'rule') {
      throw new ExchangeError(
        file,
        null,
        `--role makes '${name}' a ${role}, but a server is cabled to it; expected a leaf`,
      );
    } else {
      tiers.set(id, 'leaf');
      notes.add('switches that have servers are leaves, whatever they are called', `${name}, a ${role}`);
    }
  }
  return tiers;
}

const TIER_AT_DISTANCE: readonly SwitchTier[] = ['leaf', 'spine', 'super-spine'];

/** Links to cross from the nearest of some switches; none for a network without them. */
function distancesFrom(starts: ReadonlySet<string>, links: readonly NetworkLink[]): Map<string, number> {
  const neighbours = new Map<string, string[]>();
  for (const { a, b } of links) {
    neighbours.set(a, [...(neighbours.get(a) ?? []), b]);
    neighbours.set(b, [...(neighbours.get(b) ?? []), a]);
  }
  const distances = new Map([...starts].map((id) => [id, 0]));
  // a map is read in the order in which it grows
  for (const [id, distance] of distances) {
    for (const other of neighbours.get(id) ?? []) if (!distances.has(other)) distances.set(other, distance + 1);
  }
  return distances;
}

/** Servers for a network that has none: at its leaves, or where there are no leaves at every switch. */
function addServers(
  ids: ReadonlyMap<string, string>,
  tiers: Map<string, SwitchTier>,
  { serversPerLeaf, notes }: ImportOptions,
): ImportedServer[] {
  const leaves = [...tiers].filter(([, tier]) => isForServers(tier)).map(([id]) => id);
  if (leaves.length === 0) for (const id of tiers.keys()) tiers.set(id, 'leaf');
  const homes = (leaves.length === 0 ? [...tiers.keys()] : leaves).flatMap((id) => Array(serversPerLeaf).fill(id));
  notes.add(`the file has no servers: ${serversPerLeaf} are added at each ${leaves.length === 0 ? 'switch' : 'leaf'}`);
  const taken = new Set(ids.values());
  let number = 0;
  return homes.map((home: string) => {
    do number++;
    while (taken.has(`server${number}`));
    return { id: `server${number}`, at: ids.get(home)! };
  });
}

/** Names as scenarios take them, each once. */
function renamed(
  nodes: readonly NetworkNode[],
  switchIds: ReadonlySet<string>,
  links: readonly NetworkLink[],
  notes: Notes,
): Map<string, string> {
  const name = (hyphen: string) => {
    const taken = new Set<string>();
    return new Map(nodes.map((node) => [node.id, uniqueName(node.name, hyphen, taken)]));
  };
  let ids = name('-');
  const linkIds = nameLinks(
    links.filter(({ a }) => switchIds.has(a)).map(({ a, b }) => ({ a: ids.get(a)!, b: ids.get(b)! })),
  );
  // links are named after their ends, `a-b`: with hyphens in names two of them may be called the same
  if (new Set(linkIds.map(({ id }) => id)).size < linkIds.length) ids = name('_');
  for (const node of nodes) {
    if (ids.get(node.id) !== node.name)
      notes.add('names are changed to what scenarios take', `${node.name} is ${ids.get(node.id)}`);
  }
  return ids;
}

/** Scenarios take 64 letters, digits, '.', '_' and '-', the first of them a letter or digit. */
const NAME_LENGTH_MAX = 64;

function uniqueName(given: string, hyphen: string, taken: Set<string>): string {
  const plain = given
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll('-', hyphen)
    .replace(/^[^A-Za-z0-9]+/, '')
    .replace(/[-_]+$/, '')
    .slice(0, NAME_LENGTH_MAX);
  const base = plain === '' ? 'node' : plain;
  let name = base;
  for (let number = 2; taken.has(name); number++) {
    const suffix = `${hyphen === '-' ? '.' : hyphen}${number}`;
    name = base.slice(0, NAME_LENGTH_MAX - suffix.length) + suffix;
  }
  taken.add(name);
  return name;
}

// what the schema of scenarios takes
const RATE_BOUNDS = { min: 1e6, max: 10e12 };
const DELAY_NS_MAX = 1e9;
const COST_MAX = 200_000_000;

function withinBounds({ rateBitsPerSec, delayNs }: LinkFacts, notes: Notes): LinkFacts {
  const hasRate =
    rateBitsPerSec !== undefined && rateBitsPerSec >= RATE_BOUNDS.min && rateBitsPerSec <= RATE_BOUNDS.max;
  if (rateBitsPerSec !== undefined && !hasRate)
    notes.add('rates outside 1 Mbit/s to 10 Tbit/s are left out', String(rateBitsPerSec));
  const hasDelay = delayNs !== undefined && delayNs <= DELAY_NS_MAX;
  if (delayNs !== undefined && !hasDelay) notes.add('delays of more than 1 s are left out', `${delayNs} ns`);
  return { ...(hasRate ? { rateBitsPerSec } : {}), ...(hasDelay ? { delayNs } : {}) };
}

function costOf({ cost }: NetworkLink): { cost?: number } {
  return cost !== undefined && Number.isInteger(cost) && cost >= 1 && cost <= COST_MAX ? { cost } : {};
}

function bridgeFacts(
  { name, stpPriority, mac }: NetworkNode,
  notes: Notes,
): Pick<ImportedSwitch, 'stpPriority' | 'mac'> {
  const hasPriority =
    stpPriority !== undefined && stpPriority % 4096 === 0 && stpPriority >= 0 && stpPriority <= 61_440;
  if (stpPriority !== undefined && !hasPriority)
    notes.add('bridge priorities that are no multiple of 4096 are left out', name);
  const hasMac = mac !== undefined && isMacAddress(mac) && !isGroupMac(parseMac(mac)) && parseMac(mac) !== 0;
  return { ...(hasPriority ? { stpPriority } : {}), ...(hasMac ? { mac } : {}) };
}
