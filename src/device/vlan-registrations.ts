import { EventKind } from './event-kinds.ts';
import { type Network, PORT_SHIFT, Port, PortFlag } from './network.ts';

/** Times of MRP. IEEE 802.1Q-2018, Table 10-7. */
export interface MrpTimes {
  /** From something to declare until it is sent: JoinTime. */
  readonly joinNs: number;
  /** From a withdrawal that arrives until the registration is gone: LeaveTime. */
  readonly leaveNs: number;
}

/**
 * VLANs registered at the ports of bridges by MVRP, which makes a trunk carry a VLAN only towards those who declared it.
 * IEEE 802.1Q-2018, 11.2.
 *
 * A port that forwards declares a VLAN if it is registered at another port of the bridge that forwards (10.3, MAP), so
 * declarations spread along the active tree, hop by hop. A declaration is registered at the other end JoinTime after it
 * came to be, and a withdrawal takes JoinTime and LeaveTime. What a port has registered is its member set, inwards too.
 *
 * Differs from the standard: messages are not sent as frames, so none is lost, and LeaveAll, which only makes up for
 * losses, is left out; each message waits for all of JoinTime instead of a random part of it; a port that ceases to forward
 * forgets at once.
 */
export class VlanRegistrations {
  readonly #network: Network;
  readonly #times: MrpTimes;
  // by port that takes part: the VLANs registered there while it forwards, and those that a host at its other end declares
  readonly #registered = new Map<number, Set<number>>();
  readonly #hosts = new Map<number, Set<number>>();
  // by node: how many of its ports have each VLAN registered
  readonly #counts = new Map<number, Map<number, number>>();

  constructor(network: Network, times: MrpTimes) {
    this.#network = network;
    this.#times = times;
    network.simulation.on(EventKind.vlanRegistration, {
      handle: (_kind, port, segment) => (segment < 0 ? this.#lookAt(port) : this.#settle(port, segment)),
    });
  }

  /** Lets a port take part; it carries nothing until something is registered. */
  addPort(port: number, segmentCount: number): void {
    const { portWords } = this.#network;
    this.#network.checksMembers = true;
    portWords[(port << PORT_SHIFT) + Port.trunk] = this.#network.trunks.addEmpty(segmentCount);
    this.#hosts.set(port, new Set());
  }

  /** Registers a VLAN at a bridge for good, as a port of its own that needs it. */
  registerAt(node: number, segment: number): void {
    this.#count(node, segment, 1);
  }

  /** The host at the other end of a port declares a VLAN, or withdraws it. */
  declare(port: number, segment: number, isDeclared: boolean): void {
    const declared = this.#hosts.get(port);
    if (declared === undefined) return;
    if (isDeclared) declared.add(segment);
    else declared.delete(segment);
    this.#schedule(port, segment, isDeclared);
  }

  /** A port began or ceased to forward, or will have in the same instant. */
  portChanged(port: number): void {
    if (this.#hosts.has(port)) this.#network.simulation.scheduleAfter(0, EventKind.vlanRegistration, port, -1);
  }

  /** Whether a VLAN is registered at a port. */
  isRegistered(port: number, segment: number): boolean {
    return this.#registered.get(port)?.has(segment) === true;
  }

  #lookAt(port: number): void {
    const network = this.#network;
    const peer = network.peerOf(port);
    if (!this.#forwards(port)) {
      for (const segment of [...(this.#registered.get(port) ?? [])]) this.#deregister(port, segment);
      this.#registered.delete(port);
      return;
    }
    if (!this.#registered.has(port)) this.#registered.set(port, new Set());
    // what the other end has to say, and what this one has
    for (const segment of this.#hosts.get(port)!) this.#schedule(port, segment, true);
    if (!this.#hosts.has(peer)) return;
    for (const segment of this.#counts.get(network.nodeOf(peer))?.keys() ?? []) this.#schedule(port, segment, true);
    for (const segment of this.#counts.get(network.nodeOf(port))?.keys() ?? []) this.#schedule(peer, segment, true);
  }

  #forwards(port: number): boolean {
    return this.#network.hasFlag(port, PortFlag.forwarding) && this.#network.hasFlag(port, PortFlag.linkUp);
  }

  #schedule(port: number, segment: number, isJoin: boolean): void {
    const { joinNs, leaveNs } = this.#times;
    const delayNs = isJoin ? joinNs : joinNs + leaveNs;
    this.#network.simulation.scheduleAfter(delayNs, EventKind.vlanRegistration, port, segment);
  }

  /** Registers at a port what the other end declares by now, or the opposite. */
  #settle(port: number, segment: number): void {
    const registered = this.#registered.get(port);
    if (registered === undefined || !this.#forwards(port)) return;
    const isDeclared = this.#isDeclaredTo(port, segment);
    if (isDeclared === registered.has(segment)) return;
    if (isDeclared) {
      registered.add(segment);
      this.#network.setCarried(port, segment, true);
      this.#count(this.#network.nodeOf(port), segment, 1);
    } else {
      this.#deregister(port, segment);
    }
  }

  #deregister(port: number, segment: number): void {
    if (this.#registered.get(port)?.delete(segment) !== true) return;
    this.#network.setCarried(port, segment, false);
    this.#count(this.#network.nodeOf(port), segment, -1);
  }

  /** Whether a VLAN is declared to a port: by its host, or by the bridge at the other end. */
  #isDeclaredTo(port: number, segment: number): boolean {
    if (this.#hosts.get(port)?.has(segment) === true) return true;
    const peer = this.#network.peerOf(port);
    if (!this.#hosts.has(peer) || !this.#forwards(peer)) return false;
    const elsewhere = this.#counts.get(this.#network.nodeOf(peer))?.get(segment) ?? 0;
    return elsewhere > (this.isRegistered(peer, segment) ? 1 : 0);
  }

  /** One port more of a node, or less, has a VLAN: the others may have to declare it, or to withdraw it. */
  #count(node: number, segment: number, change: 1 | -1): void {
    let counts = this.#counts.get(node);
    if (counts === undefined) {
      counts = new Map();
      this.#counts.set(node, counts);
    }
    const count = (counts.get(segment) ?? 0) + change;
    if (count > 0) counts.set(segment, count);
    else counts.delete(segment);
    // with three or more, nobody's answer depends on one of them
    if (count > 2) return;
    for (const port of this.#network.nodePorts[node]) {
      if (!this.#hosts.has(port)) continue;
      const peer = this.#network.peerOf(port);
      if (this.#hosts.has(peer)) this.#schedule(peer, segment, change > 0);
    }
  }
}
