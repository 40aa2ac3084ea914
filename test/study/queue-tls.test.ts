import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readVersion } from '../../src/scenario/version.ts';
import { reachQueue } from '../../src/study/cell-queue.ts';
import { parseQueueAddress } from '../../src/study/queue-address.ts';
import { runCli } from '../cli/run-cli.ts';
import { filesBelow } from './files-below.ts';
import { type Certificate, HAS_TLS, makeCertificate, RedisServer } from './redis-server.ts';
import { StudyFolder } from './study-file.ts';

const folder = new StudyFolder();
afterAll(() => folder.remove());

const SECRET = 's3cret/w%rd';

/** What docs/batches.md says that a user of the queue has to be allowed. */
const COMMANDS = '+@all -@dangerous -@admin +info +client|list +client|setname';

describe.skipIf(!HAS_TLS)('a queue with TLS and users of its own (skipped without redis-server or openssl)', () => {
  let certificate: Certificate;
  let redis: RedisServer;
  beforeAll(async () => {
    const redisFolder = join(folder.path, 'redis');
    mkdirSync(redisFolder);
    certificate = makeCertificate(redisFolder);
    redis = await RedisServer.start(redisFolder, {
      certificate,
      users: {
        ann: `on >${SECRET} ~bull:dcfabric-* ${COMMANDS}`,
        guest: `on >${SECRET} ~guest:* ${COMMANDS}`,
      },
    });
  });
  afterAll(() => redis.stop());

  const addressOf = (user: string, { protocol = 'rediss', password = SECRET, host = 'localhost' } = {}) =>
    `${protocol}://${user}:${encodeURIComponent(password)}@${host}:${redis.port}`;

  it('has its cells simulated by several workers, and nobody is told its name or password', async () => {
    const file = folder.study('secret', 'replications: 4', 'fabrics: [vlan-no-stp]');
    const env = { NODE_EXTRA_CA_CERTS: certificate.authorityFile, DCFABRIC_QUEUE: addressOf('ann') };
    const out = (name: string) => ['--out', join(folder.path, name)];
    const children: ChildProcess[] = [];
    const workers = [1, 2].map(() =>
      runCli(['worker', ...out('queue'), '--jobs', '1'], { env, whileStarted: (child) => children.push(child) }),
    );
    const batch = await runCli(['batch', file, ...out('queue'), '--no-progress'], { env });
    for (const child of children) child.kill('SIGTERM');
    const ends = [batch, ...(await Promise.all(workers))];
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 143, 143]);
    expect(ends.slice(1).flatMap(({ stderr }) => stderr.match(/: done/g) ?? [])).toHaveLength(4);
    for (const { stdout, stderr } of ends) expect(stdout + stderr).not.toMatch(/s3cret|ann/);

    await runCli(['batch', file, ...out('direct'), '--no-progress']);
    const cells = (name: string) => filesBelow(join(folder.path, name, 'secret/cells'));
    expect(cells('queue')).toEqual(cells('direct'));
  });

  it('is one error with exit code 2 for whoever may not use it', async () => {
    const told = async (queue: string) => {
      const { exitCode, stdout, stderr } = await runCli(['worker', '--queue', queue], {
        env: { NODE_EXTRA_CA_CERTS: certificate.authorityFile },
      });
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      return stderr;
    };
    const error = (reason: string) =>
      `error: rediss://localhost:${redis.port}/0: the queue cannot be reached: ${reason}\n`;
    expect(await told(addressOf('ann', { password: 'wr0ng' }))).toBe(
      error('it refuses the name or the password (WRONGPASS)'),
    );
    expect(await told(addressOf('guest'))).toMatch(
      /: the user may not do what a queue needs \(NOPERM .*batches\.md\n$/,
    );
  });

  it('is not used if nobody vouches for it, for its name, or for TLS', async () => {
    const reason = (text: string) =>
      reachQueue(parseQueueAddress(text, {}), readVersion()).then(
        () => 'none',
        ({ message }: Error) => message,
      );
    // this process was started without the authority
    expect(await reason(addressOf('ann'))).toMatch(
      /: its certificate is of an authority that is not trusted here \(.*\); NODE_EXTRA_CA_CERTS names/,
    );
    expect(await reason(addressOf('ann', { protocol: 'redis' }))).toMatch(/\(ECONNRESET\), as one with TLS, rediss:/);
    const named = await runCli(['worker', '--queue', addressOf('ann', { host: '127.0.0.1' })], {
      env: { NODE_EXTRA_CA_CERTS: certificate.authorityFile },
    });
    expect(named.exitCode).toBe(2);
    expect(named.stderr).toMatch(/^error: rediss:\/\/127\.0\.0\.1:\d+\/0: .* does not match certificate's altnames/);
  });
});
