import type { Devices } from '../device/devices.ts';
import { gatewayIpOf, OUTSIDE_HOST_IP, OUTSIDE_MAC_FIRST, outsideIpOf } from './addressing.ts';
import type { Cabling } from './cabling.ts';
import type { DatacenterPlan } from './plan.ts';

/** A router to the outside, as it is in the segment where it meets a routing table. */
export interface OutsideStation {
  /** Its number among the routers, and its border as an index of switches. */
  readonly router: number;
  readonly switchIndex: number;
  readonly segment: number;
  readonly address: number;
  readonly ip: number;
  /** The border's port to it. */
  readonly port: number;
}

/**
 * The routers of another network, one at each border: a station in the transit segment of every routing table (a VLAN for
 * each: VRF-lite), which sends what is for the datacenter to the gateway's address there. Behind each is the one host that
 * is outside, OUTSIDE_HOST_IP, the same behind all.
 */
export class OutsideRouters {
  readonly stations: OutsideStation[] = [];
  /** Indexed by router: its border, the port there and the port at itself. */
  readonly ports: { readonly switchIndex: number; readonly ports: readonly [number, number] }[] = [];
  readonly #devices: Devices;
  // by IP interface of a router in a transit segment: that of the host outside behind it
  readonly #hosts = new Map<number, number>();

  constructor(devices: Devices, plan: DatacenterPlan, cabling: Cabling) {
    this.#devices = devices;
    const { switchIndices = [], transitSegments = [] } = plan.outside ?? {};
    for (const [router, switchIndex] of switchIndices.entries()) {
      const [port, nic] = cabling.outsidePorts[router];
      this.ports.push({ switchIndex, ports: [port, nic] });
      const node = devices.network.nodeOf(nic);
      for (const segment of transitSegments) {
        this.#addStation(node, gatewayIpOf(plan.segments[segment]), {
          router,
          switchIndex,
          segment,
          address: devices.network.addresses.idOf(segment, OUTSIDE_MAC_FIRST + router),
          ip: outsideIpOf(plan.segments[segment], router),
          port,
        });
      }
    }
  }

  /** An IP interface of the host outside, to be talked to; -1 if there is no outside. */
  get host(): number {
    return this.#hosts.values().next().value ?? -1;
  }

  /** The interface of the host outside that answers what came in by a router's interface; -1 if that is none. */
  hostBehind(ipInterface: number): number {
    return this.#hosts.get(ipInterface) ?? -1;
  }

  #addStation(node: number, gatewayIp: number, station: OutsideStation): void {
    const { servers, stacks } = this.#devices;
    const { segment, address, ip } = station;
    const place = servers.addStation({ server: node, segment, address });
    // the host's address is no neighbour of the gateway
    const stack = stacks.addStack({ asksAsInterface: true });
    const own = { stack, address, segment, output: servers, place };
    const ipInterface = stacks.addInterface({ ...own, ip, prefixLength: TRANSIT_PREFIX_LENGTH });
    servers.setInterface(place, ipInterface);
    this.#hosts.set(ipInterface, stacks.addInterface({ ...own, ip: OUTSIDE_HOST_IP, prefixLength: 32 }));
    stacks.setDefaultRoute(stack, gatewayIp);
    this.stations.push(station);
  }
}

/** Of a transit segment: room for thirteen routers and the gateway. */
export const TRANSIT_PREFIX_LENGTH = 28;
