import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Estimate, estimateDifference } from '../../src/metrics/estimate.ts';
import { CellPool } from '../../src/study/cell-pool.ts';
import type { CellStore } from '../../src/study/cell-store.ts';
import { FolderStore } from '../../src/study/folder-store.ts';
import { type BatchOrder, prepareBatch } from '../../src/study/prepare-batch.ts';
import { readStudy } from '../../src/study/read-study.ts';
import { type BatchEnd, type BatchPace, runBatch } from '../../src/study/run-batch.ts';
import { chooseShard } from '../../src/study/shard.ts';
import { type PointSummary, StudySummary } from '../../src/study/study-summary.ts';
import { BundledWorkers } from './bundled-worker.ts';
import { filesBelow } from './files-below.ts';
import { HERE, prepared } from './inline-batch.ts';
import { StudyFolder } from './study-file.ts';

const folder = new StudyFolder();
const bundled = new BundledWorkers('run-batch');
// two workers for all batches of this file: they take their time to start
let pool: CellPool;
beforeAll(async () => {
  pool = new CellPool({ jobs: 2, memoryBytes: 4e9, module: await bundled.module('src/study/simulate-cell.ts') });
});
afterAll(async () => {
  await pool.close();
  bundled.remove();
  folder.remove();
});

const VERSION = '1.2.3';

interface Options extends Partial<Omit<BatchOrder, 'study' | 'store'>> {
  readonly jobs?: number;
  readonly memoryBytes?: number;
  readonly workers?: BatchPace['pool'];
}

/** Simulates a study into a folder of its own name. */
async function batch(file: string, out: string, options: Options = {}): Promise<BatchEnd & { store: FolderStore }> {
  const { jobs = 2, memoryBytes = 4e9, workers = pool, ...order } = options;
  const study = readStudy(file);
  const store = new FolderStore(join(folder.path, out, study.name));
  const ready = await prepareBatch({
    ...{ study, store, version: VERSION, shard: chooseShard('1/1', {}), keepsVersions: false, prunes: false },
    ...order,
  });
  const events = { done: () => {}, retrying: () => {}, failed: () => {} };
  return { store, ...(await runBatch(ready, { pool: workers, jobs, memoryBytes, retries: 1, events })) };
}

/** Workers that are stopped after so many cells. */
function stoppedAfter(cells: number): BatchPace['pool'] {
  let begun = 0;
  return { run: async (order) => (++begun > cells ? { kind: 'stopped' } : pool.run(order)) };
}

const ONE_FABRIC = 'fabrics: [vlan-no-stp]';
const flows = (...values: number[]) => `axes: {traffic.flowsPerVmPerSecond: [${values}]}`;

/** What a batch says in the end. */
async function summed(file: string, store: CellStore) {
  const summary = await StudySummary.of(readStudy(file), { store, versions: [VERSION], precision: 0.05 });
  const rows: PointSummary[] = [];
  for await (const row of summary.points()) rows.push(row);
  const { reference, measures } = summary;
  return { rows, reference, names: measures.map(({ name }) => name), problems: summary.problems() };
}

describe('a batch', () => {
  it('writes the same bytes with one worker or two, in one go, in shards or interrupted', async () => {
    const file = folder.study('same', flows(5, 6));
    const whole = await batch(file, 'whole', { jobs: 1 });
    expect(whole.done).toBe(4);
    const files = filesBelow(whole.store.place);
    expect(Object.keys(files).filter((name) => name.endsWith('/run.json'))).toHaveLength(4);

    for (const shard of ['3/3', '1/3', '2/3']) await batch(file, 'shards', { shard: chooseShard(shard, {}) });
    expect(filesBelow(join(folder.path, 'shards/same'))).toEqual(files);

    const stopped = await batch(file, 'stopped', { workers: stoppedAfter(1) });
    expect(stopped.done).toBe(1);
    const rest = await batch(file, 'stopped');
    expect(rest.done).toBe(3);
    expect(filesBelow(rest.store.place)).toEqual(files);
    expect((await batch(file, 'stopped')).done).toBe(0);
  });

  it('simulates on while its store takes a cell in', async () => {
    let begun = 0;
    let begunTwo = () => {};
    const two = new Promise<void>((resolve) => {
      begunTwo = resolve;
    });
    class SlowStore extends FolderStore {
      override async put(id: string, from: string): Promise<void> {
        await two;
        await super.put(id, from);
      }
    }
    const counting: BatchPace['pool'] = {
      run: (order) => {
        if (++begun === 2) begunTwo();
        return HERE.run(order);
      },
    };
    const file = folder.study('slow', ONE_FABRIC, flows(5, 6));
    const store = new SlowStore(join(folder.path, 'slow'));
    const events = { done: () => {}, retrying: () => {}, failed: () => {} };
    const pace = { pool: counting, jobs: 1, memoryBytes: 4e9, retries: 0, events };
    // with one worker, which would wait for ever
    expect((await runBatch(await prepared(file, () => store, VERSION), pace)).done).toBe(2);
    expect((await store.list()).size).toBe(2);
  });

  it('goes on with what is added to its study', async () => {
    const small = await batch(folder.study('grown', ONE_FABRIC, flows(5)), 'grown');
    expect(small.done).toBe(1);
    expect((await batch(folder.study('grown', ONE_FABRIC, flows(4, 5, 6)), 'grown')).done).toBe(2);
  });

  it('tries cells again that fail or kill their worker, reports them, and simulates all others', async () => {
    const file = folder.study('failing', ONE_FABRIC, flows(1, 2, 3, 4));
    const workers = new CellPool({
      jobs: 1,
      memoryBytes: 150e6,
      module: await bundled.module('test/study/failing-cells.ts'),
    });
    const { done, failed, store } = await batch(file, 'failing', { jobs: 1, workers });
    await workers.close();
    const facts = failed.map(({ cell, attempts, error }) => {
      return [cell.parameters['traffic.flowsPerVmPerSecond'], attempts, error.code ?? error.message];
    });
    expect(facts).toEqual([
      [1, 2, 'ERR_WORKER_OUT_OF_MEMORY'],
      [2, 2, 'no'],
    ]);
    expect(done).toBe(2);
    expect((await store.list()).size).toBe(2);
    // with the cause gone, the rest is simulated
    expect((await batch(file, 'failing')).done).toBe(2);
  });

  it('ends with one error where no worker can begin', async () => {
    const module = join(folder.path, 'broken.mjs');
    writeFileSync(module, "throw new Error('half a file');");
    const workers = new CellPool({ jobs: 2, memoryBytes: 150e6, module: pathToFileURL(module).href });
    const end = batch(folder.study('unbegun', ONE_FABRIC, flows(1, 2, 3, 4)), 'unbegun', { workers });
    await expect(end).rejects.toThrow('no worker can begin: half a file');
    await workers.close();
  });

  it('simulates no more at a time than memory allows, and one in any case', async () => {
    let underWay = 0;
    let most = 0;
    const counting: BatchPace['pool'] = {
      run: async (order) => {
        most = Math.max(most, ++underWay);
        const end = await pool.run(order);
        underWay--;
        return end;
      },
    };
    const file = folder.study('tight', ONE_FABRIC, flows(4, 5, 6));
    // each is reckoned to need 180 MB
    expect((await batch(file, 'tight', { memoryBytes: 300e6, workers: counting })).done).toBe(3);
    expect(most).toBe(1);
    expect((await batch(file, 'less', { memoryBytes: 100e6, workers: counting })).done).toBe(3);
    expect(most).toBe(1);
    expect((await batch(file, 'roomy', { memoryBytes: 400e6, workers: counting })).done).toBe(3);
    expect(most).toBe(2);
  });

  it('sums up the replications of each point on each fabric', async () => {
    const measures = 'measures: [flows.started, migrations.outageNsMax]';
    const file = folder.study('summed', 'replications: 2', flows(5), measures);
    const { store } = await batch(file, 'summed');
    const { rows, problems } = await summed(file, store);
    expect(rows.map(({ point, fabric, cells }) => [point, fabric, cells])).toEqual([
      [0, 'vlan-no-stp', 2],
      [0, 'vxlan-flood-learn', 2],
    ]);
    const ids = [...(await store.list()).keys()];
    const started = await Promise.all(ids.map(async (id) => (await store.readRun(id)).summary.flows.started));
    const total = started.reduce((sum, value) => sum + value, 0);
    expect(total).toBeGreaterThan(0);
    expect(rows.reduce((sum, { estimates }) => sum + 2 * estimates[0]!.mean, 0)).toBe(total);
    // nobody moved: there is such a number, and no run has one
    expect([rows[0]!.estimates[1], problems]).toEqual([null, []]);
    const [{ mean, halfWidth }] = rows[0]!.estimates as [Estimate];
    expect(rows[0]!.replicationsNeeded).toEqual([expect.any(Number), null]);
    // two replications are enough where their interval is narrow, and only then
    expect(rows[0]!.replicationsNeeded[0]! === 2).toBe(halfWidth! <= 0.05 * mean);
  });

  it('compares fabrics by the differences of cells of one seed', async () => {
    const file = folder.study('paired', 'replications: 3', flows(5), 'measures: [flooding.allBytes]');
    const { store } = await batch(file, 'paired');
    const { rows, reference } = await summed(file, store);
    const bytes = new Map<string, number>();
    for (const id of (await store.list()).keys()) {
      const { fabric, seed, summary } = await store.readRun(id);
      bytes.set(`${fabric.name} ${seed}`, summary.flooding.allBytes);
    }
    const seeds = [...bytes.keys()].flatMap((key) => (key.startsWith('vlan-no-stp') ? [key.split(' ')[1]!] : []));
    const ofFabric = (fabric: string) => seeds.map((seed) => bytes.get(`${fabric} ${seed}`)!);
    const [tree, overlay] = rows;
    expect([reference, tree!.differences]).toEqual(['vlan-no-stp', null]);
    const expected = estimateDifference(ofFabric('vlan-no-stp'), ofFabric('vxlan-flood-learn'))!;
    expect(overlay!.differences).toEqual([
      { mean: expect.closeTo(expected.mean, 6), halfWidth: expect.closeTo(expected.halfWidth!, 6), count: 3 },
    ]);
    expect(overlay!.percentiles[0]!.p50!.value).toBe(ofFabric('vxlan-flood-learn').sort((a, b) => a - b)[1]);
  });

  it('has a measure for each number that a path with a star names in any run', async () => {
    const path = 'measures: [macTables.*.*.entriesMax, drops.*.frames, flows.started]';
    const file = folder.study('stars', flows(5), path);
    const { store } = await batch(file, 'stars');
    const { names, rows, problems } = await summed(file, store);
    const tables = new Map<string, number>();
    for (const id of (await store.list()).keys()) {
      const { fabric, summary } = await store.readRun(id);
      for (const { tier, kind, entriesMax } of summary.macTables) {
        tables.set(`${fabric.name} macTables.${tier}.${kind}.entriesMax`, entriesMax);
      }
    }
    const told = rows.flatMap(({ fabric, estimates }) =>
      names.flatMap((name, index) => {
        const mean = estimates[index]?.mean;
        return name.startsWith('macTables') && mean !== undefined ? [[`${fabric} ${name}`, mean] as const] : [];
      }),
    );
    expect(tables.size).toBeGreaterThan(3);
    expect(new Map(told)).toEqual(tables);
    // nothing was dropped
    expect(names.slice(-2)).toEqual(['drops.*.frames', 'flows.started']);
    expect(rows.map(({ estimates }) => estimates.at(-2)!.mean)).toEqual([0, 0]);
    expect(problems).toEqual([]);
  });

  it('says of a measure that no run has what is meant', async () => {
    const path = 'measures: [flooding.flodedBytes, flooding.byCause.*.framez]';
    const file = folder.study('misspelt', ONE_FABRIC, flows(5), path);
    const { store } = await batch(file, 'misspelt');
    const { problems } = await summed(file, store);
    expect(problems).toEqual([
      expect.stringMatching(/^no run has the number 'flooding\.flodedBytes'; did you mean 'flooding\.floodedBytes'\?/),
      expect.stringMatching(/^no run has the number 'flooding\.byCause\.\*\.framez'/),
    ]);
  });

  it('reads sixteen cells at a time to sum them up, which a bucket has to be asked for', async () => {
    class Bucket extends FolderStore {
      most = 0;
      #atATime = 0;
      override async readRun(id: string) {
        this.most = Math.max(this.most, ++this.#atATime);
        await setImmediate();
        this.#atATime--;
        return super.readRun(id);
      }
    }
    const { store } = await batch(folder.study('asked', ONE_FABRIC, 'replications: 20', flows(5)), 'asked');
    const bucket = new Bucket(store.place);
    const study = readStudy(join(folder.path, 'asked.yaml'));
    const summary = await StudySummary.of(study, { store: bucket, versions: [VERSION], precision: 0.05 });
    const rows = summary.points();
    expect((await rows.next()).value).toMatchObject({ cells: 20 });
    expect(bucket.most).toBe(16);
  });
});

describe('the folder of a study', () => {
  const file = folder.study('kept', ONE_FABRIC, flows(5, 6));

  it('is refused if it holds something else, and loses nothing', async () => {
    const path = join(folder.path, 'else/kept');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'thesis.txt'), 'ten years');
    await expect(batch(file, 'else')).rejects.toThrow('the folder holds something else (thesis.txt)');
    expect(readdirSync(path)).toEqual(['thesis.txt']);
    writeFileSync(join(path, 'study.json'), '{"format": "other"}');
    await expect(batch(file, 'else')).rejects.toThrow('got format "other", expected "dcfabric-study/1"');
  });

  it.each(['cells/thesis.doc', 'cells/mydata/run.json', 'cells/0123456789abcdef/thesis.txt', '.work/thesis.txt'])(
    'is refused with something else in it, %s, and loses nothing',
    async (name) => {
      const out = `else-${name.replaceAll('/', '-')}`;
      const place = join(folder.path, out, 'kept');
      const path = join(place, name);
      const lay = () => {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, 'ten years');
      };
      lay();
      const there = filesBelow(place);
      const refused = `${name === 'cells/mydata/run.json' ? dirname(path) : path}: is of no run`;
      await expect(batch(file, out)).rejects.toThrow(refused);
      await expect(batch(file, out, { prunes: true })).rejects.toThrow(refused);
      expect(filesBelow(place)).toEqual(there);
      // and where it came later
      rmSync(place, { recursive: true });
      await batch(file, out);
      lay();
      await expect(batch(file, out, { prunes: true })).rejects.toThrow(refused);
      expect(readFileSync(path, 'utf8')).toBe('ten years');
    },
  );

  it('keeps what people put beside the tables of a run when that is to be removed', async () => {
    const { store } = await batch(file, 'noted');
    const cells = join(store.place, 'cells');
    for (const id of readdirSync(cells)) writeFileSync(join(cells, id, 'notes.txt'), id);
    const changed = folder.study('kept', ONE_FABRIC, flows(7));
    await expect(batch(changed, 'noted', { prunes: true })).rejects.toThrow(/notes\.txt: is of no run/);
    for (const id of readdirSync(cells)) expect(readFileSync(join(cells, id, 'notes.txt'), 'utf8')).toBe(id);
    folder.study('kept', ONE_FABRIC, flows(5, 6));
  });

  it('goes on where a run was left in part', async () => {
    const { store } = await batch(file, 'in-part');
    const before = filesBelow(store.place);
    for (const id of (await store.list()).keys()) {
      const cell = join(store.place, 'cells', id);
      rmSync(join(cell, 'run.json'));
      renameSync(join(cell, 'links.arrow'), join(cell, 'links.arrow.partial'));
      writeFileSync(join(cell, 'run.json.partial'), '{');
    }
    mkdirSync(join(store.place, '.work/0123456789abcdef.other-machine.12.3'), { recursive: true });
    expect((await batch(file, 'in-part')).done).toBe(2);
    await store.tidy({ isDone: true });
    expect(filesBelow(store.place)).toEqual(before);
    expect(existsSync(store.workFolder)).toBe(false);
  });

  it('is refused if another version simulated it, unless that is asked for', async () => {
    await batch(file, 'versions', { version: '1.0.0' });
    await expect(batch(file, 'versions')).rejects.toThrow(
      'version 1.0.0 simulated what is there, and this is version 1.2.3',
    );
    expect((await batch(file, 'versions', { keepsVersions: true })).done).toBe(0);
    // and from then on too
    expect((await batch(file, 'versions', { keepsVersions: true })).done).toBe(0);
    const pruned = await batch(file, 'versions', { prunes: true });
    expect(pruned.done).toBe(2);
    expect((await pruned.store.list()).size).toBe(2);
  });

  it('is refused if it holds cells of another plan, which would spoil the answers', async () => {
    await batch(file, 'plans');
    const changed = folder.study('kept', ONE_FABRIC, flows(5, 7));
    await expect(batch(changed, 'plans')).rejects.toThrow('1 of 2 cells there are none of this plan');
    expect((await batch(changed, 'plans', { prunes: true })).done).toBe(1);
  });

  it('takes a cell that was left without its run.json for none', async () => {
    const other = folder.study('torn', ONE_FABRIC);
    const { store } = await batch(other, 'torn');
    const before = filesBelow(store.place);
    const [id] = (await store.list()).keys();
    rmSync(join(store.place, 'cells', id, 'run.json'));
    renameSync(join(store.place, 'cells', id, 'run.arrow'), join(store.place, 'cells', id, 'run.arrow.partial'));
    expect((await batch(other, 'torn')).done).toBe(1);
    expect(filesBelow(store.place)).toEqual(before);
  });

  it('names a run.json that was damaged, and what would do', async () => {
    const other = folder.study('damaged', ONE_FABRIC);
    const { store } = await batch(other, 'damaged');
    const before = filesBelow(store.place);
    const [id] = (await store.list()).keys();
    const mark = join(store.place, 'cells', id, 'run.json');
    const sums = () => summed(other, store);
    for (const text of [readFileSync(mark, 'utf8').slice(0, 100), '\0'.repeat(100), '{}']) {
      writeFileSync(mark, text);
      await expect(sums()).rejects.toThrow(mark);
      await expect(sums()).rejects.toMatchObject({
        name: 'UsageError',
        message: expect.stringMatching(/it is damaged: remove this file, and the run is simulated again$/),
      });
    }
    rmSync(mark);
    expect((await batch(other, 'damaged')).done).toBe(1);
    expect(filesBelow(store.place)).toEqual(before);
  });
});
