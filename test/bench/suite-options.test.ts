import { describe, expect, it } from 'vitest';
import { SUITE } from '../../bench/suite.ts';
import { suiteOptions } from '../../bench/suite-options.ts';
import { COMPARE_DEFAULTS, processesNeeded } from '../../src/benchmark/compare-cases.ts';
import { UsageError } from '../../src/cli/exit-code.ts';

describe('the words behind `npm run bench --`', () => {
  it('name cases and processes', () => {
    expect(suiteOptions(['--only', 'mac-hash', '--processes', '2'])).toEqual({ names: ['mac-hash'], processes: 2 });
    expect(suiteOptions([])).toEqual({ names: SUITE.map(({ name }) => name), processes: 8 });
  });

  it('make runs that can be compared by times and memory unless they ask for less', () => {
    // of each case its time and its memory
    const needed = processesNeeded(2 * SUITE.length, { isInterleaved: false, alpha: COMPARE_DEFAULTS.alpha });
    expect(suiteOptions([]).processes).toBeGreaterThan(needed!);
  });

  it.each([
    [['--processes', '0'], "--processes: got '0', expected a whole number from 1 on"],
    [['--processes', 'abc'], "--processes: got 'abc', expected"],
    [['--processes', '2.5'], "--processes: got '2.5', expected"],
    [['--only', 'nosuch'], '--only nosuch: no such case or level, expected one of event-queue-100, '],
    [['--procesess', '2'], "Unknown option '--procesess'"],
  ])('are refused: %j', (words, problem) => {
    expect(() => suiteOptions(words)).toThrow(UsageError);
    expect(() => suiteOptions(words)).toThrow(problem);
  });
});
