import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderStore } from '../../src/study/folder-store.ts';
import { S3Store } from '../../src/study/s3-store.ts';
import type { Study } from '../../src/study/study.ts';
import { filesBelow } from './files-below.ts';
import { inlineBatch } from './inline-batch.ts';
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
    const fast = process.env.AWS_ENDPOINT_URL;
    try {
      await once(slow.listen(0, '127.0.0.1'), 'listening');
      process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
      const store = new S3Store('s3://studies/slow', 'any');
      for (const name of ['run.arrow', 'run.json', 'a.arrow', 'z.arrow']) {
        writeFileSync(join(store.workFolder, name), name);
      }
      await store.put('cell', store.workFolder);
    } finally {
      process.env.AWS_ENDPOINT_URL = fast;
      slow.close();
      slow.closeAllConnections();
    }
    expect(besideMark).toEqual([[]]);
    expect(mostAtATime).toBe(3);
  });

  it('is refused where there is no bucket, or no address of one', async () => {
    const file = folder.study('lost', ...AXES);
    await expect(inlineBatch(file, ({ name }) => new S3Store('s3://nowhere/x', name), VERSION)).rejects.toThrow(
      's3://nowhere/x/lost: ',
    );
    expect(() => new S3Store('s3://', 'lost')).toThrow("--out: got 's3://', expected s3://bucket/prefix");
  });
});
