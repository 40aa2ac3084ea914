/** A part of a plan: every `count`th run, beginning with the `index`th. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
  /** Where it was said: an option, or a scheduler's variable. */
  readonly source: string;
}

/** A shard that cannot be told; the message says what would do. */
export class ShardError extends Error {
  override name = 'UsageError';
}

/** All of the plan. */
const WHOLE: Shard = { index: 0, count: 1, source: '' };

/** Whether the number of a run among all, from 0, belongs to the shard. */
export function isInShard({ index, count }: Shard, number: number): boolean {
  return number % count === index;
}

/** Which part of a plan to simulate: as `i/n` says, or else as the array job says that this process is part of. */
export function chooseShard(given: string | undefined, env: Readonly<Record<string, string | undefined>>): Shard {
  if (given !== undefined) return parseShard(given);
  for (const { index, count, min, name, hint } of ARRAY_VARIABLES) {
    if (env[index] === undefined) continue;
    const first = whole(env[min ?? ''] ?? '0');
    const own = whole(env[index]);
    const size = whole(env[count] ?? '');
    if (Number.isNaN(size) || size < 1) {
      throw new ShardError(`${index} is ${env[index]}, a task of ${name}, but of how many? ${hint}, or --shard i/n`);
    }
    if (Number.isNaN(own) || own < first || own - first >= size) {
      throw new ShardError(`${index} is '${env[index]}', expected a whole number from ${first} to ${first + size - 1}`);
    }
    return { index: own - first, count: size, source: `${index}=${env[index]}` };
  }
  return WHOLE;
}

/** What schedulers tell the tasks of an array. */
const ARRAY_VARIABLES: readonly {
  readonly name: string;
  readonly index: string;
  readonly count: string;
  readonly min?: string;
  readonly hint: string;
}[] = [
  {
    name: 'a Slurm job array',
    index: 'SLURM_ARRAY_TASK_ID',
    count: 'SLURM_ARRAY_TASK_COUNT',
    min: 'SLURM_ARRAY_TASK_MIN',
    hint: 'expected SLURM_ARRAY_TASK_COUNT',
  },
  {
    name: 'an AWS Batch array job',
    index: 'AWS_BATCH_JOB_ARRAY_INDEX',
    count: 'AWS_BATCH_JOB_ARRAY_SIZE',
    hint: 'expected AWS_BATCH_JOB_ARRAY_SIZE',
  },
  {
    name: 'a Kubernetes indexed job',
    index: 'JOB_COMPLETION_INDEX',
    count: 'JOB_COMPLETIONS',
    hint: "set JOB_COMPLETIONS to the job's completions",
  },
];

function parseShard(text: string): Shard {
  const [, own, size] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const [index, count] = [whole(own ?? ''), whole(size ?? '')];
  if (index >= 1 && index <= count) return { index: index - 1, count, source: `--shard ${text}` };
  throw new ShardError(`--shard: got '${text}', expected i/n such as 3/8, from 1/n to n/n`);
}

function whole(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}
