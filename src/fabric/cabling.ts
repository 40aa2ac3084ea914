import type { BondParameters } from '../device/bonds.ts';
import type { Devices } from '../device/devices.ts';
import { ALL_SEGMENTS, PortFlag, PortMode } from '../device/network.ts';
import { gatewayIpOf } from './addressing.ts';
import { bisectionBitsPerSec } from './bisection.ts';
import type { DatacenterPlan, PlannedLink } from './plan.ts';

/** Whether the ends of a cable switch frames or route packets. */
export type CableKind = 'bridged' | 'routed';

/** What is at the ends of the cables. */
export interface CableKinds {
  readonly betweenSwitches: CableKind;
  readonly toServers: CableKind;
  /** Sets of segments that bridged cables carry, by link and by server; unless given, all. */
  readonly linkTrunks?: Int32Array;
  readonly serverTrunks?: Int32Array;
  /** How servers on two bridges use their links; unless given, one at a time. */
  readonly bonding?: BondParameters['mode'];
}

/** The server of a VM that is at none. */
export const NOWHERE = -1;

/** Both ends of a bridged cable carry segments with a tag; BPDUs go without. IEEE 802.1Q-2018, 8.8.10. */
const TRUNK = { trunk: ALL_SEGMENTS };

/**
 * The nodes, cables and VMs of a plan, which are the same in every fabric, and what fails.
 *
 * Each end of a cable is administratively up unless its own switch is down; the first end of a link between switches
 * also answers for the link itself, and the end at a server for the server. So a link is up if it has not failed and
 * neither of its ends has.
 */
export class Cabling {
  readonly switchNodes: readonly number[];
  readonly serverNodes: readonly number[];
  readonly linkPorts: readonly (readonly [number, number])[];
  readonly serverPorts: readonly (readonly [number, number])[];
  /** Of dual-homed servers; null for the others. */
  readonly secondServerPorts: readonly (readonly [number, number] | null)[];
  /** Indexed by router to the outside: the port at its border and the port at itself. */
  readonly outsidePorts: readonly (readonly [number, number])[];

  readonly #devices: Devices;
  readonly #plan: DatacenterPlan;
  readonly #isLinkFailed: boolean[];
  readonly #isSwitchDown: boolean[];
  // cables that a fabric added at a switch: the switch and its port
  readonly #extraPorts: { switchIndex: number; port: number }[] = [];
  // ends of cables that a switch shuts itself, and those that would be down without that
  readonly #heldPorts = new Set<number>();
  readonly #failedPorts = new Set<number>();
  // servers, and their links as twice the server and 1 for the second
  readonly #downServers = new Set<number>();
  readonly #failedServerLinks = new Set<number>();

  constructor(devices: Devices, plan: DatacenterPlan, kinds: CableKinds) {
    const { betweenSwitches, toServers, linkTrunks, serverTrunks, bonding = 'active-backup' } = kinds;
    this.#devices = devices;
    this.#plan = plan;
    const { network } = devices;
    const { switches, links, servers, bufferBytes, switchDelayNs } = plan;
    this.switchNodes = switches.map(({ id }) => network.addNode(id));
    this.serverNodes = servers.map(({ id }) => network.addNode(id));
    this.linkPorts = links.map(({ id, a, b, rateBitsPerSec, delayNs, isPeerLink }, link) => {
      const kind = isPeerLink === true ? 'bridged' : betweenSwitches;
      const ends = [a, b].map((end) => {
        const name = `${switches[end].id} ${id}`;
        return this.#addSwitchPort({ switchIndex: end, name, kind, trunk: linkTrunks?.[link] });
      });
      network.connect(ends[0], ends[1], { rateBitsPerSec, delayNs: delayNs + switchDelayNs, bufferBytes });
      return [ends[0], ends[1]] as const;
    });
    // a switch numbers its ports server by server, whichever link of the server it has
    const serverCables = servers.map(
      ({ switchIndex, secondSwitchIndex }, server) =>
        [
          this.#addServerCable({ server, switchIndex, kind: toServers, trunk: serverTrunks?.[server] }),
          secondSwitchIndex === null
            ? null
            : this.#addServerCable({
                server,
                switchIndex: secondSwitchIndex,
                kind: toServers,
                trunk: serverTrunks?.[server],
              }),
        ] as const,
    );
    this.serverPorts = serverCables.map(([first]) => first);
    this.secondServerPorts = serverCables.map(([, second]) => second);
    this.outsidePorts = (plan.outside?.switchIndices ?? []).map((_, router) =>
      this.#addOutsideCable(router, toServers),
    );
    for (const [server, node] of this.serverNodes.entries()) this.#addUplinks(node, server, toServers, bonding);
    this.#isLinkFailed = links.map(() => false);
    this.#isSwitchDown = switches.map(() => false);
  }

  /** Of the link that a server uses now: the port at the switch and the port at the server. */
  portsInUse(server: number): readonly [number, number] {
    const second = this.secondServerPorts[server];
    const uplink = second === null ? -1 : this.#devices.servers.uplinkOf(this.serverNodes[server]);
    return second !== null && second[1] === uplink ? second : this.serverPorts[server];
  }

  /** Links between switches that are up, and where they bridge forward at both ends, in some instance at least. */
  forwardingLinks(): PlannedLink[] {
    const { network } = this.#devices;
    return this.#plan.links.filter((_, link) => {
      const [a, b] = this.linkPorts[link];
      if (network.modeOf(a) === PortMode.routed) return network.hasFlag(a, PortFlag.linkUp);
      return network.forwardsBetween(a, b);
    });
  }

  /** What flows over those links between the halves of the racks; links between the two of a pair are for its orphans. */
  usableBisectionBitsPerSec(): number {
    const { switches } = this.#plan;
    const racks = [...switches.keys()].filter((index) => switches[index].holdsVtep);
    return bisectionBitsPerSec(
      { nodeCount: switches.length, links: this.forwardingLinks().filter(({ isPeerLink }) => isPeerLink !== true) },
      racks,
    );
  }

  /**
   * Wires a routed port of a node that a fabric added to a switch, in whose subnet it is as a server is. Returns the port at
   * the switch and the other.
   */
  addRoutedCable(
    node: number,
    switchIndex: number,
    wire: { rateBitsPerSec: number; delayNs: number },
  ): readonly [number, number] {
    const { network, underlay } = this.#devices;
    underlay.addHost(node);
    const name = `${this.#plan.switches[switchIndex].id}-${network.nodeNames[node]}`;
    const port = this.#addSwitchPort({
      switchIndex,
      name: `${this.#plan.switches[switchIndex].id} ${name}`,
      kind: 'routed',
    });
    const peer = network.addPort(node, `${network.nodeNames[node]} ${name}`, PortMode.routed);
    this.#connectToSwitch(port, peer, wire);
    this.#extraPorts.push({ switchIndex, port });
    return [port, peer];
  }

  /** Makes each VM known: station, IP interface and default route. None is at a server yet. */
  addVms(gatewaySegments: ReadonlySet<number>): void {
    const { network, servers, stacks } = this.#devices;
    const { vmSegment, vmIp, vmMac, segments } = this.#plan;
    servers.reserve(vmSegment.length);
    network.addresses.reserve(vmSegment.length);
    stacks.reserve(vmSegment.length);
    for (let vm = 0; vm < vmSegment.length; vm++) {
      const segment = vmSegment[vm];
      const address = network.addresses.idOf(segment, vmMac(vm));
      const station = servers.addStation({ server: NOWHERE, segment, address });
      const stack = stacks.addStack();
      const { prefixLength } = segments[segment];
      const ipInterface = stacks.addInterface({
        stack,
        ip: vmIp(vm),
        prefixLength,
        address,
        segment,
        output: servers,
        place: station,
      });
      if (station !== vm || ipInterface !== vm) throw new Error('VMs need to be the first stations and interfaces');
      servers.setInterface(station, ipInterface);
      if (gatewaySegments.has(segment)) stacks.setDefaultRoute(stack, gatewayIpOf(segments[segment]));
    }
  }

  /** The server that a VM is at, as an index; -1 for none. */
  serverOfVm(vm: number): number {
    const node = this.#devices.servers.serverOf(vm);
    // servers were the last nodes to be added here, one after the other
    return node < 0 ? NOWHERE : node - this.serverNodes[0];
  }

  /** Brings every cable up, and tells the bridges at its ends. Routes are computed afterwards. */
  bringUp(): void {
    const { network } = this.#devices;
    for (const port of this.#switchPorts()) {
      const isRouted = network.modeOf(port) === PortMode.routed;
      // routers would only plan to look at what is computed at once
      if (isRouted) network.setAdminUp(port, true);
      else this.#devices.setAdminUp(port, true);
    }
  }

  /** A switch shuts an end of a cable of its own, or lets it up again, whatever else fails. */
  hold(port: number, isHeld: boolean): void {
    if (isHeld) this.#heldPorts.add(port);
    else this.#heldPorts.delete(port);
    this.#setEndUp(port, !this.#failedPorts.has(port));
  }

  setLinkUp(link: number, isUp: boolean): void {
    this.#isLinkFailed[link] = !isUp;
    this.#setEndUp(this.linkPorts[link][0], isUp && !this.#isSwitchDown[this.#plan.links[link].a]);
  }

  setSwitchUp(switchIndex: number, isUp: boolean): void {
    this.#isSwitchDown[switchIndex] = !isUp;
    this.#plan.links.forEach(({ a, b }, link) => {
      if (a === switchIndex) this.#setEndUp(this.linkPorts[link][0], isUp && !this.#isLinkFailed[link]);
      if (b === switchIndex) this.#setEndUp(this.linkPorts[link][1], isUp);
    });
    this.#plan.servers.forEach((server, index) => {
      if (server.switchIndex === switchIndex) this.#setEndUp(this.serverPorts[index][0], isUp);
      const second = this.secondServerPorts[index];
      if (second !== null && server.secondSwitchIndex === switchIndex) this.#setEndUp(second[0], isUp);
    });
    for (const extra of this.#extraPorts) {
      if (extra.switchIndex === switchIndex) this.#setEndUp(extra.port, isUp);
    }
  }

  setServerUp(server: number, isUp: boolean): void {
    if (isUp) this.#downServers.delete(server);
    else this.#downServers.add(server);
    for (const which of [0, 1] as const) this.#setServerEnd(server, which);
  }

  /** The first or the second link of a server fails or is repaired. */
  setServerLinkUp(server: number, which: 0 | 1, isUp: boolean): void {
    if (isUp) this.#failedServerLinks.delete(server * 2 + which);
    else this.#failedServerLinks.add(server * 2 + which);
    this.#setServerEnd(server, which);
  }

  /** The end at a server answers for the server, and for the link. */
  #setServerEnd(server: number, which: 0 | 1): void {
    const ports = which === 0 ? this.serverPorts[server] : this.secondServerPorts[server];
    if (ports === null) return;
    const isUp = !this.#downServers.has(server) && !this.#failedServerLinks.has(server * 2 + which);
    this.#devices.setAdminUp(ports[1], isUp);
  }

  #addServerCable({
    server,
    switchIndex,
    kind,
    trunk,
  }: {
    server: number;
    switchIndex: number;
    kind: CableKind;
    trunk: number | undefined;
  }): readonly [number, number] {
    const { id, rateBitsPerSec, delayNs } = this.#plan.servers[server];
    const switchId = this.#plan.switches[switchIndex].id;
    const name = `${switchId}-${id}`;
    const port = this.#addSwitchPort({ switchIndex, name: `${switchId} ${name}`, kind, trunk });
    const nic = this.#devices.network.addPort(
      this.serverNodes[server],
      `${id} ${name}`,
      kind === 'bridged' ? PortMode.nic : PortMode.routed,
      kind === 'bridged' ? TRUNK : {},
    );
    this.#connectToSwitch(port, nic, { rateBitsPerSec, delayNs });
    return [port, nic];
  }

  /** A router to the outside is cabled as a server is, but meets the datacenter in segments of its own and no other. */
  #addOutsideCable(router: number, kind: CableKind): readonly [number, number] {
    const { network, servers } = this.#devices;
    const { switchIndices, transitSegments, rateBitsPerSec, delayNs } = this.#plan.outside!;
    if (kind === 'routed') throw new RangeError('a border bridges towards the outside');
    const switchIndex = switchIndices[router];
    const switchId = this.#plan.switches[switchIndex].id;
    const id = `outside${router + 1}`;
    const node = network.addNode(id);
    const trunk = network.trunks.add(transitSegments);
    const port = this.#addSwitchPort({ switchIndex, name: `${switchId} ${switchId}-${id}`, kind, trunk });
    const nic = network.addPort(node, `${id} ${switchId}-${id}`, PortMode.nic, TRUNK);
    this.#connectToSwitch(port, nic, { rateBitsPerSec, delayNs });
    servers.setUplink(node, nic);
    this.#extraPorts.push({ switchIndex, port });
    return [port, nic];
  }

  /** One link carries all that a server sends to a bridge, or each of two that are bonded. */
  #addUplinks(node: number, server: number, kind: CableKind, mode: BondParameters['mode']): void {
    const { servers, bonds, underlay } = this.#devices;
    const [, nic] = this.serverPorts[server];
    const second = this.secondServerPorts[server];
    if (kind === 'routed') {
      underlay.addHost(node);
    } else if (second === null) servers.setUplink(node, nic);
    else {
      const miimonNs = this.#plan.bondMiimonNs;
      bonds.add({ server: node, ports: [nic, second[1]], mode, miimonNs, phaseNs: phaseOf(server, miimonNs) });
    }
  }

  #addSwitchPort({
    switchIndex,
    name,
    kind,
    trunk = ALL_SEGMENTS,
  }: {
    switchIndex: number;
    name: string;
    kind: CableKind;
    trunk?: number | undefined;
  }): number {
    const { network } = this.#devices;
    const node = this.switchNodes[switchIndex];
    return kind === 'bridged'
      ? network.addPort(node, name, PortMode.bridged, { trunk })
      : network.addPort(node, name, PortMode.routed);
  }

  /** A switch takes its time over what it receives; what is at the other end does not. */
  #connectToSwitch(port: number, peer: number, wire: { rateBitsPerSec: number; delayNs: number }): void {
    const { network } = this.#devices;
    const { bufferBytes, switchDelayNs } = this.#plan;
    network.connect(port, peer, { ...wire, bufferBytes });
    network.setDelay(peer, wire.delayNs + switchDelayNs);
  }

  #setEndUp(port: number, isUp: boolean): void {
    if (isUp) this.#failedPorts.delete(port);
    else this.#failedPorts.add(port);
    this.#devices.setAdminUp(port, isUp && !this.#heldPorts.has(port));
  }

  /** One port of every cable. */
  *#switchPorts(): Generator<number> {
    for (const [port] of this.linkPorts) yield port;
    for (const [port] of this.serverPorts) yield port;
    for (const second of this.secondServerPorts) if (second !== null) yield second[0];
    for (const { port } of this.#extraPorts) yield port;
  }
}

/** Servers look at their links each at a moment of its own, spread evenly (multiples of the golden ratio). */
function phaseOf(server: number, periodNs: number): number {
  return Math.floor(((Math.imul(server, 0x9e37_79b1) >>> 0) / 2 ** 32) * periodNs);
}
