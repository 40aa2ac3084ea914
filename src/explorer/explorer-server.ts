import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PageFiles } from './page-files.ts';
import type { RunFiles } from './run-files.ts';

/** Where the page is, until it is closed. */
export interface RunningServer {
  /** With the token, without which nothing is served. */
  readonly url: string;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const TOKEN_BYTES = 24;

/** The page runs what came with it and asks nobody else; it is in nobody's frame, and tells nobody where it is. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

/** An answer: text, or a file that is streamed. */
type Answer = { readonly type: string } & ({ readonly text: string } | { readonly path: string });

/**
 * Serves the page and the tables of the runs on the loopback interface, to whoever knows the token. Only what was found
 * when it began is served, by number and name: no part of an address is ever a path. Port 0 takes any that is free.
 */
export async function startExplorerServer(
  page: PageFiles,
  files: RunFiles,
  { port }: { readonly port: number },
): Promise<RunningServer> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const server = createServer((request, response) => {
    const refusal = refusalOf(request, token, server);
    if (refusal !== null) {
      sendText(response, refusal, 'text/plain; charset=utf-8', refusal === 405 ? 'only GET and HEAD\n' : 'no\n');
      return;
    }
    const answer = answerTo(pathBehindToken(request, token), page, files);
    if (answer === null) sendText(response, 404, 'text/plain; charset=utf-8', 'there is nothing here\n');
    else if ('text' in answer) sendText(response, 200, answer.type, answer.text);
    else sendFile(response, answer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  return {
    url: `http://${LOOPBACK}:${portOf(server)}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The status with which a request is refused, or null. */
function refusalOf({ method, headers, url = '' }: IncomingMessage, token: string, server: Server): number | null {
  if (method !== 'GET' && method !== 'HEAD') return 405;
  // a page elsewhere may have its name resolve to this address: it would be asked for by that name
  const port = portOf(server);
  if (headers.host !== `${LOOPBACK}:${port}` && headers.host !== `localhost:${port}`) return 403;
  const given = Buffer.from(url.split('/')[1] ?? '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? null : 403;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function pathBehindToken({ url = '' }: IncomingMessage, token: string): string {
  return url.slice(token.length + 1).replace(/[?#].*$/s, '');
}

function answerTo(path: string, page: PageFiles, { catalogue, pathOf }: RunFiles): Answer | null {
  switch (path) {
    case '/':
      return { type: 'text/html; charset=utf-8', text: page.html };
    case '/main.js':
      return { type: 'text/javascript; charset=utf-8', text: page.script };
    case '/page.css':
      return { type: 'text/css; charset=utf-8', text: page.style };
    case '/runs.json':
      return { type: 'application/json; charset=utf-8', text: JSON.stringify(catalogue) };
  }
  const [, run, table] = /^\/runs\/(\d{1,6})\/([a-z_]{1,40})\.arrow$/.exec(path) ?? [];
  if (run === undefined || table === undefined) return null;
  const file = pathOf(Number(run), table);
  return file === null ? null : { type: 'application/vnd.apache.arrow.file', path: file };
}

function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, { ...HEADERS, 'Content-Type': type, 'Content-Length': bytes.length });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

function sendFile(response: ServerResponse, { type, path }: { readonly type: string; readonly path: string }): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) {
    sendText(response, 404, 'text/plain; charset=utf-8', 'the file is no longer there\n');
    return;
  }
  response.writeHead(200, { ...HEADERS, 'Content-Type': type, 'Content-Length': size });
  if (response.req.method === 'HEAD' || size === 0) {
    response.end();
    return;
  }
  // no more than was announced, should the file grow
  const stream = createReadStream(path, { end: size - 1 });
  stream.on('error', () => response.destroy());
  stream.pipe(response);
}
