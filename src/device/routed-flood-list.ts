/** What floods of a VTEP go by, as EVPN there says. */
export interface FloodRoutes {
  /** The endpoint of the VTEP itself. */
  readonly endpoint: number;
  /** Endpoints that announce a segment, or none where the VTEP is not to flood it; a new list each time. */
  floodEndpoints(segment: number): number[] | null;
}

/** What a VTEP that knows nobody of a segment floods to. */
const NOBODY: readonly number[] = [];

/** The flood list of one VTEP for one segment as type-3 routes make it, worked out when it is needed. RFC 7432, 11.2. */
export class RoutedFloodList {
  readonly kind = 'ingress';
  readonly #vtep: FloodRoutes;
  readonly #segment: number;
  // by segment: a list that some VTEP has; one that has the same takes that
  readonly #lists: (readonly number[] | undefined)[];
  #endpoints = NOBODY;
  #isStale = false;

  constructor(vtep: FloodRoutes, segment: number, lists: (readonly number[] | undefined)[]) {
    this.#vtep = vtep;
    this.#segment = segment;
    this.#lists = lists;
  }

  get endpoints(): readonly number[] {
    if (this.#isStale) this.#endpoints = this.#workedOut();
    this.#isStale = false;
    return this.#endpoints;
  }

  changed(): void {
    this.#isStale = true;
  }

  /** With the VTEP itself, which sends no copy to itself, so that all members of a segment have the same list. */
  #workedOut(): readonly number[] {
    const endpoints = this.#vtep.floodEndpoints(this.#segment);
    if (endpoints === null) return NOBODY;
    endpoints.push(this.#vtep.endpoint);
    endpoints.sort((a, b) => a - b);
    const known = this.#lists[this.#segment];
    if (known?.length === endpoints.length && known.every((one, i) => one === endpoints[i])) return known;
    this.#lists[this.#segment] = endpoints;
    return endpoints;
  }
}
