/** An IPv4 address as an unsigned 32-bit integer. */
export type Ipv4Address = number;

/** Reads 10.1.0.254; throws a RangeError on anything else. */
export function parseIpv4(text: string): Ipv4Address {
  const bytes = text.split('.');
  const isAddress = bytes.length === 4 && bytes.every((byte) => /^\d{1,3}$/.test(byte) && Number(byte) <= 255);
  if (!isAddress) throw new RangeError(`${JSON.stringify(text)} is not an IPv4 address like 10.1.0.254`);
  return bytes.reduce((address, byte) => address * 256 + Number(byte), 0);
}

/** Reads 10.1.0.254/24 (or an address alone, as /32). */
export function parseIpv4Prefix(text: string): { address: Ipv4Address; prefixLength: number } {
  const [address = '', length = '32', ...rest] = text.split('/');
  const prefixLength = Number(length);
  if (rest.length > 0 || !/^\d{1,2}$/.test(length) || prefixLength > 32) {
    throw new RangeError(`${JSON.stringify(text)} is not an IPv4 address with a prefix length like 10.1.0.254/24`);
  }
  return { address: parseIpv4(address), prefixLength };
}

/** Writes 10.1.0.254. */
export function formatIpv4(address: Ipv4Address): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

/** The mask of a prefix length, as an unsigned integer. */
export function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffff_ffff << (32 - prefixLength)) >>> 0;
}

/** Whether two addresses share a prefix. */
export function inSamePrefix(a: Ipv4Address, b: Ipv4Address, prefixLength: number): boolean {
  return ((a ^ b) & maskOf(prefixLength)) === 0;
}

/** The first address of the network that an address is in. */
export function networkOf(address: Ipv4Address, prefixLength: number): Ipv4Address {
  return (address & maskOf(prefixLength)) >>> 0;
}
