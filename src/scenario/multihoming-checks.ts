import type { CrossCheck } from './cross-check.ts';

/** Segments whose next hops a VTEP's table can name beside other VTEPs: it numbers its places with 12 bits. */
const ETHERNET_SEGMENTS_MAX = 4000;

/** What Ethernet segments ask of the rest of a scenario. */
export const multihomingChecks: readonly CrossCheck[] = [
  {
    reads: ['fabrics', 'topology'],
    check({ fabrics }, report, nodes) {
      for (const [index, fabric] of fabrics.entries()) {
        if (fabric.kind !== 'vxlan-evpn' || fabric.ethernetSegments === undefined) continue;
        const path = ['fabrics', index];
        if (fabric.mlag !== undefined) {
          report([...path, 'mlag'], 'does not go with ethernetSegments: servers on two leaves are one or the other');
        }
        if (fabric.vteps !== 'leaf') {
          report([...path, 'vteps'], `got '${fabric.vteps}', but with ethernetSegments VTEPs are in leaves`);
        }
        if (fabric.sites !== 'end-to-end') {
          report([...path, 'sites'], `got '${fabric.sites}', which ethernetSegments does not go with`);
        }
        const count = nodes().servers.filter(({ secondAt }) => secondAt !== null).length;
        if (count === 0) {
          const message = 'needs servers on two leaves, and there are none; see serverHoming';
          report([...path, 'ethernetSegments'], message);
        } else if (count > ETHERNET_SEGMENTS_MAX) {
          const message = `got ${count} servers on two leaves, expected at most ${ETHERNET_SEGMENTS_MAX}`;
          report([...path, 'ethernetSegments'], message);
        }
      }
    },
  },
];
