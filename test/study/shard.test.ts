import { describe, expect, it } from 'vitest';
import { chooseShard, isInShard } from '../../src/study/shard.ts';

const shardOf = (env: Record<string, string>, given?: string) => {
  const { index, count } = chooseShard(given, env);
  return [index, count];
};

describe('a shard', () => {
  it('is the i-th of n parts, which together are the plan, each run once', () => {
    const shards = ['1/3', '2/3', '3/3'].map((text) => chooseShard(text, {}));
    for (let number = 0; number < 10; number++) {
      expect(shards.filter((shard) => isInShard(shard, number))).toHaveLength(1);
    }
  });

  it('is all of the plan when nothing says otherwise', () => {
    expect(shardOf({})).toEqual([0, 1]);
  });

  it('is what a task of an array is told', () => {
    expect(shardOf({ SLURM_ARRAY_TASK_ID: '7', SLURM_ARRAY_TASK_COUNT: '4', SLURM_ARRAY_TASK_MIN: '5' })).toEqual([
      2, 4,
    ]);
    expect(shardOf({ SLURM_ARRAY_TASK_ID: '0', SLURM_ARRAY_TASK_COUNT: '4' })).toEqual([0, 4]);
    expect(shardOf({ JOB_COMPLETION_INDEX: '3', JOB_COMPLETIONS: '4' })).toEqual([3, 4]);
    expect(shardOf({ AWS_BATCH_JOB_ARRAY_INDEX: '1', AWS_BATCH_JOB_ARRAY_SIZE: '2' })).toEqual([1, 2]);
    expect(shardOf({ AWS_BATCH_JOB_ARRAY_INDEX: '1', AWS_BATCH_JOB_ARRAY_SIZE: '2' }, '1/1')).toEqual([0, 1]);
  });

  it('is refused where it is none', () => {
    for (const text of ['0/3', '4/3', '1', '1/0', 'a/b', '-1/2']) {
      expect(() => chooseShard(text, {})).toThrow('expected i/n such as 3/8');
    }
    expect(() => shardOf({ JOB_COMPLETION_INDEX: '3' })).toThrow("set JOB_COMPLETIONS to the job's completions");
    expect(() => shardOf({ JOB_COMPLETION_INDEX: '4', JOB_COMPLETIONS: '4' })).toThrow('from 0 to 3');
    // an array with gaps, such as --array=0,5,9
    expect(() => shardOf({ SLURM_ARRAY_TASK_ID: '9', SLURM_ARRAY_TASK_COUNT: '3' })).toThrow('from 0 to 2');
  });
});
