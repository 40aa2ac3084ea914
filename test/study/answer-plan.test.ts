import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { runPlanned } from '../../src/scenario/run-scenario.ts';
import { ScenarioError } from '../../src/scenario/scenario-error.ts';
import { answerPlan, type PlanAnswer, type SummaryOf } from '../../src/study/answer-plan.ts';
import { readStudy } from '../../src/study/read-study.ts';
import { StudyFolder } from './study-file.ts';

const folder = new StudyFolder();
afterAll(() => folder.remove());

/** Every VM is heard by every leaf, whose tables hold 20. */
const SMALL_TABLES = [
  'set:',
  '  hardware: {leaf: {macTable: {entries: 20}}}',
  '  traffic: {flowsPerVmPerSecond: 1, sizes: {fixed: 1kB}}',
];

const simulated: SummaryOf = async ({ run }) => runPlanned(run, { outDir: null }).summary;

async function answersOf(lines: readonly string[], simulate = simulated): Promise<PlanAnswer[]> {
  const study = readStudy(folder.study('plan', ...lines));
  const answers: PlanAnswer[] = [];
  for await (const answer of answerPlan(study, { plan: study.plan!, version: '1.2.3' }, simulate)) answers.push(answer);
  return answers;
}

const planOf = (limits: string, more = '') => [
  'plan:',
  '  axis: tenants.0.vmsPerSegment',
  '  from: 4',
  '  to: 40',
  `  limits: ${limits}`,
  ...(more === '' ? [] : [`  ${more}`]),
];

describe('the answer to a plan', () => {
  it('is the largest value that keeps the limit, with what binds there and what would bind next', async () => {
    const lines = [
      ...SMALL_TABLES,
      'replications: 2',
      ...planOf('[{metric: macTables.leaf.bridge.fill, most: 90%}, hardware]'),
    ];
    const answers = await answersOf(lines);
    expect(answers.map(({ fabric }) => fabric)).toEqual(['vlan-no-stp', 'vxlan-flood-learn']);
    for (const answer of answers) {
      expect(answer).toMatchObject({
        outcome: 'found',
        value: 18,
        replications: [{ seed: 1, value: 18 }, { value: 18 }],
        estimate: { mean: 18, halfWidth: 0, count: 2 },
        bound: { value: 19, limits: [{ name: 'macTables.leaf.bridge.fill', value: 0.95, bound: 0.9, device: null }] },
        next: { value: 21, limits: [{ name: 'limits.mac_table.count', device: expect.stringMatching(/^leaf/) }] },
        contradiction: null,
        absent: [],
      });
    }
  });

  it('is the smallest value where that is asked for', async () => {
    const [answer] = await answersOf([
      'fabrics: [vlan-no-stp]',
      ...SMALL_TABLES,
      ...planOf('[{metric: macTables.leaf.*.entriesMax, least: 12}]', 'goal: smallest'),
    ]);
    expect(answer).toMatchObject({
      outcome: 'found',
      value: 12,
      bound: { value: 11, limits: [{ value: 11 }] },
      next: null,
    });
  });

  it('says where every value keeps the limits, and where none does', async () => {
    const fabric = 'fabrics: [vlan-no-stp]';
    const [all] = await answersOf([fabric, ...planOf('[{metric: drops.drop_queue_full.frames, most: 0}]')]);
    expect(all).toMatchObject({ outcome: 'all', value: 40, bound: null, next: null });
    const [none] = await answersOf([fabric, ...planOf('[{metric: macTables.leaf.bridge.entriesMax, most: 2}]')]);
    expect(none).toMatchObject({ outcome: 'none', value: null, bound: { value: 4, limits: [{ value: 4 }] } });
  });

  it('takes paths along that grow with the axis', async () => {
    const asked: unknown[] = [];
    const simulate: SummaryOf = (cell, value) => {
      asked.push([value, cell.parameters, cell.run.scenario.tenants[0]!.vmsPerSegment]);
      return simulated(cell, value);
    };
    const lines = [
      'fabrics: [vlan-no-stp]',
      'plan:',
      '  axis: topology.leaves',
      '  proportional: {tenants.0.vmsPerSegment: 1.5}',
      '  from: 2',
      '  to: 5',
      '  limits: [{metric: macTables.leaf.*.entriesMax, most: 6}]',
    ];
    expect(await answersOf(lines, simulate)).toMatchObject([{ value: 4, bound: { value: 5, limits: [{ value: 8 }] } }]);
    expect(asked).toContainEqual([5, { 'topology.leaves': 5, 'tenants.0.vmsPerSegment': 8 }, 8]);
  });

  it('is refused where limits are broken and kept again', async () => {
    const simulate: SummaryOf = async (cell, value) => {
      const summary = await simulated(cell, value);
      const { vms } = summary;
      // broken from 10 to 24, and from 36 on
      const failed = (vms.planned >= 10 && vms.planned < 25) || vms.planned >= 36 ? 1 : 0;
      return { ...summary, flows: { ...summary.flows, failed } };
    };
    const lines = ['fabrics: [vlan-no-stp]', ...planOf('[{metric: flows.failed, most: 0}]')];
    expect(await answersOf(lines, simulate)).toMatchObject([
      {
        outcome: 'not-monotone',
        value: null,
        contradiction: { seed: 1, broken: { value: 13, limits: [{ name: 'flows.failed' }] }, kept: 31 },
      },
    ]);
  });

  it('leaves out limits of what a fabric has not, but refuses those that no fabric has', async () => {
    const [tree, overlay] = await answersOf(planOf('[{metric: macTables.leaf.tunnel.entriesMax, most: 100}]'));
    expect([tree!.absent, overlay!.absent]).toEqual([[0], []]);
    const wrong = answersOf(planOf('[{metric: macTables.leaf.bridge.entryMax, most: 100}]'));
    await expect(wrong).rejects.toThrow(ScenarioError);
    await expect(wrong).rejects.toThrow(
      /plan\.yaml:6:12: plan\.limits\.0: no fabric has the metric 'macTables\.leaf\.bridge\.entryMax'; did you mean 'macTables\.leaf\.bridge\.entriesMax'\?/,
    );
  });
});

describe('the section plan of a study file', () => {
  const problemsOf = (...lines: string[]) => {
    try {
      readStudy(folder.study('wrong', ...lines));
      return [];
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      return error.problems.map(({ line, path, message }) => `${line}: ${path}: ${message}`);
    }
  };

  it('is checked, limits and both ends of its axis, each at its place', () => {
    expect(problemsOf(...planOf('[{metric: flows.failed}]'))).toEqual([
      "6: plan.limits.0: expected either 'most' or 'least'",
    ]);
    expect(problemsOf(...planOf('[{metric: flows.failed, most: few}]'))).toEqual([
      "6: plan.limits.0.most: got 'few', expected a number, or a quantity such as 90%, 10ms, 1Gbps or 64KiB",
    ]);
    expect(problemsOf(...planOf('[hardware]').with(3, '  to: 3'))).toEqual([
      '5: plan.to: the range is empty: got 4 to 3, expected at least 4',
    ]);
    expect(problemsOf(...planOf('[hardware]').with(1, '  axis: tenants.0.vmPerSegment'))).toEqual([
      "3: plan.axis: unknown key; did you mean 'vmsPerSegment'?",
    ]);
    expect(problemsOf(...planOf('[hardware]').with(2, '  from: 0'))).toEqual([
      '4: plan.from: got 0, expected at least 1',
    ]);
    expect(problemsOf(...planOf('[hardware]', 'proportional: {tenants.0: 2, topology.leafs: 2}'))).toEqual([
      '7: plan.proportional.tenants.0: the axis sets this too',
    ]);
    expect(problemsOf(...planOf('[hardware]', 'proportional: {topology.leafs: 2}'))).toEqual([
      expect.stringMatching(
        /^7: plan\.proportional\.topology\.leafs: unknown key, expected one of kind, leaves, spines/,
      ),
    ]);
    expect(problemsOf(...planOf('[hardware]', 'precision: 0.00001'))).toEqual([
      '7: plan.precision: got 3600000 values, expected at most 1000000',
    ]);
  });

  it('takes quantities, with a hundredth of the range between values', () => {
    const study = readStudy(
      folder.study(
        'paced',
        'plan:',
        '  axis: hosts.bootWindow',
        '  from: 100ms',
        '  to: 200ms',
        '  limits: [hardware]',
      ),
    );
    expect(study.plan!.axis.values.slice(0, 2)).toEqual(['100ms', '101ms']);
    expect(study.plan!.axis.values).toHaveLength(101);
  });

  it('is in studies that come along, which can be read', () => {
    const studies = fileURLToPath(new URL('../../scenarios/studies', import.meta.url));
    const plans = readdirSync(studies).flatMap((name) => readStudy(`${studies}/${name}`).plan ?? []);
    expect(plans.length).toBeGreaterThanOrEqual(2);
  });
});
