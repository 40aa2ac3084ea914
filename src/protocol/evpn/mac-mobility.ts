/** What a VTEP says of where a MAC address is. */
export interface MacClaim {
  readonly sequence: number;
  readonly isSticky: boolean;
  /** Of the VTEP; only the order matters. */
  readonly vtepIp: number;
}

/**
 * Whether one claim goes before another: a sticky one (RFC 7432, 15.2), else the one with the higher sequence number, and
 * of two with the same number the one of the VTEP with the lower address. RFC 7432, 15.
 */
export function isBetterClaim(one: MacClaim, other: MacClaim): boolean {
  if (one.isSticky !== other.isSticky) return one.isSticky;
  if (one.sequence !== other.sequence) return one.sequence > other.sequence;
  return one.vtepIp < other.vtepIp;
}

/**
 * The sequence number of a VTEP that sees an address at a port of its own: one more than it knows of the address from
 * elsewhere. Nothing is remembered of an address that was withdrawn, so that numbers begin again at 0. RFC 7432, 15.
 */
export function nextSequence(known: MacClaim | null): number {
  return known === null ? 0 : known.sequence + 1;
}
