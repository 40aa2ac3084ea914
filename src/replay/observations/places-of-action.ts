import { isMacAddress } from '../../wire/mac-address.ts';
import type { EvpnNode, EvpnTopology } from './evpn-observation.ts';

/** An action of a family whose words are not known in advance. */
export type OpenAction = Readonly<Record<string, unknown>> & { readonly op: string };

/** The ports below leaves that an action names, by a host, by a `vm-port`, or by a leaf, in the order in which it does. */
export function placesOfAction(action: OpenAction, { nodes }: EvpnTopology): string[] {
  const places: string[] = [];
  for (const text of textsOf(action)) {
    const node = nodes.find(({ name }) => name === text);
    const place = node?.kind === 'leaf' ? portOf(node.name, nodes) : node;
    if (place !== undefined && isPort(place) && !places.includes(place.name)) places.push(place.name);
  }
  return places;
}

/** The port of a leaf that a station comes to: its `vm-port`, or that of its first host. */
export function portOf(leaf: string, nodes: readonly EvpnNode[]): EvpnNode | undefined {
  const ports = nodes.filter((node) => isPort(node) && node.leaf === leaf);
  return ports.find(({ kind }) => kind === 'vm-port') ?? ports[0];
}

/** The first MAC address that an object names, under any name; null if it names none. */
export function macIn(object: Readonly<Record<string, unknown>>): string | null {
  return textsOf(object).find(isMacAddress) ?? null;
}

function isPort({ kind }: EvpnNode): boolean {
  return kind === 'host' || kind === 'vm-port';
}

/** All texts in a value; names in a sentence, too, such as `leaf2 and leaf3`. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.split(/[\s,;>]+|->/).filter((word) => word !== '');
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
