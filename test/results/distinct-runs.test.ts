import { describe, expect, it } from 'vitest';
import { distinctRuns } from '../../src/results/distinct-runs.ts';
import type { FoundRun } from '../../src/results/find-runs.ts';

/** A run in a folder, as far as it tells what it is. */
function run(folder: string, id: string, isComplete = true): FoundRun {
  const record = { id, scenario: { name: 'any' }, fabric: { name: 'tree' }, seed: 1, isComplete, parameters: {} };
  return { folder, record: record as unknown as FoundRun['record'], state: 'whole', tables: new Map() };
}

const foldersOf = (runs: readonly FoundRun[]) => runs.map(({ folder }) => folder);

describe('runs that are in two folders', () => {
  it('count once, and the other folder is named', () => {
    const { runs, repeated } = distinctRuns([run('a', '1'), run('b', '2'), run('copy/a', '1'), run('copy/b', '2')]);
    expect(foldersOf(runs)).toEqual(['a', 'b']);
    expect(repeated).toEqual([
      { folder: 'copy/a', otherFolder: 'a' },
      { folder: 'copy/b', otherFolder: 'b' },
    ]);
  });

  it('count with all that they came to', () => {
    const { runs, repeated } = distinctRuns([run('interrupted', '1', false), run('whole', '1')]);
    expect(foldersOf(runs)).toEqual(['whole']);
    expect(repeated).toEqual([{ folder: 'interrupted', otherFolder: 'whole' }]);
  });

  it('are told apart by their folders where they say nothing of themselves', () => {
    const silent = (folder: string): FoundRun => ({ folder, record: null, state: 'incomplete', tables: new Map() });
    expect(distinctRuns([silent('a/x'), silent('b/x')])).toMatchObject({ runs: [{}, {}], repeated: [] });
  });
});
