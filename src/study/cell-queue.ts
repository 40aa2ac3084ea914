import { Job, type JobsOptions, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { type QueueAddress, QueueError } from './queue-address.ts';
import { inRounds } from './rounds.ts';
import type { PointCell } from './study.ts';

/** What a worker is told of a cell. */
export interface QueuedCell extends PointCell {
  readonly study: string;
}

/** A cell that left the queue, done or given up. */
export interface EndedCell {
  readonly id: string;
  readonly isDone: boolean;
}

/** A cell that workers gave up. */
export interface QueueFailure {
  readonly cell: PointCell;
  readonly attempts: number;
  readonly message: string;
}

/** Workers of another version would take nothing from a queue of this name. */
export function queueName(version: string): string {
  return `dcfabric-${version}`;
}

/** Two studies may have cells of one name. BullMQ takes no colon, which a study may have. */
export function jobIdOf(study: string, id: string): string {
  return `${encodeURIComponent(study)}/${id}`;
}

const CONNECT_TIMEOUT_MS = 5000;

/** Throws a QueueError unless the queue can be reached now, and be used. */
export async function reachQueue({ place, options }: QueueAddress, version: string): Promise<void> {
  const redis = new Redis({
    ...options,
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    // it would ask for what the user may not know, and say so by itself
    enableReadyCheck: false,
  });
  let refusal: Error | null = null;
  redis.on('error', (error: Error) => {
    refusal ??= error;
  });
  try {
    await redis.connect();
    await redis.info();
    // what BullMQ does of everything that has to be done at once: a script over keys of the queue
    await redis.eval('return redis.call("EXISTS", KEYS[1])', 1, `bull:${queueName(version)}:meta`);
  } catch (error) {
    const reason = reasonOf(refusal ?? (error as Error), options.tls !== undefined);
    throw new QueueError(`${place}: the queue cannot be reached: ${reason}`);
  } finally {
    redis.disconnect();
  }
}

/** Certificates that nobody vouches for: codes of OpenSSL's verification, as Node names them. */
const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/;

/** Why, without what was sent, and what would do. */
function reasonOf({ message, code = '' }: Error & { code?: string }, isTls: boolean): string {
  if (/NOAUTH/.test(message)) return 'it asks for a password (NOAUTH)';
  if (/WRONGPASS|invalid password/.test(message)) return 'it refuses the name or the password (WRONGPASS)';
  if (/NOPERM/.test(message)) return `the user may not do what a queue needs (${message}); see docs/batches.md`;
  if (UNTRUSTED.test(code)) {
    return `its certificate is of an authority that is not trusted here (${message}); NODE_EXTRA_CA_CERTS names the file of another one`;
  }
  if (isTls && (code === 'ETIMEDOUT' || code === 'EPROTO')) {
    return `it does not answer (${code}), as one without TLS, redis://, does not`;
  }
  if (!isTls && code === 'ECONNRESET') return `it closed the connection (${code}), as one with TLS, rediss://, does`;
  return message === '' ? code || 'no answer' : message;
}

/** Options of a connection that waits for its server as long as it takes. */
export function lasting({ options }: QueueAddress) {
  return { ...options, maxRetriesPerRequest: null };
}

const FIRST_RETRY_MS = 1000;
/** What is put on the queue in one go, and what is asked for at a time. */
const CELLS_PER_CALL = 100;

/** So long a cell that failed is kept for all batches that wait for it, unless one begins anew. */
const FAILED_KEPT_S = 86_400;

/** The cells of one study on a queue. */
export class CellQueue {
  readonly #queue: Queue<QueuedCell>;
  readonly #study: string;
  readonly #jobOptions: JobsOptions;
  /** The last that was read of what the queue tells all who listen. */
  #lastEvent = '0';

  constructor(address: QueueAddress, { study, version, retries, onTrouble }: CellQueueOptions) {
    this.#study = study;
    this.#queue = new Queue(queueName(version), { connection: lasting(address), skipVersionCheck: true });
    const isTls = address.options.tls !== undefined;
    this.#queue.on('error', (error) => onTrouble(reasonOf(error, isTls)));
    this.#jobOptions = {
      attempts: retries + 1,
      backoff: { type: 'exponential', delay: FIRST_RETRY_MS },
      removeOnComplete: true,
      removeOnFail: { age: FAILED_KEPT_S },
    };
  }

  /** Puts cells on the queue; those that are there already stay as they are. */
  async add(cells: Iterable<PointCell>): Promise<void> {
    for (const round of inRounds(cells, CELLS_PER_CALL)) {
      await this.#queue.addBulk(round.map((cell) => this.#jobOf(cell)));
    }
  }

  /**
   * The cells of the study that ended since the last call, at first some of before. Every batch is told of each, unless
   * Redis was lost or thousands end between two calls.
   */
  async takeEnded(): Promise<EndedCell[]> {
    const redis = await this.#queue.getBackend().client;
    const stream = { key: this.#queue.toKey('events'), id: this.#lastEvent };
    const reply = (await redis.xread([stream])) as StreamReply;
    const entries = reply?.[0]?.[1] ?? [];
    this.#lastEvent = entries.at(-1)?.[0] ?? this.#lastEvent;
    return entries.flatMap(([, words]) => this.#endIn(words));
  }

  #endIn(words: readonly string[]): EndedCell[] {
    const told = (name: string) => words[words.indexOf(name) + 1] ?? '';
    const [event, jobId, own] = [told('event'), told('jobId'), jobIdOf(this.#study, '')];
    if ((event !== 'completed' && event !== 'failed') || !jobId.startsWith(own)) return [];
    return [{ id: jobId.slice(own.length), isDone: event === 'completed' }];
  }

  /** Why a cell failed for good; null if the queue does not say that it did. */
  async failureOf(id: string): Promise<QueueFailure | null> {
    const job = await Job.fromId<QueuedCell>(this.#queue, jobIdOf(this.#study, id));
    return job?.finishedOn === undefined ? null : failureIn(job);
  }

  /** The cells of the study that failed for good. */
  async failures(): Promise<QueueFailure[]> {
    return (await this.#failedJobs()).map(failureIn);
  }

  /** Takes off the queue what failed for good, so that it can be put there again. */
  async forgetFailures(): Promise<void> {
    for (const job of await this.#failedJobs()) await job.remove();
  }

  async #failedJobs(): Promise<Job<QueuedCell>[]> {
    return (await this.#queue.getFailed()).filter(({ data }) => data.study === this.#study);
  }

  /** Those of the cells that the queue does not know: they are done, or lost. */
  async unknown(ids: Iterable<string>): Promise<Set<string>> {
    const redis = await this.#queue.getBackend().client;
    const unknown = new Set<string>();
    const ask = async (id: string) => {
      if (!(await redis.hexists(this.#queue.toKey(jobIdOf(this.#study, id)), 'data'))) unknown.add(id);
    };
    for (const round of inRounds(ids, CELLS_PER_CALL)) await Promise.all(round.map(ask));
    return unknown;
  }

  /** Cells on the queue, of any study. */
  async size(): Promise<number> {
    const counts = await this.#queue.getJobCounts(...UNDONE_STATES);
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }

  /** How many take cells from it; null where the user may not ask who else is connected. */
  async workers(): Promise<number | null> {
    try {
      return await this.#queue.getWorkersCount();
    } catch {
      return null;
    }
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  #jobOf({ id, run, parameters, command }: PointCell): { name: string; data: QueuedCell; opts: JobsOptions } {
    const data: QueuedCell = { study: this.#study, id, run, parameters, command };
    return { name: 'cell', data, opts: { ...this.#jobOptions, jobId: jobIdOf(this.#study, id) } };
  }
}

function failureIn({ data, failedReason, attemptsMade }: Job<QueuedCell>): QueueFailure {
  return { cell: data, attempts: attemptsMade, message: failedReason ?? '' };
}

/** What Redis answers who reads one stream: its entries by number, each as names and values in turn; null of none. */
type StreamReply = [[key: string, entries: [number: string, words: string[]][]]] | null;

export interface CellQueueOptions {
  readonly study: string;
  readonly version: string;
  readonly retries: number;
  /** The connection was lost; it will come back, or not. */
  readonly onTrouble: (reason: string) => void;
}

/** States of a cell that is not done. */
export const UNDONE_STATES = ['waiting', 'active', 'delayed', 'prioritized'] as const;
