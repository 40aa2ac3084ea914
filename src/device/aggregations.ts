import { ecmpIndex } from '../protocol/ecmp.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import { type Network, PORT_SHIFT, Port, PortFlag, PortMode } from './network.ts';

/** A set of ports of one node that is one logical port. */
interface Aggregation {
  readonly node: number;
  /** In the order in which frames are spread over them. */
  readonly ports: readonly number[];
  /** Those of them over which frames are spread now. */
  active: readonly number[];
}

/**
 * Link aggregation: several ports of one node that are one to its bridge, or to a server. IEEE 802.1AX-2020, 6.2.
 *
 * The logical port is virtual. What is sent into it leaves by one of its ports, chosen by a hash of the flow, so that
 * frames of one conversation keep their order (6.2.4) and a flood leaves once. What arrives at one of the ports has come to the
 * logical port (6.2.3), which is where addresses are learned and where nothing is sent back.
 *
 * Differs from the standard: LACP is not simulated. Aggregations are static, and a link that is lost is noticed as such,
 * at once at a switch and when it next looks at a server; no link fails in a way that only LACP would find.
 */
export class Aggregations {
  readonly #network: Network;
  readonly #byLogicalPort = new Map<number, Aggregation>();

  constructor(network: Network) {
    this.#network = network;
    network.handle(PortMode.aggregator, { receive: (port, frame) => this.#send(port, frame) });
  }

  /** Makes ports of one node, which carry the same segments, one. Returns the logical port. */
  add(ports: readonly number[], name: string): number {
    const network = this.#network;
    const words = network.portWords;
    const first = ports[0] << PORT_SHIFT;
    const node = words[first + Port.node];
    const logical = network.addPort(node, name, PortMode.aggregator, {
      pvid: words[first + Port.pvid],
      trunk: words[first + Port.trunk],
    });
    for (const port of ports) {
      network.portWords[(port << PORT_SHIFT) + Port.aggregator] = logical;
      network.setFlag(port, PortFlag.aggregated, true);
    }
    this.#byLogicalPort.set(logical, { node, ports, active: [] });
    this.followLinks(logical);
    return logical;
  }

  /** The logical port that a port is one of, or the port itself. */
  logicalPortOf(port: number): number {
    const network = this.#network;
    return network.hasFlag(port, PortFlag.aggregated)
      ? network.portWords[(port << PORT_SHIFT) + Port.aggregator]
      : port;
  }

  /** The ports of a logical port; any other port stands for itself. */
  portsOf(port: number): readonly number[] {
    return this.#byLogicalPort.get(port)?.ports ?? [port];
  }

  /** Uses those ports of a logical port whose links are up. Returns whether it has other ports in use than before. */
  followLinks(logical: number): boolean {
    const aggregation = this.#byLogicalPort.get(logical)!;
    const active = aggregation.ports.filter((port) => this.#network.hasFlag(port, PortFlag.linkUp));
    if (active.join() === aggregation.active.join()) return false;
    aggregation.active = active;
    return true;
  }

  /** Whether a port has a link, or at least one of those it stands for that are in use. */
  isUp(port: number): boolean {
    const aggregation = this.#byLogicalPort.get(port);
    return aggregation === undefined ? this.#network.hasFlag(port, PortFlag.linkUp) : aggregation.active.length > 0;
  }

  /** The port by which a frame of a flow leaves that is sent into a logical port, or into a port as such. */
  portFor(port: number, flowHash: number): number {
    const aggregation = this.#byLogicalPort.get(port);
    if (aggregation === undefined) return port;
    const { node, ports, active } = aggregation;
    // with no link in use, a frame tries the first
    if (active.length < 2) return active[0] ?? ports[0];
    return active[ecmpIndex(flowHash, node, active.length)];
  }

  #send(logical: number, frame: number): void {
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    this.#network.send(this.portFor(logical, words[f + Frame.flowHash]), frame, words[f + Frame.carried]);
  }
}
