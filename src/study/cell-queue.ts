import { Job, type JobsOptions, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { PlannedRun } from '../scenario/replications.ts';
import { type QueueAddress, QueueError } from './queue-address.ts';
import type { StudyCell } from './study.ts';
import type { Parameters } from './study-points.ts';

/** What a worker is told of a cell. */
export interface QueuedCell {
  readonly study: string;
  readonly id: string;
  readonly run: PlannedRun;
  readonly parameters: Parameters;
  readonly command: readonly string[];
}

/** Workers of another version would take nothing from a queue of this name. */
export function queueName(version: string): string {
  return `dcfabric-${version}`;
}

/** Two studies may have cells of one name. */
export function jobIdOf(study: string, id: string): string {
  return `${study}/${id}`;
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
const JOBS_PER_CALL = 100;

/** The cells of one study on a queue. */
export class CellQueue {
  readonly #queue: Queue;
  readonly #study: string;
  readonly #jobOptions: JobsOptions;

  constructor(address: QueueAddress, { study, version, retries, onTrouble }: CellQueueOptions) {
    this.#study = study;
    this.#queue = new Queue(queueName(version), { connection: lasting(address), skipVersionCheck: true });
    const isTls = address.options.tls !== undefined;
    this.#queue.on('error', (error) => onTrouble(reasonOf(error, isTls)));
    this.#jobOptions = {
      attempts: retries + 1,
      backoff: { type: 'exponential', delay: FIRST_RETRY_MS },
      removeOnComplete: true,
      removeOnFail: false,
    };
  }

  /** Puts cells on the queue; those that are there already stay as they are. */
  async add(cells: readonly StudyCell[]): Promise<void> {
    for (let start = 0; start < cells.length; start += JOBS_PER_CALL) {
      await this.#queue.addBulk(cells.slice(start, start + JOBS_PER_CALL).map((cell) => this.#jobOf(cell)));
    }
  }

  /** The cells of the study that failed for good, each with why; they leave the queue. */
  async takeFailed(): Promise<{ id: string; message: string; attempts: number }[]> {
    const jobs = (await this.#queue.getFailed()).filter(({ data }) => data.study === this.#study);
    for (const job of jobs) await job.remove();
    return jobs.map(({ data, failedReason, attemptsMade }) => {
      return { id: (data as QueuedCell).id, message: failedReason ?? '', attempts: attemptsMade };
    });
  }

  /** Whether a cell is still to be simulated, as far as the queue knows. */
  async knows(id: string): Promise<boolean> {
    const job = await Job.fromId(this.#queue, jobIdOf(this.#study, id));
    return job !== undefined;
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

  #jobOf({ id, run, parameters, command }: StudyCell): { name: string; data: QueuedCell; opts: JobsOptions } {
    const data: QueuedCell = { study: this.#study, id, run, parameters, command };
    return { name: 'cell', data, opts: { ...this.#jobOptions, jobId: jobIdOf(this.#study, id) } };
  }
}

export interface CellQueueOptions {
  readonly study: string;
  readonly version: string;
  readonly retries: number;
  /** The connection was lost; it will come back, or not. */
  readonly onTrouble: (reason: string) => void;
}

/** States of a cell that is not done. */
export const UNDONE_STATES = ['waiting', 'active', 'delayed', 'prioritized'] as const;
