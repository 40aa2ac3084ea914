import type { MacAddress } from '../wire/mac-address.ts';

/** Spreads 32 bits: the last steps of MurmurHash3 (Appleby), after which each bit hangs on every other. */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}

/**
 * 32 bits of a MAC and its segment, by which a table with buckets chooses one: switches hash the address together with
 * the VLAN or its filtering identifier.
 *
 * It spreads any addresses as chance does. A switch takes a CRC, which spreads consecutive addresses more evenly than
 * that; which one is not published, and the addresses of a datacenter are of many makers.
 */
export function macHash(mac: MacAddress, segment: number): number {
  const low = mix32((mac >>> 0) ^ 0x5bd1_e995);
  return mix32(low ^ Math.imul(Math.floor(mac / 2 ** 32), 0x9e37_79b1) ^ Math.imul(segment + 1, 0x7feb_352d));
}
