import type { Command } from 'commander';
import { parseCount, parseMemory, parseRetries } from './batch-commands.ts';
import { examples, type Finish, optionsOf } from './command-help.ts';
import type { PlanOptions } from './plan-options.ts';

/** `plan`: how much fits. */
export function addPlan(program: Command, finish: Finish): void {
  const command = program
    .command('plan')
    .summary('find the largest or smallest value that keeps limits')
    .description(
      "Searches, as a study file's section `plan` says, for the largest or smallest value of one path of the scenario that " +
        'keeps limits, fabric by fabric: with what binds there, and what would bind next. Simulates as it goes, and keeps ' +
        'its runs as `batch` does: what is there already is not simulated again, also after an interruption of any kind.',
    )
    .argument('<study>', 'study file, YAML or JSON, with a section plan (docs/planning.md)')
    .option('--out <place>', 'where the folder of the study is made: a folder, or s3://bucket/prefix', 'results')
    .option('--no-tables', 'keep of each run only run.json: enough for report, not for explore')
    .option('--jobs <number>', 'runs at a time (default: as many as there are cores)', parseCount)
    .option('--memory <size>', 'what they may need together (default: four fifths of what is free)', parseMemory)
    .option('--retries <number>', 'times that a run which failed is tried again', parseRetries, 1)
    .option('--any-version', 'keep what another version has simulated')
    .option('--prune', 'remove what is of another version or not of this study')
    .option('--json', 'print the answers as JSON')
    .option('--no-progress', 'show no progress')
    .addHelpText(
      'after',
      examples(['dcfabric plan scenarios/studies/how-many-vms-until-a-leaf-table-is-90-percent-full.yaml', '']),
    );
  command.action(async (study: string) => {
    const { plan } = await import('./plan.ts');
    finish(await plan(study, optionsOf<PlanOptions>(command)));
  });
}
