import { join } from 'node:path';
import { Datacenter } from '../src/scenario/datacenter.ts';
import { parseScenario } from '../src/scenario/read-scenario.ts';
import { heldBytes } from './held-bytes.ts';
import type { Measurement } from './measurement.ts';

/** What the VMs have done by then. */
export type VmStage = 'before boot' | 'booted' | 'talking';

const NS_PER_S = 1e9;
const STAGE_ENDS_S: Readonly<Record<VmStage, number>> = { 'before boot': 0, booted: 40, talking: 60 };

/** Stores that hold less than so many bytes of a VM are not listed. */
const LISTED_BYTES_MIN = 0.5;

/** Holds what is measured, and is alone of its kind. */
class Measured {
  datacenter: Datacenter | null = null;
}

/**
 * What a VM occupies: what a datacenter holds with many VMs less what the same holds with fewer, store by store, over the
 * difference. Servers, switches and segments are as many in both; a VM is at a server where nobody else is of its segment.
 * All that is allocated counts, used or not. By the time of `talking` each VM has started two flows on average, all of which are
 * under way, and has been asked for in as many.
 */
export function benchVmMemory(
  kind: 'vlan-stp' | 'vxlan-flood-learn' | 'vxlan-evpn',
  stage: VmStage,
  { folder, vmCounts }: { folder: string; vmCounts: readonly [number, number] },
): Measurement[] {
  const measured = new Measured();
  const held = (vms: number): HeldBy => {
    measured.datacenter = builtDatacenter(kind, stage, vms);
    const bytes = heldBytes(Measured.name, join(folder, 'held.heapsnapshot'));
    const arpEntries = measured.datacenter.devices.stacks.neighbours.size;
    measured.datacenter = null;
    return { vms, bytes, arpEntries };
  };
  const [few, many] = [held(vmCounts[0]), held(vmCounts[1])];
  const vms = many.vms - few.vms;
  const perVm = [...many.bytes]
    .map(([way, bytes]) => ({ way, value: (bytes - (few.bytes.get(way) ?? 0)) / vms }))
    .sort((one, other) => other.value - one.value);
  const isOf = (part: string) => (row: { way: string }) => row.way.includes(part);
  const sum = (rows: readonly { value: number }[]) => rows.reduce((total, { value }) => total + value, 0);
  const total = sum(perVm);
  const tables = sum(perVm.filter(isOf('.tables.')));
  const events = sum(perVm.filter(isOf('simulation.#queue')));
  const bench = 'vm-memory';
  const subject = `a VM of ${many.vms}, ${kind}, ${stage}`;
  const row = (what: string, value: number, unit: Measurement['unit'] = 'bytes') => ({
    bench,
    subject: `${subject}: ${what}`,
    unit,
    value,
  });
  return [
    row('all', total),
    row('without MAC tables and pending events', total - tables - events),
    row('ARP entries', (many.arpEntries - few.arpEntries) / vms, 'count'),
    ...perVm.filter(({ value }) => value >= LISTED_BYTES_MIN).map(({ way, value }) => row(way, value)),
    row('stores of less than half a byte', sum(perVm.filter(({ value }) => value < LISTED_BYTES_MIN))),
  ];
}

interface HeldBy {
  readonly vms: number;
  readonly bytes: ReadonlyMap<string, number>;
  readonly arpEntries: number;
}

function builtDatacenter(kind: string, stage: VmStage, vms: number): Datacenter {
  const text = JSON.stringify({
    duration: `${STAGE_ENDS_S.talking}s`,
    topology: { leaves: 64, spines: 4, serversPerLeaf: 40 },
    fabrics: [kind],
    tenants: [{ name: 'cloud', count: 50, segments: 8, totalVms: vms, totalSegments: 400 }],
    placement: { policy: 'spread' },
    traffic: {
      sizes: { fixed: '1MB' },
      flowRate: '100kbps',
      flowsPerVmPerSecond: stage === 'talking' ? 0.1 : 0,
      peersPerVm: 2,
      framesPerTrain: 16,
    },
    hosts: { bootStart: '35s', bootWindow: '5s' },
  });
  const scenario = parseScenario(text, 'vm-memory.yaml');
  const datacenter = new Datacenter(scenario, scenario.fabrics[0]!, { folder: null, version: '', digest: '' });
  datacenter.start();
  datacenter.simulation.run(STAGE_ENDS_S[stage] * NS_PER_S);
  return datacenter;
}
