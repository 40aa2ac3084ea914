import { Devices } from '../../src/device/devices.ts';
import { ALL_SEGMENTS, PortMode } from '../../src/device/network.ts';
import { Carried } from '../../src/device/observer.ts';
import { Fingerprint } from '../../src/engine/fingerprint.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import type {
  RecordedFabric,
  RecordedLink,
  RecordedMacTable,
  RecordedNode,
} from '../../src/metrics/recorded-fabric.ts';
import { LINUX_6_18 } from '../../src/protocol/spanning-tree/parameters.ts';
import { createTestFrame, REPLAY_WIRE } from '../../src/replay/test-frame.ts';
import { seconds } from '../../src/units.ts';
import { BROADCAST_MAC, formatMac } from '../../src/wire/mac-address.ts';

const BROADCAST = formatMac(BROADCAST_MAC);

/** What a test may choose; otherwise 300 s, no limit, as the standard ages. */
export interface SmallDatacenterOptions {
  ageingTimeNs?: number;
  macTableCapacity?: number;
  implementation?: 'ieee-802.1d' | 'linux-6.18';
}

/** How long the table of the tunnel remembers: until the next sample and not until the one after. */
const TUNNEL_HOLD_MS = 1_500;
const FIRST_VLAN = 100;
const SEGMENTS = 2;
const SERVERS_PER_LEAF = 2;

/**
 * Two leaves and a spine in a triangle with spanning tree, two servers at each leaf with a station in each of two
 * segments, and the table of one tunnel that no frame ever reaches.
 */
export class SmallDatacenter {
  readonly simulation = new Simulation();
  readonly fingerprint = new Fingerprint();
  readonly devices = new Devices(this.simulation, this.fingerprint);
  readonly recorded: RecordedFabric;
  readonly #nodes: RecordedNode[] = [];
  readonly #macTables: RecordedMacTable[] = [];
  readonly #links: RecordedLink[] = [];
  readonly #macs: string[] = [];
  #frameCount = 0;

  constructor(options: SmallDatacenterOptions = {}) {
    const [leaf1, leaf2, spine1] = (['leaf1', 'leaf2', 'spine1'] as const).map((name) =>
      this.#addSwitch(name, options),
    );
    this.#link('leaf1-spine1', leaf1, spine1);
    this.#link('leaf2-spine1', leaf2, spine1);
    this.#link('leaf1-leaf2', leaf1, leaf2);
    for (const leaf of [leaf1, leaf2]) for (let i = 0; i < SERVERS_PER_LEAF; i++) this.#addServer(leaf);
    this.#runSpanningTree([spine1, leaf1, leaf2]);
    const table = this.devices.tunnels.tables.addTable({ holdMs: TUNNEL_HOLD_MS });
    this.#macTables.push({ owner: 'leaf1', tier: 'leaf', kind: 'tunnel', table, capacity: null });
    this.recorded = {
      devices: this.devices,
      nodes: this.#nodes,
      macTables: this.#macTables,
      links: this.#links,
      serverNames: this.#nodes.filter(({ tier }) => tier === 'server').map(({ name }) => name),
      encapsulationBytes: 0,
      segmentCount: SEGMENTS,
      segmentLabel: (segment) => FIRST_VLAN + segment,
      vmName: (vm) => `vm${vm + 1}`,
    };
  }

  /** Brings all links up and starts the spanning tree; hosts can talk after 30 s, and the topology change is over 35 s later. */
  start(): void {
    const { spanningTrees, bridges } = this.devices;
    for (let bridge = 0; bridge < bridges.bridgeCount; bridge++) {
      if (bridges.parametersOf(bridge).implementation === 'linux-6.18') bridges.startSweeping(bridge);
      spanningTrees.start(bridge);
    }
    for (const { id } of this.#links) this.setLinkUp(id, true);
  }

  setLinkUp(id: string, isUp: boolean): void {
    for (const port of this.linkOf(id).ports) this.devices.setAdminUp(port, isUp);
  }

  linkOf(id: string): RecordedLink {
    const link = this.#links.find((candidate) => candidate.id === id);
    if (link === undefined) throw new Error(`no link ${id}`);
    return link;
  }

  get stationCount(): number {
    return this.devices.servers.stationCount;
  }

  /** A station sends a frame, to another one or to all in its segment. */
  send(from: number, to: number | 'all', sizeBytes = 100): void {
    const { network, servers } = this.devices;
    const segment = servers.segmentOf(from);
    const frame = createTestFrame(network, {
      id: this.#frameCount++,
      segment,
      src: this.#macs[from],
      dst: to === 'all' ? BROADCAST : this.#macs[to],
      sizeBytes,
    });
    if (to === 'all') servers.transmitOnUplink(servers.serverOf(from), frame, Carried.ownBroadcast);
    else servers.transmit(from, frame);
  }

  /** Goes on for a while. */
  runFor(durationNs: number): void {
    this.simulation.run(this.simulation.nowNs + durationNs);
  }

  /** The table of the tunnel that no frame reaches learns a station. */
  learnBehindTunnel(station: number): void {
    const { servers, tunnels } = this.devices;
    tunnels.tables.learn(0, servers.addressOf(station), 0, Math.floor(this.simulation.nowNs / 1e6));
  }

  #addSwitch(name: 'leaf1' | 'leaf2' | 'spine1', options: SmallDatacenterOptions): number {
    const { ageingTimeNs = seconds(300), macTableCapacity, implementation = 'ieee-802.1d' } = options;
    const node = this.devices.network.addNode(name);
    const tier = name === 'spine1' ? 'spine' : 'leaf';
    const table = this.devices.bridges.addBridge(node, {
      ageingTimeNs,
      implementation,
      ...(macTableCapacity !== undefined && { macTableCapacity }),
    });
    this.#nodes.push({ name, tier, node });
    this.#macTables.push({ owner: name, tier, kind: 'bridge', table, capacity: macTableCapacity ?? null });
    return node;
  }

  #link(id: string, a: number, b: number): void {
    const { network } = this.devices;
    const ports = [a, b].map((node) => network.addPort(node, id, PortMode.bridged, { trunk: ALL_SEGMENTS }));
    network.connect(ports[0], ports[1], REPLAY_WIRE);
    this.#links.push({ id, tier: 'fabric', ports: [ports[0], ports[1]] });
  }

  #addServer(leaf: number): void {
    const { network, servers } = this.devices;
    const name = `server${network.nodeNames.length - 2}`;
    const server = network.addNode(name);
    const port = network.addPort(leaf, name, PortMode.bridged, { trunk: ALL_SEGMENTS });
    const uplink = network.addPort(server, 'uplink', PortMode.nic, { trunk: ALL_SEGMENTS });
    network.connect(port, uplink, REPLAY_WIRE);
    servers.setUplink(server, uplink);
    this.#nodes.push({ name, tier: 'server', node: server });
    this.#links.push({ id: `leaf-${name}`, tier: 'server', ports: [port, uplink] });
    for (let segment = 0; segment < SEGMENTS; segment++) {
      const mac = 0x0200_0000_0000 + this.#macs.length + 1;
      this.#macs.push(formatMac(mac));
      servers.addStation({ server, segment, address: network.addresses.idOf(segment, mac) });
    }
  }

  #runSpanningTree(nodes: readonly number[]): void {
    const { network, bridges, spanningTrees } = this.devices;
    for (const [index, node] of nodes.entries()) {
      spanningTrees.add(
        bridges.bridgeOf(node),
        {
          mac: 0x0200_5e00_0000 + index,
          priority: 32_768,
          helloTimeNs: seconds(2),
          maxAgeNs: seconds(20),
          forwardDelayNs: seconds(15),
          profile: LINUX_6_18,
        },
        network.nodePorts[node].map((port) => ({ port, pathCost: 2 })),
      );
    }
  }
}
