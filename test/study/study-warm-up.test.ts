import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createStudyReport } from '../../src/report/report.ts';
import { readStudyFacts } from '../../src/report/study-runs.ts';
import { findRuns } from '../../src/results/find-runs.ts';
import { runPlanned } from '../../src/scenario/run-scenario.ts';
import { ScenarioError } from '../../src/scenario/scenario-error.ts';
import { answerPlan } from '../../src/study/answer-plan.ts';
import { FolderStore } from '../../src/study/folder-store.ts';
import { planRecordOf } from '../../src/study/plan-record.ts';
import { readStudy } from '../../src/study/read-study.ts';
import type { Study } from '../../src/study/study.ts';
import { type PointSummary, StudySummary } from '../../src/study/study-summary.ts';
import { inlineBatch } from './inline-batch.ts';
import { StudyFolder } from './study-file.ts';

const VERSION = '1.2.3';
const folder = new StudyFolder();
afterAll(() => folder.remove());

const storeOf = ({ name }: Study) => new FolderStore(join(folder.path, 'out', name));

const AXES = 'axes: {warmup: [0s, 300ms, 400ms]}';
const MEASURES = 'measures: [flows.started, macTables.leaf.bridge.learned, macTables.leaf.bridge.entriesMax]';

describe('a warm-up as the axis of a study', () => {
  it('changes what is counted of runs that do the same', async () => {
    const file = folder.study('axis', 'fabrics: [vlan-no-stp]', AXES, MEASURES);
    const study = readStudy(file);
    await inlineBatch(file, storeOf, VERSION);
    const cells = findRuns([join(folder.path, 'out/axis')]);
    expect(new Set(cells.map(({ record }) => record!.fingerprint)).size).toBe(1);
    expect(cells.map(({ record }) => record!.warmUpNs).sort()).toEqual([0, 3e8, 4e8]);
    const rows: PointSummary[] = [];
    const order = { store: storeOf(study), versions: [VERSION], precision: 0.05 };
    for await (const row of (await StudySummary.of(study, order)).points()) rows.push(row);
    const [started, learned, most] = [0, 1, 2].map((measure) => rows.map(({ estimates }) => estimates[measure]!.mean));
    expect(started![0]).toBeGreaterThan(started![1]!);
    expect(started![1]).toBeGreaterThanOrEqual(started![2]!);
    // all boot within 100 ms and are known to both leaves
    expect([learned, most]).toEqual([
      [8, 0, 0],
      [4, 4, 4],
    ]);
    const { html } = await createStudyReport(
      { facts: readStudyFacts(join(folder.path, 'out/axis'))!, found: cells },
      { scope: { modelled: [], notModelled: [] } },
    );
    expect(html).toContain('after warm-ups from 0ns to 400ms');
    const record = JSON.parse(readFileSync(join(folder.path, 'out/axis/study.json'), 'utf8'));
    expect([study.warmUpNs, record.warmUpNs]).toEqual([null, null]);
  });

  it('is refused where it leaves nothing of a run', () => {
    const file = folder.study('beyond', 'axes: {warmup: [0s, 500ms]}');
    expect(() => readStudy(file)).toThrow(ScenarioError);
    expect(() => readStudy(file)).toThrow(
      'beyond.yaml:2:21: axes.warmup.1: got 500ms, which leaves nothing of the run of 500ms to count',
    );
  });
});

describe('a warm-up that all runs of a study have', () => {
  it('is said by its records, and moves the answer of a plan', async () => {
    const answers = [];
    for (const warmUp of ['0s', '400ms']) {
      const study = readStudy(
        folder.study(
          'plan',
          ...[
            `set: {warmup: ${warmUp}}`,
            'fabrics: [vlan-no-stp]',
            'plan:',
            '  axis: tenants.0.vmsPerSegment',
            '  from: 2',
          ],
          ...['  to: 16', '  probes: 0', '  limits: [{metric: flooding.reach.frames, most: 20}]'],
        ),
      );
      const found = [];
      const order = { plan: study.plan!, version: VERSION };
      const simulated = answerPlan(study, order, async ({ run }) => runPlanned(run, { outDir: null }).summary);
      for await (const answer of simulated) found.push(answer);
      const record = planRecordOf(study, study.plan!, { version: VERSION, answers: found, runs: [] });
      answers.push([study.warmUpNs, record.warmUpNs, found[0]!.outcome]);
    }
    // each VM announces itself when it boots, and asks for those that it talks to
    expect(answers).toEqual([
      [0, 0, 'found'],
      [4e8, 4e8, 'all'],
    ]);
  });
});
