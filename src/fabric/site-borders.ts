import type { SegmentMembership } from './segment-membership.ts';

/** The border gateways of one site: bridges with a tunnel into the site and another one to the other sites. */
export interface SiteBorder {
  readonly siteTunnel: number;
  readonly dciTunnel: number;
}

/** Which tunnels carry which segment: those that something of it is behind. */
export interface Membership {
  add(tunnel: number, segment: number): void;
  remove(tunnel: number, segment: number): void;
  refusedBy(tunnel: number): readonly number[];
  carriedCount(tunnel: number): number;
  joinedGroupCount(tunnel: number): number;
}

/**
 * Sites that are overlays of their own, joined by border gateways: a flood goes to the VTEPs of its site and, once, to each
 * other site, whose border floods it there. What leaves a site is decapsulated and encapsulated anew at both borders, so a
 * VTEP knows those of its own site and the border.
 *
 * Without EVPN borders learn from floods as VTEPs do. A border carries the segments that have something in its site and in
 * another one, from the moment on at which they do. One border of a site is in use, the first that is up; the others stand
 * by, as routers only.
 *
 * With EVPN all borders carry all segments, as configured: were one stretched only when its second site has something of
 * it, the VTEP that a station has moved to would know of no sequence number to exceed. For each segment one border of a site
 * is the designated forwarder.
 */
export class SiteBorders implements Membership {
  readonly #membershipOfSite: readonly SegmentMembership[];
  readonly #betweenSites: SegmentMembership;
  readonly #siteOfTunnel: (tunnel: number) => number;
  // by site: its borders, which of them are up, and the one in use, or -1
  readonly #borders: readonly (readonly SiteBorder[])[];
  readonly #isUp: boolean[][];
  readonly #inUse: number[];
  readonly #isDesignated: ((tunnel: number, segment: number) => boolean) | null;
  // by site: what of each segment is there
  readonly #counts: Int32Array[];
  // indexed by segment: sites that have something of it
  readonly #sitesWith: Int32Array;

  constructor(parts: {
    segmentCount: number;
    membershipOfSite: readonly SegmentMembership[];
    betweenSites: SegmentMembership;
    siteOfTunnel: (tunnel: number) => number;
    borders: readonly (readonly SiteBorder[])[];
    /** Whether the border with a tunnel into its site is the one in use for a segment; null: the first that is up is. */
    isDesignated: ((tunnel: number, segment: number) => boolean) | null;
  }) {
    this.#isDesignated = parts.isDesignated;
    this.#membershipOfSite = parts.membershipOfSite;
    this.#betweenSites = parts.betweenSites;
    this.#siteOfTunnel = parts.siteOfTunnel;
    this.#borders = parts.borders;
    this.#isUp = parts.borders.map((borders) => borders.map(() => true));
    this.#inUse = parts.borders.map((borders) => (borders.length > 0 ? 0 : -1));
    this.#counts = parts.borders.map(() => new Int32Array(parts.segmentCount));
    this.#sitesWith = new Int32Array(parts.segmentCount);
    if (this.#isDesignated === null) return;
    for (const site of parts.borders.keys()) {
      for (let segment = 0; segment < parts.segmentCount; segment++) this.#carry(site, segment, parts.borders[site]);
    }
  }

  add(tunnel: number, segment: number): void {
    const site = this.#siteOfTunnel(tunnel);
    this.#membershipOfSite[site].add(tunnel, segment);
    if (this.#isDesignated !== null || this.#counts[site][segment]++ > 0) return;
    this.#sitesWith[segment]++;
    if (this.#sitesWith[segment] > 2) this.#carry(site, segment);
    else if (this.#sitesWith[segment] === 2) for (const one of this.#sitesOf(segment)) this.#carry(one, segment);
  }

  remove(tunnel: number, segment: number): void {
    const site = this.#siteOfTunnel(tunnel);
    this.#membershipOfSite[site].remove(tunnel, segment);
    if (this.#isDesignated !== null || --this.#counts[site][segment] > 0) return;
    const wasStretched = this.#sitesWith[segment]-- > 1;
    if (wasStretched) this.#uncarry(site, segment);
    if (wasStretched && this.#sitesWith[segment] === 1) this.#uncarry(this.#sitesOf(segment)[0], segment);
  }

  refusedBy(tunnel: number): readonly number[] {
    return this.#membershipAt(tunnel).refusedBy(tunnel);
  }

  carriedCount(tunnel: number): number {
    return this.#membershipAt(tunnel).carriedCount(tunnel);
  }

  joinedGroupCount(tunnel: number): number {
    return this.#membershipAt(tunnel).joinedGroupCount(tunnel);
  }

  /** The border in use at a site for a segment, or (-1) for what is of none; null if none is up. */
  borderOf(site: number, segment: number): SiteBorder | null {
    const isDesignated = this.#isDesignated;
    if (isDesignated === null || segment < 0) return this.#borders[site][this.#inUse[site]] ?? null;
    return this.#borders[site].find(({ siteTunnel }) => isDesignated(siteTunnel, segment)) ?? null;
  }

  /** A border fails or comes back: the first one that is up takes over, and carries what it has to at once. */
  setUp(site: number, border: number, isUp: boolean): void {
    this.#isUp[site][border] = isUp;
    const first = this.#isUp[site].indexOf(true);
    if (first === this.#inUse[site]) return;
    if (this.#isDesignated !== null) {
      this.#inUse[site] = first;
      return;
    }
    const stretched = [...this.#sitesWith.keys()].filter((segment) => {
      return this.#sitesWith[segment] > 1 && this.#counts[site][segment] > 0;
    });
    for (const segment of stretched) this.#uncarry(site, segment);
    this.#inUse[site] = first;
    for (const segment of stretched) this.#carry(site, segment);
  }

  #membershipAt(tunnel: number): SegmentMembership {
    const isDci = this.#borders.some((borders) => borders.some(({ dciTunnel }) => dciTunnel === tunnel));
    return isDci ? this.#betweenSites : this.#membershipOfSite[this.#siteOfTunnel(tunnel)];
  }

  #sitesOf(segment: number): number[] {
    return [...this.#counts.keys()].filter((site) => this.#counts[site][segment] > 0);
  }

  #carry(site: number, segment: number, borders = this.#bordersInUse(site)): void {
    for (const { siteTunnel, dciTunnel } of borders) {
      this.#membershipOfSite[site].add(siteTunnel, segment);
      this.#betweenSites.add(dciTunnel, segment);
    }
  }

  #uncarry(site: number, segment: number): void {
    for (const { siteTunnel, dciTunnel } of this.#bordersInUse(site)) {
      this.#membershipOfSite[site].remove(siteTunnel, segment);
      this.#betweenSites.remove(dciTunnel, segment);
    }
  }

  /** Without EVPN: the one in use, if there is any. */
  #bordersInUse(site: number): readonly SiteBorder[] {
    return this.#borders[site].filter((_, border) => border === this.#inUse[site]);
  }
}
