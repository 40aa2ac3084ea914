import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readVersion } from '../../src/scenario/version.ts';
import { CellQueue, reachQueue } from '../../src/study/cell-queue.ts';
import { FolderStore } from '../../src/study/folder-store.ts';
import { parseQueueAddress } from '../../src/study/queue-address.ts';
import { runQueueBatch } from '../../src/study/queue-batch.ts';
import { runCli } from '../cli/run-cli.ts';
import { filesBelow } from './files-below.ts';
import { inlineBatch, prepared } from './inline-batch.ts';
import { HAS_REDIS, RedisServer } from './redis-server.ts';
import { StudyFolder } from './study-file.ts';

const folder = new StudyFolder();
afterAll(() => folder.remove());

describe.skipIf(!HAS_REDIS)('a batch on a queue (skipped without redis-server)', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start(folder.path);
  });
  afterAll(() => redis.stop());

  it('loses nothing and does nothing twice when a worker is killed and Redis restarted', async () => {
    const axes = ['fabrics: [vlan-no-stp]', 'axes: {traffic.flowsPerVmPerSecond: [4, 5, 6, 7]}', 'replications: 2'];
    // long enough to be killed in the middle
    const file = folder.study('queued', 'set: {duration: 20s}', ...axes);
    const version = readVersion();
    const place = (out: string) => join(folder.path, out, 'queued');
    await inlineBatch(file, () => new FolderStore(place('direct')), version);

    const address = parseQueueAddress(`redis://127.0.0.1:${redis.port}`, { DCFABRIC_QUEUE_PASSWORD: redis.password });
    const batch = await prepared(file, () => new FolderStore(place('queue')), version);
    const troubles: string[] = [];
    const queue = new CellQueue(address, {
      ...{ study: 'queued', version, retries: 1, onTrouble: (reason: string) => troubles.push(reason) },
    });
    const waiting = runQueueBatch(batch, {
      queue,
      pause: () => new Promise((resolve) => setTimeout(resolve, 100)),
      isStopped: () => false,
      events: { progress: () => {}, failed: () => {} },
    });
    const args = ['worker', '--out', join(folder.path, 'queue'), '--jobs', '1', '--stall', '1s', '--drain'];
    const killed = await runCli(
      [...args, '--queue', `redis://:${encodeURIComponent(redis.password)}@127.0.0.1:${redis.port}`],
      {
        whileStarted: (child) => {
          const timer = setInterval(() => {
            const isAtWork =
              existsSync(join(place('queue'), '.work')) && readdirSync(join(place('queue'), '.work')).length > 0;
            if (isAtWork && readdirSync(join(place('queue'), 'cells')).length > 0) child.kill('SIGKILL');
          }, 5);
          child.on('exit', () => clearInterval(timer));
        },
      },
    );
    expect(killed.exitCode).toBeNull();
    let isRestarted = false;
    const other = await runCli([...args, '--queue', `redis://127.0.0.1:${redis.port}`], {
      env: { DCFABRIC_QUEUE_PASSWORD: redis.password },
      whileRunning: (_, stderr) => {
        if (isRestarted || !stderr.includes(': done')) return;
        isRestarted = true;
        void redis.restart();
      },
    });
    expect(other.exitCode).toBe(0);
    expect(isRestarted).toBe(true);
    expect(await waiting).toEqual({ done: 8, failed: [] });
    await queue.close();

    expect(filesBelow(join(place('queue'), 'cells'))).toEqual(filesBelow(join(place('direct'), 'cells')));
    const done = [killed, other].flatMap(({ stderr }) =>
      [...stderr.matchAll(/queued (\w+): done/g)].map(([, id]) => id),
    );
    expect(new Set(done).size).toBe(done.length);
    for (const { stdout, stderr } of [killed, other]) {
      expect(stdout + stderr).not.toContain('s3cret');
      expect(stdout + stderr).toContain(`redis://127.0.0.1:${redis.port}/0`);
    }
  });

  it('says that the password is wrong, without it', async () => {
    const address = parseQueueAddress(`redis://:wr0ng@127.0.0.1:${redis.port}`, {});
    const error = await reachQueue(address, readVersion()).catch((reason: Error) => reason);
    expect(String(error)).toContain('it refuses the name or the password (WRONGPASS)');
    expect(String(error)).not.toContain('wr0ng');
  });
});

describe('a queue that is not there', () => {
  it('is told of once, with where it should be', async () => {
    const address = parseQueueAddress('redis://user:s3cret@127.0.0.1:1', {});
    await expect(reachQueue(address, readVersion())).rejects.toThrow(
      'redis://127.0.0.1:1/0: the queue cannot be reached: connect ECONNREFUSED 127.0.0.1:1',
    );
  });
});
