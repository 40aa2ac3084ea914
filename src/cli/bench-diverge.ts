import Table from 'cli-table3';
import { type Divergence, findDivergence, otherIngredients, type Parting, readsSame } from '../benchmark/diverge.ts';
import { type DescribedDecision, STATE_COUNTS, type StateCount } from '../benchmark/trail.ts';
import { readScenario } from '../scenario/read-scenario.ts';
import { formatCount } from '../units.ts';
import type { BenchDivergeOptions } from './bench-options.ts';
import { programOf } from './bench-subjects.ts';
import { ExitCode } from './exit-code.ts';
import { chooseFabrics } from './job.ts';
import { writeData, writeJson, writeMessage } from './output.ts';

/** Finds the first decision at which two versions part in a scenario, and where their states do before. */
export async function benchDiverge(base: string, head: string, options: BenchDivergeOptions): Promise<ExitCode> {
  const scenario = readScenario(options.scenario, { overrides: options.set });
  const [fabric] = options.fabric === undefined ? scenario.fabrics : chooseFabrics(scenario, [options.fabric]);
  writeMessage(`building ${base} and ${head}`, options);
  const programs = [await programOf(base, options.builds), await programOf(head, options.builds)] as const;
  const of = { scenario: options.scenario, fabric: fabric!.name, overrides: options.set };
  const { divergence, areStatesCompared } = await findDivergence(...programs, of);
  if (options.json) writeJson({ base, head, fabric: fabric!.name, areStatesCompared, divergence });
  else {
    const text = divergence === null ? `${base} and ${head} do the same` : divergenceText(divergence, { base, head });
    writeData(areStatesCompared ? text : `${text}\n${STATES_UNKNOWN}`);
  }
  return divergence === null ? ExitCode.ok : ExitCode.failure;
}

const STATES_UNKNOWN = 'States were not compared on the way: one of the versions is too old to tell of them.';

const STATE_NAMES: Readonly<Record<StateCount, string>> = {
  events: 'events',
  pendingEvents: 'pending events',
  liveFrames: 'frames',
  createdFrames: 'created frames',
  macEntries: 'MAC entries',
};

interface Labels {
  readonly base: string;
  readonly head: string;
}

function divergenceText(divergence: Divergence, labels: Labels): string {
  const { decision, states, ends } = divergence;
  const lines = [headline(divergence, labels)];
  for (const { count, base, head } of states) {
    const values = `${formatCount(base[count])} and ${formatCount(head[count])}`;
    lines.push(
      `${STATE_NAMES[count]} differ from decision ${formatCount(base.index)} on, at ${formatCount(base.timeNs)} ns: ${values}`,
    );
  }
  if (ends !== null) {
    const counts = STATE_COUNTS.filter((count) => ends.base[count] !== ends.head[count]);
    const values = counts.map(
      (count) => `${STATE_NAMES[count]} ${formatCount(ends.base[count])} and ${formatCount(ends.head[count])}`,
    );
    lines.push(`at the end: ${values.join(', ')}`);
  }
  const [first] = states;
  if (first !== undefined) {
    lines.push('', `where states part: ${labels.base}`, decisionTable([...first.beforeBase, first.base]));
    lines.push(`where states part: ${labels.head}`, decisionTable([...first.beforeHead, first.head]));
  }
  if (decision !== null) lines.push('', ...decisionLines(decision, labels));
  return lines.join('\n');
}

function headline(
  { decision, sameDecisions, isOtherFingerprint }: Divergence,
  { base: baseLabel, head: headLabel }: Labels,
): string {
  const versions = `${baseLabel} and ${headLabel}`;
  if (decision === null) {
    const decisions = `all ${formatCount(sameDecisions)} decisions that were compared`;
    return isOtherFingerprint
      ? `${versions}: fingerprints differ although ${decisions} read the same`
      : `${versions}: ${decisions} are the same, and so are the fingerprints, but not the states`;
  }
  const { base, head } = decision;
  const { index, timeNs } = (base ?? head)!;
  const parted = `${versions} part at decision ${formatCount(index)}, at ${formatCount(timeNs)} ns`;
  if (base === undefined || head === undefined || !readsSame(base, head)) return parted;
  const numbers = otherIngredients(base, head).map((name) => {
    return `${name} ${base.ingredients[name]} and ${head.ingredients[name]}`;
  });
  return `${parted}: it reads the same, but their fingerprints take in ${numbers.join(', ')}`;
}

function decisionLines(
  { beforeBase, beforeHead, base, head, afterBase, afterHead }: Parting,
  labels: Labels,
): string[] {
  const isAlike = JSON.stringify(beforeBase) === JSON.stringify(beforeHead);
  const before = isAlike
    ? ['before, both alike', decisionTable(beforeBase)]
    : [
        `before, the same decisions in other states: ${labels.base}`,
        decisionTable(beforeBase),
        `before, the same decisions in other states: ${labels.head}`,
        decisionTable(beforeHead),
      ];
  return [
    ...before,
    labels.base,
    decisionTable([...(base === undefined ? [] : [base]), ...afterBase]),
    labels.head,
    decisionTable([...(head === undefined ? [] : [head]), ...afterHead]),
  ];
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
