import { BgpNetwork } from '../device/bgp-network.ts';
import type { Devices } from '../device/devices.ts';
import { Evpn } from '../device/evpn.ts';
import type { InnerHandler } from '../device/tunnels.ts';
import { RouteBook } from '../protocol/bgp/route-book.ts';
import { RouteKind } from '../protocol/bgp/route-kind.ts';
import { MESSAGE_BYTES_MAX } from '../protocol/bgp/update-size.ts';
import type { DuplicateDetection } from '../protocol/evpn/duplicate-detection.ts';
import type { ControlPlaneLoad } from './fabric.ts';
import type { MultihomingSettings } from './multihoming-settings.ts';
import type { DatacenterPlan } from './plan.ts';
import { TIER_LEVELS } from './switch-tiers.ts';

/** How EVPN is run. Times without another word are of each speaker. */
export interface EvpnSettings {
  /**
   * `ebgp`: each leaf is an AS of its own, switches of one tier and pod share one (RFC 7938, 5.2.1).
   * `route-reflectors`: one AS; switches above the leaves reflect, those of one tier and pod as one cluster (RFC 4456).
   */
  readonly sessions: 'ebgp' | 'route-reflectors';
  readonly implementation: 'frr-8.4' | 'rfc-7432';
  readonly learnsIpAddresses: boolean;
  readonly suppressesArp: boolean;
  readonly refreshesStations: boolean;
  readonly unknownUnicast: 'flood' | 'drop';
  /** From the first change until it is sent, with all that came meanwhile. */
  readonly holdNs: number;
  readonly mraiNs: number;
  /** From what a bridge learns until BGP has it, and from what BGP has until tables that forward do. */
  readonly learnNs: number;
  readonly installNs: number;
  readonly installsPerSecond: number | null;
  /** From a link that comes up to an established session, and from there until whole tables are sent. */
  readonly connectNs: number;
  /** What a lost session takes longer if its first attempt fails. None unless set. */
  readonly retryNs?: number;
  readonly announceNs: number;
  /** From a session that is known to be lost until its routes are. */
  readonly sessionLossNs: number;
  readonly duplicates: DuplicateDetection;
  /** Servers on two leaves as Ethernet segments; unless given, one of their links stands by. */
  readonly multihoming?: MultihomingSettings | null;
}

/** The AS of the first speaker: from the private ones of four octets. RFC 6996, 5. */
const AS_FIRST = 4_200_000_000;

/** From there to those of hypervisors, and to those of sites among sites. */
const HYPERVISOR_AS_OFFSET = 1_000_000;
const DCI_AS_OFFSET = 2_000_000;

/** The speakers of a fabric, one in each switch and in each hypervisor that is a VTEP, with a session over each cable. */
export class EvpnControlPlane {
  readonly evpn: Evpn;
  readonly bgp: BgpNetwork;
  readonly routes: RouteBook;
  readonly #devices: Devices;
  readonly #settings: EvpnSettings;
  readonly #tunnelOfSpeaker = new Map<number, number>();
  // by switch that is a border gateway: its speaker to other sites
  readonly #farSpeakers = new Map<number, number>();

  constructor(
    devices: Devices,
    plan: DatacenterPlan,
    settings: EvpnSettings,
    {
      vteps,
      vniBase,
      detectionNs,
      switchNodes,
      linkPorts,
      hasBorderGateways = false,
    }: {
      vteps: 'leaf' | 'hypervisor';
      /** Whether borders are gateways between sites: each site is a domain of its own, and so is what is between them. */
      hasBorderGateways?: boolean;
      vniBase: number;
      detectionNs: number;
      switchNodes: readonly number[];
      linkPorts: readonly (readonly [number, number])[];
    },
  ) {
    this.#devices = devices;
    this.#settings = settings;
    const isReflected = settings.sessions === 'route-reflectors';
    this.routes = new RouteBook({ isReflected });
    const isBorder = (index: number) => hasBorderGateways && plan.switches[index].tier === 'border';
    const borderCount = [...plan.switches.keys()].filter(isBorder).length;
    const { holdNs, mraiNs, connectNs, retryNs, announceNs, sessionLossNs, implementation } = settings;
    this.bgp = new BgpNetwork(devices.network, this.routes, {
      // each switch, the other side of each border, each hypervisor, and a gateway of its own
      speakerCount: plan.switches.length + borderCount + (vteps === 'leaf' ? 0 : plan.servers.length + 1),
      times: { holdNs, mraiNs, connectNs, retryNs, announceNs, sessionLossNs, detectionNs },
      messageBytesMax: MESSAGE_BYTES_MAX[implementation === 'frr-8.4' ? 'extended' : 'standard'],
      isReflected,
    });
    const { multihoming = null } = settings;
    this.evpn = new Evpn(devices, this.bgp, this.routes, {
      ...settings,
      ...(multihoming !== null && { keepNs: multihoming.keepNs }),
      multihoming: multihoming && { ...multihoming, tagOf: (segment) => vniBase + segment },
    });
    const asOfGroup = new Map<string, number>();
    for (const [index, { tier, pod, holdsVtep }] of plan.switches.entries()) {
      const isEdge = holdsVtep || TIER_LEVELS[tier] === 0 || isBorder(index);
      const group = isEdge ? `switch ${index}` : `${tier} ${pod}`;
      const as = asOfGroup.get(group) ?? AS_FIRST + asOfGroup.size;
      asOfGroup.set(group, as);
      const isClient = (vteps === 'leaf' && holdsVtep) || isBorder(index);
      this.bgp.addSpeaker(switchNodes[index], { as, passesOn: !isReflected || !isClient });
    }
    plan.links.forEach(({ a, b, isPeerLink }, link) => {
      // it bridges
      if (isPeerLink === true) return;
      const [levelA, levelB] = [a, b].map((end) => (isBorder(end) ? 0 : TIER_LEVELS[plan.switches[end].tier]));
      const [portA, portB] = linkPorts[link];
      if (isBorder(a) && isBorder(b)) {
        this.bgp.addLink(linkPorts[link]);
        return;
      }
      const { speakers } = this.bgp;
      if (levelA > levelB) this.bgp.addSession(speakers[b], speakers[a], [portB, portA], true);
      else this.bgp.addSession(speakers[a], speakers[b], [portA, portB], levelA < levelB);
    });
  }

  /** Makes the tunnel of a switch a VTEP. */
  addSwitchVtep(switchIndex: number, tunnel: number, bridge: number): void {
    const speaker = this.bgp.speakers[switchIndex];
    this.#tunnelOfSpeaker.set(switchIndex, tunnel);
    this.evpn.addVtep(speaker, { tunnel, bridge, inner: this.#devices.bridges });
  }

  /**
   * Makes two tunnels of each border VTEPs, into its site and to other sites: a border gateway. Between sites all gateways
   * have sessions with all of other sites, over whatever path there is, and pass nothing on.
   */
  addBorderGateways(
    gateways: readonly {
      readonly switchIndex: number;
      readonly site: number;
      readonly siteTunnel: number;
      readonly dciTunnel: number;
      readonly bridge: number;
    }[],
    { serverCount, vniOf }: { serverCount: number; vniOf: (segment: number) => number },
  ): void {
    const { bridges } = this.#devices;
    const far = gateways.map(({ switchIndex, site, dciTunnel, siteTunnel, bridge }) => {
      const node = this.bgp.nodeOf(switchIndex);
      const speaker = this.bgp.addSpeaker(node, { as: AS_FIRST + DCI_AS_OFFSET + site, passesOn: false });
      this.#tunnelOfSpeaker.set(speaker.index, dciTunnel);
      this.#farSpeakers.set(switchIndex, speaker.index);
      this.addSwitchVtep(switchIndex, siteTunnel, bridge);
      this.evpn.addVtep(speaker, { tunnel: dciTunnel, bridge, inner: bridges });
      return speaker;
    });
    for (const [one, { site }] of gateways.entries()) {
      for (let other = one + 1; other < gateways.length; other++) {
        if (gateways[other].site !== site) this.bgp.addMultihopSession(far[one], far[other]);
      }
    }
    for (const { site, siteTunnel, dciTunnel } of gateways) {
      const ofSite = gateways.filter((other) => other.site === site).map(({ switchIndex }) => switchIndex);
      // servers' Ethernet segments come before those of sites
      this.evpn.joinSides(siteTunnel, dciTunnel, { ethernetSegment: serverCount + site, gateways: ofSite, vniOf });
    }
  }

  /** Makes two switches, which are VTEPs, a pair with one address: what either announces is at both, and has both for next hop. */
  pair(one: number, other: number): void {
    const { speakers } = this.bgp;
    this.evpn.rulesOf(this.#tunnelOfSpeaker.get(one)!).heard.twinOrigin = speakers[other].index;
    this.evpn.rulesOf(this.#tunnelOfSpeaker.get(other)!).heard.twinOrigin = speakers[one].index;
    this.bgp.standIn(one, other);
  }

  /** Makes the tunnel of a node below switches a VTEP: a hypervisor's, or (`bridge` from 0) a gateway's. */
  addNodeVtep(node: number, tunnel: number, bridge: number, inner: InnerHandler): void {
    const { network } = this.#devices;
    const isReflected = this.#settings.sessions === 'route-reflectors';
    const as = AS_FIRST + HYPERVISOR_AS_OFFSET + this.bgp.speakers.length;
    const speaker = this.bgp.addSpeaker(node, { as, passesOn: !isReflected });
    this.#tunnelOfSpeaker.set(speaker.index, tunnel);
    for (const port of network.nodePorts[node]) {
      const peer = network.peerOf(port);
      const above =
        peer < 0 ? undefined : this.bgp.speakers.find((_, one) => this.bgp.nodeOf(one) === network.nodeOf(peer));
      if (above !== undefined) this.bgp.addSession(speaker, above, [port, peer], true);
    }
    this.evpn.addVtep(speaker, { tunnel, bridge, inner });
  }

  /** At time 0, when links are up. */
  start(): void {
    for (const { index } of this.bgp.speakers) this.#announceLoopback(index);
    this.bgp.start();
  }

  /** A switch lost its power. */
  switchWentDown(switchIndex: number): void {
    const tunnel = this.#tunnelOfSpeaker.get(switchIndex);
    if (tunnel === undefined) this.bgp.reset(switchIndex);
    else this.evpn.reset(tunnel);
    this.#announceLoopback(switchIndex);
    const far = this.#farSpeakers.get(switchIndex);
    if (far === undefined) return;
    this.evpn.reset(this.#tunnelOfSpeaker.get(far)!);
    this.#announceLoopback(far);
  }

  /** A hypervisor lost its power. */
  tunnelWentDown(tunnel: number): void {
    this.evpn.reset(tunnel);
    for (const [speaker, other] of this.#tunnelOfSpeaker) if (other === tunnel) this.#announceLoopback(speaker);
  }

  /** What the speakers did so far. */
  load(): ControlPlaneLoad {
    const { bgp } = this;
    const { nodeNames } = this.#devices.network;
    const devices = bgp.speakers.map(({ index, heldCount }) => {
      return {
        owner: nodeNames[bgp.nodeOf(index)],
        sentMessages: bgp.sentMessages[index],
        receivedMessages: bgp.receivedMessages[index],
        sentBytes: bgp.sentBytes[index],
        peakPerSecond: bgp.peakPerSecond[index],
        routes: heldCount,
      };
    });
    return { protocol: 'bgp', devices };
  }

  /** Where BGP routes the underlay too, each speaker announces its own address. With reflectors something else does. */
  #announceLoopback(speaker: number): void {
    if (this.#settings.sessions !== 'ebgp') return;
    const route = this.routes.idOf({ origin: speaker, kind: RouteKind.ipv4, scope: 0, ip: speaker + 1 });
    this.bgp.speakers[speaker].originate(route, this.#devices.network.simulation.nowNs);
    this.bgp.wake(speaker);
  }
}
