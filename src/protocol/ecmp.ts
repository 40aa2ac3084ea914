/**
 * Which of `count` equal-cost paths a flow takes at a node: a hash of its outer headers and of the node, so that
 * successive nodes choose independently. RFC 2992 (hash-threshold); RFC 7348, section 5 on the entropy of the source port.
 */
export function ecmpIndex(flowHash: number, node: number, count: number): number {
  let h = Math.imul(flowHash ^ Math.imul(node + 1, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h ^= h >>> 16;
  return Math.floor(((h >>> 0) / 2 ** 32) * count);
}

/** The entropy that a VXLAN source port carries of an inner flow's hash: 14 bits. RFC 7348, section 5. */
export function vxlanEntropy(innerFlowHash: number): number {
  const h = Math.imul(innerFlowHash, 0x9e3779b1);
  return (h ^ (h >>> 15)) & 0x3fff;
}
