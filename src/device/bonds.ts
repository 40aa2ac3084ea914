import type { Aggregations } from './aggregations.ts';
import { EventKind } from './event-kinds.ts';
import { type Network, PortFlag } from './network.ts';
import type { Servers } from './servers.ts';

/** Two links of a server, and how often it looks at them. */
export interface BondParameters {
  server: number;
  /** The server's ports; with one link in use, the first is at the start. */
  ports: readonly [number, number];
  /** One link is in use and the other stands by; or both are, as an aggregation (802.3ad). */
  mode: 'active-backup' | 'active-active';
  /** Time between two looks at whether the links are up (MII monitoring). */
  miimonNs: number;
  /** When it looks first. */
  phaseNs: number;
}

/**
 * Servers with two links. Linux, Documentation/networking/bonding.rst.
 *
 * Of active-backup bonding one link is in use. A server notices a dead link when it next looks at it. Then it takes the other link, if that one is up, and announces
 * each of its stations there by one RARP, as Open vSwitch does and ESXi; Linux itself announces (num_grat_arp, 1) the
 * server's own addresses alone. It stays with the link that it has: none is primary.
 *
 * Of active-active bonding both are, and flows are spread over them. A server takes a link that died out, and one that came up in,
 * when it next looks; it announces nothing, since to its switches it is where it was.
 */
export class Bonds {
  /** Times that a server took its other link. */
  failoverCount = 0;
  /** Hears of each such time, and of each change of the links over which a server spreads its flows. */
  onFailover: (() => void) | null = null;
  readonly #network: Network;
  readonly #servers: Servers;
  readonly #aggregations: Aggregations;
  readonly #bonds: BondParameters[] = [];
  readonly #bondOfPort = new Map<number, number>();
  readonly #isLookPending: boolean[] = [];

  constructor(network: Network, servers: Servers, aggregations: Aggregations) {
    this.#network = network;
    this.#servers = servers;
    this.#aggregations = aggregations;
    network.simulation.on(EventKind.bondMonitor, { handle: (_kind, bond) => this.#look(bond) });
  }

  add(parameters: BondParameters): void {
    const bond = this.#bonds.push(parameters) - 1;
    this.#isLookPending.push(false);
    for (const port of parameters.ports) this.#bondOfPort.set(port, bond);
    const { server, ports, mode } = parameters;
    if (mode === 'active-backup') this.#servers.setUplink(server, ports[0]);
    else
      this.#servers.setUplink(server, this.#aggregations.add(ports, `${this.#network.nodeNames[server]} bond`), ports);
  }

  /** The link at a server's port came up or went down. Looks that would find nothing new are not simulated. */
  carrierChanged(port: number): void {
    const bond = this.#bondOfPort.get(port);
    if (bond === undefined || this.#isLookPending[bond]) return;
    this.#isLookPending[bond] = true;
    const { miimonNs, phaseNs } = this.#bonds[bond];
    const { simulation } = this.#network;
    const looks = Math.floor((simulation.nowNs - phaseNs) / miimonNs) + 1;
    simulation.schedule(phaseNs + looks * miimonNs, EventKind.bondMonitor, bond, 0);
  }

  #look(bond: number): void {
    this.#isLookPending[bond] = false;
    const { server, ports, mode } = this.#bonds[bond];
    if (mode === 'active-active') {
      if (this.#aggregations.followLinks(this.#servers.uplinkOf(server))) this.onFailover?.();
      return;
    }
    const active = this.#servers.uplinkOf(server);
    const other = ports[0] === active ? ports[1] : ports[0];
    const isUp = (port: number) => this.#network.hasFlag(port, PortFlag.linkUp);
    if (isUp(active) || !isUp(other)) return;
    this.failoverCount++;
    this.#servers.setUplink(server, other);
    this.onFailover?.();
    for (const station of this.#servers.stationsAt(server)) this.#servers.announceByRarp(station);
  }
}
