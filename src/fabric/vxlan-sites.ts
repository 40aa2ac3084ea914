import type { EvpnControlPlane } from './evpn-control-plane.ts';
import type { DatacenterPlan, PlannedSwitch } from './plan.ts';
import type { SegmentMembership } from './segment-membership.ts';
import { SiteBorders } from './site-borders.ts';
import type { Vteps } from './vteps.ts';

/** Sites that border gateways join, as VTEPs: a bridge with two tunnels at each border, and the way of a frame between two. */
export class VxlanSites {
  readonly membership: SiteBorders;
  readonly #plan: DatacenterPlan;
  readonly #vteps: Vteps;

  /** `addMembership` is called for each site and once for what is between them. */
  constructor({
    plan,
    switchNodes,
    vteps,
    controlPlane,
    vniOf,
    addMembership,
  }: {
    plan: DatacenterPlan;
    switchNodes: readonly number[];
    vteps: Vteps;
    controlPlane: EvpnControlPlane | null;
    vniOf: (segment: number) => number;
    addMembership: () => SegmentMembership;
  }) {
    this.#plan = plan;
    this.#vteps = vteps;
    const { switches, segments, servers } = plan;
    const siteCount = switches.reduce((most, { pod }) => Math.max(most, (pod ?? 0) + 1), 0);
    const borders = Array.from({ length: siteCount }, (_, site) =>
      bordersOf(switches, site).map((index) => {
        const { id, tier } = switches[index];
        const node = switchNodes[index];
        const siteTunnel = vteps.addWithBridge(node, { owner: id, tier, site });
        const dciTunnel = vteps.addToBridgeOf(siteTunnel, node, `${id} dci vtep`);
        return { siteTunnel, dciTunnel, switchIndex: index, site, bridge: vteps.bridgeOf(siteTunnel) };
      }),
    );
    controlPlane?.addBorderGateways(borders.flat(), { serverCount: servers.length, vniOf });
    this.membership = new SiteBorders({
      segmentCount: segments.length,
      membershipOfSite: borders.map(() => addMembership()),
      betweenSites: addMembership(),
      siteOfTunnel: (tunnel) => vteps.siteOf(tunnel),
      borders,
      isDesignated: controlPlane === null ? null : (tunnel, segment) => controlPlane.evpn.isDesignated(tunnel, segment),
    });
  }

  /** A switch fails or comes back, which may be a border. */
  setSwitchUp(switchIndex: number, isUp: boolean): void {
    const { switches } = this.#plan;
    const site = switches[switchIndex].pod ?? 0;
    const border = bordersOf(switches, site).indexOf(switchIndex);
    if (border >= 0) this.membership.setUp(site, border, isUp);
  }

  /** The tunnel to which a tunnel sends what is for another one: that itself, or one on the way; or -1. */
  nextTunnel(tunnel: number, last: number, segment: number): number {
    if (tunnel === last) return -1;
    const [here, there] = [this.#vteps.siteOf(tunnel), this.#vteps.siteOf(last)];
    const [own, other] = [this.membership.borderOf(here, segment), this.membership.borderOf(there, segment)];
    const [intoSite, betweenSites] = this.#vteps.tunnelsOf(this.#vteps.bridgeOf(tunnel));
    if (betweenSites === tunnel) return here === there ? -1 : (other?.dciTunnel ?? -1);
    if (here === there) return last;
    const isBorder = intoSite === tunnel && betweenSites !== undefined;
    return isBorder ? -1 : (own?.siteTunnel ?? -1);
  }

  /** The pairs of tunnels that a frame goes between, from one to another. */
  tunnelsBetween(from: number, to: number, segment: number): (readonly [number, number])[] {
    const here = this.#vteps.siteOf(from);
    const there = this.#vteps.siteOf(to);
    const [own, other] = [this.membership.borderOf(here, segment), this.membership.borderOf(there, segment)];
    if (here === there || own === null || other === null) return [[from, to]];
    return [
      [from, own.siteTunnel],
      [own.dciTunnel, other.dciTunnel],
      [other.siteTunnel, to],
    ];
  }
}

/** The borders of a site, as indices of switches. */
function bordersOf(switches: readonly PlannedSwitch[], site: number): number[] {
  return [...switches.keys()].filter((index) => switches[index].tier === 'border' && switches[index].pod === site);
}
