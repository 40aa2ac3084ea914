import { expect, it } from 'vitest';
import { runPlanned } from '../../src/scenario/run-scenario.ts';
import { readStudy } from '../../src/study/read-study.ts';
import { seconds } from '../../src/units.ts';

const STUDY = 'scenarios/studies/how-many-vms-does-a-leaf-table-hold-when-boots-are-forgotten.yaml';

// the study, with fewer VMs and servers and with room for all
it('has a leaf hold as many as arithmetic says when it has forgotten boots, and all without a warm-up', () => {
  const vmCount = 200;
  const study = readStudy(STUDY);
  const runs = study.runsAt({ 'tenants.0.vmsPerSegment': vmCount, 'topology.serversPerLeaf': 2 });
  const run = runs.find(({ fabric }) => fabric.kind === 'vlan-stp')!;
  const heldIn = (times: { durationNs: number; warmUpNs: number }) => {
    const { summary } = runPlanned({ ...run, scenario: { ...run.scenario, ...times } }, { outDir: null });
    return summary.macTables.find(({ tier }) => tier === 'leaf')!;
  };
  const all = heldIn({ durationNs: seconds(200), warmUpNs: 0 });
  const steady = heldIn({ durationNs: seconds(1000), warmUpNs: seconds(850) });
  expect(all.entriesMax).toBe(vmCount);
  // of some 3 conversations with each of 5 peers and about 5 others in 300 s, none with VMs of this eighth of the racks
  const heard = 1 - Math.exp(-3);
  const unheard = (1 - heard / 8) ** 5 * Math.exp((-5 * heard) / 8);
  const share = 1 / 8 + (7 / 8) * (1 - unheard);
  expect(steady.entriesMean / vmCount).toBeGreaterThan(share - 0.03);
  expect(steady.entriesMean / vmCount).toBeLessThan(share + 0.03);
  expect(steady.entriesMax / vmCount).toBeLessThan(share + 0.08);
});
