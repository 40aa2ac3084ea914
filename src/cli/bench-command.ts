import { type Command, InvalidArgumentError, Option } from 'commander';
import { TRACKER_FORMATS } from '../benchmark/tracker-names.ts';
import type {
  BenchCompareOptions,
  BenchDivergeOptions,
  BenchReportOptions,
  BenchRunOptions,
  BenchSampleOptions,
  BenchTrailOptions,
} from './bench-options.ts';
import { append, examples, type Finish, optionsOf, wholeNumber } from './command-help.ts';

/** Where the history is kept unless said otherwise. */
const HISTORY_DEFAULT = 'results/bench';

const BUILDS_HELP = `where revisions are built and kept (default: ${HISTORY_DEFAULT}/builds at the top of the clone)`;

const PROCESSES_MAX = 1_000;

/** `dcfabric bench …`: what a version costs, whether another costs more, and where two part. */
export function addBench(program: Command, finish: Finish): void {
  const bench = program
    .command('bench')
    .summary('measure scenarios and versions, compare them, find where they part')
    .description('Measures what scenarios cost, keeps a history, and compares versions of dcfabric by work and time.')
    .addHelpText(
      'after',
      examples(
        ['dcfabric bench run scenarios/first-look.yaml', 'measures it and adds to the history'],
        ['dcfabric bench compare main worktree', 'two revisions, measured side by side'],
        ['dcfabric bench compare before.arrow after.arrow', 'two runs that were kept'],
        ['dcfabric bench report', 'the history, with the changes in it'],
        ['dcfabric bench report --html trends.html', 'the same as a page'],
      ),
    );
  addRun(bench, finish);
  addCompare(bench, finish);
  addReport(bench, finish);
  addDiverge(bench, finish);
  addSample(bench, finish);
  addTrail(bench, finish);
}

function addRun(bench: Command, finish: Finish): void {
  const command = bench
    .command('run')
    .summary('measure scenarios and add to the history')
    .description(
      'Simulates each scenario on its fabrics in processes of their own, counts the work and measures CPU time and ' +
        'memory. Processes of one version have to count the same.',
    )
    .argument('<scenarios...>', 'scenario files, YAML or JSON')
    .option('--fabric <names...>', 'only these fabrics')
    .option('--set <path=value>', 'change one value of the scenarios; may be repeated', append)
    .option(
      '--processes <number>',
      'processes of each scenario and fabric; two runs of 8 can be compared, of fewer only if they have few cases',
      wholeNumber(1, PROCESSES_MAX),
      8,
    )
    .option('--history <folder>', 'where runs are kept', HISTORY_DEFAULT)
    .option('--output <file>', 'write the run to this file instead of the history')
    .option('--json', 'print results as JSON');
  command.action(async (scenarios: string[]) => {
    const { benchRun } = await import('./bench-run.ts');
    finish(await benchRun(scenarios, optionsOf<BenchRunOptions>(command)));
  });
}

function addCompare(bench: Command, finish: Finish): void {
  const command = bench
    .command('compare')
    .summary('compare two revisions, or two runs that were kept')
    .description(
      'Revisions of a clone of dcfabric are built, and measured side by side: at the same time, where each has a ' +
        'processor, as then both meet what else goes on there; `worktree` stands for the files as they are. Runs that ' +
        'were kept are read. Counters have to be equal; times and memory are judged by a permutation test on ' +
        'the medians of processes and a minimum effect. Exit code 1: other counters, cases that are gone, more time or ' +
        'more memory; 2: there is no case that both have, or so few processes that no change of a time could be found.',
    )
    .argument('<base>', 'revision, or file of a run')
    .argument('<head>', 'revision, or file of a run')
    .option('--only <cases...>', 'cases of the suite, or levels: micro, meso, macro')
    .option('--scenario <files...>', 'these scenarios instead of the suite')
    .option(
      '--processes <number>',
      'processes of each case and revision (default: 24; 12 in turns; 2 with --counters-only)',
      wholeNumber(1, PROCESSES_MAX),
    )
    .addOption(
      new Option('--counters-only', 'compare the work alone, neither times nor memory').conflicts([
        'minEffect',
        'alpha',
      ]),
    )
    .option('--in-turns', 'measure one revision after the other, never both at the same time')
    .option('--min-effect <ratio>', 'a smaller change of time or memory is of no interest', parseRatio, 0.05)
    .option('--alpha <probability>', 'how probable one false alarm may be', parseRatio, 0.05)
    .option(
      '--accept <reason>',
      'other counters, or fewer cases, are expected: says why, and does not fail for them',
      parseReason,
    )
    .option('--builds <folder>', BUILDS_HELP)
    .option('--json', 'print results as JSON');
  command.action(async (base: string, head: string) => {
    const { benchCompare } = await import('./bench-compare.ts');
    finish(await benchCompare(base, head, optionsOf<BenchCompareOptions>(command)));
  });
}

function addReport(bench: Command, finish: Finish): void {
  const command = bench
    .command('report')
    .summary('show the history and the changes in it')
    .description(
      'Shows how each measure went from run to run, and where its level changed: as text, or as a page with pictures that ' +
        'needs nothing beside it; or prints the newest run for a tracker.',
    )
    .option('--history <folder>', 'where runs are kept', HISTORY_DEFAULT)
    .option('--only <cases...>', 'only these cases')
    .option('--all', 'measures that did not change as well')
    .option('--html <file>', 'draw it: write a page instead of the text')
    .option('--svg <folder>', 'write every figure of the page as an SVG file')
    .addOption(
      new Option('--to <format>', 'print the newest run as this tracker reads it')
        .choices(TRACKER_FORMATS)
        .conflicts(['html', 'svg']),
    )
    .option('--json', 'print results as JSON');
  command.action(async () => {
    const { benchReport } = await import('./bench-report.ts');
    finish(await benchReport(optionsOf<BenchReportOptions>(command)));
  });
}

function addDiverge(bench: Command, finish: Finish): void {
  const command = bench
    .command('diverge')
    .summary('find the first decision at which two versions part')
    .description(
      'Runs a scenario with two versions and compares their fingerprints, decisions and states on the way; prints the ' +
        'first decision that differs and what was before it, and where the states of both runs part if they do before ' +
        'that shows in a decision. Exit code 1 if anything differs.',
    )
    .argument('<base>', 'revision of a clone of dcfabric, or its compiled folder')
    .argument('<head>', 'the same')
    .requiredOption('--scenario <file>', 'scenario that both run')
    .option('--fabric <name>', 'fabric of the scenario (default: the first one listed)')
    .option('--set <path=value>', 'change one value of the scenario; may be repeated', append)
    .option('--builds <folder>', BUILDS_HELP)
    .option('--json', 'print results as JSON');
  command.action(async (base: string, head: string) => {
    const { benchDiverge } = await import('./bench-diverge.ts');
    finish(await benchDiverge(base, head, optionsOf<BenchDivergeOptions>(command)));
  });
}

function addSample(bench: Command, finish: Finish): void {
  const command = bench
    .command('sample', { hidden: true })
    .description('Runs a scenario on one fabric in this process and prints the report of the case.')
    .argument('<scenario>', 'scenario file')
    .requiredOption('--fabric <name>', 'fabric of the scenario')
    .option('--set <path=value>', 'change one value of the scenario; may be repeated', append)
    .option('--slow-down <ratio>', 'spend this share of the time on nothing', parseRatio, 0);
  command.action(async (scenario: string) => {
    const { benchSample } = await import('./bench-sample.ts');
    finish(benchSample(scenario, optionsOf<BenchSampleOptions>(command)));
  });
}

function addTrail(bench: Command, finish: Finish): void {
  const command = bench
    .command('trail', { hidden: true })
    .description('Prints fingerprints of a run on its way, or decisions, as JSON Lines.')
    .argument('<scenario>', 'scenario file')
    .requiredOption('--fabric <name>', 'fabric of the scenario')
    .option('--set <path=value>', 'change one value of the scenario; may be repeated', append)
    .option('--every <decisions>', 'the fingerprint after so many decisions', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--from <decision>', 'decisions from this one', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0)
    .option(
      '--to <decision>',
      'decisions before this one',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
      Number.POSITIVE_INFINITY,
    );
  command.action(async (scenario: string) => {
    const { benchTrail } = await import('./bench-sample.ts');
    finish(benchTrail(scenario, optionsOf<BenchTrailOptions>(command)));
  });
}

function parseReason(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('Expected why the work is another.');
}

function parseRatio(text: string): number {
  const ratio = Number(text);
  if (text.trim() !== '' && ratio >= 0 && ratio < 1) return ratio;
  throw new InvalidArgumentError('Expected a number from 0 to below 1, such as 0.05.');
}
