import { type Ipv4Address, networkOf } from '../wire/ipv4-address.ts';

/** An interface with its address. */
export interface AddressedInterface {
  ipInterface: number;
  ip: Ipv4Address;
  prefixLength: number;
}

/**
 * The connected networks and own addresses of a stack with many interfaces, such as a gateway with one in each of
 * thousands of segments: found in as many steps as its networks have different lengths.
 */
export class ConnectedRoutes {
  readonly #ips: ReadonlySet<Ipv4Address>;
  // from the longest prefix: interfaces by the first address of their network
  readonly #lengths: { prefixLength: number; interfaces: Map<Ipv4Address, number> }[] = [];

  /** Of interfaces in the same network, the last in the list is the one to use. */
  constructor(interfaces: readonly AddressedInterface[]) {
    this.#ips = new Set(interfaces.map(({ ip }) => ip));
    for (const prefixLength of new Set(interfaces.map((one) => one.prefixLength))) {
      const ofLength = interfaces.filter((one) => one.prefixLength === prefixLength);
      const networks = ofLength.map(({ ip, ipInterface }) => [networkOf(ip, prefixLength), ipInterface] as const);
      this.#lengths.push({ prefixLength, interfaces: new Map(networks) });
    }
    this.#lengths.sort((a, b) => b.prefixLength - a.prefixLength);
  }

  isLocal(ip: Ipv4Address): boolean {
    return this.#ips.has(ip);
  }

  /** The interface whose network an address is in, that of the longest prefix; or -1. */
  interfaceTowards(ip: Ipv4Address): number {
    for (const { prefixLength, interfaces } of this.#lengths) {
      const ipInterface = interfaces.get(networkOf(ip, prefixLength));
      if (ipInterface !== undefined) return ipInterface;
    }
    return -1;
  }
}
