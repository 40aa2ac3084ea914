import { Devices } from '../device/devices.ts';
import { PortMode } from '../device/network.ts';
import { Carried } from '../device/observer.ts';
import { isPortMac } from '../device/spanning-trees.ts';
import { Fingerprint } from '../engine/fingerprint.ts';
import { Simulation } from '../engine/simulation.ts';
import { DEFAULT_BRIDGE_PRIORITY, LINUX_6_18 } from '../protocol/spanning-tree/parameters.ts';
import { PORT_STATE_NAMES } from '../protocol/spanning-tree/port-states.ts';
import { FrameKind } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import { formatMac, parseMac } from '../wire/mac-address.ts';
import { type BridgeCase, portNamesOf } from './recording-schema.ts';
import { createTestFrame, DEFAULT_FRAME_BYTES, REPLAY_WIRE, SECOND_NS } from './test-frame.ts';

/** What every frame and every snapshot of a bridged fabric showed. */
export interface BridgeObservations {
  frames: { frame: number; at: number; host: string; src: string; dst: string; copies: Copies }[];
  snapshots: BridgeSnapshot[];
  bpdusSent: Record<string, { config?: number; tcn?: number }>;
}

type Copies = Record<string, { tx: number; rx: number }>;

interface BridgeSnapshot {
  at: number;
  bridges: Record<string, { root: string; rootPort: string | null; rootPathCost: number }>;
  fdb: Record<string, Record<string, string>>;
  ports: Record<string, { state: string; role: string }>;
}

/** The one segment of bridges that know no VLANs. */
const SEGMENT = 0;

/** From the bridges' coming up to the first port's, and from port to port: what creating interfaces took when recorded. */
const PORTS_UP_AFTER_NS = 300e6;
const PORT_UP_INTERVAL_NS = 4e6;

/** A snapshot is taken this long after its step's time, and the recording goes on this long after its last step. */
const SNAPSHOT_DELAY_NS = 50e6;
const TAIL_NS = 300e6;

/** Interval between the frames of one step, unless it says otherwise. */
const DEFAULT_GAP_NS = 10e6;

/** Rebuilds a recorded fabric of bridges from our own devices, performs its steps, and returns what was seen. */
export function replayBridges(recording: BridgeCase): BridgeObservations {
  return new BridgeReplay(recording).run();
}

class BridgeReplay {
  readonly #case: BridgeCase;
  readonly #simulation = new Simulation();
  readonly #devices = new Devices(this.#simulation, new Fingerprint());
  readonly #bridges = new Map<string, number>();
  readonly #ports = new Map<string, number>();
  readonly #servers = new Map<string, number>();
  readonly #observed: BridgeObservations = { frames: [], snapshots: [], bpdusSent: {} };
  // the bridges' ports; a host's own end of its wire is not reported
  readonly #reportedPorts = new Set<number>();
  #startNs = 0;

  constructor(recording: BridgeCase) {
    this.#case = recording;
    this.#build();
  }

  run(): BridgeObservations {
    const { network } = this.#devices;
    network.tap = {
      sent: (port, frame) => this.#see(port, frame, 'tx'),
      received: (port, frame) => this.#see(port, frame, 'rx'),
    };
    this.#bringUp();
    for (const step of this.#case.steps) {
      this.#runUntil(this.#startNs + Math.round(step.at * SECOND_NS));
      if (step.send !== undefined) this.#send(step.at, step.send);
      else if (step.linkDown !== undefined) this.#devices.setAdminUp(this.#port(step.linkDown), false);
      else if (step.linkUp !== undefined) this.#devices.setAdminUp(this.#port(step.linkUp), true);
      else {
        this.#runUntil(this.#simulation.nowNs + SNAPSHOT_DELAY_NS);
        this.#observed.snapshots.push(this.#snapshot(step.at));
      }
    }
    this.#runUntil(this.#simulation.nowNs + TAIL_NS);
    for (const frame of this.#observed.frames) frame.copies = sortedByKey(frame.copies);
    return this.#observed;
  }

  #build(): void {
    const { network, bridges, spanningTrees, servers } = this.#devices;
    const portsOf = new Map<string, { port: number; pathCost: number }[]>();
    for (const bridge of this.#case.bridges) {
      const node = network.addNode(bridge.id);
      this.#bridges.set(
        bridge.id,
        bridges.addBridge(node, {
          ageingTimeNs: (bridge.ageing ?? 300) * SECOND_NS,
          ...(bridge.fdbMaxLearned !== undefined &&
            bridge.fdbMaxLearned > 0 && { macTableCapacity: bridge.fdbMaxLearned }),
          implementation: 'linux-6.18',
        }),
      );
      portsOf.set(bridge.id, []);
    }
    const addPort = (bridge: string, name: string, cost: number | undefined) => {
      const node = bridges.nodeOf(this.#bridge(bridge));
      const port = network.addPort(node, name, PortMode.bridged, { pvid: SEGMENT });
      this.#ports.set(name, port);
      this.#reportedPorts.add(port);
      portsOf.get(bridge)?.push({ port, pathCost: cost ?? LINUX_6_18.pathCostOf(REPLAY_WIRE.rateBitsPerSec) });
      return port;
    };
    for (const link of this.#case.links) {
      const names = portNamesOf(link);
      network.connect(addPort(link.a, names.a, link.cost), addPort(link.b, names.b, link.cost), REPLAY_WIRE);
    }
    for (const host of this.#case.hosts) {
      const port = addPort(host.at, `${host.at}>${host.id}`, host.cost);
      const server = network.addNode(host.id);
      const uplink = network.addPort(server, `${host.id}>${host.at}`, PortMode.nic, { pvid: SEGMENT });
      network.connect(port, uplink, REPLAY_WIRE);
      servers.setUplink(server, uplink);
      servers.addStation({ server, segment: SEGMENT, address: network.addresses.idOf(SEGMENT, parseMac(host.mac)) });
      this.#servers.set(host.id, server);
    }
    for (const bridge of this.#case.bridges) {
      // a frame for the bridge itself goes up and no further
      const own = network.addresses.idOf(SEGMENT, parseMac(bridge.mac));
      const number = this.#bridge(bridge.id);
      const local = this.#devices.addVirtualPort(bridges.nodeOf(number), bridge.id, PortMode.self, { pvid: SEGMENT });
      bridges.tables.setStatic(number, own, local);
      if (bridge.stp !== true) continue;
      spanningTrees.add(
        number,
        {
          mac: parseMac(bridge.mac),
          priority: bridge.priority ?? DEFAULT_BRIDGE_PRIORITY,
          helloTimeNs: (bridge.hello ?? 2) * SECOND_NS,
          maxAgeNs: (bridge.maxAge ?? 20) * SECOND_NS,
          forwardDelayNs: (bridge.forwardDelay ?? 15) * SECOND_NS,
          profile: LINUX_6_18,
        },
        portsOf.get(bridge.id) ?? [],
      );
    }
  }

  #bringUp(): void {
    const { bridges, spanningTrees } = this.#devices;
    for (const bridge of this.#bridges.values()) {
      bridges.startSweeping(bridge);
      if (spanningTrees.treeOf(bridge) !== undefined) spanningTrees.start(bridge);
    }
    this.#runUntil(PORTS_UP_AFTER_NS);
    for (const port of this.#ports.values()) {
      this.#devices.setAdminUp(port, true);
      this.#runUntil(this.#simulation.nowNs + PORT_UP_INTERVAL_NS);
    }
    this.#startNs = this.#simulation.nowNs;
  }

  #send(at: number, step: NonNullable<BridgeCase['steps'][number]['send']>): void {
    const { network, servers } = this.#devices;
    const host = this.#case.hosts.find(({ id }) => id === step.host);
    const target = this.#case.hosts.find(({ id }) => id === step.dst);
    const src = step.src ?? host?.mac ?? '';
    const dst = target?.mac ?? step.dst;
    const gapNs = step.gap === undefined ? DEFAULT_GAP_NS : Math.round(step.gap * SECOND_NS);
    for (let i = 0; i < (step.count ?? 1); i++) {
      const id = this.#observed.frames.length;
      this.#observed.frames.push({ frame: id, at, host: step.host, src, dst, copies: {} });
      const sizeBytes = step.size ?? DEFAULT_FRAME_BYTES;
      const frame = createTestFrame(network, { id, segment: SEGMENT, src, dst, sizeBytes });
      servers.transmitOnUplink(this.#servers.get(step.host) ?? -1, frame, Carried.knownUnicast);
      this.#runUntil(this.#simulation.nowNs + gapNs);
    }
  }

  #see(port: number, frame: number, direction: 'tx' | 'rx'): void {
    if (!this.#reportedPorts.has(port)) return;
    const { network } = this.#devices;
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    const name = network.portNames[port];
    const kind = words[f + Frame.kind];
    if (kind === FrameKind.data) {
      const { copies } = this.#observed.frames[words[f + Frame.tag]];
      copies[name] ??= { tx: 0, rx: 0 };
      copies[name][direction]++;
    } else if (direction === 'tx' && (kind === FrameKind.configBpdu || kind === FrameKind.tcnBpdu)) {
      this.#observed.bpdusSent[name] ??= {};
      const counts = this.#observed.bpdusSent[name];
      const what = kind === FrameKind.configBpdu ? 'config' : 'tcn';
      counts[what] = (counts[what] ?? 0) + 1;
    }
  }

  #snapshot(at: number): BridgeSnapshot {
    const { network, spanningTrees } = this.#devices;
    const snapshot: BridgeSnapshot = { at, bridges: {}, fdb: {}, ports: {} };
    for (const [id, bridge] of this.#bridges) {
      const entries = this.#learnedStations(bridge);
      if (Object.keys(entries).length > 0) snapshot.fdb[id] = entries;
      const tree = spanningTrees.treeOf(bridge);
      if (tree === undefined) continue;
      const rootPort = tree.rootPortIndex;
      snapshot.bridges[id] = {
        root: id,
        rootPort: rootPort < 0 ? null : network.portNames[spanningTrees.portAt(bridge, rootPort)],
        rootPathCost: tree.rootPathCost,
      };
      for (let index = 0; index < tree.portCount; index++) {
        const role = tree.roleOf(index);
        snapshot.ports[network.portNames[spanningTrees.portAt(bridge, index)]] = {
          state: PORT_STATE_NAMES[tree.stateOf(index)],
          role: role === 'backup' ? 'alternate' : role,
        };
      }
    }
    return { ...snapshot, ports: sortedByKey(snapshot.ports) };
  }

  #learnedStations(bridge: number): Record<string, string> {
    const { network, bridges } = this.#devices;
    const entries: Record<string, string> = {};
    bridges.tables.forEachEntry(bridge, (address, place) => {
      const isPortAddress = isPortMac(network.addresses.macOf(address));
      if (this.#reportedPorts.has(place) && !isPortAddress) {
        entries[formatMac(network.addresses.macOf(address))] = network.portNames[place];
      }
    });
    return sortedByKey(entries);
  }

  #bridge(id: string): number {
    return this.#bridges.get(id) ?? -1;
  }

  #port(name: string): number {
    return this.#ports.get(name) ?? -1;
  }

  #runUntil(timeNs: number): void {
    if (timeNs > this.#simulation.nowNs) this.#simulation.run(timeNs);
  }
}

function sortedByKey<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
