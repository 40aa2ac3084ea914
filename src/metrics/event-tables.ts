import assert from 'node:assert/strict';
import type { Observer } from '../device/observer.ts';
import type { ArrowTableWriter } from './arrow-file.ts';
import type { STP_STATES } from './column-values.ts';
import { linkNamesByPort, type RecordedFabric } from './recorded-fabric.ts';
import type { ResultFolder } from './result-folder.ts';
import { LINK_EVENTS, STP_EVENTS } from './tables.ts';

/** Writes down what seldom happens, when it happens. */
export class EventTables implements Observer {
  readonly #fabric: RecordedFabric;
  readonly #stpEvents: ArrowTableWriter<typeof STP_EVENTS>;
  readonly #linkEvents: ArrowTableWriter<typeof LINK_EVENTS>;
  readonly #nameOfNode: ReadonlyMap<number, string>;
  readonly #linkOfPort: ReadonlyMap<number, string>;

  constructor(fabric: RecordedFabric, folder: ResultFolder) {
    this.#fabric = fabric;
    this.#stpEvents = folder.open(STP_EVENTS, { switch: fabric.nodes.map(({ name }) => name) });
    this.#linkEvents = folder.open(LINK_EVENTS, { link: fabric.links.map(({ id }) => id) });
    this.#nameOfNode = new Map(fabric.nodes.map(({ name, node }) => [node, name]));
    this.#linkOfPort = linkNamesByPort(fabric);
  }

  portStateChanged(bridge: number, port: number, from: number, to: number, tree: number): void {
    const { network, spanningTrees } = this.#fabric.devices;
    const { stateNames } = spanningTrees;
    const portName = network.portNames[port];
    this.#appendStpEvent(bridge, 'port_state', portName, { from: stateNames[from], to: stateNames[to], tree });
  }

  topologyChangeChanged(bridge: number, isActive: boolean, tree: number): void {
    const [from, to] = isActive ? (['inactive', 'active'] as const) : (['active', 'inactive'] as const);
    this.#appendStpEvent(bridge, 'topology_change', null, { from, to, tree });
  }

  topologyChangeDetected(bridge: number, tree: number): void {
    this.#appendStpEvent(bridge, 'topology_change_detected', null, { from: 'inactive', to: 'active', tree });
  }

  linkChanged(port: number, isUp: boolean): void {
    const link = this.#linkOfPort.get(port);
    // a wire inside a device is no link of the datacenter
    if (link !== undefined) this.#linkEvents.row(this.#nowNs, link, isUp);
  }

  #appendStpEvent(
    bridge: number,
    event: string,
    port: string | null,
    { from, to, tree }: { from: keyof typeof STP_STATES; to: keyof typeof STP_STATES; tree: number },
  ): void {
    const name = this.#nameOfNode.get(this.#fabric.devices.bridges.nodeOf(bridge));
    assert(name !== undefined, `bridge ${bridge} runs spanning tree but is not among the recorded nodes`);
    this.#stpEvents.row(this.#nowNs, name, event, port, from, to, tree);
  }

  get #nowNs(): number {
    return this.#fabric.devices.network.simulation.nowNs;
  }
}
