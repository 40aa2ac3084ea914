import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { RunFile } from '../metrics/run-file.ts';
import { RUN_FILE_NAME } from '../metrics/run-mark.ts';
import { isCellFile, isCellId } from './cell-folder.ts';
import { type CellParts, type CellStore, parseCellRun, StoreError } from './cell-store.ts';
import { parseStudy, RUN_TABLE_NAME } from './folder-store.ts';
import { ANSWER_FILE_NAME, type PlanRecord } from './plan-record.ts';
import { STUDY_FILE_NAME, type StudyRecord } from './study-record.ts';

/** Larger files are sent as they are read, and not again if that fails. */
const WHOLE_BYTES_MAX = 64 * 1024 * 1024;

/** Files of a cell up to this size are sent together: they wait for the store rather than for the line. */
const SMALL_BYTES_MAX = 1024 * 1024;

/** A file of a cell that is to be sent. */
interface CellFile {
  readonly path: string;
  readonly name: string;
  readonly sizeBytes: number;
}

function fileAt(folder: string, name: string): CellFile {
  const path = join(folder, name);
  return { path, name, sizeBytes: statSync(path).size };
}

/**
 * Keeps a study in a bucket of an S3-compatible store. The region, the keys and, for stores other than Amazon's, the
 * address come from the environment: AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL.
 */
export class S3Store implements CellStore {
  readonly place: string;
  #workFolder: string | null = null;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #client: S3Client;

  /** `location` as `s3://bucket/prefix`. */
  constructor(location: string, study: string) {
    const [, bucket, prefix = ''] = /^s3:\/\/([a-z\d][a-z\d.-]{2,62})(?:\/(.*?))?\/*$/.exec(location) ?? [];
    if (bucket === undefined) {
      throw new StoreError(
        `--out: got '${location}', expected s3://bucket/prefix with a bucket's name of 3 to 63 lower-case letters, digits, ` +
          'hyphens and dots',
      );
    }
    this.#bucket = bucket;
    this.#prefix = prefix === '' ? `${study}/` : `${prefix}/${study}/`;
    this.place = `s3://${bucket}/${this.#prefix.slice(0, -1)}`;
    this.#client = new S3Client({
      region: process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1',
      // other stores name buckets in paths, and know no checksums but the old ones
      forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  /** Made when it is asked for: most processes that look into a bucket simulate nothing. A process that ends takes it along. */
  get workFolder(): string {
    if (this.#workFolder === null) {
      this.#workFolder = mkdtempSync(join(tmpdir(), 'dcfabric-work-'));
      process.once('exit', this.#removeWork);
    }
    return this.#workFolder;
  }

  // threads that are about to end may still write there
  readonly #removeWork = () => {
    if (this.#workFolder !== null) rmSync(this.#workFolder, { recursive: true, force: true, maxRetries: 3 });
  };

  async open(): Promise<void> {
    await this.#asking(() => this.#client.send(new HeadBucketCommand({ Bucket: this.#bucket })));
  }

  async readStudy(): Promise<StudyRecord | null> {
    const text = await this.#read(STUDY_FILE_NAME);
    return text === null ? null : parseStudy(text, `${this.place}/${STUDY_FILE_NAME}`);
  }

  writeStudy(record: StudyRecord): Promise<void> {
    return this.#write(STUDY_FILE_NAME, `${JSON.stringify(record, null, 2)}\n`);
  }

  writePlan(lines: Iterable<string>): Promise<void> {
    return this.#write('plan.jsonl', [...lines].join(''));
  }

  writeAnswer(record: PlanRecord): Promise<void> {
    return this.#write(ANSWER_FILE_NAME, `${JSON.stringify(record, null, 2)}\n`);
  }

  async list(): Promise<Map<string, CellParts>> {
    const whole = new Set<string>();
    const withTables = new Set<string>();
    for await (const key of this.#keys('cells/')) {
      const [, id, name] = /^cells\/([^/]+)\/([^/]+)$/.exec(key) ?? [];
      if (id === undefined || !isCellId(id)) continue;
      if (name === RUN_FILE_NAME) whole.add(id);
      if (name === RUN_TABLE_NAME) withTables.add(id);
    }
    return new Map([...whole].map((id) => [id, withTables.has(id) ? 'tables' : 'summary']));
  }

  async has(id: string, parts: CellParts): Promise<boolean> {
    const isWhole = await this.#hasFile(`cells/${id}/${RUN_FILE_NAME}`);
    return isWhole && (parts === 'summary' || this.#hasFile(`cells/${id}/${RUN_TABLE_NAME}`));
  }

  #hasFile(name: string): Promise<boolean> {
    const Key = this.#keyOf(name);
    return this.#asking(async () => {
      try {
        await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key }));
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw error;
      }
    });
  }

  async put(id: string, folder: string): Promise<void> {
    const all = readdirSync(folder);
    if (!(await this.has(id, all.includes(RUN_TABLE_NAME) ? 'tables' : 'summary'))) {
      const files = all.filter((name) => name !== RUN_FILE_NAME).map((name) => fileAt(folder, name));
      const isSmall = ({ sizeBytes }: CellFile) => sizeBytes <= SMALL_BYTES_MAX;
      await Promise.all(files.filter(isSmall).map((file) => this.#writeFile(id, file)));
      for (const file of files) if (!isSmall(file)) await this.#writeFile(id, file);
      // the mark of wholeness comes last
      await this.#writeFile(id, fileAt(folder, RUN_FILE_NAME));
    }
    rmSync(folder, { recursive: true, force: true });
  }

  #writeFile(id: string, { path, name, sizeBytes }: CellFile): Promise<void> {
    const body = sizeBytes <= WHOLE_BYTES_MAX ? readFileSync(path) : createReadStream(path);
    return this.#write(`cells/${id}/${name}`, body, sizeBytes);
  }

  async remove(id: string): Promise<void> {
    await this.#delete(`cells/${id}/${RUN_FILE_NAME}`);
    for await (const key of this.#keys(`cells/${id}/`)) if (isCellFile(basename(key))) await this.#delete(key);
  }

  async readRun(id: string): Promise<RunFile> {
    const text = await this.#read(`cells/${id}/${RUN_FILE_NAME}`);
    if (text === null) throw new StoreError(`${this.place}/cells/${id}: there is no ${RUN_FILE_NAME}`);
    return parseCellRun(text, `${this.place}/cells/${id}/${RUN_FILE_NAME}`);
  }

  async tidy(): Promise<string[]> {
    return [];
  }

  close(): void {
    this.#removeWork();
    process.off('exit', this.#removeWork);
    this.#workFolder = null;
  }

  #keyOf(name: string): string {
    return `${this.#prefix}${name}`;
  }

  async #read(name: string): Promise<string | null> {
    return this.#asking(async () => {
      try {
        const { Body } = await this.#client.send(
          new GetObjectCommand({ Bucket: this.#bucket, Key: this.#keyOf(name) }),
        );
        return (await Body?.transformToString()) ?? null;
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    });
  }

  async #write(
    name: string,
    body: string | Buffer | ReturnType<typeof createReadStream>,
    sizeBytes?: number,
  ): Promise<void> {
    const given = { Bucket: this.#bucket, Key: this.#keyOf(name), Body: body };
    const length = sizeBytes === undefined ? {} : { ContentLength: sizeBytes };
    await this.#asking(() => this.#client.send(new PutObjectCommand({ ...given, ...length })));
  }

  async #delete(name: string): Promise<void> {
    await this.#asking(() =>
      this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: this.#keyOf(name) })),
    );
  }

  /** The names below a name. */
  async *#keys(name: string): AsyncGenerator<string> {
    let next: string | undefined;
    do {
      const from = next === undefined ? {} : { ContinuationToken: next };
      const page = await this.#asking(() =>
        this.#client.send(new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: this.#keyOf(name), ...from })),
      );
      for (const { Key = '' } of page.Contents ?? []) yield Key.slice(this.#prefix.length);
      next = page.NextContinuationToken;
    } while (next !== undefined);
  }

  /** Asks the store, and says of a refusal where it was. */
  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      // no other cell would fare better
      throw Object.assign(new StoreError(`${this.place}: ${this.#reasonOf(error)}`), { syscall: 's3' });
    }
  }

  /** By the status where there is one: answers about a bucket have no words. */
  #reasonOf(error: unknown): string {
    const { name, message, code } = error as Error & { code?: string };
    const status = statusOf(error);
    const words = message === 'UnknownError' ? '' : message || name;
    switch (status) {
      case 404:
        return `there is no bucket '${this.#bucket}' (404)`;
      case 403:
        return `access denied${words === '' ? '' : `: ${words}`} (403); do AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY have the right to it?`;
      case 301:
        return `the bucket '${this.#bucket}' is in another region (301); AWS_REGION says in which`;
    }
    const detail = code ?? status;
    return `${words || 'it refuses'}${detail === undefined ? '' : ` (${detail})`}`;
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

function isMissing(error: unknown): boolean {
  const { name } = error as Error;
  return name === 'NoSuchKey' || name === 'NotFound' || statusOf(error) === 404;
}
