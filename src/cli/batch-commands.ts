import { type Command, InvalidArgumentError } from 'commander';
import { parseSize, UnitError } from '../units.ts';
import { examples, type Finish, optionsOf } from './command-help.ts';
import type { BatchOptions } from './options.ts';

/** The command that simulates studies. */
export function addBatch(program: Command, finish: Finish): void {
  const command = program
    .command('batch')
    .summary('simulate every run of a study')
    .description(
      'Simulates every run of a study: each point of its axes, on each fabric, with each seed. What is there already is ' +
        'not simulated again: after an interruption of any kind the same command goes on.',
    )
    .argument('<study>', 'study file, YAML or JSON')
    .option('--dry-run', 'print the plan as JSON Lines, and simulate nothing')
    .option('--out <folder>', 'where the folder of the study is made', 'results')
    .option('--jobs <number>', 'runs at a time (default: as many as there are cores)', parseCount)
    .option('--memory <size>', 'what they may need together (default: four fifths of what is free)', parseMemory)
    .option('--retries <number>', 'times that a run which failed is tried again', parseRetries, 1)
    .option('--shard <i/n>', "only the i-th of n parts of the plan (default: as a scheduler's array variables say)")
    .option('--any-version', 'keep what another version has simulated')
    .option('--prune', 'remove what is of another version or not of this plan')
    .option('--json', 'print results as JSON')
    .option('--no-progress', 'show no progress')
    .addHelpText(
      'after',
      examples(
        ['dcfabric batch scenarios/studies/does-a-broadcast-cost-more-with-every-rack.yaml', ''],
        ['dcfabric batch study.yaml --dry-run | wc -l', 'how many runs there are'],
        ['dcfabric batch study.yaml --shard 3/8 --jobs 4', 'the third of eight machines'],
      ),
    );
  command.action(async (study: string) => {
    const { batch } = await import('./batch.ts');
    finish(await batch(study, optionsOf<BatchOptions>(command)));
  });
}

const JOBS_MAX = 1024;
const RETRIES_MAX = 100;

export function parseCount(text: string): number {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= JOBS_MAX) return Number(text);
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${JOBS_MAX}.`);
}

function parseRetries(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= RETRIES_MAX) return Number(text);
  throw new InvalidArgumentError(`Expected a whole number from 0 to ${RETRIES_MAX}.`);
}

export function parseMemory(text: string): number {
  try {
    return parseSize(text);
  } catch (error) {
    if (error instanceof UnitError) throw new InvalidArgumentError(`${error.message}.`);
    throw error;
  }
}
