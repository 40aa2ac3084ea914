import { ecmpIndex } from '../protocol/ecmp.ts';
import { FrameKind } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import { formatIpv4, type Ipv4Address } from '../wire/ipv4-address.ts';
import { multicastMacOf } from '../wire/mac-address.ts';
import { EventKind } from './event-kinds.ts';
import type { IpStacks } from './ip-stacks.ts';
import { Multicast } from './multicast.ts';
import { type Network, PORT_SHIFT, Port, PortFlag, PortMode } from './network.ts';
import { Carried, FLOOD_CAUSE_COUNT, floodCauseOf, Outcome } from './observer.ts';

/** Takes VXLAN packets that reach the tunnel endpoint they are for. Owns one reference. */
export interface EndpointHandler {
  receivePacket(endpoint: number, port: number, packet: number): void;
}

/** How an endpoint reaches the others: through routers, or as stations of one Ethernet segment. */
type Attachment = { kind: 'routed' } | { kind: 'segment'; ipInterface: number };

const NO_PORTS: readonly number[] = [];

/** A route that a router is about to write anew. */
interface OldRoute {
  readonly ports: readonly number[];
  readonly untilNs: number;
}

/**
 * The IP network beneath an overlay: tunnel endpoints (VTEPs), routers between them, and multicast trees.
 *
 * Of a VXLAN packet it looks at the outer addresses, which are endpoint indices (a group is -1 - its index), and at the
 * outer flow hash. Routers send along shortest paths, spread by ECMP. What goes to groups is `multicast`'s.
 */
export class Underlay {
  readonly #network: Network;
  readonly #stacks: IpStacks;
  /** Hears that routes have been computed. */
  onRouted: (() => void) | null = null;
  /** Groups, and the trees that packets to them take. */
  readonly multicast: Multicast;
  // indexed by FloodCause: packets that carry floods, handed to a routed port
  readonly #floodSends = new Float64Array(FLOOD_CAUSE_COUNT);
  #handler: EndpointHandler | null = null;
  // indexed by endpoint
  readonly #endpointNodes: number[] = [];
  readonly #endpointIps: Ipv4Address[] = [];
  readonly #attachments: Attachment[] = [];
  readonly #endpointOfNode = new Map<number, number>();
  // by node that shares the address of another node's endpoint: that node; and which of these nodes announce it not
  readonly #sharedWith = new Map<number, number>();
  readonly #silentNodes = new Set<number>();
  // nodes that carry nothing for others, however many links they have
  readonly #hosts = new Set<number>();
  // indexed by node: of a host the ports of its neighbours towards it; null for a router
  #portsToHosts: (readonly number[] | null)[] = [];
  #hasChoosingHosts = false;
  // indexed by node: the site that routes to its endpoint lead to
  #sites = new Int32Array(0);
  // nodes whose routing process does not run: whether they keep the routes that they had
  readonly #haltedNodes = new Map<number, boolean>();
  // indexed by node: whether it had a link that was up at the last routing
  #isAttached = new Uint8Array(0);
  // next hops: for each node, for each site, the ports of shortest paths
  #nextHops: (readonly number[])[][] = [];
  // for each site, by node: hops to it, or -1; empty if no host has several links, which alone asks
  #distances: Int32Array[] = [];
  #convergenceNs = 0;
  #detectionNs = 0;
  // time that a router takes to write one route; 0 if all that use a next hop follow it at once
  #routeNs = 0;
  // by port of a link that its router knows is down: by name of a site, until when the route there still leads into it
  readonly #oldPorts = new Map<number, Map<string, number>>();
  // by node: by site, the next hops that it had, and until when it has them
  readonly #oldRoutes = new Map<number, Map<number, OldRoute>>();
  // indexed by site: the routers that routes to it lead to
  #siteNames: string[] = [];
  // by port of a link that went down: until when its router does not know
  readonly #undetectedNs = new Map<number, number>();
  #lastRoutingNs = -1;
  #isRoutingScheduled = false;

  constructor(network: Network, stacks: IpStacks) {
    this.#network = network;
    this.#stacks = stacks;
    this.multicast = new Multicast(network, {
      nodeOf: (endpoint) => this.#endpointNodes[endpoint],
      endpointAt: (node) => this.#endpointOfNode.get(node) ?? -1,
      deliver: (endpoint, port, packet) => this.#deliver(endpoint, port, packet),
      endAt: (node, port, packet, outcome) => this.#endAt(node, port, packet, outcome),
      countSend: (packet) =>
        this.#countFloodSend(packet, network.frames.words[(packet << FRAME_SHIFT) + Frame.carried]),
    });
    network.handle(PortMode.routed, this);
    network.simulation.on(EventKind.underlayRouting, {
      handle: (_kind, _a, detected) => {
        if (detected > 0) {
          this.#detect(detected - 1);
          return;
        }
        if (detected < 0) {
          this.#forgetOldRoutes();
          return;
        }
        this.#isRoutingScheduled = false;
        this.computeRoutes();
      },
    });
  }

  /** Names who takes packets that reach their endpoint. */
  deliverTo(handler: EndpointHandler): void {
    this.#handler = handler;
  }

  /**
   * How long after a failure every router uses the new routes, and how long after it the routers at a dead link stop using
   * that: at once, if they see it go down. After a repair the former less the latter: nothing needs to be detected.
   *
   * `routeNs`: how long a router takes to write a route, one after the other, in which a next hop came or went. 0: routes share
   * next hops, which follow at once whatever the number of routes (prefix-independent convergence).
   */
  setConvergenceTime(convergenceNs: number, detectionNs = 0, routeNs = 0): void {
    this.#convergenceNs = convergenceNs;
    this.#detectionNs = detectionNs;
    this.#routeNs = routeNs;
  }

  addEndpoint(node: number, ip: Ipv4Address, attachment: Attachment = { kind: 'routed' }): number {
    const endpoint = this.#endpointNodes.push(node) - 1;
    this.#endpointIps.push(ip);
    this.#attachments.push(attachment);
    // a replicator may share a VTEP's node
    if (!this.#endpointOfNode.has(node)) this.#endpointOfNode.set(node, endpoint);
    return endpoint;
  }

  /**
   * Lets the endpoint of a node have the address of another one: anycast (RFC 4786). Routes lead to the nearer of the two, and
   * either takes what is for the other, as its own endpoint.
   */
  shareEndpoint(node: number, withEndpoint: number): void {
    this.#sharedWith.set(node, this.#endpointNodes[withEndpoint]);
  }

  /** A node announces the address of its endpoint, or no more. Routers agree on that as on a link that changed. */
  setAnnounced(node: number, isAnnounced: boolean): void {
    if (isAnnounced) this.#silentNodes.delete(node);
    else this.#silentNodes.add(node);
    this.#planRouting(this.#convergenceNs);
  }

  /**
   * The routing process of a node ends, and its routes with it, or stands still while the node goes on with the routes that it
   * had. The others take it for cut off once they notice, `noticedNs` from now.
   */
  haltRouting(node: number, { keepsRoutes, noticedNs }: { keepsRoutes: boolean; noticedNs: number }): void {
    this.#haltedNodes.set(node, keepsRoutes);
    if (!keepsRoutes) this.#nextHops[node] = [];
    this.#planRouting(noticedNs + this.#convergenceNs);
  }

  /**
   * It goes on; the others take its routes again once its sessions are back, `noticedNs` from now. Until then it has none, if it
   * `hasLostSessions`.
   */
  resumeRouting(node: number, { hasLostSessions, noticedNs }: { hasLostSessions: boolean; noticedNs: number }): void {
    this.#haltedNodes.delete(node);
    if (hasLostSessions) this.#nextHops[node] = [];
    this.#planRouting(noticedNs);
  }

  /**
   * Says that a node is a station in the subnets of its neighbours, as a server is: it routes nothing for others and sends to
   * its neighbours whatever they know.
   */
  addHost(node: number): void {
    this.#hosts.add(node);
  }

  get endpointCount(): number {
    return this.#endpointNodes.length;
  }

  nodeOf(endpoint: number): number {
    return this.#endpointNodes[endpoint];
  }

  /** The outer address of an endpoint (from 0) or of a group (below 0), as text. */
  formatAddress(endpointOrGroup: number): string {
    return formatIpv4(
      endpointOrGroup >= 0 ? this.#endpointIps[endpointOrGroup] : this.multicast.ipOf(-1 - endpointOrGroup),
    );
  }

  /** The endpoint with this address, or -1. */
  endpointAt(ip: Ipv4Address): number {
    return this.#endpointIps.indexOf(ip);
  }

  /**
   * Adds a multicast group whose tree is rooted at `rootNode` (-1 on a single segment); returns its outer address. While
   * that router is cut off, the first of `backupRootNodes` that is not stands in, as operators let BIDIR-PIM do.
   */
  addGroup(ip: Ipv4Address, rootNode: number, backupRootNodes: readonly number[] = []): number {
    return -1 - this.multicast.addGroup(ip, rootNode, backupRootNodes);
  }

  /** Makes an endpoint a member of a group, for one segment more. RFC 7348, 4.2. */
  join(group: number, endpoint: number): void {
    this.multicast.join(-1 - group, endpoint);
  }

  /** It wants that for one segment less. The tree follows at once, as with `join`. */
  leave(group: number, endpoint: number): void {
    this.multicast.leave(-1 - group, endpoint);
  }

  isGroupMember(group: number, endpoint: number): boolean {
    return this.multicast.isMember(-1 - group, endpoint);
  }

  /** Sends a VXLAN packet from an endpoint. Takes the caller's reference. */
  send(endpoint: number, packet: number): void {
    const attachment = this.#attachments[endpoint];
    if (attachment.kind === 'segment') {
      this.#sendOnSegment(attachment.ipInterface, packet);
      return;
    }
    const node = this.#endpointNodes[endpoint];
    const destination = this.#network.frames.words[(packet << FRAME_SHIFT) + Frame.targetIp];
    if (destination < 0) this.multicast.forward(node, -1, packet, -1 - destination);
    else this.#route(node, -1, packet, destination);
  }

  /** A frame at a routed port. Owns one reference. */
  receive(port: number, frame: number): void {
    const network = this.#network;
    const ipInterface = network.portWords[(port << PORT_SHIFT) + Port.ipInterface];
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    if (words[f + Frame.kind] !== FrameKind.vxlan) {
      if (words[f + Frame.kind] === FrameKind.pimRegister) {
        this.multicast.receiveRegister(network.nodeOf(port), port, frame);
      } else if (ipInterface >= 0) {
        this.#stacks.receive(ipInterface, frame);
      } else {
        network.end(port, frame, Outcome.dropNoRoute);
      }
      return;
    }
    const node = network.portWords[(port << PORT_SHIFT) + Port.node];
    const destination = words[f + Frame.targetIp];
    if (ipInterface >= 0) {
      this.#receiveFromSegment(node, port, frame, ipInterface, destination);
    } else if (destination < 0) {
      this.multicast.forward(node, port, frame, -1 - destination);
    } else {
      this.#route(node, port, frame, destination);
    }
  }

  /**
   * Routes over the links that are up, at once. Routes lead to sites: a host with a single link is reached through its
   * neighbour, which alone knows whether that link is up, as routers announce a subnet and not each server in it. A host
   * with several links announces its address over each that is up, and is reached through the nearest neighbour. A router
   * announces its own address, even over its only link.
   */
  computeRoutes(): void {
    const nodes = this.#network.nodeNames.length;
    this.#portsToHosts = Array.from({ length: nodes }, (_, node) => this.#portsToHost(node));
    this.#hasChoosingHosts = this.#portsToHosts.some((ports) => ports !== null && ports.length > 1);
    const upPorts = Array.from({ length: nodes }, (_, node) => this.#routedPorts(node));
    const [hopsBefore, namesBefore] = [this.#nextHops, this.#siteNames];
    this.#nextHops = Array.from({ length: nodes }, () => []);
    this.#siteNames = [];
    this.#sites = new Int32Array(nodes).fill(-1);
    this.#distances = [];
    const siteOfRouters = new Map<string, number>();
    for (const [endpoint, node] of this.#endpointNodes.entries()) {
      if (this.#attachments[endpoint].kind !== 'routed') continue;
      const routers = this.#routersOf(node);
      const name = routers.join(' ');
      let site = siteOfRouters.get(name);
      if (site === undefined) {
        site = siteOfRouters.size;
        siteOfRouters.set(name, site);
        this.#siteNames.push(name);
        this.#computeRoutesTo(site, routers, upPorts);
      }
      this.#sites[node] = site;
    }
    for (const [node, keepsRoutes] of this.#haltedNodes) if (keepsRoutes) this.#nextHops[node] = hopsBefore[node];
    if (this.#routeNs > 0 && namesBefore.length > 0) this.#rewriteRoutes(hopsBefore, namesBefore);
    this.#isAttached = Uint8Array.from(upPorts, (ports) => (ports.length > 0 ? 1 : 0));
    this.multicast.reroute({
      upPorts,
      distancesFrom: (root) => this.#distancesFrom([root], upPorts),
      isHost: (node) => this.#portsToHosts[node] !== null,
    });
    this.onRouted?.();
  }

  /** Whether an endpoint has a way to another: as of the last routing, and by what its own node sees of its links. */
  isReachable(from: number, to: number): boolean {
    const site = this.#endpointNodes[to];
    if (site === this.#endpointNodes[from]) return true;
    return this.#isAttached[site] === 1 && this.#nextHop(this.#endpointNodes[from], site, 0) >= 0;
  }

  /** Packets that carry floods for a FloodCause, counted at each routed port that was to send one. */
  floodSends(cause: number): number {
    return this.#floodSends[cause];
  }

  /** The ports out of which packets of a flow go from one endpoint to another as of now; null if they are lost. */
  pathBetween(from: number, to: number, flowHash: number): number[] | null {
    const site = this.#endpointNodes[to];
    const path: number[] = [];
    for (let node = this.#endpointNodes[from]; !this.#isAt(node, site); ) {
      const port = this.#nextHop(node, site, flowHash);
      if (port < 0 || !this.#network.hasFlag(port, PortFlag.linkUp)) return null;
      // routers that know of a failure and routers that don't may send packets to and fro
      if (path.includes(port)) return null;
      path.push(port);
      node = this.#neighbourAt(port);
    }
    return path;
  }

  /** The link at a port of the underlay went up or down. */
  linkChanged(port: number, isUp: boolean): void {
    if (!this.#attachments.some(({ kind }) => kind === 'routed')) return;
    if (this.#detectionNs > 0 || this.#routeNs > 0) this.#startDetecting(port, isUp);
    this.#planRouting(this.#convergenceNs - (isUp ? this.#detectionNs : 0));
  }

  #planRouting(delayNs: number): void {
    const { simulation } = this.#network;
    // what is learned of later is in the routing that is planned, unless that comes before it is detected
    if (this.#isRoutingScheduled && (this.#detectionNs === 0 || simulation.nowNs + delayNs <= this.#lastRoutingNs))
      return;
    this.#isRoutingScheduled = true;
    this.#lastRoutingNs = simulation.nowNs + delayNs;
    simulation.scheduleAfter(delayNs, EventKind.underlayRouting, 0, 0);
  }

  #startDetecting(port: number, isUp: boolean): void {
    const { simulation } = this.#network;
    for (const end of [port, this.#network.peerOf(port)]) {
      if (isUp) {
        this.#undetectedNs.delete(end);
        this.#oldPorts.delete(end);
      } else {
        this.#undetectedNs.set(end, simulation.nowNs + this.#detectionNs);
        simulation.scheduleAfter(this.#detectionNs, EventKind.underlayRouting, 0, end + 1);
      }
    }
  }

  /** A router notices that the link at a port is down, unless it came back meanwhile. */
  #detect(port: number): void {
    const dueNs = this.#undetectedNs.get(port);
    if (dueNs === undefined || dueNs > this.#network.simulation.nowNs) return;
    this.#undetectedNs.delete(port);
    if (this.#routeNs > 0) this.#rewriteWithout(port);
    this.onRouted?.();
  }

  /** Its router takes a port that leads nowhere out of its routes, one after the other. */
  #rewriteWithout(port: number): void {
    const { simulation } = this.#network;
    const untilNs = new Map<string, number>();
    for (const [site, ports] of (this.#nextHops[this.#network.nodeOf(port)] ?? []).entries()) {
      if (ports?.includes(port))
        untilNs.set(this.#siteNames[site], simulation.nowNs + (untilNs.size + 1) * this.#routeNs);
    }
    if (untilNs.size === 0) return;
    this.#oldPorts.set(port, untilNs);
    this.#planForgetting(untilNs.size);
  }

  /** Every router writes the routes that have other next hops than before, one after the other. */
  #rewriteRoutes(hopsBefore: readonly (readonly number[])[][], namesBefore: readonly string[]): void {
    const { simulation } = this.#network;
    this.#oldRoutes.clear();
    const siteBefore = new Map(namesBefore.map((name, site) => [name, site] as const));
    let most = 0;
    for (const [node, hops] of this.#nextHops.entries()) {
      const old = new Map<number, OldRoute>();
      for (const [site, name] of this.#siteNames.entries()) {
        const ports = hopsBefore[node]?.[siteBefore.get(name) ?? -1] ?? NO_PORTS;
        const now = hops[site] ?? NO_PORTS;
        if (ports === now || ports.join() === now.join()) continue;
        old.set(site, { ports, untilNs: simulation.nowNs + (old.size + 1) * this.#routeNs });
      }
      if (old.size > 0) this.#oldRoutes.set(node, old);
      most = Math.max(most, old.size);
    }
    if (most > 0) this.#planForgetting(most);
  }

  #planForgetting(routes: number): void {
    this.#network.simulation.scheduleAfter(routes * this.#routeNs, EventKind.underlayRouting, 0, -1);
  }

  /** Some routers have written their last route. */
  #forgetOldRoutes(): void {
    const { nowNs } = this.#network.simulation;
    const isOver = (times: Iterable<number>) => [...times].every((untilNs) => untilNs <= nowNs);
    for (const [port, untilNs] of this.#oldPorts) if (isOver(untilNs.values())) this.#oldPorts.delete(port);
    for (const [node, old] of this.#oldRoutes) {
      if (isOver([...old.values()].map(({ untilNs }) => untilNs))) this.#oldRoutes.delete(node);
    }
    this.onRouted?.();
  }

  /** Whether a router takes the link at a port for one that is up. */
  #seemsUp(port: number): boolean {
    if (this.#network.hasFlag(port, PortFlag.linkUp)) return true;
    return this.#undetectedNs.size > 0 && this.#undetectedNs.has(port);
  }

  #sendOnSegment(ipInterface: number, packet: number): void {
    const network = this.#network;
    const destination = network.frames.words[(packet << FRAME_SHIFT) + Frame.targetIp];
    if (destination >= 0) {
      this.#stacks.sendVia(ipInterface, packet, this.#endpointIps[destination]);
    } else {
      const groupIp = this.multicast.ipOf(-1 - destination);
      this.#stacks.sendToGroup(ipInterface, packet, network.addresses.idOf(0, multicastMacOf(groupIp)));
    }
  }

  #receiveFromSegment(node: number, port: number, packet: number, ipInterface: number, destination: number): void {
    const network = this.#network;
    const endpoint = this.#endpointOfNode.get(node) ?? -1;
    const outerMac = network.frames.words[(packet << FRAME_SHIFT) + Frame.dst];
    const isForUs =
      destination >= 0
        ? destination === endpoint && outerMac === this.#stacks.addressOf(ipInterface)
        : this.isGroupMember(destination, endpoint);
    if (isForUs) this.#deliver(endpoint, port, packet);
    else network.end(port, packet, Outcome.notForHere);
  }

  #route(node: number, port: number, packet: number, destination: number): void {
    const network = this.#network;
    const site = this.#endpointNodes[destination];
    if (this.#isAt(node, site)) {
      this.#deliver(site === node ? destination : this.#endpointOfNode.get(node)!, port, packet);
      return;
    }
    const out = this.#nextHop(node, site, network.frames.words[(packet << FRAME_SHIFT) + Frame.flowHash]);
    if (out < 0) {
      this.#endAt(node, port, packet, Outcome.dropNoRoute);
      return;
    }
    if (port >= 0) network.note(port, Outcome.forwarded);
    const carried = network.frames.words[(packet << FRAME_SHIFT) + Frame.carried];
    if (carried !== Carried.knownUnicast) this.#countFloodSend(packet, carried);
    network.send(out, packet, carried);
  }

  #countFloodSend(packet: number, carried: number): void {
    const cause = floodCauseOf(carried);
    if (cause >= 0) this.#floodSends[cause] += this.#network.frames.words[(packet << FRAME_SHIFT) + Frame.count];
  }

  /** Whether a node has the address of an endpoint at `endpointNode`. */
  #isAt(node: number, endpointNode: number): boolean {
    return node === endpointNode || (this.#sharedWith.size > 0 && this.#sharedWith.get(node) === endpointNode);
  }

  /** The port towards an endpoint's node, or -1. */
  #nextHop(node: number, endpointNode: number, flowHash: number): number {
    const arrivals = this.#portsToHosts[endpointNode] ?? NO_PORTS;
    for (const port of arrivals) {
      if (this.#network.nodeOf(port) !== node) continue;
      const out = this.#portIfUp(port);
      if (out >= 0 || arrivals.length === 1) return out;
    }
    const site = this.#sites[endpointNode] ?? -1;
    const own = this.#portsToHosts[node] ?? NO_PORTS;
    if (own.length === 0) return this.#choose(this.#routeAt(node, site), flowHash, node, site);
    if (own.length === 1) return this.#portIfUp(this.#network.peerOf(own[0]));
    return this.#choose(this.#portsNearest(own, this.#distances[site]), flowHash, node, site);
  }

  /** The next hops of a router to a site, as it has written them so far. */
  #routeAt(node: number, site: number): readonly number[] {
    if (this.#oldRoutes.size > 0) {
      const old = this.#oldRoutes.get(node)?.get(site);
      if (old !== undefined && old.untilNs > this.#network.simulation.nowNs) return old.ports;
    }
    return this.#nextHops[node]?.[site] ?? NO_PORTS;
  }

  /** A host's own ports towards those of its neighbours that are nearest to a site. */
  #portsNearest(portsToHost: readonly number[], distances: Int32Array | undefined): number[] {
    const network = this.#network;
    let nearest: number[] = [];
    let least = Number.POSITIVE_INFINITY;
    for (const port of portsToHost) {
      const distance = distances?.[network.nodeOf(port)] ?? -1;
      if (distance < 0 || distance > least || !network.hasFlag(port, PortFlag.linkUp)) continue;
      if (distance < least) nearest = [];
      least = distance;
      nearest.push(network.peerOf(port));
    }
    return nearest;
  }

  /** Where routes to an endpoint's node lead: to itself, or to the neighbours of a host. */
  #routersOf(node: number): number[] {
    const ports = this.#portsToHosts[node] ?? null;
    if (ports === null) {
      const others = [...this.#sharedWith].filter(([, first]) => first === node).map(([other]) => other);
      const announcing = [node, ...others].filter((one) => !this.#silentNodes.has(one));
      return announcing.length === 0 ? [node] : announcing;
    }
    const up = ports.filter((port) => this.#network.hasFlag(port, PortFlag.linkUp));
    const used = ports.length === 1 || up.length === 0 ? ports : up;
    return used.map((port) => this.#network.nodeOf(port));
  }

  /** The ports of a host's neighbours towards it; null for a router. */
  #portsToHost(node: number): readonly number[] | null {
    if (!this.#hosts.has(node)) return null;
    const network = this.#network;
    const ports = network.nodePorts[node].filter(
      (port) => network.modeOf(port) === PortMode.routed && network.peerOf(port) >= 0,
    );
    return ports.map((port) => network.peerOf(port));
  }

  #portIfUp(port: number): number {
    return this.#seemsUp(port) ? port : -1;
  }

  /** One of the ports whose link is up, by hash; -1 if there is none. */
  #choose(ports: readonly number[], flowHash: number, node: number, site: number): number {
    const first = ports.length === 1 ? 0 : ecmpIndex(flowHash, node, ports.length);
    for (let i = 0; i < ports.length; i++) {
      const port = ports[(first + i) % ports.length];
      if (this.#seemsUp(port) || (this.#oldPorts.size > 0 && this.#leadsStill(port, site))) return port;
    }
    return -1;
  }

  /** Whether a route leads into a port whose link is known to be down, because it is not written yet. */
  #leadsStill(port: number, site: number): boolean {
    return (this.#oldPorts.get(port)?.get(this.#siteNames[site]) ?? 0) > this.#network.simulation.nowNs;
  }

  #deliver(endpoint: number, port: number, packet: number): void {
    if (this.#handler === null) throw new Error('nothing takes the packets of tunnel endpoints');
    this.#handler.receivePacket(endpoint, port, packet);
  }

  #endAt(node: number, port: number, packet: number, outcome: number): void {
    this.#network.end(port >= 0 ? port : this.#network.nodePorts[node][0], packet, outcome);
  }

  /** Breadth first from a site's routers over routed links that are up: every router's ports one hop nearer. */
  #computeRoutesTo(site: number, routers: readonly number[], upPorts: readonly (readonly number[])[]): void {
    const distances = this.#distancesFrom(routers, upPorts);
    for (const [node, distance] of distances.entries()) {
      // a host needs no table, and a router that is not reached has no way
      if (distance <= 0 || this.#portsToHosts[node] !== null) continue;
      const isNearer = (port: number) => distances[this.#neighbourAt(port)] === distance - 1;
      // most of a fabric's routes name all uplinks of a switch: they share one list
      this.#nextHops[node][site] = upPorts[node].every(isNearer) ? upPorts[node] : upPorts[node].filter(isNearer);
    }
    // only a host with several links asks which neighbour is nearer
    if (this.#hasChoosingHosts) this.#distances[site] = distances;
  }

  /** By router: hops from the nearest of `starts`, or -1 where no path leads. No path leads through a host. */
  #distancesFrom(starts: readonly number[], upPorts: readonly (readonly number[])[]): Int32Array {
    const distances = new Int32Array(upPorts.length).fill(-1);
    const queue = [...starts];
    for (const start of starts) distances[start] = 0;
    for (const node of queue) {
      for (const port of upPorts[node]) {
        const neighbour = this.#neighbourAt(port);
        if (distances[neighbour] >= 0 || this.#portsToHosts[neighbour] !== null) continue;
        distances[neighbour] = distances[node] + 1;
        queue.push(neighbour);
      }
    }
    return distances;
  }

  #neighbourAt(port: number): number {
    return this.#network.nodeOf(this.#network.peerOf(port));
  }

  /** Ports over which a node reaches others by IP, with the link up. */
  #routedPorts(node: number): number[] {
    const network = this.#network;
    const halted = this.#haltedNodes;
    if (halted.has(node)) return [];
    return network.nodePorts[node].filter((port) => {
      const isRouted = network.modeOf(port) === PortMode.routed;
      const peer = network.peerOf(port);
      return isRouted && peer >= 0 && this.#seemsUp(port) && !(halted.size > 0 && halted.has(network.nodeOf(peer)));
    });
  }
}
