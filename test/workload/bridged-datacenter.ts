import { Devices } from '../../src/device/devices.ts';
import { ALL_SEGMENTS, PortMode, type WireParameters } from '../../src/device/network.ts';
import { Fingerprint } from '../../src/engine/fingerprint.ts';
import { RandomStreams } from '../../src/engine/random.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { microseconds, seconds } from '../../src/units.ts';
import { MIN_FRAME_BYTES } from '../../src/wire/ethernet.ts';
import { parseIpv4 } from '../../src/wire/ipv4-address.ts';
import { Peers } from '../../src/workload/peers.ts';
import { VmDatagrams } from '../../src/workload/vm-datagrams.ts';
import { VmPauses } from '../../src/workload/vm-pauses.ts';

const WIRE: WireParameters = { rateBitsPerSec: 25e9, delayNs: microseconds(1), bufferBytes: 2 ** 20 };

interface Layout {
  /** The rack of each server: servers of one rack share a bridge, and all bridges hang on one more. */
  serverRacks: readonly number[];
  /** The server and the segment of each VM. */
  vmServers: readonly number[];
  vmSegments?: readonly number[];
  segmentTenants?: readonly number[];
  peersPerVm?: number;
  wire?: Partial<WireParameters>;
}

/** Servers with VMs under a bridge for each rack and one above, links up, and what workloads need. */
export function bridgedDatacenter({
  serverRacks,
  vmServers,
  vmSegments = vmServers.map(() => 0),
  segmentTenants = [...new Set(vmSegments)].map(() => 0),
  peersPerVm = 5,
  wire = {},
}: Layout) {
  const simulation = new Simulation();
  const devices = new Devices(simulation, new Fingerprint());
  const { network, bridges, servers, stacks } = devices;
  stacks.minFrameBytes = MIN_FRAME_BYTES;
  const streams = new RandomStreams(1);
  const addBridge = (name: string) => {
    const node = network.addNode(name);
    bridges.addBridge(node, { ageingTimeNs: seconds(300), implementation: 'ieee-802.1d' });
    return node;
  };
  const join = (a: number, b: number, modeB: number) => {
    const portA = network.addPort(a, `${a}-${b}`, PortMode.bridged, { trunk: ALL_SEGMENTS });
    const portB = network.addPort(b, `${b}-${a}`, modeB, { trunk: ALL_SEGMENTS });
    network.connect(portA, portB, { ...WIRE, ...wire });
    devices.setAdminUp(portA, true);
    return { portA, portB };
  };
  const top = addBridge('top');
  const racks = [...new Set(serverRacks)].map((rack) => {
    const bridge = addBridge(`rack${rack}`);
    return { bridge, uplink: join(top, bridge, PortMode.bridged).portB };
  });
  const serverNodes = serverRacks.map((rack, server) => {
    const node = network.addNode(`server${server}`);
    servers.setUplink(node, join(racks[rack]!.bridge, node, PortMode.nic).portB);
    return node;
  });
  for (const [vm, server] of vmServers.entries()) {
    const segment = vmSegments[vm]!;
    const address = network.addresses.idOf(segment, 0x02_00_00_00_00_00 + vm);
    const station = servers.addStation({ server: serverNodes[server]!, segment, address });
    const ip = parseIpv4('10.0.0.0') + segment * 2 ** 16 + vm + 1;
    const stack = stacks.addStack();
    stacks.addInterface({ stack, ip, prefixLength: 16, address, segment, output: servers, place: station });
    servers.setInterface(station, vm);
  }
  const vmCount = vmServers.length;
  return {
    simulation,
    devices,
    streams,
    serverNodes,
    vmSegments: Int32Array.from(vmSegments),
    uplinks: racks.map(({ uplink }) => uplink),
    datagrams: new VmDatagrams(devices, vmCount),
    pauses: new VmPauses(servers, vmCount),
    peers: new Peers({
      vmSegments: Int32Array.from(vmSegments),
      segmentTenants: Int32Array.from(segmentTenants),
      peersPerVm,
      stream: streams.stream('peers'),
    }),
    moveVm: (vm: number, server: number) => servers.move(vm, serverNodes[server]!),
    /** The port of a bridge behind which a server is. */
    placeOfServer: ({ table }: { table: number }, server: number) => {
      const rack = racks[serverRacks[server]!]!;
      const node = bridges.nodeOf(table);
      const nic = network.nodePorts[serverNodes[server]!]![0]!;
      if (node === rack.bridge) return network.peerOf(nic);
      return node === top ? network.peerOf(rack.uplink) : network.nodePorts[node]![0]!;
    },
  };
}

export type BridgedDatacenter = ReturnType<typeof bridgedDatacenter>;
