import { readScenario } from '../scenario/read-scenario.ts';
import { type Scenario, tenantSizes } from '../scenario/scenario.ts';
import { scenarioDigest } from '../scenario/scenario-digest.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';
import { topologyNodes } from '../scenario/topology-nodes.ts';
import { formatCount, formatDuration } from '../units.ts';
import { VLAN_COUNT_MAX } from '../wire/ethernet.ts';
import { createPalette } from './colour.ts';
import { ExitCode } from './exit-code.ts';
import type { ScenarioOptions, ValidateOptions } from './options.ts';
import { writeData, writeJson } from './output.ts';
import { reportError } from './report-error.ts';

/** Reads scenarios and says what each describes, or everything that is wrong with it. */
export function validate(files: readonly string[], options: ValidateOptions): ExitCode {
  const checks = files.map((file) => check(file, options));
  if (options.json) {
    writeJson(checks.map(({ file, scenario, error }) => ({ file, ...reportOf(scenario, error) })));
  } else {
    for (const { file, scenario, error } of checks) {
      if (scenario !== null)
        writeData(`${file}: ${createPalette(process.stdout).green('valid')}, ${describe(scenario)}`);
      if (error !== null) reportError(error, { isDebug: options.debug });
    }
  }
  return checks.every(({ error }) => error === null) ? ExitCode.ok : ExitCode.usage;
}

interface Check {
  readonly file: string;
  readonly scenario: Scenario | null;
  readonly error: ScenarioError | null;
}

function check(file: string, { set, seed }: ScenarioOptions): Check {
  try {
    const scenario = readScenario(file, { overrides: set, ...(seed === undefined ? {} : { seed }) });
    return { file, scenario, error: null };
  } catch (error) {
    if (error instanceof ScenarioError) return { file, scenario: null, error };
    throw error;
  }
}

function reportOf(scenario: Scenario | null, error: ScenarioError | null): object {
  if (scenario === null) return { isValid: false, problems: error?.problems ?? [] };
  return { isValid: true, digest: scenarioDigest(scenario), seed: scenario.seed, ...sizeOf(scenario) };
}

function sizeOf(scenario: Scenario) {
  const { segmentSizes, vmCount } = tenantSizes(scenario);
  const vlanFabrics = scenario.fabrics.filter(({ kind }) => kind !== 'vxlan-flood-learn');
  const { leafIds, spineIds, servers, links } = topologyNodes(scenario.topology);
  return {
    leaves: leafIds.length,
    spines: spineIds.length,
    links: links.length,
    servers: servers.length,
    segments: segmentSizes.length,
    vms: vmCount,
    refusedSegments: vlanFabrics.length === 0 ? 0 : Math.max(0, segmentSizes.length - VLAN_COUNT_MAX),
    fabrics: scenario.fabrics.map(({ name }) => name),
    durationNs: scenario.durationNs,
  };
}

function describe(scenario: Scenario): string {
  const { leaves, spines, servers, segments, vms, refusedSegments, fabrics, durationNs } = sizeOf(scenario);
  const counted = (count: number, one: string, many: string) => `${formatCount(count)} ${count === 1 ? one : many}`;
  return [
    `${formatDuration(durationNs)} of ${counted(leaves, 'leaf', 'leaves')}`,
    counted(spines, 'spine', 'spines'),
    counted(servers, 'server', 'servers'),
    `${counted(vms, 'VM', 'VMs')} in ${counted(segments, 'segment', 'segments')}`,
    `on ${fabrics.join(', ')}`,
    ...(refusedSegments > 0 ? [`VLANs leave ${counted(refusedSegments, 'segment', 'segments')} out`] : []),
  ].join(', ');
}
