import { measuredSize } from '../comparison/format.ts';
import type { SwitchTier } from '../fabric/switch-tiers.ts';
import { oversubscriptionOf } from '../scenario/oversubscription.ts';
import { readScenario } from '../scenario/read-scenario.ts';
import { estimateRuns } from '../scenario/run-estimate.ts';
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
        writeData(
          [
            `${file}: ${createPalette(process.stdout).green('valid')}, ${describe(scenario)}`,
            ...expectations(scenario),
          ].join('\n  '),
        );
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
  // how many VLANs pods can hold depends on where VMs are placed
  const vlanFabrics = scenario.fabrics.filter((one) => !('vteps' in one) && one.reach !== 'pod');
  const refusedSizes = segmentSizes.slice(vlanFabrics.length === 0 ? segmentSizes.length : VLAN_COUNT_MAX);
  const nodes = topologyNodes(scenario.topology);
  const { switches, servers, links } = nodes;
  return {
    switches: countsOf(switches.map(({ tier }) => tier)),
    links: links.length,
    servers: servers.length,
    segments: segmentSizes.length,
    vms: vmCount,
    refusedSegments: refusedSizes.length,
    refusedVms: refusedSizes.reduce((sum, size) => sum + size, 0),
    oversubscription: Object.fromEntries(oversubscriptionOf(nodes).map(({ tier, ratio }) => [tier, ratio])),
    estimates: estimateRuns(scenario),
    fabrics: scenario.fabrics.map(({ name }) => name),
    durationNs: scenario.durationNs,
    warmUpNs: scenario.warmUpNs,
  };
}

function countsOf<Name extends string>(names: readonly Name[]): Partial<Record<Name, number>> {
  const counts: Partial<Record<Name, number>> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function describe(scenario: Scenario): string {
  const {
    switches,
    servers,
    segments,
    vms,
    refusedSegments,
    refusedVms,
    fabrics,
    durationNs,
    warmUpNs,
    oversubscription,
  } = sizeOf(scenario);
  const counted = (count: number, one: string, many: string) => `${formatCount(count)} ${count === 1 ? one : many}`;
  const tiers = (Object.keys(TIER_WORDS) as SwitchTier[]).flatMap((tier) =>
    switches[tier] === undefined ? [] : [counted(switches[tier], ...TIER_WORDS[tier])],
  );
  const ratios = (Object.entries(oversubscription) as [SwitchTier, number][]).map(
    ([tier, ratio]) => `${Number(ratio.toFixed(2))}:1 at the ${TIER_WORDS[tier][1]}`,
  );
  return [
    `${formatDuration(durationNs)}${warmUpNs === 0 ? '' : `, the first ${formatDuration(warmUpNs)} as warm-up,`} of ${tiers[0]}`,
    ...tiers.slice(1),
    counted(servers, 'server', 'servers'),
    `${counted(vms, 'VM', 'VMs')} in ${counted(segments, 'segment', 'segments')}`,
    ...(ratios.length === 0 ? [] : [`oversubscription ${ratios.join(' and ')}`]),
    `on ${fabrics.join(', ')}`,
    ...(refusedSegments > 0
      ? [`VLANs leave ${counted(refusedSegments, 'segment', 'segments')} with ${counted(refusedVms, 'VM', 'VMs')} out`]
      : []),
  ].join(', ');
}

/** A switch of each tier, and several, from the servers up. */
const TIER_WORDS: Record<SwitchTier, readonly [one: string, many: string]> = {
  leaf: ['leaf', 'leaves'],
  access: ['access switch', 'access switches'],
  edge: ['edge switch', 'edge switches'],
  spine: ['spine', 'spines'],
  aggregation: ['aggregation switch', 'aggregation switches'],
  'super-spine': ['super-spine', 'super-spines'],
  core: ['core switch', 'core switches'],
  border: ['border switch', 'border switches'],
};

/** What can be told without running anything. */
function expectations(scenario: Scenario): string[] {
  const { estimates } = sizeOf(scenario);
  const again = scenario.replications > 1 ? `, ${formatCount(scenario.replications)} times` : '';
  const runs = estimates.map(({ fabric, events, frameHops, memoryBytes }) => {
    const memory = measuredSize(Number(memoryBytes.toPrecision(2)));
    return `${fabric}: roughly ${rough(events)} events, ${rough(frameHops)} frame-hops and ${memory}${again}`;
  });
  const { traffic, migrations, failures } = scenario;
  const isMore =
    traffic.silentVmsRatio > 0 || migrations.random !== null || migrations.list.length > 0 || failures.length > 0;
  return [...runs, ...(isMore ? ['not counting what silent VMs, migrations and failures add'] : [])];
}

/** With two digits. */
function rough(count: number): string {
  return formatCount(Number(count.toPrecision(2)));
}
