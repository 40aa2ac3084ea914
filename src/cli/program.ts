import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { readVersion } from '../scenario/version.ts';
import { addBatch, addWorker } from './batch-commands.ts';
import { addBench } from './bench-command.ts';
import { COLOUR_CHOICES, chooseColour, createPalette } from './colour.ts';
import { addScenarioOptions, examples, type Finish, optionsOf } from './command-help.ts';
import { ExitCode } from './exit-code.ts';
import { addExplore } from './explore-command.ts';
import { addInit } from './init-command.ts';
import type {
  CompareOptions,
  GlobalOptions,
  ReplayOptions,
  RunOptions,
  SchemaOptions,
  ValidateOptions,
} from './options.ts';
import { addPlan } from './plan-command.ts';
import { addReport } from './report-command.ts';
import { reportError } from './report-error.ts';
import { addResultCommands } from './result-commands.ts';
import type { Simulator } from './simulator.ts';
import { addImport, addTopology } from './topology-commands.ts';

/** Carries out a command line and returns what the process ends with. Each command loads its code when it is called. */
export async function runCommandLine(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.ok;
  const program = buildProgram((code) => {
    exitCode = code;
  });
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    return reportError(error, { isDebug: args.includes('--debug') });
  }
}

/** As the schema of scenarios has it. */
const REPLICATIONS_MAX = 1000;

function buildProgram(finish: Finish): Command {
  const program = new Command('dcfabric')
    .description(
      'Simulates one datacenter and its workload over VLAN/spanning-tree fabrics and VXLAN overlays, and compares ' +
        'how MAC tables grow, how much is flooded and what the migration of a VM costs.',
    )
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .option('-q, --quiet', 'no progress and no messages, only results and errors')
    .addOption(new Option('--color <when>', 'colour the output').choices(COLOUR_CHOICES).default('auto'))
    .option('--debug', 'print the stack of an error')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error:/, (word) => createPalette(process.stderr).red(word))),
    })
    .showHelpAfterError('Add --help to see what is expected.')
    .exitOverride()
    .hook('preAction', (_, command) => chooseColour(command.optsWithGlobals<GlobalOptions>().color))
    .addHelpText(
      'after',
      examples(
        ['dcfabric compare scenarios/first-look.yaml', 'the same datacenter on every fabric of the file'],
        ['dcfabric help compare', 'what a command takes'],
      ) +
        '\nExit codes: 0 done, 1 recordings not met or a mistake in dcfabric, 2 unusable input, 130 interrupted (Ctrl-C).\n' +
        'Results go to stdout, progress and messages to stderr. NO_COLOR and FORCE_COLOR are heeded.',
    );
  addInit(program, finish);
  addCompare(program, finish);
  addRun(program, finish);
  addBatch(program, finish);
  addWorker(program, finish);
  addValidate(program, finish);
  addReplay(program, finish);
  addExplore(program, finish);
  addSchema(program, finish);
  addReport(program, finish);
  addImport(program, finish);
  addTopology(program, finish);
  addBench(program, finish);
  addResultCommands(program, finish);
  addPlan(program, finish);
  return program;
}

function addCompare(program: Command, finish: Finish): void {
  const command = program
    .command('compare')
    .summary('simulate a scenario on all its fabrics and compare them')
    .description('Simulates a scenario on all its fabrics, one after the other, and shows them side by side.')
    .argument('<scenario>', 'scenario file, YAML or JSON; - reads it from stdin')
    .option(
      '--fabric <names...>',
      'only these fabrics of the scenario; the first is what the others are compared with',
    );
  addSimulationOptions(command).addHelpText(
    'after',
    examples(
      ['dcfabric compare scenarios/first-look.yaml', ''],
      ['dcfabric compare scenarios/first-look.yaml --fabric vxlan-flood-learn vlan-stp', 'two fabrics, in this order'],
      ['dcfabric compare scenarios/first-look.yaml --set topology.leaves=4 --set duration=60s', ''],
      ['dcfabric compare scenarios/first-look.yaml --replications 5', 'means of five seeds, with confidence intervals'],
      ['dcfabric compare scenarios/first-look.yaml --json > comparison.json', 'for other programs'],
    ),
  );
  command.action(async (scenario: string) => {
    const options = optionsOf<CompareOptions>(command);
    const simulator = await startSimulator(options);
    const { compare } = await import('./compare.ts');
    finish(await compare(simulator, scenario, options));
  });
}

function addRun(program: Command, finish: Finish): void {
  const command = program
    .command('run')
    .summary('simulate a scenario on one fabric')
    .description('Simulates a scenario on one fabric and shows what was seen.')
    .argument('<scenario>', 'scenario file, YAML or JSON; - reads it from stdin')
    .option('--fabric <name>', 'fabric of the scenario (default: the first one listed)');
  addSimulationOptions(command).addHelpText(
    'after',
    examples(
      ['dcfabric run scenarios/first-look.yaml', 'on the first fabric of the file'],
      ['dcfabric run scenarios/first-look.yaml --fabric vxlan-flood-learn --seed 7', ''],
      ['dcfabric run scenarios/first-look.yaml --no-out --json', 'numbers only, no files'],
    ),
  );
  command.action(async (scenario: string) => {
    const options = optionsOf<RunOptions>(command);
    const simulator = await startSimulator(options);
    const { run } = await import('./run.ts');
    finish(await run(simulator, scenario, options));
  });
}

function addValidate(program: Command, finish: Finish): void {
  const command = program
    .command('validate')
    .summary('check scenario files without running them')
    .description('Reads scenarios, reports everything that is wrong with them and where, and runs nothing.')
    .argument('<scenarios...>', 'scenario files, YAML or JSON');
  addScenarioOptions(command)
    .option('--json', 'print results as JSON')
    .addHelpText(
      'after',
      examples(
        ['dcfabric validate scenarios/*.yaml', ''],
        ['dcfabric validate scenarios/first-look.yaml --set topology.leaves=400', 'would this still be valid?'],
      ),
    );
  command.action(async (scenarios: string[]) => {
    const { validate } = await import('./validate.ts');
    finish(validate(scenarios, optionsOf<ValidateOptions>(command)));
  });
}

function addReplay(program: Command, finish: Finish): void {
  const command = program
    .command('replay')
    .summary('perform recordings of real networks and compare what happens')
    .description(
      'Rebuilds the network of each recording from simulated devices, performs its steps, and compares what happens ' +
        'with what was observed. With --out, writes each recording with what was simulated as its observed part.',
    )
    .argument('<recordings...>', 'recording files, JSON')
    .option('--out <folder>', 'write the recordings as simulated to this folder instead of comparing them')
    .option('--json', 'print results as JSON')
    .addHelpText(
      'after',
      examples(
        ['dcfabric replay recordings/*.json', 'exit code 1 if a fact differs'],
        ['dcfabric replay recordings/*.json --out simulated', ''],
      ),
    );
  command.action(async (recordings: string[]) => {
    const { replay } = await import('./replay.ts');
    finish(replay(recordings, optionsOf<ReplayOptions>(command)));
  });
}

function addSchema(program: Command, finish: Finish): void {
  const command = program
    .command('schema')
    .summary('print the JSON Schema of scenario files')
    .description('Prints the JSON Schema of scenario files, which editors use to complete and check them.')
    .option('--study', 'of study files instead')
    .addHelpText('after', examples(['dcfabric schema > scenario.schema.json', '']));
  command.action(async () => {
    const { printSchema } = await import('./schema.ts');
    printSchema(optionsOf<SchemaOptions>(command));
    finish(ExitCode.ok);
  });
}

/** Before anything else of a command is loaded, so that both its threads load at once. */
async function startSimulator({ debug }: GlobalOptions): Promise<Simulator> {
  const { Simulator } = await import('./simulator.ts');
  return new Simulator({ isDebug: debug });
}

function addSimulationOptions(command: Command): Command {
  return addScenarioOptions(command)
    .option('--replications <number>', 'times that each fabric is simulated, each with another seed', parseReplications)
    .option('--out <folder>', 'where result folders are made', 'results')
    .option('--no-out', 'write no files')
    .option('--json', 'print results as JSON')
    .option('--no-progress', 'show no progress');
}

function parseReplications(text: string): number {
  const replications = Number(text);
  if (/^\d+$/.test(text) && replications >= 1 && replications <= REPLICATIONS_MAX) return replications;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${REPLICATIONS_MAX}.`);
}
