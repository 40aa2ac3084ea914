import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hardwareProfileNames, readHardwareProfile, resolveHardware } from '../../src/scenario/hardware-profiles.ts';
import { parseScenario } from '../../src/scenario/read-scenario.ts';
import { ScenarioError } from '../../src/scenario/scenario-error.ts';

function problemsOf(hardware: string): string[] {
  const text = `topology: { leaves: 2, spines: 1, serversPerLeaf: 1 }
tenants: [{ name: a, vmsPerSegment: 2 }]
hardware:
${hardware}`;
  try {
    parseScenario(text, 'hardware.yaml');
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
  }
  return [];
}

describe('the hardware profiles that come with the simulator', () => {
  it.each(hardwareProfileNames())('say who published the numbers: %s', (name) => {
    const { title, source, mark } = readHardwareProfile(name);
    expect(title.length).toBeGreaterThan(10);
    expect(source.length).toBeGreaterThan(20);
    expect(['verified', 'secondary']).toContain(mark);
  });

  it('are all the files of their folder', () => {
    const files = hardwareProfileNames().map((name) => `${name}.yaml`);
    expect(readdirSync('scenarios/hardware').sort()).toEqual(files.sort());
  });

  it('have the sizes that their sources give', () => {
    const sizeOf = (name: string) => {
      const { macTable } = resolveHardware(name);
      return macTable?.kind === 'buckets' ? macTable.buckets * macTable.ways : macTable?.entries;
    };
    expect(sizeOf('trident2-qfx5100-l2-profile-three')).toBe(163_840);
    expect(sizeOf('of-dpa-default')).toBe(32_768);
    expect(sizeOf('juniper-ex-mac-lookup-length-12')).toBe(32_768);
    expect(sizeOf('any-asic-128-vteps')).toBeUndefined();
    expect(resolveHardware('any-asic-128-vteps').vtepPeers).toBe(128);
  });
});

describe('the hardware of a scenario', () => {
  it('is a profile by name or limits of its own, tier by tier, and the same for every fabric', () => {
    const text = `topology: { leaves: 2, spines: 1, serversPerLeaf: 1 }
tenants: [{ name: a, vmsPerSegment: 2 }]
hardware:
  leaf: juniper-ex-mac-lookup-length-8
  spine: { macTable: { entries: 100, overflow: evict-lru }, learnedPerSecond: 550 }`;
    const { fabrics } = parseScenario(text, 'hardware.yaml');
    expect(fabrics.length).toBeGreaterThan(1);
    for (const { hardware } of fabrics) {
      expect(hardware).toMatchObject({
        leaf: { macTable: { kind: 'buckets', buckets: 8192, ways: 4, searchBuckets: 2, overflow: 'keep-old' } },
        spine: { macTable: { kind: 'cam', entries: 100, overflow: 'evict-lru' }, learnedPerSecond: 550, vnis: null },
      });
    }
  });

  it('is told where a profile is misspelt', () => {
    expect(problemsOf('  leaf: spectrum-1-defualt')).toEqual([
      expect.stringMatching(
        /^4:9 hardware\.leaf: no hardware profile is called .* did you mean 'spectrum-1-default'\?$/,
      ),
    ]);
  });

  it('is told which tiers the topology has', () => {
    expect(problemsOf('  leav: of-dpa-default')).toEqual([
      expect.stringMatching(/^4:9 hardware\.leav: no tier of this topology is called 'leav'.* did you mean 'leaf'\?$/),
    ]);
  });

  it('is told what a table needs', () => {
    expect(problemsOf('  leaf: { macTable: { buckets: 8 } }')).toEqual([
      '4:21 hardware.leaf.macTable: expected buckets together with ways',
    ]);
    expect(problemsOf('  leaf: { macTable: {} }')).toEqual([
      '4:21 hardware.leaf.macTable: expected either entries, or buckets and ways',
    ]);
    expect(problemsOf('  leaf: { macTable: { entries: 5, overflow: evict-lur } }')).toEqual([
      expect.stringMatching(
        /^4:45 hardware\.leaf\.macTable\.overflow: got 'evict-lur', expected one of .*evict-lru'\?$/,
      ),
    ]);
  });
});
