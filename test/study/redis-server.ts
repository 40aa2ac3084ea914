import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** Whether there is a Redis to test with; where one has to be, its absence is an error. */
export const HAS_REDIS = spawnSync('redis-server', ['--version']).status === 0;
if (!HAS_REDIS && process.env.REQUIRE_REDIS === '1') throw new Error('redis-server is not installed');

/** Whether there is something to make certificates with, too. */
export const HAS_TLS = HAS_REDIS && spawnSync('openssl', ['version']).status === 0;
if (!HAS_TLS && process.env.REQUIRE_REDIS === '1') throw new Error('openssl is not installed');

/** Files of a certificate for `localhost`, and of the authority that vouches for it. */
export interface Certificate {
  readonly file: string;
  readonly keyFile: string;
  readonly authorityFile: string;
}

/** Makes an authority and a certificate, for a day. */
export function makeCertificate(folder: string): Certificate {
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args);
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
  };
  const ownKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const signed = { file: path('redis.crt'), keyFile: path('redis.key'), authorityFile: path('authority.crt') };
  const authority = ['-subj', '/CN=authority', '-keyout', path('authority.key'), '-out', signed.authorityFile];
  openssl('req', '-x509', ...ownKey, '-days', '1', ...authority);
  openssl('req', ...ownKey, '-subj', '/CN=localhost', '-keyout', signed.keyFile, '-out', path('redis.csr'));
  writeFileSync(path('redis.ext'), 'subjectAltName=DNS:localhost');
  const signing = ['-CA', signed.authorityFile, '-CAkey', path('authority.key'), '-CAcreateserial'];
  const request = ['-in', path('redis.csr'), '-extfile', path('redis.ext'), '-days', '1'];
  openssl('x509', '-req', ...request, ...signing, '-out', signed.file);
  return signed;
}

/** Who may do what beside the user without a name, in the words of Redis's ACL. */
export type RedisUsers = Readonly<Record<string, string>>;

export interface RedisOptions {
  /** Speaks nothing but TLS. */
  readonly certificate?: Certificate;
  readonly users?: RedisUsers;
}

/** A Redis that remembers what it was told, on a port of its own. */
export class RedisServer {
  readonly password = 's3cret/word';
  readonly port: number;
  readonly #folder: string;
  readonly #options: RedisOptions;
  #process: ChildProcess | null = null;

  private constructor(port: number, folder: string, options: RedisOptions) {
    this.port = port;
    this.#folder = folder;
    this.#options = options;
  }

  static async start(folder: string, options: RedisOptions = {}): Promise<RedisServer> {
    const redis = new RedisServer(await freePort(), folder, options);
    await redis.#begin();
    return redis;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.#begin();
  }

  async stop(): Promise<void> {
    const ended = once(this.#process!, 'exit');
    this.#process!.kill('SIGTERM');
    await ended;
  }

  async #begin(): Promise<void> {
    const { certificate, users = {} } = this.#options;
    const lines = [
      ...(certificate === undefined ? [`port ${this.port}`] : tlsLines(this.port, certificate)),
      'bind 127.0.0.1',
      `requirepass ${this.password}`,
      'appendonly yes',
      'save ""',
      `dir ${this.#folder}`,
      ...Object.entries(users).map(([name, rights]) => `user ${name} ${rights}`),
    ];
    const file = join(this.#folder, 'redis.conf');
    writeFileSync(file, lines.join('\n'));
    const child = spawn('redis-server', [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    for await (const chunk of child.stdout) if (String(chunk).includes('Ready to accept connections')) break;
  }
}

function tlsLines(port: number, { file, keyFile, authorityFile }: Certificate): string[] {
  return [
    ...['port 0', `tls-port ${port}`, `tls-cert-file ${file}`, `tls-key-file ${keyFile}`],
    ...[`tls-ca-cert-file ${authorityFile}`, 'tls-auth-clients no'],
  ];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
