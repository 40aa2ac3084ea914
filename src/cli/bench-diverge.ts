import Table from 'cli-table3';
import { type Divergence, findDivergence } from '../benchmark/diverge.ts';
import type { DescribedDecision } from '../benchmark/trail.ts';
import { readScenario } from '../scenario/read-scenario.ts';
import { formatCount } from '../units.ts';
import type { BenchDivergeOptions } from './bench-options.ts';
import { programOf } from './bench-subjects.ts';
import { ExitCode } from './exit-code.ts';
import { chooseFabrics } from './job.ts';
import { writeData, writeJson, writeMessage } from './output.ts';

/** Finds the first decision at which two versions part in a scenario. */
export async function benchDiverge(base: string, head: string, options: BenchDivergeOptions): Promise<ExitCode> {
  const scenario = readScenario(options.scenario, { overrides: options.set });
  const [fabric] = options.fabric === undefined ? scenario.fabrics : chooseFabrics(scenario, [options.fabric]);
  writeMessage(`building ${base} and ${head}`, options);
  const programs = [await programOf(base, options.builds), await programOf(head, options.builds)] as const;
  const of = { scenario: options.scenario, fabric: fabric!.name, overrides: options.set };
  const divergence = await findDivergence(...programs, of);
  if (options.json) writeJson({ base, head, fabric: fabric!.name, divergence });
  else writeData(divergence === null ? `${base} and ${head} do the same` : divergenceText(divergence, { base, head }));
  return divergence === null ? ExitCode.ok : ExitCode.failure;
}

function divergenceText(divergence: Divergence, { base, head }: { base: string; head: string }): string {
  const first = divergence.base ?? divergence.head;
  return [
    `${base} and ${head} part at decision ${formatCount(first!.index)}, at ${formatCount(first!.timeNs)} ns`,
    '',
    'before, both alike',
    decisionTable(divergence.before),
    base,
    decisionTable([...(divergence.base === undefined ? [] : [divergence.base]), ...divergence.afterBase]),
    head,
    decisionTable([...(divergence.head === undefined ? [] : [divergence.head]), ...divergence.afterHead]),
  ].join('\n');
}

function decisionTable(decisions: readonly DescribedDecision[]): string {
  if (decisions.length === 0) return '(nothing more)';
  const table = new Table({
    head: ['decision', 'time, ns', 'node', 'port', 'outcome', 'events', 'pending', 'frames', 'created', 'MAC entries'],
    style: { head: [], border: [], compact: true },
  });
  for (const {
    index,
    timeNs,
    node,
    port,
    outcome,
    events,
    pendingEvents,
    liveFrames,
    createdFrames,
    macEntries,
  } of decisions) {
    const counts = [events, pendingEvents, liveFrames, createdFrames, macEntries].map(formatCount);
    table.push([formatCount(index), formatCount(timeNs), node, port, outcome, ...counts]);
  }
  return table.toString();
}
