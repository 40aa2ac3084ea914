import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { runPlanned } from '../../src/scenario/run-scenario.ts';
import { answerPlan } from '../../src/study/answer-plan.ts';
import { readStudy } from '../../src/study/read-study.ts';
import { StudyFolder } from './study-file.ts';

const folder = new StudyFolder();
afterAll(() => folder.remove());

const BASE = fileURLToPath(
  new URL('../../scenarios/does-head-end-replication-flood-more-than-a-tree.yaml', import.meta.url),
);

/** Bytes that an announcement takes of a link: padded, with FCS, preamble and gap, and a tag or an encapsulation. */
const TAGGED_BYTES = 60 + 24 + 4;
const ENCAPSULATED_BYTES = 60 + 24 + 50;

// the study of scenarios/studies, smaller
it('answers how many leaves there are until a storm of ARP takes more than 1 % of an uplink, as arithmetic does', async () => {
  const vmsPerLeaf = 40;
  const file = folder.write(
    'storm.yaml',
    [
      `scenario: ${BASE}`,
      'fabrics: [tree, ingress-replication, underlay-multicast]',
      'set: {topology.spines: 2, topology.fabricLink.rate: 200Mbps, hosts.bootWindow: 50ms, samples.every: 100ms, duration: 70200ms}',
      'plan:',
      '  axis: topology.leaves',
      `  proportional: {tenants.0.vmsPerSegment: ${vmsPerLeaf}}`,
      '  from: 4',
      '  to: 11',
      '  probes: 0',
      '  limits: [{metric: fabricArpPeak.share, most: 1%}]',
      '',
    ].join('\n'),
  );
  const study = readStudy(file);
  const answers = [];
  const plan = { plan: study.plan!, version: '1.2.3' };
  for await (const answer of answerPlan(study, plan, async ({ run }) => runPlanned(run, { outDir: null }).summary)) {
    answers.push(answer);
  }
  const [tree, ingress, multicast] = answers;
  // 1 % of what 200 Mbit/s carry between two samples
  const bytes = (0.01 * 200e6 * 0.1) / 8;
  const shareOf = (frames: number, size: number) => (frames * size) / (100 * bytes);
  // the second spine hears all of them from the leaf that it has its root port to
  const treeLeaves = Math.floor(bytes / TAGGED_BYTES / vmsPerLeaf);
  expect([tree!.fabric, tree!.value]).toEqual(['tree', treeLeaves]);
  expect(tree!.bound!.limits[0]!.value).toBeCloseTo(shareOf(vmsPerLeaf * (treeLeaves + 1), TAGGED_BYTES), 12);
  // each leaf has those of all others from the root of the group's tree
  const multicastLeaves = 1 + Math.floor(bytes / ENCAPSULATED_BYTES / vmsPerLeaf);
  expect(multicast!.value).toBe(multicastLeaves);
  expect(multicast!.bound!.limits[0]!.value).toBeCloseTo(shareOf(vmsPerLeaf * multicastLeaves, ENCAPSULATED_BYTES), 12);
  // two uplinks share as many copies, by chance: at best evenly
  expect(ingress!.value).toBeGreaterThan(multicastLeaves);
  expect(ingress!.value).toBeLessThanOrEqual(1 + Math.floor((2 * bytes) / ENCAPSULATED_BYTES / vmsPerLeaf));
});
