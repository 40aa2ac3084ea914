import type { Devices } from '../device/devices.ts';
import { PortFlag } from '../device/network.ts';
import { outerFlowHash } from '../device/tunnels.ts';
import type { Cabling } from './cabling.ts';
import type { EvpnControlPlane } from './evpn-control-plane.ts';
import type { MacTableOwner } from './fabric.ts';
import { Mlag, type MlagSettings } from './mlag.ts';
import type { DatacenterPlan } from './plan.ts';
import { rackPairsOf } from './switch-pairs.ts';
import type { Vteps } from './vteps.ts';

const NS_PER_MS = 1e6;

/** What pairs of leaves are made of. */
interface PairedLeaves {
  readonly devices: Devices;
  readonly plan: DatacenterPlan;
  readonly cabling: Cabling;
  readonly vteps: Vteps;
  /** Indexed by switch; -1 for one that is no VTEP. */
  readonly tunnelOfSwitch: readonly number[];
  /** Indexed by server: the tunnels at its leaves. */
  readonly tunnelsOfServer: readonly (readonly number[])[];
  /** Tells both of a pair what is beyond their tunnels; null where they tell each other. */
  readonly controlPlane: EvpnControlPlane | null;
}

/** Pairs of leaves with one endpoint between the two: they tell each other where stations are, at ports and behind endpoints. */
export class VtepPairs {
  readonly #leaves: PairedLeaves;
  readonly #mlag: Mlag;

  constructor(leaves: PairedLeaves, settings: MlagSettings) {
    this.#leaves = leaves;
    const { devices, plan, cabling, vteps, tunnelOfSwitch, controlPlane } = leaves;
    const { network, tunnels, underlay } = devices;
    const pairs = rackPairsOf(plan);
    this.#mlag = new Mlag(
      {
        devices,
        plan,
        cabling,
        pairs,
        bridges: tunnelOfSwitch.map((tunnel) => vteps.bridgeOf(tunnel)),
        refusedSegments: [],
        tunnels: {
          ports: tunnelOfSwitch.map((tunnel) => (tunnel < 0 ? -1 : tunnels.portOf(tunnel))),
          // while its ports to servers are down, packets shall go to the other leaf
          onHold: (port, isHeld) => underlay.setAnnounced(network.nodeOf(port), !isHeld),
        },
      },
      settings,
    );
    if (controlPlane === null) this.#shareRemotes();
    else for (const [one, other] of pairs) controlPlane.pair(one, other);
  }

  /** Lets the two of a pair tell each other what they learned behind which endpoint. */
  #shareRemotes(): void {
    const { devices, vteps } = this.#leaves;
    const { bridges, mlagPairs, network, tunnels } = devices;
    const tunnelOf = (bridge: number) => vteps.tunnelsOf(bridge)[0];
    const nowMs = () => Math.floor(network.simulation.nowNs / NS_PER_MS);
    tunnels.onLearned = (tunnel, address) => mlagPairs.tell(vteps.bridgeOf(tunnel), address);
    mlagPairs.onTold = (from, to, address, place) => {
      const tunnel = tunnelOf(to);
      const isBeyond = place === tunnels.portOf(tunnel) && bridges.tables.lookUp(to, address, nowMs()) === place;
      if (isBeyond) tunnels.learnFrom(tunnel, tunnelOf(from), address);
    };
    mlagPairs.onAgesShared = (one, other) => {
      tunnels.tables.shareAges(tunnelOf(one), tunnelOf(other), nowMs(), () => {});
    };
  }

  start(): void {
    this.#mlag.start();
  }

  /** A switch fails, before its links go down, or has come back. */
  setAlive(switchIndex: number, isAlive: boolean): void {
    this.#mlag.setAlive(switchIndex, isAlive);
  }

  /** Out of whichever link the server takes, and to whichever leaf of the other pair routes lead. */
  pathBetweenServers(
    fromServer: number,
    toServer: number,
    { flowHash, sourcePortCount }: { flowHash: number; sourcePortCount: number },
  ): Int32Array | null {
    const { devices, cabling, tunnelsOfServer } = this.#leaves;
    const { aggregations, network, servers, tunnels, underlay } = devices;
    const nic = aggregations.portFor(servers.uplinkOf(cabling.serverNodes[fromServer]), flowHash);
    if (!network.hasFlag(nic, PortFlag.linkUp)) return null;
    let node = network.nodeOf(network.peerOf(nic));
    const from = tunnelsOfServer[fromServer].find((tunnel) => network.nodeOf(tunnels.portOf(tunnel)) === node)!;
    const path = [nic];
    const [to] = tunnelsOfServer[toServer];
    if (tunnels.endpointOf(from) !== tunnels.endpointOf(to)) {
      const { endpoint, ownEndpoint = endpoint } = tunnels.parametersOf(from);
      const destination = tunnels.endpointOf(to);
      const hash = outerFlowHash({ endpoint, destination, innerFlowHash: flowHash, sourcePortCount });
      const leg = underlay.pathBetween(ownEndpoint, destination, hash);
      if (leg === null) return null;
      path.push(...leg);
      node = network.nodeOf(network.peerOf(leg[leg.length - 1]));
    }
    const rest = this.#mlag.pathTo(toServer, node, flowHash);
    return rest === null ? null : Int32Array.of(...path, ...rest);
  }

  placeOfServer({ kind, table }: MacTableOwner, server: number): number {
    const { devices, vteps, tunnelsOfServer } = this.#leaves;
    const { bridges, tunnels } = devices;
    const tunnel = kind === 'tunnel' ? table : vteps.tunnelsOf(table)[0];
    const own = tunnelsOfServer[server];
    if (kind === 'tunnel') return own.includes(tunnel) ? -1 : tunnels.endpointOf(own[0]);
    if (!own.includes(tunnel)) return tunnels.portOf(tunnel);
    return this.#mlag.placeOfServer(bridges.nodeOf(table), server);
  }
}
