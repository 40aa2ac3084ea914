import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compareObserved, readRecording, replayRecording } from '../../src/replay/replay.ts';

const FOLDER = new URL('../recordings/', import.meta.url).pathname;

describe.each([
  ['replay of what a Linux 6.18 kernel did', ''],
  ['replay of what it did in stranger cases', 'further/'],
])('%s', (_title, folder) => {
  const files = readdirSync(FOLDER + folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => folder + file);

  it.each(files)('%s: every fact', (file) => {
    const observed = (JSON.parse(readFileSync(FOLDER + file, 'utf8')) as { observed: unknown }).observed;
    const comparison = compareObserved(observed, replayRecording(readRecording(FOLDER + file)));
    expect(comparison.differences).toEqual([]);
    expect(comparison.facts).toBeGreaterThan(100);
    expect(comparison.equal).toBe(comparison.facts);
  });
});

describe('comparison of a recording with a simulation', () => {
  const frame = { kind: 'frame', port: 'v1>h1', dir: 'tx', id: 0 };

  it('counts each leaf and each distinct seen frame as a fact', () => {
    const observed = { steps: [{ at: 1, seen: [{ ...frame, count: 2 }] }] };
    expect(compareObserved(observed, observed)).toEqual({ facts: 2, equal: 2, differences: [] });
  });

  it('names what was recorded and not simulated, and the other way round', () => {
    const recorded = { steps: [{ at: 1, seen: [{ ...frame, count: 2 }] }] };
    const simulated = { steps: [{ at: 1, seen: [{ ...frame, id: 1, count: 2 }] }] };
    const { facts, equal, differences } = compareObserved(recorded, simulated);
    expect([facts, equal]).toEqual([3, 1]);
    expect(differences[0]).toContain('recorded 2, simulated nothing');
    expect(differences[1]).toContain('recorded nothing, simulated 2');
  });

  it('does not count what depends on when the recording was stopped', () => {
    expect(compareObserved({ bpdusSent: { a: 1 }, kernel: '6.18' }, {})).toEqual({
      facts: 0,
      equal: 0,
      differences: [],
    });
  });
});
