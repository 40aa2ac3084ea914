import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startExplorerServer } from '../../src/explorer/explorer-server.ts';
import { findRunFiles } from '../../src/explorer/run-files.ts';
import { SmallResults } from './small-results.ts';

const PAGE = { html: '<!doctype html>', script: 'void 0', style: 'body{}' };

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

describe('server of the explorer', () => {
  let results: SmallResults;
  let server: RunningServer;
  let origin: URL;
  let token: string;

  beforeAll(async () => {
    results = new SmallResults({ duration: '1s', warmup: '400ms', failures: [], migrations: {}, hosts: {} });
    server = await startExplorerServer(PAGE, findRunFiles(results.folder), { port: 0 });
    origin = new URL(server.url);
    token = origin.pathname.split('/')[1];
  });
  afterAll(async () => {
    await server.close();
    results.remove();
  });

  /** Asks for a path as it is written, which no client of HTTP that thinks about paths would do. */
  const ask = (path: string, { method = 'GET', headers = {} }: { method?: string; headers?: object } = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const { hostname, port } = origin;
      const asked = request({ hostname, port, path, method, headers: { ...headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      });
      asked.on('error', reject);
      asked.end();
    });
  const inside = (path: string) => `/${token}${path}`;

  it('listens on the loopback interface, at an address that cannot be guessed', () => {
    expect(origin.hostname).toBe('127.0.0.1');
    expect(Buffer.from(token, 'base64url')).toHaveLength(24);
  });

  it('serves the page, the catalogue and the tables, with types that are not to be guessed', async () => {
    const types = {
      '/': 'text/html',
      '/main.js': 'text/javascript',
      '/page.css': 'text/css',
      '/runs.json': 'application/json',
    };
    for (const [path, type] of Object.entries(types)) {
      const { status, headers } = await ask(inside(path));
      expect([path, status, headers['content-type']!.startsWith(type)]).toEqual([path, 200, true]);
    }
    const { runs } = JSON.parse((await ask(inside('/runs.json'))).body.toString());
    expect(runs.map(({ fabric }: { fabric: string }) => fabric)).toEqual(['tree', 'overlay']);
    expect(runs.map(({ warmUpNs }: { warmUpNs: number }) => warmUpNs)).toEqual([4e8, 4e8]);
    const { body } = await ask(inside('/runs/1/nodes.arrow'));
    expect(body.equals(readFileSync(join(results.results[1].folder!, 'nodes.arrow')))).toBe(true);
    expect(runs[1].tableBytes.nodes).toBe(body.length);
  });

  it('keeps others out of the page, and the page from others', async () => {
    for (const path of [inside('/'), inside('/runs/0/nodes.arrow'), inside('/nothing'), '/']) {
      const { headers } = await ask(path);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('answers nobody without the token', async () => {
    const wrong = `${token.slice(1)}${token[0] === 'A' ? 'B' : 'A'}`;
    for (const path of [
      '/',
      '/main.js',
      `/${wrong}/`,
      `/${token}x/`,
      `/${token.slice(0, -1)}/`,
      `//${token}/`,
      '/%00/',
    ]) {
      expect([path, (await ask(path)).status]).toEqual([path, 403]);
    }
  });

  it('answers nobody who calls it by another name', async () => {
    for (const host of [
      'evil.example',
      `evil.example:${origin.port}`,
      '127.0.0.1',
      `127.0.0.1.evil.example:${origin.port}`,
    ]) {
      expect([host, (await ask(inside('/'), { headers: { host } })).status]).toEqual([host, 403]);
    }
    expect((await ask(inside('/'), { headers: { host: `localhost:${origin.port}` } })).status).toBe(200);
  });

  it('lets nobody change anything', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      expect([method, (await ask(inside('/'), { method })).status]).toEqual([method, 405]);
    }
    const { status, headers, body } = await ask(inside('/runs/0/nodes.arrow'), { method: 'HEAD' });
    expect([status, body.length, Number(headers['content-length']) > 0]).toEqual([200, 0, true]);
  });

  it('serves no other file, whatever the path says', async () => {
    const run = basename(results.results[0].folder!);
    const paths = [
      '/runs/0/run.arrow',
      '/runs/0/run.json',
      '/runs/9/nodes.arrow',
      '/runs/-1/nodes.arrow',
      '/runs/0/../0/nodes.arrow',
      '/runs/0/..%2f..%2fnodes.arrow',
      '/../../etc/passwd',
      '/..%2f..%2fetc%2fpasswd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/runs/0/nodes.arrow/../../../../etc/passwd',
      `/runs/${run}/nodes.arrow`,
      '/runs/0/constructor.arrow',
      '/runs/0/nodes.arrow%00.js',
      '//etc/passwd',
      '',
    ];
    for (const path of paths) expect([path, (await ask(inside(path))).status]).toEqual([path, 404]);
  });

  it('leaves out runs whose files lie elsewhere', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dcfabric-links-'));
    try {
      for (const { folder: from, fabric } of results.results) cpSync(from!, join(folder, fabric), { recursive: true });
      const outside = join(results.folder, 'outside.arrow');
      renameSync(join(folder, 'tree', 'nodes.arrow'), outside);
      symlinkSync(outside, join(folder, 'tree', 'nodes.arrow'));
      const { catalogue } = findRunFiles(folder);
      expect(catalogue.runs.map(({ fabric }) => fabric)).toEqual(['overlay']);
      expect(() => findRunFiles(join(folder, 'tree'))).toThrow(
        'none of the 1 runs there can be drawn; the first has no nodes',
      );
      expect(findRunFiles(join(folder, 'overlay', 'run.arrow')).catalogue.runs[0].key).toBe('overlay-seed1');
      expect(() => findRunFiles(join(folder, 'nowhere'))).toThrow('no such file or folder');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
