import { type Command, InvalidArgumentError, Option } from 'commander';
import { PASSWORD_VARIABLE } from '../study/queue-address.ts';
import { parseDuration, parseRatio, parseSize, UnitError } from '../units.ts';
import { examples, type Finish, optionsOf } from './command-help.ts';
import type { BatchOptions, WorkerOptions } from './options.ts';

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
    .option('--out <place>', 'where the folder of the study is made: a folder, or s3://bucket/prefix', 'results')
    .addOption(
      new Option('--queue <address>', 'leave the runs to the workers of a queue, as redis://host').env(
        'DCFABRIC_QUEUE',
      ),
    )
    .option('--jobs <number>', 'runs at a time (default: as many as there are cores)', parseCount)
    .option('--memory <size>', 'what they may need together (default: four fifths of what is free)', parseMemory)
    .option('--retries <number>', 'times that a run which failed is tried again', parseRetries, 1)
    .option('--shard <i/n>', "only the i-th of n parts of the plan (default: as a scheduler's array variables say)")
    .option('--any-version', 'keep what another version has simulated')
    .option('--prune', 'remove what is of another version or not of this plan')
    .addOption(
      new Option('--precision <share>', 'wanted half of the confidence interval, as a share of the mean')
        .argParser(parsePrecision)
        .default(0.05, '5%'),
    )
    .option('--percentiles', 'show median and 90th percentile over the replications too')
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

/** The command that works for others. */
export function addWorker(program: Command, finish: Finish): void {
  const command = program
    .command('worker')
    .summary('simulate the runs that a queue has')
    .description(
      'Takes runs from a queue that `dcfabric batch --queue` fills, simulates them and puts the results where --out says, ' +
        'which batch and workers share. Any number of workers may come and go.',
    )
    .addOption(
      new Option('--queue <address>', 'redis://[user@]host[:port][/database], or rediss:// for TLS')
        .env('DCFABRIC_QUEUE')
        .makeOptionMandatory(),
    )
    .option('--out <place>', 'where results are put: a folder, or s3://bucket/prefix', 'results')
    .option('--jobs <number>', 'runs at a time (default: as many as there are cores)', parseCount)
    .option('--memory <size>', 'what one may need (default: four fifths of what is free)', parseMemory)
    .option('--drain', 'end when there is nothing more to do')
    .addOption(
      new Option('--stall <time>', 'time without a sign of life after which a worker is taken for dead')
        .argParser(parseStall)
        .default(30_000, '30s'),
    )
    .addHelpText(
      'after',
      `\nThe password of the queue may be in ${PASSWORD_VARIABLE} rather than in the address.\n` +
        examples(['DCFABRIC_QUEUE=rediss://redis.example dcfabric worker --out s3://studies/mine', '']),
    );
  command.action(async () => {
    const { worker } = await import('./worker.ts');
    const options = optionsOf<WorkerOptions & { stall: number }>(command);
    finish(await worker({ ...options, stallMs: options.stall }));
  });
}

const JOBS_MAX = 1024;
const RETRIES_MAX = 100;

export function parseCount(text: string): number {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= JOBS_MAX) return Number(text);
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${JOBS_MAX}.`);
}

export function parseRetries(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= RETRIES_MAX) return Number(text);
  throw new InvalidArgumentError(`Expected a whole number from 0 to ${RETRIES_MAX}.`);
}

const STALL_MS_MIN = 500;

/** In milliseconds. */
function parseStall(text: string): number {
  const stallMs = orInvalid(() => parseDuration(text)) / 1e6;
  if (stallMs >= STALL_MS_MIN) return stallMs;
  throw new InvalidArgumentError(`Expected at least ${STALL_MS_MIN}ms.`);
}

export function parseMemory(text: string): number {
  return orInvalid(() => parseSize(text));
}

function parsePrecision(text: string): number {
  const share = orInvalid(() => parseRatio(text));
  if (share > 0) return share;
  throw new InvalidArgumentError('Expected more than 0%.');
}

function orInvalid(parse: () => number): number {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UnitError) throw new InvalidArgumentError(`${error.message}.`);
    throw error;
  }
}
