/** Tells leaves of one another's prefixes; without it they know at once. */
export interface PrefixAnnouncer {
  /** A leaf has a subnet to announce from now on or no more. */
  subnetChanged?(tunnel: number, segment: number, isHere: boolean): void;
  /** Whether a leaf has heard that an endpoint has a subnet; unless there, leaves know at once. */
  knowsSubnet?(tunnel: number, segment: number, endpoint: number): boolean;
  /** A border has a default route to announce for a routing table. */
  defaultRouteAdded?(tunnel: number, table: number): void;
  /** Whether a leaf has heard that an endpoint has one; unless there, leaves know at once. */
  knowsDefaultRoute?(tunnel: number, table: number, endpoint: number): boolean;
}

interface Leaf {
  readonly tunnel: number;
  readonly endpoint: number;
}

/** The subnets and default routes that leaves announce, and which of them a leaf has heard of. RFC 9136. */
export class AnnouncedPrefixes {
  readonly #announcer: () => PrefixAnnouncer | null;
  // indexed by segment: endpoints that announce its subnet, ascending
  readonly #subnets: (readonly number[])[] = [];
  // indexed by routing table: endpoints with a default route
  readonly #defaultRoutes: number[][] = [];

  constructor(announcer: () => PrefixAnnouncer | null) {
    this.#announcer = announcer;
  }

  addSubnet({ tunnel, endpoint }: Leaf, segment: number): void {
    this.#subnets[segment] = [...this.#others(segment, endpoint), endpoint].sort((a, b) => a - b);
    this.#announcer()?.subnetChanged?.(tunnel, segment, true);
  }

  removeSubnet({ tunnel, endpoint }: Leaf, segment: number): void {
    this.#subnets[segment] = this.#others(segment, endpoint);
    this.#announcer()?.subnetChanged?.(tunnel, segment, false);
  }

  /** Endpoints of other leaves that have a subnet, ascending, as far as a leaf has heard. */
  subnetEndpoints({ tunnel, endpoint }: Leaf, segment: number): readonly number[] {
    const others = this.#others(segment, endpoint);
    const announcer = this.#announcer();
    if (announcer?.knowsSubnet === undefined) return others;
    return others.filter((other) => announcer.knowsSubnet!(tunnel, segment, other));
  }

  /** A leaf announces a default route for a routing table; one that lost all does so again. */
  addDefaultRoute({ tunnel, endpoint }: Leaf, table: number): void {
    this.#defaultRoutes[table] ??= [];
    if (!this.#defaultRoutes[table].includes(endpoint)) this.#defaultRoutes[table].push(endpoint);
    this.#announcer()?.defaultRouteAdded?.(tunnel, table);
  }

  /** Endpoints of other leaves with a default route, as far as a leaf has heard. */
  defaultRouteEndpoints({ tunnel, endpoint }: Leaf, table: number): readonly number[] {
    const announcer = this.#announcer();
    return (this.#defaultRoutes[table] ?? []).filter(
      (other) => other !== endpoint && announcer?.knowsDefaultRoute?.(tunnel, table, other) !== false,
    );
  }

  #others(segment: number, endpoint: number): readonly number[] {
    return (this.#subnets[segment] ?? []).filter((other) => other !== endpoint);
  }
}
