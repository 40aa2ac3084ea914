import { Devices } from '../src/device/devices.ts';
import { ALL_SEGMENTS, PortMode } from '../src/device/network.ts';
import { Fingerprint } from '../src/engine/fingerprint.ts';
import { Simulation } from '../src/engine/simulation.ts';
import { FrameKind } from '../src/wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../src/wire/frame-pool.ts';
import type { Measurement } from './measurement.ts';
import { cpuTimeNs } from './support.ts';

/** A leaf–spine of learning bridges whose stations answer each other; each VLAN rides one spine, so that there is no loop. */
export interface FrameHopSize {
  name: string;
  leaves: number;
  spines: number;
  serversPerLeaf: number;
  vmsPerServer: number;
  vlansPerPod: number;
  leavesPerPod: number;
  framesInFlight: number;
}

/** The sizes of the native yardstick (1,000 stations in the cache, 101,376 that are not), and that of the ns-3 peer. */
export const FRAME_HOP_SIZES: readonly FrameHopSize[] = [
  {
    name: 'S',
    leaves: 20,
    spines: 1,
    serversPerLeaf: 50,
    vmsPerServer: 1,
    vlansPerPod: 1,
    leavesPerPod: 20,
    framesInFlight: 1000,
  },
  {
    name: 'M',
    leaves: 64,
    spines: 8,
    serversPerLeaf: 48,
    vmsPerServer: 33,
    vlansPerPod: 48,
    leavesPerPod: 8,
    framesInFlight: 6000,
  },
  {
    name: '100-hosts',
    leaves: 4,
    spines: 1,
    serversPerLeaf: 25,
    vmsPerServer: 1,
    vlansPerPod: 1,
    leavesPerPod: 4,
    framesInFlight: 100,
  },
];

/** How the native yardstick is told to simulate a size: see bench/README.md. */
export function yardstickArguments(size: FrameHopSize, hops: number, warmHops = 500_000): string[] {
  const { leaves, spines, serversPerLeaf, vmsPerServer, vlansPerPod, leavesPerPod, framesInFlight } = size;
  return [
    leaves,
    spines,
    serversPerLeaf,
    vmsPerServer,
    vlansPerPod,
    leavesPerPod,
    framesInFlight,
    1,
    warmHops,
    hops,
  ].map(String);
}

/** CPU time of one frame-hop at a size, and what a MAC entry occupies there. */
export function benchFrameHops(name: string, hops = 8_000_000): Measurement[] {
  const size = FRAME_HOP_SIZES.find((candidate) => candidate.name === name);
  if (size === undefined) throw new Error(`no size is called ${name}`);
  const bench = new FrameHopBench(size);
  // long enough for V8 to have compiled everything as it will stay: its compiler's time counts as CPU time too
  bench.run(3_000_000);
  const { cpuNsPerHop, tableBytes, macEntries } = bench.run(hops);
  const subject = `${name}, ${size.leaves * size.serversPerLeaf * size.vmsPerServer} stations`;
  return [
    { bench: 'frame-hops', subject: `${subject}, one hop`, unit: 'ns', value: cpuNsPerHop },
    { bench: 'memory', subject: `a MAC entry, frame-hops ${name}`, unit: 'bytes', value: tableBytes / macEntries },
  ];
}

/** What one round measured. */
export interface FrameHopResult {
  name: string;
  stations: number;
  hops: number;
  events: number;
  cpuNsPerHop: number;
  fingerprint: string;
  tableBytes: number;
  macEntries: number;
}

/** Whole simulator, metrics on: frames learn, are looked up and counted at each bridge, and answered at each delivery. */
export class FrameHopBench {
  readonly size: FrameHopSize;
  readonly #simulation = new Simulation();
  readonly #fingerprint = new Fingerprint();
  readonly #devices = new Devices(this.#simulation, this.#fingerprint);
  readonly #stationsPerVlan: number;
  #randomState = 0x9e3779b9 | 0;

  constructor(size: FrameHopSize) {
    this.size = size;
    this.#stationsPerVlan = (size.leavesPerPod * size.serversPerLeaf * size.vmsPerServer) / size.vlansPerPod;
    this.#build();
    this.#devices.servers.dataReceiver = (station, frame) => this.#answer(station, frame);
    const { servers } = this.#devices;
    for (let i = 0; i < size.framesInFlight; i++) {
      const station = (this.#random() >>> 0) % servers.stationCount;
      this.#send(station, this.#peerOf(station));
    }
  }

  /** Lets frames hop until `hops` more have. */
  run(hops: number): FrameHopResult {
    const { network, bridges, servers } = this.#devices;
    const startHops = network.hops;
    const startEvents = this.#simulation.eventCount;
    const startNs = cpuTimeNs();
    while (network.hops - startHops < hops) this.#simulation.run(this.#simulation.nowNs + 100_000);
    const elapsedNs = cpuTimeNs() - startNs;
    const done = network.hops - startHops;
    return {
      name: this.size.name,
      stations: servers.stationCount,
      hops: done,
      events: this.#simulation.eventCount - startEvents,
      cpuNsPerHop: elapsedNs / done,
      fingerprint: this.#fingerprint.digest(),
      tableBytes: bridges.tables.sizeBytes,
      macEntries: bridges.tables.entryCounts.reduce((sum, count) => sum + count, 0),
    };
  }

  /** What was done since the start, as `peers/native-fabric.cc` counts it. */
  counts(): { hops: number; events: number; deliveries: number; nowNs: number; linkChecksum: string } {
    const { network } = this.#devices;
    let linkChecksum = 0n;
    for (let port = 0; port < network.portCount; port++) {
      linkChecksum += BigInt(port + 1) * BigInt(network.sentBytes(port));
    }
    return {
      hops: network.hops,
      events: this.#simulation.eventCount,
      // each delivery is answered
      deliveries: network.createdFrames - this.size.framesInFlight,
      nowNs: this.#simulation.nowNs,
      linkChecksum: String(BigInt.asUintN(64, linkChecksum)),
    };
  }

  #build(): void {
    const { network, bridges, servers } = this.#devices;
    const { leaves, spines, serversPerLeaf, vmsPerServer, vlansPerPod, leavesPerPod } = this.size;
    const podCount = leaves / leavesPerPod;
    const vlanCount = vlansPerPod * podCount;
    const trunks = Array.from({ length: spines }, (_, spine) =>
      network.trunks.add(
        Array.from({ length: vlanCount }, (_, vlan) => vlan).filter((vlan) => vlan % spines === spine),
      ),
    );
    const addBridge = (name: string) => {
      const node = network.addNode(name);
      return { node, bridge: bridges.addBridge(node, { ageingTimeNs: 300e9, implementation: 'ieee-802.1d' }) };
    };
    const leafNodes = Array.from({ length: leaves }, (_, leaf) => addBridge(`leaf${leaf}`));
    const spineNodes = Array.from({ length: spines }, (_, spine) => addBridge(`spine${spine}`));
    const uplinks: number[][] = leafNodes.map(() => []);
    const downlinks: number[][] = spineNodes.map(() => []);
    leafNodes.forEach((leaf, l) => {
      spineNodes.forEach((spine, s) => {
        const up = network.addPort(leaf.node, `l${l}>s${s}`, PortMode.bridged, { trunk: trunks[s] });
        const down = network.addPort(spine.node, `s${s}>l${l}`, PortMode.bridged, { trunk: trunks[s] });
        network.connect(up, down, { rateBitsPerSec: 400e9, delayNs: 500, bufferBytes: 1 << 24 });
        this.#devices.setAdminUp(up, true);
        uplinks[l].push(up);
        downlinks[s].push(down);
      });
    });
    const stationsPerPod = leavesPerPod * serversPerLeaf * vmsPerServer;
    const serverPorts: number[] = [];
    const vlanOf = (station: number) =>
      Math.floor(station / stationsPerPod) * vlansPerPod + ((station % stationsPerPod) % vlansPerPod);
    const serverNodes: number[] = [];
    for (let server = 0; server < leaves * serversPerLeaf; server++) {
      const leaf = leafNodes[Math.floor(server / serversPerLeaf)];
      const node = network.addNode(`server${server}`);
      const nic = network.addPort(node, `n${server}`, PortMode.nic, { trunk: ALL_SEGMENTS });
      const port = network.addPort(leaf.node, `p${server}`, PortMode.bridged, { trunk: ALL_SEGMENTS });
      network.connect(nic, port, { rateBitsPerSec: 25e9, delayNs: 500, bufferBytes: 1 << 24 });
      servers.setUplink(node, nic);
      this.#devices.setAdminUp(nic, true);
      serverNodes.push(node);
      serverPorts.push(port);
    }
    // stations of a VLAN follow each other, as a datacenter's plan numbers them
    const stationCount = leaves * serversPerLeaf * vmsPerServer;
    const order = Array.from({ length: stationCount }, (_, vm) => vm).sort((a, b) => vlanOf(a) - vlanOf(b) || a - b);
    for (const vm of order) {
      const vlan = vlanOf(vm);
      const server = Math.floor(vm / vmsPerServer);
      const address = network.addresses.idOf(vlan, 0x0a_00_00_00_00_00 + vm + 1);
      const station = servers.addStation({ server: serverNodes[server], segment: vlan, address });
      if (station !== address) throw new Error('the bench takes stations and addresses to have the same numbers');
      this.#prime(vlan, address, server, { leafNodes, spineNodes, uplinks, downlinks, serverPorts });
    }
  }

  /** Enters a station into the tables of every bridge that its VLAN reaches, as if it had broadcast. */
  #prime(
    vlan: number,
    address: number,
    server: number,
    fabric: {
      leafNodes: { bridge: number }[];
      spineNodes: { bridge: number }[];
      uplinks: number[][];
      downlinks: number[][];
      serverPorts: number[];
    },
  ): void {
    const { tables } = this.#devices.bridges;
    const { spines, serversPerLeaf, vlansPerPod, leavesPerPod } = this.size;
    const leaf = Math.floor(server / serversPerLeaf);
    const spine = vlan % spines;
    const pod = Math.floor(vlan / vlansPerPod);
    tables.learn(fabric.spineNodes[spine].bridge, address, fabric.downlinks[spine][leaf], 0);
    for (let other = pod * leavesPerPod; other < (pod + 1) * leavesPerPod; other++) {
      const port = other === leaf ? fabric.serverPorts[server] : fabric.uplinks[other][spine];
      tables.learn(fabric.leafNodes[other].bridge, address, port, 0);
    }
  }

  #answer(station: number, frame: number): boolean {
    const { network } = this.#devices;
    const sender = network.frames.words[(frame << FRAME_SHIFT) + Frame.tag];
    network.frames.release(frame);
    // half the frames are answers, half go to somebody else of the VLAN
    this.#send(station, this.#random() < 0 ? sender : this.#peerOf(station));
    return true;
  }

  /** Some other station of the VLAN, on another server. Arithmetic only, as in the yardstick: VMs are not under test. */
  #peerOf(station: number): number {
    const { vmsPerServer, vlansPerPod } = this.size;
    const stationsPerVlan = this.#stationsPerVlan;
    const vlan = (station / stationsPerVlan) | 0;
    const first = vlan * stationsPerVlan;
    const vlanOfPod = vlan % vlansPerPod;
    const serverOf = (k: number) => ((vlanOfPod + k * vlansPerPod) / vmsPerServer) | 0;
    const server = serverOf(station - first);
    let k = (this.#random() >>> 0) % stationsPerVlan;
    while (serverOf(k) === server) k = (k + 1) % stationsPerVlan;
    return first + k;
  }

  #send(station: number, peer: number): void {
    const { network, servers } = this.#devices;
    const frame = network.frames.allocate();
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    words[f + Frame.kind] = FrameKind.data;
    words[f + Frame.sizeBytes] = 60 + ((this.#random() >>> 8) % 1400);
    words[f + Frame.count] = 1;
    words[f + Frame.segment] = (station / this.#stationsPerVlan) | 0;
    // an address has the number of its station
    words[f + Frame.src] = station;
    words[f + Frame.dst] = peer;
    words[f + Frame.flowHash] = station;
    words[f + Frame.tag] = station;
    network.countCreated(frame);
    servers.transmit(station, frame);
  }

  /** 32 bits by chance: xorshift32. */
  #random(): number {
    let state = this.#randomState;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#randomState = state;
    return state;
  }
}
