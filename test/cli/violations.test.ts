import { describe, expect, it } from 'vitest';
import { violationsOf } from '../../src/cli/violations.ts';

const HOLDS = { name: 'frames_conserved', cause: null, left: 7, relation: 'equal', right: 7, holds: true } as const;

describe('a run whose counters do not agree', () => {
  it('is told with the name of the check and both numbers', () => {
    const violated = { ...HOLDS, left: 1_234_567, holds: false };
    expect(violationsOf([{ fabric: 'vlan', seed: 3, invariants: [HOLDS, violated] }])).toEqual([
      'vlan with seed 3: frames_conserved: 1,234,567 should be 7 ' +
        '(frames that came into being, and those that ended or are under way)',
    ]);
  });

  it('is nothing to speak of when they do', () => {
    expect(violationsOf([{ fabric: 'vlan', seed: 3, invariants: [HOLDS] }])).toEqual([]);
  });
});
