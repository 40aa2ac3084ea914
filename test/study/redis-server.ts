import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Whether there is a Redis to test with; where one has to be, its absence is an error. */
export const HAS_REDIS = spawnSync('redis-server', ['--version']).status === 0;
if (!HAS_REDIS && process.env.REQUIRE_REDIS === '1') throw new Error('redis-server is not installed');

/** A Redis that remembers what it was told, on a port of its own. */
export class RedisServer {
  readonly password = 's3cret/word';
  readonly port: number;
  readonly #folder: string;
  #process: ChildProcess | null = null;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  static async start(folder: string): Promise<RedisServer> {
    const redis = new RedisServer(await freePort(), folder);
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
    const options = {
      port: this.port,
      bind: '127.0.0.1',
      requirepass: this.password,
      appendonly: 'yes',
      dir: this.#folder,
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const child = spawn('redis-server', [...args, '--save', ''], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    for await (const chunk of child.stdout) if (String(chunk).includes('Ready to accept connections')) break;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
