import { RandomStreams } from '../engine/random.ts';
import { type CountDistribution, countSampler } from '../workload/count-distribution.ts';
import { FlowSizeDistribution } from '../workload/flow-size-distribution.ts';
import { lifetimeSampler } from '../workload/lifetimes.ts';
import { type FabricSettings, initialVmsOf, type Scenario, tenantSizes } from './scenario.ts';
import { topologyNodes } from './topology-nodes.ts';

/** Bytes of IP and UDP or TCP headers in a packet, roughly. */
const HEADER_BYTES = 28;

/** The program with nothing to simulate, as its process shows it. */
const PROCESS_BYTES = 180e6;
/** Stacks, caches and queues of a VM, measured from 3,000 to 12,000 VMs; an entry of a MAC table. */
const VM_BYTES = 2000;
const TABLE_ENTRY_BYTES = 4;

/** Lives drawn to reckon how long VMs are there. */
const LIFE_DRAWS = 1000;

/** Servers that react to a broadcast, so that their copies are events: whoever it asks for, and who knows the sender. */
const REACTING_SERVERS = 3;

/** What a run on one fabric will be like. In first-look events and frame-hops are within 40% of those of the run. */
export interface RunEstimate {
  readonly fabric: string;
  readonly frameHops: number;
  readonly events: number;
  readonly memoryBytes: number;
}

/**
 * Reckons each fabric's work from the scenario alone. Flows start at their rate from the middle of the boot window on, or
 * from when a VM comes until it ends; a frame crosses four wires, or two within a rack, and every second one is
 * acknowledged. A VM floods at its boot, if it announces itself, and once for each peer that it comes to know; macof floods
 * with every frame. A flood crosses every link that it reaches, and is an event at each switch, and at each VTEP.
 *
 * Left out is what makes a run longer: migrations, failures, ageing, tables that are too small, silent VMs, and what all
 * these flood; and that VMs may be refused.
 */
export function estimateRuns(scenario: Scenario): RunEstimate[] {
  const { traffic, hosts, attacks, durationNs, fabrics } = scenario;
  const { vmCount, segmentSizes } = tenantSizes(scenario);
  const { switches, links, servers } = topologyNodes(scenario.topology);
  const racks = new Set(servers.map(({ at }) => at)).size;
  const { bootedVms, vmTimeNs } = vmTimes(scenario, vmCount);
  const talkerRatio = 1 - traffic.silentVmsRatio;
  const flowsPerVm = bootedVms === 0 ? 0 : (traffic.flowsPerVmPerSecond * vmTimeNs) / 1e9 / bootedVms;
  const flows = flowsPerVm * bootedVms * talkerRatio;
  const framesPerFlow = Math.max(
    1,
    new FlowSizeDistribution(traffic.flowSizes).meanBytes / (hosts.mtuBytes - HEADER_BYTES),
  );
  const trainsPerFlow = Math.max(1, framesPerFlow / traffic.framesPerTrainMax);
  const hops = 4 - 2 / Math.max(1, racks);
  const peersPerVm = meanCount(traffic.peersPerVm);
  const known = peersPerVm * (1 - Math.exp(-flowsPerVm / peersPerVm));
  const attackFrames = attacks.reduce((sum, attack) => sum + framesOf(attack, durationNs), 0);
  const floods = bootedVms * ((hosts.gratuitousArpAtBoot ? 1 : 0) + known * talkerRatio) + attackFrames;
  const attackSources = attacks.reduce((sum, { sourceCount }) => sum + sourceCount, 0);
  const addresses = bootedVms + Math.min(attackFrames, attackSources);
  const segmentVms = bootedVms / Math.max(1, segmentSizes.length);
  return fabrics.map((fabric) => {
    const size = { switches: switches.length, servers: servers.length, links: links.length, racks, segmentVms };
    const reach = floodReach(fabric, size);
    const bpdusPerPort = bpdusOfPort(fabric, durationNs);
    return {
      fabric: fabric.name,
      frameHops: Math.round(
        flows * framesPerFlow * 1.5 * hops + floods * reach.links + (servers.length + links.length) * bpdusPerPort,
      ),
      events: Math.round(flows * trainsPerFlow * 2 * hops + floods * reach.events + links.length * bpdusPerPort),
      memoryBytes: Math.round(
        PROCESS_BYTES +
          bootedVms * VM_BYTES +
          tableEntries(fabric, { switches: switches.length, servers: servers.length, addresses }) * TABLE_ENTRY_BYTES,
      ),
    };
  });
}

/** How many VMs boot, and how long all of them together can talk. */
function vmTimes(scenario: Scenario, vmCount: number): { bootedVms: number; vmTimeNs: number } {
  const { hosts, growth, durationNs } = scenario;
  const talkingNs = Math.max(0, durationNs - hosts.bootStartNs - hosts.bootWindowNs / 2);
  if (growth === null) return { bootedVms: vmCount, vmTimeNs: vmCount * talkingNs };
  const initial = initialVmsOf(growth, vmCount);
  const beginNs = hosts.bootStartNs + hosts.bootWindowNs;
  const arrivals = arrivalsOf(growth.arrivals, { beginNs, durationNs, max: vmCount - initial });
  const lifetimes = lifetimeSampler(growth.lifetimes);
  const stream = new RandomStreams(1).stream('estimate of lives');
  let [initialNs, arrivedNs] = [0, 0];
  for (let i = 0; i < LIFE_DRAWS; i++) {
    initialNs += Math.min(lifetimes.rest(stream), talkingNs) / LIFE_DRAWS;
    const leftNs = Math.max(0, durationNs - stream.uniform(beginNs, arrivals.untilNs));
    arrivedNs += Math.min(lifetimes.whole(stream), leftNs) / LIFE_DRAWS;
  }
  return { bootedVms: initial + arrivals.count, vmTimeNs: initial * initialNs + arrivals.count * arrivedNs };
}

/** VMs that come during the run, and until when. */
function arrivalsOf(
  arrivals: NonNullable<Scenario['growth']>['arrivals'],
  { beginNs, durationNs, max }: { beginNs: number; durationNs: number; max: number },
): { count: number; untilNs: number } {
  const none = { count: 0, untilNs: beginNs };
  if (arrivals === null || beginNs >= durationNs) return none;
  if ('perSecond' in arrivals) {
    const untilNs = Math.min(durationNs, beginNs + (max / arrivals.perSecond) * 1e9);
    return { count: Math.min(max, ((untilNs - beginNs) / 1e9) * arrivals.perSecond), untilNs };
  }
  const untilNs = Math.min(durationNs, arrivals.allByNs);
  return arrivals.allByNs <= beginNs
    ? none
    : { count: (max * (untilNs - beginNs)) / (arrivals.allByNs - beginNs), untilNs };
}

/** Frames that macof sends within the run. */
function framesOf({ startNs, stopNs, framesPerSecond }: Scenario['attacks'][number], durationNs: number): number {
  return (Math.max(0, Math.min(stopNs, durationNs) - startNs) / 1e9) * framesPerSecond;
}

/** About the mean of a distribution, always the same. */
function meanCount(distribution: CountDistribution): number {
  const draw = countSampler(distribution);
  const stream = new RandomStreams(1).stream('estimate');
  const draws = 1000;
  let sum = 0;
  for (let i = 0; i < draws; i++) sum += draw(stream);
  return sum / draws;
}

/** BPDUs on a link: a designated port sends one for each hello time. */
function bpdusOfPort(fabric: FabricSettings, durationNs: number): number {
  if (!('spanningTree' in fabric) || fabric.spanningTree === null) return 0;
  return durationNs / fabric.spanningTree.helloTimeNs;
}

/** Links that a flood crosses, and events that it is. */
function floodReach(
  fabric: FabricSettings,
  size: { switches: number; servers: number; links: number; racks: number; segmentVms: number },
): { links: number; events: number } {
  const { servers, links, racks, segmentVms } = size;
  if (!('vteps' in fabric)) return { links: servers + links, events: size.switches + REACTING_SERVERS };
  const isTree = fabric.replication !== 'ingress';
  const memberRacks = Math.min(racks, segmentVms);
  if (fabric.vteps === 'leaf') {
    const underlay = isTree ? memberRacks : 2 * memberRacks;
    return { links: servers + underlay, events: underlay + REACTING_SERVERS };
  }
  const members = Math.min(servers, segmentVms);
  const copies = isTree ? members + memberRacks : 4 * members;
  return { links: copies, events: copies };
}

function tableEntries(
  fabric: FabricSettings,
  { switches, servers, addresses }: { switches: number; servers: number; addresses: number },
): number {
  if ('vteps' in fabric && fabric.vteps === 'hypervisor') return Math.min(servers, addresses) * 64;
  return switches * Math.min(addresses, fabric.macTableSize ?? addresses);
}
