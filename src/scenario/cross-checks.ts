import { attackChecks } from './attack-checks.ts';
import type { CrossCheck } from './cross-check.ts';
import { fabricChecks } from './fabric-checks.ts';
import { hardwareChecks } from './hardware-checks.ts';
import { mlagChecks } from './mlag-checks.ts';
import { multihomingChecks } from './multihoming-checks.ts';
import { topologyChecks } from './topology-checks.ts';
import { workloadChecks } from './workload-checks.ts';

/** What the sections of a file must keep within and between them. */
export const CROSS_CHECKS: readonly CrossCheck[] = [
  ...topologyChecks,
  ...fabricChecks,
  ...mlagChecks,
  ...multihomingChecks,
  ...hardwareChecks,
  ...workloadChecks,
  ...attackChecks,
];
