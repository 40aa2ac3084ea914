import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readVersion } from '../../src/scenario/version.ts';
import { CellQueue, type QueuedCell, queueName, reachQueue } from '../../src/study/cell-queue.ts';
import type { CellStore } from '../../src/study/cell-store.ts';
import { FolderStore } from '../../src/study/folder-store.ts';
import { parseQueueAddress, type QueueAddress } from '../../src/study/queue-address.ts';
import { type QueueBatchEnd, type QueueBatchEvents, runQueueBatch } from '../../src/study/queue-batch.ts';
import { QueueWorker } from '../../src/study/queue-worker.ts';
import type { BatchPace } from '../../src/study/run-batch.ts';
import { runCli } from '../cli/run-cli.ts';
import { filesBelow } from './files-below.ts';
import { HERE, inlineBatch, prepared } from './inline-batch.ts';
import { HAS_REDIS, RedisServer } from './redis-server.ts';
import { StudyFolder } from './study-file.ts';

const folder = new StudyFolder();
afterAll(() => folder.remove());

const NO_EVENTS: QueueBatchEvents = { progress: () => {}, failed: () => {}, astray: () => {} };

/** A store that counts what it is asked. */
function counted<Store extends CellStore>(store: Store): { store: Store; asked: Map<PropertyKey, number> } {
  const asked = new Map<PropertyKey, number>();
  const get = (target: Store, name: keyof Store) => {
    const value = target[name];
    if (typeof value !== 'function') return value;
    return (...args: unknown[]) => {
      asked.set(name, (asked.get(name) ?? 0) + 1);
      return value.apply(target, args);
    };
  };
  return { store: new Proxy(store, { get: (target, name) => get(target, name as keyof Store) }), asked };
}

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
      events: NO_EVENTS,
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

  describe('and its workers', () => {
    let address: QueueAddress;
    const ends: (() => Promise<void>)[] = [];
    beforeAll(() => {
      address = parseQueueAddress(`redis://127.0.0.1:${redis.port}`, { DCFABRIC_QUEUE_PASSWORD: redis.password });
    });
    afterEach(async () => {
      for (const end of ends.splice(0)) await end();
    });

    const VERSION = '1.2.3';
    const storeAt = (out: string) => (study: string) => new FolderStore(join(folder.path, out, study));
    const flows = (...values: number[]) => [
      'fabrics: [vlan-no-stp]',
      `axes: {traffic.flowsPerVmPerSecond: [${values}]}`,
    ];

    /** Waits until workers have done what a batch puts on the queue. */
    async function queueBatch(file: string, store: CellStore, events: Partial<QueueBatchEvents> = {}, pauseMs = 1) {
      const batch = await prepared(file, () => store, VERSION);
      const study = batch.study.name;
      const queue = new CellQueue(address, { study, version: VERSION, retries: 0, onTrouble: () => {} });
      ends.push(() => queue.close());
      const pause = () => new Promise<void>((resolve) => setTimeout(resolve, pauseMs));
      return runQueueBatch(batch, { queue, pause, isStopped: () => false, events: { ...NO_EVENTS, ...events } });
    }

    /** A worker in this thread, which ends when it is told to, or with the test. */
    function work(storeOf: (study: string) => CellStore, pool: BatchPace['pool'] = HERE): () => Promise<void> {
      const events = { done: () => {}, failed: () => {}, trouble: () => {} };
      const options = { version: VERSION, jobs: 1, stallMs: 1000, drains: false };
      const worker = new QueueWorker(address, { ...options, pool, storeOf, events });
      const ended = worker.run();
      const end = () => {
        worker.stop();
        return ended;
      };
      ends.push(end);
      return end;
    }

    it('looks for what workers say to be done, and lists what is there at the beginning alone', async () => {
      const file = folder.study('looked', ...flows(4, 5, 6, 7), 'replications: 5');
      const { store, asked } = counted(storeAt('lists')('looked'));
      work(storeAt('lists'));
      let looks = 0;
      const end = await queueBatch(file, store, { progress: () => looks++ });
      expect(end).toEqual({ done: 20, failed: [] });
      // to be prepared, and to know what to put on the queue
      expect(asked.get('list')).toBe(2);
      expect(asked.get('has')).toBe(20);
      expect(looks).toBeGreaterThan(2);
    });

    it('takes a study whatever its name', async () => {
      const file = folder.study('5:1 % of ü', ...flows(4));
      const endWork = work(storeAt('names'));
      expect(await queueBatch(file, storeAt('names')('5:1 % of ü'))).toEqual({ done: 1, failed: [] });
      await endWork();
    });

    it('puts on the queue again what Redis forgot', async () => {
      const file = folder.study('forgotten', ...flows(4, 5, 6));
      let looks = 0;
      const progress = () => {
        if (++looks === 3) void forgetAll().then(() => work(storeAt('forgets')));
      };
      const { store, asked } = counted(storeAt('forgets')('forgotten'));
      expect(await queueBatch(file, store, { progress }, 50)).toEqual({ done: 3, failed: [] });
      expect(asked.get('list')).toBe(3);
      // of 300 that pass otherwise until all is listed
      expect(looks).toBeLessThan(150);
    });

    /** As a Redis that keeps nothing does when it is started again. */
    async function forgetAll(): Promise<void> {
      const client = new Redis(address.options);
      await client.flushall();
      client.disconnect();
    }

    async function forget(key: string): Promise<void> {
      const client = new Redis(address.options);
      await client.del(key);
      client.disconnect();
    }

    it('finds what it was not told of', async () => {
      const file = folder.study('untold', ...flows(4, 5, 6));
      let isBegun = false;
      const progress = () => {
        if (isBegun) return;
        isBegun = true;
        work(storeAt('untold'), {
          run: async (order) => {
            const cell = await HERE.run(order);
            // with all that it told by now, as where thousands of cells end at a time
            await forget(`bull:${queueName(VERSION)}:events`);
            return cell;
          },
        });
      };
      expect(await queueBatch(file, storeAt('untold')('untold'), { progress }, 300)).toEqual({ done: 3, failed: [] });
    });

    it('finds what others put there without the queue', async () => {
      const file = folder.study('around', ...flows(4, 5));
      let others: Promise<unknown> | undefined;
      const progress = () => {
        others ??= inlineBatch(file, ({ name }) => storeAt('around')(name), VERSION);
      };
      expect(await queueBatch(file, storeAt('around')('around'), { progress })).toEqual({ done: 2, failed: [] });
      await others;
      await forgetAll();
    });

    it('finds what a worker put there that was killed before it could say so', async () => {
      const file = folder.study('unsaid', ...flows(4));
      const store = storeAt('unsaid')('unsaid');
      const { store: asking, asked } = counted(store);
      const waiting = queueBatch(file, asking, {}, 50);
      // takes a cell, and gives no sign of life from then on
      const connection = { ...address.options, maxRetriesPerRequest: null };
      const killed = new Worker<QueuedCell>(queueName(VERSION), null, { connection, lockDuration: 500 });
      while ((await killed.getNextJob('token')) === undefined);
      await inlineBatch(file, () => store, VERSION);
      await killed.close(true);
      work(storeAt('unsaid'));
      expect(await waiting).toEqual({ done: 1, failed: [] });
      expect(asked.get('list')).toBe(2);
    });

    it('ends as often as it was begun, each time with all that failed', async () => {
      const file = folder.study('twice', ...flows(4, 5, 6, 7));
      const failing: BatchPace['pool'] = {
        run: async (order) => {
          const flowsPerVm = order.run.scenario.traffic.flowsPerVmPerSecond;
          return flowsPerVm < 6
            ? { kind: 'failed', error: { name: 'Error', message: `no ${flowsPerVm}` } }
            : HERE.run(order);
        },
      };
      const stores = [counted(storeAt('twice')('twice')), counted(storeAt('twice')('twice'))];
      const waiting = stores.map(({ store }) => queueBatch(file, store));
      let begun = 0;
      const endFailing = work(storeAt('twice'), {
        run: (order) => {
          begun++;
          return failing.run(order);
        },
      });
      const failuresOf = ({ failed }: QueueBatchEnd) =>
        failed.map(({ cell, message, attempts }) => [cell.parameters, message, attempts]).sort();
      for (const end of await Promise.all(waiting)) {
        expect(end.done).toBe(2);
        expect(failuresOf(end)).toEqual([
          [{ 'traffic.flowsPerVmPerSecond': 4 }, 'no 4', 1],
          [{ 'traffic.flowsPerVmPerSecond': 5 }, 'no 5', 1],
        ]);
      }
      expect(begun).toBe(4);
      await endFailing();
      // the next one tries again
      work(storeAt('twice'));
      expect(await queueBatch(file, stores[0]!.store)).toEqual({ done: 2, failed: [] });
    });

    it('says so where a worker puts its results elsewhere', async () => {
      const file = folder.study('astray', ...flows(4));
      const endElsewhere = work(storeAt('elsewhere'));
      let waiting: Promise<QueueBatchEnd> | undefined;
      const said = await new Promise<string>((resolve) => {
        waiting = queueBatch(file, storeAt('here')('astray'), { astray: resolve });
      });
      expect([said]).toEqual([...(await storeAt('elsewhere')('astray').list()).keys()]);
      await endElsewhere();
      work(storeAt('here'));
      expect(await waiting).toEqual({ done: 1, failed: [] });
    });
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
