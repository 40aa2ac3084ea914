/** Where a queue is, and how to get in. */
export interface QueueAddress {
  /** What people are told: without name and password. */
  readonly place: string;
  readonly options: QueueConnection;
}

/** Options of a connection to Redis. */
export interface QueueConnection {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: Readonly<Record<string, never>>;
}

/** A queue that cannot be used; the message says why and what would do, and nothing of passwords. */
export class QueueError extends Error {
  override name = 'UsageError';
}

/** The password of the queue, for whom an address on the command line is too public. */
export const PASSWORD_VARIABLE = 'DCFABRIC_QUEUE_PASSWORD';

const WANTED = 'redis://[user:password@]host[:port][/database], or rediss:// for TLS';
const PORT_DEFAULT = 6379;

/** Reads an address such as `rediss://worker@redis.example:6380/2`. */
export function parseQueueAddress(text: string, env: Readonly<Record<string, string | undefined>>): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  const [username, own] = [decoded(url?.username), decoded(url?.password)];
  const database = /^\/?(\d{0,4})\/?$/.exec(url?.pathname ?? '');
  // the text itself may hold a password
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === '' || database === null) {
    throw new QueueError(`--queue: this is no address of a queue, expected ${WANTED}`);
  }
  if (username === null || own === null) {
    throw new QueueError('--queue: name and password have a % that begins no escape, expected %25 for the sign itself');
  }
  const isTls = url.protocol === 'rediss:';
  const password = own || (env[PASSWORD_VARIABLE] ?? '');
  const [port, db] = [url.port === '' ? PORT_DEFAULT : Number(url.port), Number(database[1])];
  return {
    place: `${url.protocol}//${url.hostname}:${port}/${db}`,
    options: {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port,
      db,
      ...(username === '' ? {} : { username }),
      ...(password === '' ? {} : { password }),
      ...(isTls ? { tls: {} } : {}),
    },
  };
}

/** A part of an address without its escapes; null if one of them is none. */
function decoded(part = ''): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
