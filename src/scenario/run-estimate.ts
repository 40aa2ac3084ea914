import { RandomStreams } from '../engine/random.ts';
import { type CountDistribution, countSampler } from '../workload/count-distribution.ts';
import { FlowSizeDistribution } from '../workload/flow-size-distribution.ts';
import { type FabricSettings, type Scenario, tenantSizes } from './scenario.ts';
import { topologyNodes } from './topology-nodes.ts';

/** Bytes of IP and UDP or TCP headers in a packet, roughly. */
const HEADER_BYTES = 28;

/** The program with nothing to simulate, as its process shows it. */
const PROCESS_BYTES = 180e6;
/** Stacks, caches and queues of a VM, measured from 3,000 to 12,000 VMs; an entry of a MAC table. */
const VM_BYTES = 2000;
const TABLE_ENTRY_BYTES = 4;

/** What a run on one fabric will be like. In first-look events and frame-hops are within 40% of those of the run. */
export interface RunEstimate {
  readonly fabric: string;
  readonly frameHops: number;
  readonly events: number;
  readonly memoryBytes: number;
}

/**
 * Reckons each fabric's work from the scenario alone. Flows start at their rate from the middle of the boot window on; a
 * frame crosses four wires, or two within a rack, and every second one is acknowledged. A VM floods at its boot, if it
 * announces itself, and once for each peer that it comes to know; a flood is an event at every port that it reaches.
 * Left out is what makes a run longer: migrations, failures, ageing, silent VMs, and what all these flood.
 */
export function estimateRuns(scenario: Scenario): RunEstimate[] {
  const { traffic, hosts, durationNs, fabrics } = scenario;
  const { vmCount, segmentSizes } = tenantSizes(scenario);
  const { switches, links, servers } = topologyNodes(scenario.topology);
  const racks = new Set(servers.map(({ at }) => at)).size;
  const talkingNs = Math.max(0, durationNs - hosts.bootStartNs - hosts.bootWindowNs / 2);
  const flowsPerVm = (traffic.flowsPerVmPerSecond * talkingNs) / 1e9;
  const flows = flowsPerVm * vmCount * (1 - traffic.silentVmsRatio);
  const framesPerFlow = Math.max(
    1,
    new FlowSizeDistribution(traffic.flowSizes).meanBytes / (hosts.mtuBytes - HEADER_BYTES),
  );
  const trainsPerFlow = Math.max(1, framesPerFlow / traffic.framesPerTrainMax);
  const hops = 4 - 2 / Math.max(1, racks);
  const peersPerVm = meanCount(traffic.peersPerVm);
  const known = peersPerVm * (1 - Math.exp(-flowsPerVm / peersPerVm));
  const floods = vmCount * ((hosts.gratuitousArpAtBoot ? 1 : 0) + known * (1 - traffic.silentVmsRatio));
  const segmentVms = vmCount / Math.max(1, segmentSizes.length);
  return fabrics.map((fabric) => {
    const bpdus = bpduCount(fabric, { ports: servers.length + links.length, durationNs });
    const reach = floodReach(fabric, { servers: servers.length, links: links.length, racks, segmentVms });
    return {
      fabric: fabric.name,
      frameHops: Math.round(flows * framesPerFlow * 1.5 * hops + floods * reach + bpdus),
      events: Math.round(flows * trainsPerFlow * 2 * hops + floods * reach + bpdus),
      memoryBytes: Math.round(
        PROCESS_BYTES +
          vmCount * VM_BYTES +
          tableEntries(fabric, { switches: switches.length, servers: servers.length, vmCount }) * TABLE_ENTRY_BYTES,
      ),
    };
  });
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

/** BPDUs that designated ports send, one for each hello time. */
function bpduCount(fabric: FabricSettings, { ports, durationNs }: { ports: number; durationNs: number }): number {
  if (fabric.kind !== 'vlan-stp' || fabric.spanningTree === null) return 0;
  return (ports * durationNs) / fabric.spanningTree.helloTimeNs;
}

/** Links that a flood crosses. */
function floodReach(
  fabric: FabricSettings,
  size: { servers: number; links: number; racks: number; segmentVms: number },
): number {
  if (fabric.kind !== 'vxlan-flood-learn') return size.servers + size.links;
  if (fabric.vteps === 'leaf') return size.servers + 2 * Math.min(size.racks, size.segmentVms);
  return 4 * Math.min(size.servers, size.segmentVms);
}

function tableEntries(
  fabric: FabricSettings,
  { switches, servers, vmCount }: { switches: number; servers: number; vmCount: number },
): number {
  if (fabric.kind === 'vxlan-flood-learn' && fabric.vteps === 'hypervisor') return Math.min(servers, vmCount) * 64;
  return switches * Math.min(vmCount, fabric.macTableSize ?? vmCount);
}
