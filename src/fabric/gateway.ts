import type { Devices } from '../device/devices.ts';
import { PortMode } from '../device/network.ts';
import { GATEWAY_MAC, gatewayIpOf, outsideIpOf } from './addressing.ts';
import type { GatewayUse } from './fabric.ts';
import type { DatacenterPlan } from './plan.ts';

const NS_PER_MS = 1e6;

/**
 * The segments whose traffic needs the gateway: those of tenants that have more than one, or all if it routes between
 * tenants. None without a gateway.
 */
export function gatewaySegmentsOf({ gateway, segments }: DatacenterPlan): ReadonlySet<number> {
  if (gateway === null) return new Set();
  if (gateway.betweenTenants) return new Set(segments.keys());
  const segmentsOfTenant = new Map<number, number[]>();
  segments.forEach(({ tenant }, segment) => {
    const siblings = segmentsOfTenant.get(tenant);
    if (siblings === undefined) segmentsOfTenant.set(tenant, [segment]);
    else siblings.push(segment);
  });
  return new Set([...segmentsOfTenant.values()].filter(({ length }) => length > 1).flat());
}

/**
 * The one router of a datacenter, inside a bridge: an interface in each segment it serves, and for each tenant a stack of
 * its own, which routes between that tenant's segments and to nobody else; or one stack for all, if it routes between
 * tenants.
 *
 * The interfaces are behind one virtual port of the bridge, a trunk of their segments with a static entry for the
 * gateway's MAC in each, so that the bridge carries frames to it as to any station, and from it to wherever the next
 * station is: a local port, or a tunnel.
 */
export class Gateway {
  readonly #devices: Devices;
  readonly #interfaces: number[] = [];

  constructor(
    devices: Devices,
    plan: DatacenterPlan,
    { bridge, refusedSegments = [] }: { bridge: number; refusedSegments?: readonly number[] },
  ) {
    this.#devices = devices;
    const refused = new Set(refusedSegments);
    const { network, bridges, stacks } = devices;
    const node = bridges.nodeOf(bridge);
    const arpTimeoutMs = Math.ceil((plan.gateway?.arpTimeoutNs ?? 0) / NS_PER_MS);
    const betweenTenants = plan.gateway?.betweenTenants === true;
    const { switchIndices = [], transitSegments = [] } = plan.outside ?? {};
    const stackOfTable = new Map<number, number>();
    const served = [...gatewaySegmentsOf(plan)].filter((segment) => !refused.has(segment));
    const port = devices.addVirtualPort(node, `${network.nodeNames[node]} gateway`, PortMode.gateway, {
      trunk: network.trunks.add(served),
    });
    for (const segment of served) {
      const { tenant, prefixLength } = plan.segments[segment];
      const table = betweenTenants ? 0 : tenant;
      let stack = stackOfTable.get(table);
      if (stack === undefined) {
        stack = stacks.addStack({ forwards: true, listens: false });
        stackOfTable.set(table, stack);
      }
      // a static route for each tenant, who share the routers to the outside
      if (transitSegments.includes(segment)) {
        stacks.setDefaultRoute(stack, outsideIpOf(plan.segments[segment], table % switchIndices.length));
      }
      const address = network.addresses.idOf(segment, GATEWAY_MAC);
      const ipInterface = stacks.addInterface({
        stack,
        ip: gatewayIpOf(plan.segments[segment]),
        prefixLength,
        address,
        segment,
        output: bridges,
        place: port,
      });
      devices.addGatewayInterface(port, segment, ipInterface);
      bridges.tables.setStatic(bridge, address, port);
      stacks.neighbours.setFixedReachableTime(ipInterface, arpTimeoutMs);
      this.#interfaces.push(ipInterface);
    }
  }

  /** What it holds. */
  get use(): Pick<GatewayUse, 'segments' | 'arpEntries' | 'hostRoutes' | 'prefixes'> {
    const { neighbours } = this.#devices.stacks;
    const arpEntries = this.#interfaces.reduce((sum, ipInterface) => sum + neighbours.countKnown(ipInterface), 0);
    return { segments: this.#interfaces.length, arpEntries, hostRoutes: 0, prefixes: 0 };
  }

  /** Forgets who has which address, as a router that was down has. */
  clearNeighbours(): void {
    for (const ipInterface of this.#interfaces) this.#devices.stacks.clearNeighbours(ipInterface);
  }
}
