import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FolderStore } from '../../src/study/folder-store.ts';
import { FailedRunError, PlanStoppedError } from '../../src/study/plan-cells.ts';
import { filesBelow } from './files-below.ts';
import { HERE, inlineBatch } from './inline-batch.ts';
import { inlinePlan, type PlanOptions, type Pool, VERSION } from './inline-plan.ts';
import { StudyFolder } from './study-file.ts';

const folder = new StudyFolder();
afterAll(() => folder.remove());

/** Answers the plan of a study, with its results in a folder of its name. */
function plan(file: string, out: string, options: PlanOptions = {}) {
  return inlinePlan(file, (study) => new FolderStore(join(folder.path, out, study.name)), options);
}

/** At most so many VMs, whose addresses every leaf hears. */
const fitting = (name: string, ...more: string[]) =>
  folder.study(
    name,
    'set: {duration: 200ms, traffic: {flowsPerVmPerSecond: 1, sizes: {fixed: 1kB}}}',
    ...more,
    'plan:',
    '  axis: tenants.0.vmsPerSegment',
    '  from: 4',
    '  to: 11',
    '  probes: 1',
    '  limits: [{metric: macTables.leaf.bridge.entriesMax, most: 9}]',
  );

const ONE_FABRIC = 'fabrics: [vlan-no-stp]';

/** Without tables, which take most of the time. */
const BRIEF = { parts: 'summary' } as const;

/** A pool that ends what it begins in another order. */
function disordered(): Pool {
  let begun = 0;
  return {
    run: async (order) => {
      await new Promise((resolve) => setTimeout(resolve, begun++ % 3 === 0 ? 15 : 0));
      return HERE.run(order);
    },
  };
}

/** A pool that ends after so many cells, as when its process is killed or told to stop. */
function stoppedAfter(cells: number): Pool {
  let begun = 0;
  return { run: async (order) => (++begun > cells ? { kind: 'stopped' } : HERE.run(order)) };
}

describe('the runs of a plan', () => {
  it('leave the same bytes one by one, several at a time and in any order, and after an interruption', async () => {
    const file = fitting('same');
    const whole = await plan(file, 'whole');
    expect(whole.answers.map(({ value }) => value)).toEqual([9, 9]);
    expect(whole.simulated).toBe(whole.asked);
    const files = filesBelow(whole.store.place);
    expect(Object.keys(files)).toContain('/answer.json');
    expect(Object.keys(files).filter((name) => name.endsWith('/run.json'))).toHaveLength(whole.asked);

    const several = await plan(file, 'several', { jobs: 3, pool: disordered() });
    expect(filesBelow(several.store.place)).toEqual(files);

    await expect(plan(file, 'stopped', { pool: stoppedAfter(3) })).rejects.toThrow(PlanStoppedError);
    expect(existsSync(join(folder.path, 'stopped/same/answer.json'))).toBe(false);
    // a process that is no more was killed while it wrote
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    const host = hostname().replaceAll('.', '-');
    writeFileSync(join(folder.path, 'stopped/same', `study.json.new.${host}.${gone}.0.partial`), '{');
    const rest = await plan(file, 'stopped');
    expect(rest.simulated).toBe(whole.asked - 3);
    expect(filesBelow(rest.store.place)).toEqual(files);
    expect((await plan(file, 'stopped')).simulated).toBe(0);
  });

  it('are those of a batch at the same values, and the other way round', async () => {
    const file = fitting('shared', ONE_FABRIC, 'axes: {tenants.0.vmsPerSegment: [4, 7, 11]}');
    const storeOf = (out: string) => new FolderStore(join(folder.path, out, 'shared'));
    expect((await inlineBatch(file, () => storeOf('batch-first'), VERSION)).done).toBe(3);
    const after = await plan(file, 'batch-first');
    expect([after.asked, after.simulated]).toEqual([5, 3]);

    // of the batch's values, the search looked at both ends
    expect((await plan(file, 'plan-first')).simulated).toBe(5);
    expect((await inlineBatch(file, () => storeOf('plan-first'), VERSION)).done).toBe(1);
    const answer = (out: string) => readFileSync(join(storeOf(out).place, 'answer.json'), 'utf8');
    expect(answer('plan-first')).toBe(answer('batch-first'));
    // cells of the search are none of another plan: nothing is refused, nothing removed
    const cells = (await storeOf('plan-first').list()).size;
    expect((await inlineBatch(file, () => storeOf('plan-first'), VERSION)).done).toBe(0);
    expect((await storeOf('plan-first').list()).size).toBe(cells);
  });

  it('are refused if another version simulated them, or another scenario, unless that is asked for', async () => {
    const file = fitting('kept', ONE_FABRIC);
    await plan(file, 'versions', { ...BRIEF, version: '1.0.0' });
    await expect(plan(file, 'versions', BRIEF)).rejects.toThrow('version 1.0.0 simulated what is there');
    const kept = await plan(file, 'versions', { ...BRIEF, keepsVersions: true });
    expect(kept.simulated).toBe(0);
    const { runs } = JSON.parse(readFileSync(join(kept.store.place, 'answer.json'), 'utf8'));
    expect(new Set(runs.map(({ id }: { id: string }) => id))).toEqual(new Set((await kept.store.list()).keys()));
    const pruned = await plan(file, 'versions', { ...BRIEF, prunes: true });
    expect([pruned.simulated, (await pruned.store.list()).size]).toEqual([pruned.asked, pruned.asked]);

    const changed = fitting('kept', ONE_FABRIC, 'seed: 7');
    await expect(plan(changed, 'versions', BRIEF)).rejects.toThrow(
      `${pruned.asked} of ${pruned.asked} cells there are none`,
    );
    expect((await plan(changed, 'versions', { ...BRIEF, prunes: true })).simulated).toBe(pruned.asked);
  });

  it('keep their summaries alone where that is asked for, until somebody wants tables', async () => {
    const file = fitting('brief', ONE_FABRIC);
    const brief = await plan(file, 'brief', { parts: 'summary' });
    const files = Object.keys(filesBelow(brief.store.place));
    expect(files.filter((name) => name.endsWith('.arrow'))).toEqual([]);
    expect(files.filter((name) => name.endsWith('/run.json'))).toHaveLength(brief.asked);
    expect((await plan(file, 'brief', { parts: 'summary' })).simulated).toBe(0);

    const full = await plan(file, 'full');
    expect((await plan(file, 'full', { parts: 'summary' })).simulated).toBe(0);
    const again = await plan(file, 'brief');
    expect(again.simulated).toBe(full.asked);
    // run.json and answer.json too are to the byte what they are without tables
    expect(filesBelow(again.store.place)).toEqual(filesBelow(full.store.place));
  });

  it('are tried again alone when they fail, and then end the search with what failed', async () => {
    const file = fitting('failing', ONE_FABRIC);
    let failures = 0;
    const failing = (times: number): Pool => ({
      run: async (order) => {
        if (order.run.scenario.tenants[0]!.vmsPerSegment !== 11 || failures >= times) return HERE.run(order);
        failures++;
        return { kind: 'failed', error: { name: 'Error', message: 'no' } };
      },
    });
    expect((await plan(file, 'once', { ...BRIEF, jobs: 2, pool: failing(1) })).answers[0]!.value).toBe(9);
    failures = 0;
    const error = await plan(file, 'twice', { ...BRIEF, jobs: 2, pool: failing(9) }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FailedRunError);
    expect((error as FailedRunError).cell.parameters).toEqual({ 'tenants.0.vmsPerSegment': 11 });
    expect([failures, (error as FailedRunError).error!.message]).toEqual([2, 'no']);
  });

  it('are no ground for an answer where counters do not agree, also when they are found again', async () => {
    const file = fitting('broken', ONE_FABRIC);
    const { store } = await plan(file, 'broken', BRIEF);
    const [id] = (await store.list()).keys();
    const path = join(store.place, 'cells', id!, 'run.json');
    const run = JSON.parse(readFileSync(path, 'utf8'));
    run.invariants[0].holds = false;
    writeFileSync(path, JSON.stringify(run));
    await expect(plan(file, 'broken', BRIEF)).rejects.toThrow('its counters do not agree with one another');
  });

  it('stay out of a folder that holds something else', async () => {
    const path = join(folder.path, 'else/brief');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'thesis.txt'), 'ten years');
    await expect(plan(fitting('brief'), 'else')).rejects.toThrow('the folder holds something else (thesis.txt)');
  });
});
