import { Datacenter } from '../src/scenario/datacenter.ts';
import { parseScenario } from '../src/scenario/read-scenario.ts';
import type { Measurement } from './measurement.ts';
import { cpuTimeNs } from './support.ts';

/** How large a datacenter is. */
export interface ScaleSize {
  vms: number;
  leaves: number;
  segments: number;
}

/** From 10,000 to a million VMs; then leaves, then segments alone, at 102,400 VMs. */
export const SCALE_SIZES: readonly ScaleSize[] = [
  { vms: 10_240, leaves: 16, segments: 512 },
  { vms: 102_400, leaves: 128, segments: 4_000 },
  { vms: 1_024_000, leaves: 640, segments: 4_000 },
  { vms: 102_400, leaves: 32, segments: 4_000 },
  { vms: 102_400, leaves: 512, segments: 4_000 },
  { vms: 102_400, leaves: 128, segments: 400 },
  { vms: 102_400, leaves: 128, segments: 1_600 },
];

const NS_PER_S = 1e9;
const BOOTED_S = 200;

/**
 * What a minute of a datacenter costs once its VMs have booted, and what the process holds then: some 600,000 trains a minute
 * of flows in the whole datacenter, whatever its size, so that what differs is where their frames find things.
 */
export function benchScale(size: ScaleSize, kind: 'vlan-stp' | 'vxlan-flood-learn', minutes = 3): Measurement[] {
  const { vms, leaves, segments } = size;
  const text = JSON.stringify({
    duration: `${BOOTED_S + minutes * 60}s`,
    topology: { leaves, spines: 8, serversPerLeaf: Math.min(40, Math.ceil(vms / leaves / 10)) },
    fabrics: [kind === 'vlan-stp' ? { kind, reach: 'pruned' } : kind],
    tenants: [{ name: 'cloud', count: segments / 8, segments: 8, totalVms: vms, totalSegments: segments }],
    placement: { policy: 'tenant-affinity' },
    traffic: { sizes: 'web-search', flowsPerVmPerSecond: 120 / vms, peersPerVm: 2 },
    hosts: { bootStart: '70s', bootWindow: '2min', gratuitousArpAtBoot: true },
  });
  const scenario = parseScenario(text, 'scale.yaml');
  const startNs = cpuTimeNs();
  const datacenter = new Datacenter(scenario, scenario.fabrics[0]!, { folder: null, version: '', digest: '' });
  datacenter.start();
  const builtNs = cpuTimeNs() - startNs;
  const { simulation, devices } = datacenter;
  simulation.run(BOOTED_S * NS_PER_S);
  const bootedNs = cpuTimeNs() - startNs;
  const events = simulation.eventCount;
  const steadyFromNs = cpuTimeNs();
  simulation.run(scenario.durationNs);
  const steadyNs = cpuTimeNs() - steadyFromNs;
  const subject = `${kind}, ${vms} VMs, ${leaves} leaves, ${segments} segments`;
  const bench = 'scale';
  return [
    { bench, subject: `${subject}: build`, unit: 'ns', value: builtNs },
    { bench, subject: `${subject}: until all have booted`, unit: 'ns', value: bootedNs },
    { bench, subject: `${subject}: one event`, unit: 'ns', value: steadyNs / (simulation.eventCount - events) },
    { bench, subject: `${subject}: one minute`, unit: 'ns', value: steadyNs / minutes },
    { bench, subject: `${subject}: memory of the process`, unit: 'bytes', value: process.memoryUsage().rss },
    {
      bench,
      subject: `${subject}: hops that were events`,
      unit: 'count',
      value: devices.network.hops - devices.network.groupedHops,
    },
  ];
}
