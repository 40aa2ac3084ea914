/** A MAC address as an integer below 2^48: exact in a number, and ordered as IEEE 802.1D-2004, 9.2.5 orders bridges. */
export type MacAddress = number;

/** The broadcast address ff:ff:ff:ff:ff:ff. */
export const BROADCAST_MAC: MacAddress = 0xffff_ffff_ffff;

/** First of the sixteen reserved addresses 01-80-C2-00-00-00…0F, which no bridge forwards. IEEE 802.1D-2004, 7.12.6. */
export const RESERVED_MAC_FIRST: MacAddress = 0x0180_c200_0000;

const MAC_PATTERN = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** Whether `text` is a MAC address in the form 02:00:5e:00:01:01. */
export function isMacAddress(text: string): boolean {
  return MAC_PATTERN.test(text);
}

/** Reads 02:00:5e:00:01:01; throws a RangeError on anything else. */
export function parseMac(text: string): MacAddress {
  if (!isMacAddress(text)) throw new RangeError(`${JSON.stringify(text)} is not a MAC address like 02:00:5e:00:01:01`);
  return Number.parseInt(text.replaceAll(':', ''), 16);
}

/** Writes 02:00:5e:00:01:01. */
export function formatMac(mac: MacAddress): string {
  return mac
    .toString(16)
    .padStart(12, '0')
    .replace(/(..)(?=.)/g, '$1:');
}

/** Whether the individual/group bit is set. IEEE 802-2014, 8.2.2. */
export function isGroupMac(mac: MacAddress): boolean {
  return (Math.floor(mac / 2 ** 40) & 1) === 1;
}

/** Whether a bridge keeps the frame to itself. IEEE 802.1D-2004, 7.12.6. */
export function isReservedMac(mac: MacAddress): boolean {
  return mac >= RESERVED_MAC_FIRST && mac < RESERVED_MAC_FIRST + 16;
}

/** The group MAC of an IPv4 multicast address: 01-00-5E and its low 23 bits. RFC 1112, 6.4. */
export function multicastMacOf(group: number): MacAddress {
  return 0x0100_5e00_0000 + (group & 0x7f_ffff);
}
