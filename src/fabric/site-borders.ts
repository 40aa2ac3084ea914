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
 * A border carries the segments that have something in its site and in another one, from the moment on at which they do.
 * One border of a site is in use, the first that is up; the others stand by, as routers only.
 *
 * Differs from the standard: borders learn from floods as VTEPs do, where draft-sharma-bess-multi-site-evpn has them
 * announce each other's routes, and all borders of a site share the segments.
 */
export class SiteBorders implements Membership {
  readonly #membershipOfSite: readonly SegmentMembership[];
  readonly #betweenSites: SegmentMembership;
  readonly #siteOfTunnel: (tunnel: number) => number;
  // by site: its borders, which of them are up, and the one in use, or -1
  readonly #borders: readonly (readonly SiteBorder[])[];
  readonly #isUp: boolean[][];
  readonly #inUse: number[];
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
  }) {
    this.#membershipOfSite = parts.membershipOfSite;
    this.#betweenSites = parts.betweenSites;
    this.#siteOfTunnel = parts.siteOfTunnel;
    this.#borders = parts.borders;
    this.#isUp = parts.borders.map((borders) => borders.map(() => true));
    this.#inUse = parts.borders.map((borders) => (borders.length > 0 ? 0 : -1));
    this.#counts = parts.borders.map(() => new Int32Array(parts.segmentCount));
    this.#sitesWith = new Int32Array(parts.segmentCount);
  }

  add(tunnel: number, segment: number): void {
    const site = this.#siteOfTunnel(tunnel);
    this.#membershipOfSite[site].add(tunnel, segment);
    if (this.#counts[site][segment]++ > 0) return;
    this.#sitesWith[segment]++;
    if (this.#sitesWith[segment] > 2) this.#carry(site, segment);
    else if (this.#sitesWith[segment] === 2) for (const one of this.#sitesOf(segment)) this.#carry(one, segment);
  }

  remove(tunnel: number, segment: number): void {
    const site = this.#siteOfTunnel(tunnel);
    this.#membershipOfSite[site].remove(tunnel, segment);
    if (--this.#counts[site][segment] > 0) return;
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

  /** The border in use at a site; null if none is up. */
  borderOf(site: number): SiteBorder | null {
    return this.#borders[site][this.#inUse[site]] ?? null;
  }

  /** A border fails or comes back: the first one that is up takes over, and carries what it has to at once. */
  setUp(site: number, border: number, isUp: boolean): void {
    this.#isUp[site][border] = isUp;
    const first = this.#isUp[site].indexOf(true);
    if (first === this.#inUse[site]) return;
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

  #carry(site: number, segment: number): void {
    const border = this.borderOf(site);
    if (border === null) return;
    this.#membershipOfSite[site].add(border.siteTunnel, segment);
    this.#betweenSites.add(border.dciTunnel, segment);
  }

  #uncarry(site: number, segment: number): void {
    const border = this.borderOf(site);
    if (border === null) return;
    this.#membershipOfSite[site].remove(border.siteTunnel, segment);
    this.#betweenSites.remove(border.dciTunnel, segment);
  }
}
