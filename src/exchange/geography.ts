import type { NetworkGraph, NetworkLink, NetworkNode } from './network-graph.ts';
import type { Notes } from './notes.ts';

/** Mean radius of the earth. IUGG. */
const EARTH_RADIUS_KM = 6371;
/** Light in glass covers 200,000 km in a second or so: a refractive index of 1.468 (ITU-T G.652 fibre) gives 4.9 us. */
const FIBRE_NS_PER_KM = 4900;

/**
 * Gives links between places the delay of a fibre along the great circle, where the file has no delay. Real fibres are
 * longer.
 */
export function withDistances(graph: NetworkGraph, notes: Notes): NetworkGraph {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  let count = 0;
  const links = graph.links.map((link): NetworkLink => {
    const [from, to] = [nodes.get(link.a)?.place, nodes.get(link.b)?.place];
    if (link.delayNs !== undefined || from === undefined || to === undefined) return link;
    count++;
    return { ...link, delayNs: Math.max(1000, Math.round(distanceKm(from, to)) * FIBRE_NS_PER_KM) };
  });
  if (count > 0) notes.add(`${count} links have the delay of a straight fibre between the coordinates of their ends`);
  return { ...graph, links };
}

type Place = NonNullable<NetworkNode['place']>;

/** Along the great circle, by the haversine formula. */
function distanceKm(from: Place, to: Place): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const haversine = (angle: number) => Math.sin(angle / 2) ** 2;
  const between =
    haversine(radians(to.latitude - from.latitude)) +
    Math.cos(radians(from.latitude)) *
      Math.cos(radians(to.latitude)) *
      haversine(radians(to.longitude - from.longitude));
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, between)));
}
