import { benchArrow } from './arrow.ts';
import { benchDesign } from './event-queue.ts';
import { benchFlood } from './flood.ts';
import { benchFrameHops } from './frame-hops.ts';
import { benchHeadline } from './headline.ts';
import type { Measurement } from './measurement.ts';
import { benchMemory } from './memory.ts';
import { benchScale, SCALE_SIZES } from './scale.ts';
import { benchVmMemory } from './vm-memory.ts';
import { benchWholeRun } from './whole-run.ts';

export interface CaseOptions {
  readonly isQuick: boolean;
  /** Where files go that a case writes. */
  readonly folder: string;
}

function benchEventQueue(pendingCounts: readonly number[]): Measurement[] {
  return benchDesign('event queue', pendingCounts).map(({ mix, pending, cpuNsPerOperation }) => ({
    bench: 'event-queue',
    subject: `${pending} pending, ${mix}`,
    unit: 'ns',
    value: cpuNsPerOperation,
  }));
}

/** The benches that run unless `--only` names others. */
export const CASES: Readonly<Record<string, (options: CaseOptions) => Measurement[]>> = {
  'event-queue': ({ isQuick }) => benchEventQueue(isQuick ? [100, 100_000] : [100, 1_000, 10_000, 100_000, 1_000_000]),
  'frame-hops-S': ({ isQuick }) => benchFrameHops('S', isQuick ? 1_000_000 : 8_000_000),
  'frame-hops-M': ({ isQuick }) => benchFrameHops('M', isQuick ? 1_000_000 : 8_000_000),
  'frame-hops-100-hosts': ({ isQuick }) => benchFrameHops('100-hosts', isQuick ? 1_000_000 : 8_000_000),
  flood: ({ isQuick }) => benchFlood(isQuick ? { broadcasts: 5 } : {}),
  'whole-run': ({ folder }) => benchWholeRun(folder),
  arrow: ({ isQuick, folder }) => benchArrow(folder, isQuick ? 500_000 : 2_000_000),
  memory: ({ isQuick }) => benchMemory(isQuick ? 100_000 : 1_000_000),
  ...Object.fromEntries(
    (['vlan-stp', 'vxlan-flood-learn', 'vxlan-evpn'] as const).map((kind) => [
      `vm-memory-${kind}`,
      ({ isQuick, folder }: CaseOptions) =>
        benchVmMemory(kind, 'before boot', { folder, vmCounts: isQuick ? [25_600, 51_200] : [102_400, 409_600] }),
    ]),
  ),
};

/** Minutes of work and gigabytes: these run with `--only NAME`, or all of them with `--only large`. */
export const LARGE_CASES: Readonly<Record<string, (options: CaseOptions) => Measurement[]>> = {
  'headline-100k-vms': ({ folder }) => benchHeadline(folder, 'scenarios/headline-100k-vms.yaml'),
  'million-vms': ({ folder }) => benchHeadline(folder, 'scenarios/million-vms.yaml'),
  ...Object.fromEntries(
    (['vlan-stp', 'vxlan-flood-learn', 'vxlan-evpn'] as const).flatMap((kind) =>
      (['booted', 'talking'] as const).map((stage) => [
        `vm-memory-${kind}-${stage}`,
        ({ folder }: CaseOptions) => benchVmMemory(kind, stage, { folder, vmCounts: [25_600, 102_400] }),
      ]),
    ),
  ),
  ...Object.fromEntries(
    SCALE_SIZES.flatMap((size) =>
      (['vlan-stp', 'vxlan-flood-learn'] as const).map((kind) => [
        `scale-${size.vms}-${size.leaves}-${size.segments}-${kind}`,
        ({ isQuick }: CaseOptions) => benchScale(size, kind, isQuick ? 1 : 3),
      ]),
    ),
  ),
};
