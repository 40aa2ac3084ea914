import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FolderStore } from '../../src/study/folder-store.ts';
import type { BatchPace } from '../../src/study/run-batch.ts';
import { S3Store } from '../../src/study/s3-store.ts';
import type { Study } from '../../src/study/study.ts';
import { filesBelow } from './files-below.ts';
import { HERE, inlineBatch } from './inline-batch.ts';
import { inlinePlan } from './inline-plan.ts';
import { StudyFolder } from './study-file.ts';

/** A server of the protocol, as far as it is used here. */
interface S3Server {
  run(): Promise<{ port: number }>;
  close(): Promise<void>;
}
type S3ServerClass = new (options: object) => S3Server;

const folder = new StudyFolder();
const directory = join(folder.path, 'buckets');
const VERSION = '1.2.3';
const KEYS = ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
const before = KEYS.map((key) => process.env[key]);
let server: S3Server;

beforeAll(async () => {
  mkdirSync(directory);
  const S3rver = createRequire(import.meta.url)('s3rver') as S3ServerClass;
  const options = { port: 0, address: '127.0.0.1', silent: true, directory, configureBuckets: [{ name: 'studies' }] };
  server = new S3rver(options);
  const { port } = await server.run();
  const values = [`http://127.0.0.1:${port}`, 'S3RVER', 'S3RVER'];
  KEYS.forEach((key, index) => {
    process.env[key] = values[index];
  });
});
afterAll(async () => {
  await server.close();
  KEYS.forEach((key, index) => {
    if (before[index] === undefined) delete process.env[key];
    else process.env[key] = before[index];
  });
  folder.remove();
});

describe('a study in a bucket', () => {
  const inBucket = ({ name }: Study) => new S3Store('s3://studies/mine', name);
  const AXES = ['fabrics: [vlan-no-stp]', 'axes: {traffic.flowsPerVmPerSecond: [5, 6]}'];

  it('leaves nothing of its work where the process ends at once', () => {
    const others = process.listeners('exit');
    const store = new S3Store('s3://studies/mine', 'ended');
    writeFileSync(join(store.workFolder, 'half'), 'of a run');
    const [atExit, ...more] = process.listeners('exit').filter((one) => !others.includes(one));
    expect(more).toEqual([]);
    atExit!(130);
    expect(existsSync(store.workFolder)).toBe(false);
    store.close();
    expect(process.listeners('exit')).toEqual(others);
  });

  it('has the bytes that it has in a folder, and goes on where it was interrupted', async () => {
    const file = folder.study('bucket', ...AXES);
    const place = join(folder.path, 'out/bucket');
    await inlineBatch(file, () => new FolderStore(place), VERSION);
    expect((await inlineBatch(file, inBucket, VERSION)).done).toBe(2);
    expect((await inlineBatch(file, inBucket, VERSION)).done).toBe(0);

    const store = new S3Store('s3://studies/mine', 'bucket');
    const [id, other] = [...(await store.list()).keys()].sort();
    const inFolder = new FolderStore(place);
    expect([id, other]).toEqual([...(await inFolder.list()).keys()].sort());
    expect(await store.readRun(id)).toEqual(await inFolder.readRun(id));
    expect(await store.readStudy()).toEqual(await inFolder.readStudy());
    // as the server keeps them
    const kept = Object.entries(filesBelow(join(directory, 'studies/mine/bucket/cells')));
    const objects = kept
      .filter(([name]) => name.endsWith('_object'))
      .map(([name, bytes]) => {
        return [name.replace('._S3rver_object', ''), bytes];
      });
    expect(Object.fromEntries(objects)).toEqual(filesBelow(join(place, 'cells')));

    await store.remove(id);
    expect([...(await store.list()).keys()]).toEqual([other]);
    expect((await inlineBatch(file, inBucket, VERSION)).done).toBe(1);
  });

  it('has what a search found, and takes tables in later', async () => {
    const lines = ['plan:', '  axis: tenants.0.vmsPerSegment', '  from: 4', '  to: 5', '  limits: [hardware]'];
    const file = folder.study('searched', 'fabrics: [vlan-no-stp]', 'set: {duration: 200ms}', ...lines);
    const brief = await inlinePlan(file, inBucket, { parts: 'summary' });
    expect([...(await brief.store.list()).values()]).toEqual(['summary', 'summary']);
    const place = join(folder.path, 'out/searched');
    expect((await inlinePlan(file, inBucket)).simulated).toBe(2);
    expect((await inlinePlan(file, inBucket)).simulated).toBe(0);
    expect([...(await brief.store.list()).values()]).toEqual(['tables', 'tables']);
    await inlinePlan(file, () => new FolderStore(place));
    const kept = filesBelow(join(directory, 'studies/mine/searched'));
    expect(kept['/answer.json._S3rver_object']).toBe(filesBelow(place)['/answer.json']);
  });

  it('has the mark of a whole cell when all else has arrived, and that together', async () => {
    const underWay = new Set<string>();
    let mostAtATime = 0;
    const besideMark: string[][] = [];
    const slow = createServer((request, response) => {
      request.resume();
      if (request.method !== 'PUT') return response.writeHead(404).end();
      const { pathname } = new URL(request.url!, 'http://slow');
      if (pathname.endsWith('/run.json')) besideMark.push([...underWay]);
      underWay.add(pathname);
      mostAtATime = Math.max(mostAtATime, underWay.size);
      return setTimeout(() => {
        underWay.delete(pathname);
        response.end();
      }, 200);
    });
    await withServer(slow, async () => {
      const store = new S3Store('s3://studies/slow', 'any');
      const from = join(store.workFolder, 'cell');
      mkdirSync(from);
      for (const name of ['run.arrow', 'run.json', 'a.arrow', 'z.arrow']) writeFileSync(join(from, name), name);
      await store.put('cell', from);
      store.close();
    });
    expect(besideMark).toEqual([[]]);
    expect(mostAtATime).toBe(3);
  });

  it('is refused where there is no bucket, or no address of one', async () => {
    const file = folder.study('lost', ...AXES);
    await expect(inlineBatch(file, ({ name }) => new S3Store('s3://nowhere/x', name), VERSION)).rejects.toThrow(
      "s3://nowhere/x/lost: there is no bucket 'nowhere' (404)",
    );
    for (const address of ['s3://', 's3://b/p', 's3://UPPER/p']) {
      expect(() => new S3Store(address, 'lost')).toThrow(
        `--out: got '${address}', expected s3://bucket/prefix with a bucket's name of 3 to 63 lower-case letters`,
      );
    }
  });

  it.each([
    [403, 'access denied (403); do AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY have the right to it?'],
    [301, "the bucket 'studies' is in another region (301); AWS_REGION says in which"],
    [400, 'it refuses (400)'],
  ])('is refused in words where the store answers %i and nothing else', async (status, words) => {
    const mute = createServer((_, response) => response.writeHead(status).end());
    const refused = withServer(mute, () => new S3Store('s3://studies/mute', 'any').open());
    await expect(refused).rejects.toThrow(`s3://studies/mute/any: ${words}`);
  });

  it('has a folder of this machine only while cells are simulated', async () => {
    const temporary = join(folder.path, 'temporary');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    try {
      const store = new S3Store('s3://studies/mine', 'brief');
      await store.open();
      expect(readdirSync(temporary)).toEqual([]);
      const during: string[][] = [];
      const run: BatchPace['pool']['run'] = (order) => {
        during.push(readdirSync(temporary));
        return HERE.run(order);
      };
      const file = folder.study('brief', ...AXES);
      await inlineBatch(file, () => store, VERSION, { run });
      expect(during).toEqual([[expect.stringMatching(/^dcfabric-work-/)], [expect.stringMatching(/^dcfabric-work-/)]]);
      expect(readdirSync(temporary)).toEqual([]);
      const failing = inlineBatch(file, inBucket, '1.2.4', { run });
      await expect(failing).rejects.toThrow('version 1.2.3 simulated what is there');
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('keeps objects that are of no run', async () => {
    const file = folder.study('noted', ...AXES);
    await inlineBatch(file, inBucket, VERSION);
    const store = new S3Store('s3://studies/mine', 'noted');
    const [id] = (await store.list()).keys();
    const cells = join(directory, 'studies/mine/noted/cells');
    for (const name of [`${id}/notes.txt`, 'thesis/run.json']) {
      const path = join(cells, `${name}._S3rver_object`);
      mkdirSync(dirname(path), { recursive: true });
      for (const [suffix, text] of [
        ['object', 'ten years'],
        ['metadata.json', '{}'],
      ]) {
        writeFileSync(path.replace(/object$/, suffix), text);
      }
    }
    expect([...(await store.list()).keys()]).not.toContain('thesis');
    await store.remove(id);
    const left = Object.keys(filesBelow(join(cells, id))).filter((name) => name.endsWith('_object'));
    expect(left).toEqual(['/notes.txt._S3rver_object']);
  });
});

/** Does something while another server is the store. */
async function withServer<T>(other: Server, act: () => Promise<T>): Promise<T> {
  const usual = process.env.AWS_ENDPOINT_URL;
  try {
    await once(other.listen(0, '127.0.0.1'), 'listening');
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    return await act();
  } finally {
    process.env.AWS_ENDPOINT_URL = usual;
    other.close();
    other.closeAllConnections();
  }
}
