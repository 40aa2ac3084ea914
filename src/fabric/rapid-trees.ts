import type { Devices } from '../device/devices.ts';
import type { VlanClass as ProcessVlans } from '../device/spanning-trees.ts';
import type { RapidPortOptions } from '../protocol/multiple-spanning-tree/multiple-spanning-tree.ts';
import {
  type RAPID_IMPLEMENTATIONS,
  RAPID_PROFILES,
  rapidPathCostOf,
} from '../protocol/multiple-spanning-tree/parameters.ts';
import { IEEE_802_1D } from '../protocol/spanning-tree/parameters.ts';
import { bridgeIdOf } from '../wire/bpdu.ts';
import { VLAN_COUNT_MAX } from '../wire/ethernet.ts';
import type { MacAddress } from '../wire/mac-address.ts';
import { SWITCH_MAC_FIRST } from './addressing.ts';
import type { DatacenterPlan } from './plan.ts';
import { CarriedVlans, type VlanClass } from './vlan-classes.ts';

/** Steps of a bridge priority: the other bits number the VLAN or instance. IEEE 802.1D-2004, 9.2.5. */
const PRIORITY_STEP = 4096;

/** The rapid spanning trees of a fabric: one for all VLANs, one for each, or one for each of a few groups of them. */
export interface RapidTreeSettings {
  readonly protocol: 'rstp' | 'rapid-pvst' | 'mstp';
  /** Whose details are followed. */
  readonly implementation: (typeof RAPID_IMPLEMENTATIONS)[number];
  /**
   * Ids of the switches that share the role of root: tree by tree in turn. In each tree the first has `rootPriority`, the
   * next stands by with the next worse, and so on.
   */
  readonly rootSwitches: readonly string[];
  readonly rootPriority: number;
  /** Of every other switch that names none. */
  readonly priority: number;
  readonly helloTimeNs: number;
  readonly maxAgeNs: number;
  readonly forwardDelayNs: number;
  readonly transmitHoldCount: number;
  /** Ports to servers forward at once and are never flushed. */
  readonly edgePorts: boolean;
  /** A BPDU at a port to a server shuts it. */
  readonly bpduGuard: boolean;
  /** A port to a server never becomes the root port. */
  readonly rootGuard: boolean;
  /** Of MSTP. */
  readonly maxHops: number;
  readonly instances: readonly InstanceSettings[];
}

/** A spanning tree of 1998 for each VLAN: PVST+. Times and priorities as of the rapid ones. */
export interface PvstTreeSettings
  extends Pick<
    RapidTreeSettings,
    'rootSwitches' | 'rootPriority' | 'priority' | 'helloTimeNs' | 'maxAgeNs' | 'forwardDelayNs'
  > {
  readonly protocol: 'pvst';
}

/** Which switches are the roots of trees. */
type RootSettings = Pick<RapidTreeSettings, 'rootSwitches' | 'rootPriority' | 'priority'>;

/** One instance of MSTP; VLANs that are in none follow the CIST. */
export interface InstanceSettings {
  /** Ranges of VLAN identifiers; null where instances share all VLANs in turn. */
  readonly vlans: readonly (readonly [first: number, last: number])[] | null;
  /** Id of its root; null takes the one whose turn it is. */
  readonly rootSwitch: string | null;
}

/** What the trees are run on. */
export interface TreeParts {
  readonly devices: Devices;
  readonly plan: DatacenterPlan;
  /** Indexed by switch. */
  readonly bridges: readonly number[];
  readonly linkPorts: readonly (readonly [number, number])[];
  readonly serverPorts: readonly (readonly [number, number])[];
  readonly secondServerPorts: readonly (readonly [number, number] | null)[];
  readonly outsidePorts: readonly (readonly [number, number])[];
  /** Those that are built, ascending. */
  readonly segments: readonly number[];
}

/** Lets the switches of a fabric run one RSTP tree for all VLANs. */
export function addRstp(parts: TreeParts, settings: RapidTreeSettings): void {
  const portsOf = treePorts(parts, settings);
  parts.bridges.forEach((bridge, index) => {
    const options = {
      ...bridgeOptions(settings),
      bridgeId: bridgeIdAt(parts, settings, { switchIndex: index, turn: 0 }),
    };
    parts.devices.spanningTrees.addRapid(bridge, options, portsOf[index]);
  });
}

/** Lets them run one RSTP tree for each class of VLANs, with the BPDUs of each VLAN. */
export function addRapidPvst(parts: TreeParts, settings: RapidTreeSettings, classes: readonly VlanClass[]): void {
  const all = treePorts(parts, settings);
  forEachTree(parts, settings, classes, ({ bridge, switchIndex, priority, mac, vlans }) => {
    const ports = all[switchIndex].filter(({ port }) => vlans.vlanCountOf(port) > 0);
    if (ports.length === 0) return;
    const options = { ...bridgeOptions(settings), bridgeId: bridgeIdOf(priority, mac) };
    parts.devices.spanningTrees.addRapid(bridge, options, ports, vlans);
  });
}

/** Lets them run one tree of 1998 for each class of VLANs, with the BPDUs of each VLAN. Ports to servers wait as others do. */
export function addPvst(parts: TreeParts, settings: PvstTreeSettings, classes: readonly VlanClass[]): void {
  const profile = IEEE_802_1D;
  const all = cabledPorts(parts, profile.pathCostOf);
  const { helloTimeNs, maxAgeNs, forwardDelayNs } = settings;
  forEachTree(parts, settings, classes, ({ bridge, switchIndex, priority, mac, vlans }) => {
    const ports = all[switchIndex].filter(({ port }) => vlans.vlanCountOf(port) > 0);
    if (ports.length === 0) return;
    const parameters = { priority, mac, helloTimeNs, maxAgeNs, forwardDelayNs, profile };
    parts.devices.spanningTrees.add(bridge, parameters, ports, vlans);
  });
}

/** The tree of a class of VLANs at one switch. */
interface TreeOfClass {
  readonly bridge: number;
  readonly switchIndex: number;
  /** The identity of the switch in this tree. */
  readonly priority: number;
  readonly mac: MacAddress;
  readonly vlans: ProcessVlans;
}

function forEachTree(
  parts: TreeParts,
  settings: RootSettings,
  classes: readonly VlanClass[],
  add: (tree: TreeOfClass) => void,
): void {
  const { devices, plan, bridges, segments } = parts;
  const { network } = devices;
  const instanceOfSegment = new Int32Array(plan.segments.length);
  classes.forEach((one, instance) => {
    for (const segment of one.segments) instanceOfSegment[segment] = instance;
  });
  network.instances.define(Math.max(1, classes.length), instanceOfSegment);
  const carried = new CarriedVlans(network, segments);
  classes.forEach((one, instance) => {
    const [segment] = one.segments;
    const only = { name: instance, segments: one.segments };
    const vlanId = (segment % VLAN_COUNT_MAX) + 1;
    const vlanCountOf = (port: number) => carried.countAt(port, only);
    bridges.forEach((bridge, switchIndex) => {
      add({
        bridge,
        switchIndex,
        priority: priorityAt(parts, settings, { switchIndex, turn: one.root }) + vlanId,
        mac: macAt(parts, switchIndex),
        vlans: { segment, segments: one.segments, instance, vlanCountOf },
      });
    });
  });
}

/** Lets them run MSTP as one region: the CIST, and an instance for each group of VLANs. */
export function addMstp(parts: TreeParts, settings: RapidTreeSettings): void {
  const { devices, plan, bridges, segments } = parts;
  const { instances } = settings;
  const instanceOfSegment = new Int32Array(plan.segments.length);
  for (const segment of segments) instanceOfSegment[segment] = instanceOf(segment, instances);
  devices.network.instances.define(instances.length + 1, instanceOfSegment);
  const portsOf = treePorts(parts, settings);
  const configurationId = JSON.stringify(instances.map(({ vlans }) => vlans));
  bridges.forEach((bridge, switchIndex) => {
    const options = {
      ...bridgeOptions(settings),
      bridgeId: bridgeIdAt(parts, settings, { switchIndex, turn: 0 }),
      maxHops: settings.maxHops,
      configurationId,
      instances: instances.map(({ rootSwitch }, index) => ({
        mstid: index + 1,
        priority: priorityAt(parts, settings, { switchIndex, turn: index, rootSwitch }),
      })),
    };
    devices.spanningTrees.addRapid(bridge, options, portsOf[switchIndex]);
  });
}

/** The instance that a segment's VLAN is in: 0 is the CIST. */
function instanceOf(segment: number, instances: readonly InstanceSettings[]): number {
  const vlanId = (segment % VLAN_COUNT_MAX) + 1;
  const found = instances.findIndex(({ vlans }, index) =>
    vlans === null
      ? segment % instances.length === index
      : vlans.some(([first, last]) => vlanId >= first && vlanId <= last),
  );
  return found + 1;
}

function bridgeOptions(settings: RapidTreeSettings) {
  const { helloTimeNs, maxAgeNs, forwardDelayNs, transmitHoldCount, implementation } = settings;
  const profile = RAPID_PROFILES[implementation];
  return { helloTimeNs, maxAgeNs, forwardDelayNs, transmitHoldCount, profile };
}

/** A port with its cost. */
type CabledPort = RapidPortOptions & { readonly port: number };

function treePorts(parts: TreeParts, settings: RapidTreeSettings): CabledPort[][] {
  const { edgePorts, bpduGuard, rootGuard } = settings;
  return cabledPorts(parts, rapidPathCostOf, { adminEdge: edgePorts, autoEdge: true, bpduGuard, rootGuard });
}

/** The ports of each switch as a bridge numbers them: in the order of cabling, links to switches first. */
export function cabledPorts(
  parts: Omit<TreeParts, 'devices' | 'bridges' | 'segments'>,
  pathCostOf: (rateBitsPerSec: number) => number,
  toServers: Omit<RapidPortOptions, 'pathCost'> = {},
): CabledPort[][] {
  const { plan, linkPorts, serverPorts, secondServerPorts, outsidePorts } = parts;
  const portsOf: CabledPort[][] = plan.switches.map(() => []);
  plan.links.forEach(({ a, b, rateBitsPerSec, pathCost }, link) => {
    const cost = pathCost ?? pathCostOf(rateBitsPerSec);
    portsOf[a].push({ port: linkPorts[link][0], pathCost: cost });
    portsOf[b].push({ port: linkPorts[link][1], pathCost: cost });
  });
  plan.servers.forEach(({ switchIndex, secondSwitchIndex, rateBitsPerSec }, server) => {
    const options = { ...toServers, pathCost: pathCostOf(rateBitsPerSec) };
    portsOf[switchIndex].push({ ...options, port: serverPorts[server][0] });
    const second = secondServerPorts[server];
    if (second !== null && secondSwitchIndex !== null) portsOf[secondSwitchIndex].push({ ...options, port: second[0] });
  });
  for (const [router, [port]] of outsidePorts.entries()) {
    const { switchIndices, rateBitsPerSec } = plan.outside!;
    portsOf[switchIndices[router]].push({ ...toServers, pathCost: pathCostOf(rateBitsPerSec), port });
  }
  return portsOf;
}

/** A switch, and which of the switches that share the role of root is the first in the tree. */
interface TreeAt {
  readonly switchIndex: number;
  readonly turn: number;
  readonly rootSwitch?: string | null;
}

function bridgeIdAt(parts: TreeParts, settings: RootSettings, at: TreeAt) {
  return bridgeIdOf(priorityAt(parts, settings, at), macAt(parts, at.switchIndex));
}

function macAt({ plan }: TreeParts, switchIndex: number): MacAddress {
  return plan.switches[switchIndex].mac ?? SWITCH_MAC_FIRST + switchIndex;
}

function priorityAt({ plan }: TreeParts, settings: RootSettings, { switchIndex, turn, rootSwitch }: TreeAt): number {
  const { rootSwitches, rootPriority, priority } = settings;
  const { id, stpPriority } = plan.switches[switchIndex];
  const others = stpPriority ?? priority;
  if (rootSwitch !== undefined && rootSwitch !== null) {
    if (id === rootSwitch) return rootPriority;
    return rootSwitches.includes(id) ? Math.min(rootPriority + PRIORITY_STEP, others) : others;
  }
  const place = rootSwitches.indexOf(id);
  if (place < 0) return others;
  const behind = (place - (turn % rootSwitches.length) + rootSwitches.length) % rootSwitches.length;
  return behind === 0 ? rootPriority : Math.min(rootPriority + behind * PRIORITY_STEP, others);
}
