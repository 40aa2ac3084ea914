import type { Command } from 'commander';
import { parseCount, parseMemory } from './batch-commands.ts';
import { examples, type Finish, optionsOf } from './command-help.ts';
import type { PlanOptions } from './plan-options.ts';

/** `plan`: how much fits. */
export function addPlan(program: Command, finish: Finish): void {
  const command = program
    .command('plan')
    .summary('find the largest or smallest value that keeps limits')
    .description(
      "Searches, as a study file's section `plan` says, for the largest or smallest value of one path of the scenario that " +
        'keeps limits, fabric by fabric: with what binds there, and what would bind next. Simulates as it goes.',
    )
    .argument('<study>', 'study file, YAML or JSON, with a section plan (docs/planning.md)')
    .option('--jobs <number>', 'runs at a time (default: as many as there are cores)', parseCount)
    .option('--memory <size>', 'what they may need together (default: four fifths of what is free)', parseMemory)
    .option('--json', 'print the answers as JSON')
    .option('--no-progress', 'show no progress')
    .addHelpText('after', examples(['dcfabric plan scenarios/studies/how-many-vms-fit-a-leaf-table.yaml', '']));
  command.action(async (study: string) => {
    const { plan } = await import('./plan.ts');
    finish(await plan(study, optionsOf<PlanOptions>(command)));
  });
}
