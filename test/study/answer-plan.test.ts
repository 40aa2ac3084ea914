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

  it('takes what a run did not measure for neither kept nor broken, and says so', async () => {
    const measuredFrom = (measured: (vms: number) => boolean): SummaryOf => {
      return async (cell, value) => {
        const summary = await simulated(cell, value);
        const outageNsMax = measured(summary.vms.planned) ? 1000 * summary.vms.planned : null;
        return { ...summary, migrations: { ...summary.migrations, outageNsMax } };
      };
    };
    const lines = (goal: string) => [
      'fabrics: [vlan-no-stp]',
      ...planOf('[{metric: migrations.outageNsMax, most: 50us}]', `goal: ${goal}`),
    ];
    const unmeasured = { name: 'migrations.outageNsMax', value: null, relation: 'most', bound: 50_000 };
    const upTo20 = measuredFrom((vms) => vms <= 20);
    expect(await answersOf(lines('largest'), upTo20)).toMatchObject([
      { outcome: 'found', value: 20, bound: { value: 21, limits: [unmeasured] }, absent: [] },
    ]);
    expect(await answersOf(lines('smallest'), upTo20)).toMatchObject([
      { outcome: 'not-monotone', contradiction: { broken: { limits: [unmeasured] } } },
    ]);
    // not at the first value, where a typing error would show
    const from20 = measuredFrom((vms) => vms >= 20);
    expect(await answersOf(lines('smallest'), from20)).toMatchObject([{ outcome: 'found', value: 20 }]);
    expect(await answersOf(lines('largest'), from20)).toMatchObject([{ outcome: 'not-monotone' }]);
  });

  it('holds wildcards of what never occurred for kept', async () => {
    const lines = ['fabrics: [vlan-no-stp]', ...planOf('[{metric: drops.*.frames, most: 0}]')];
    expect(await answersOf(lines)).toMatchObject([{ outcome: 'all', absent: [] }]);
  });

  it('takes no misspelt count for one of what never occurred', async () => {
    const wrong = answersOf(['fabrics: [vlan-no-stp]', ...planOf('[{metric: limits.mac_tables.count, most: 0}]')]);
    await expect(wrong).rejects.toThrow(
      /no fabric has the metric 'limits\.mac_tables\.count'; did you mean 'limits\.mac_table\.count'\?/,
    );
    const untimed = answersOf(['fabrics: [vlan-no-stp]', ...planOf('[{metric: limits.mac_table.firstNs, most: 1s}]')]);
    await expect(untimed).rejects.toThrow(/no fabric has the metric 'limits\.mac_table\.firstNs'/);
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
      "6: plan.limits.0.most: got 'few', expected a number",
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
      '7: plan.precision: got 3600001 values, expected at most 1000000',
    ]);
    const times = planOf('[hardware]', 'precision: 1ns').with(1, '  axis: duration').with(2, '  from: 1s');
    expect(problemsOf(...times.with(3, '  to: 2s'))).toEqual([
      '7: plan.precision: got 1000000001 values, expected at most 1000000',
    ]);
  });

  it('takes bounds of a metric in its unit alone', () => {
    const problem = (metric: string, bound: string) =>
      problemsOf(...planOf(`[{metric: ${metric}, most: ${bound}}]`)).map((text) => text.replace(/^6: [^:]*: /, ''));
    expect(problem('flooding.floodedBytes', '14s')).toEqual([
      "got '14s', expected a size such as 64KiB, or a number of bytes",
    ]);
    expect(problem('migrations.outageNsMax', '64KiB')).toEqual([
      "got '64KiB', expected a duration such as 10ms, or a number of nanoseconds",
    ]);
    expect(problem('floodPeak.rateBitsPerSec', '1s')).toEqual([
      "got '1s', expected a rate such as 1Gbps, or a number of bits per second",
    ]);
    expect(problem('macTables.*.*.fill', '1Gbps')).toEqual(["got '1Gbps', expected a share such as 90% or 0.9"]);
    expect(problem('flows.failed', '1%')).toEqual(["got '1%', expected a number"]);
    for (const [metric, bound] of [
      ['flooding.floodedBytes', '14MB'],
      ['migrations.copyNs.max', '14s'],
      ['fabricArpPeak.share', '1%'],
      ['flows.failed', '3'],
    ] as const) {
      expect(problem(metric, bound)).toEqual([]);
    }
  });

  it('looks for no value of what a study says in another way', () => {
    const message = "a study says this by its own 'seed', 'seeds' and 'replications'";
    expect(problemsOf(...planOf('[hardware]').with(1, '  axis: seed'))).toEqual([`3: plan.axis: ${message}`]);
    expect(problemsOf(...planOf('[hardware]', 'proportional: {replications: 2}'))).toEqual([
      `7: plan.proportional.replications: ${message}`,
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
