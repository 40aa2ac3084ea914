import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Field, Int64, makeData, RecordBatch, Schema, Struct, Table, tableToIPC } from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ArrowTableWriter, readArrowFile, type TableDefinition } from '../../src/metrics/arrow-file.ts';
import { readTable } from '../../src/results/read-table.ts';

const sightings = {
  name: 'sightings',
  description: 'One row per frame seen',
  columns: [
    { name: 'time_ns', type: 'int64', unit: 'ns', description: 'When' },
    { name: 'delay_ns', type: 'int64', unit: 'ns', description: 'Since it was sent', nullable: true },
    { name: 'offset_bytes', type: 'int32', unit: 'bytes', description: 'Signed' },
    { name: 'address_count', type: 'uint32', description: 'Addresses' },
    { name: 'priority', type: 'uint8', description: 'Priority', nullable: true },
    { name: 'load_ratio', type: 'float64', unit: 'ratio', description: 'Load', nullable: true },
    { name: 'is_flooded', type: 'bool', description: 'Whether', nullable: true },
    { name: 'note', type: 'utf8', description: 'Note', nullable: true },
    { name: 'link', type: 'dictionary', description: 'Where', nullable: true },
  ],
} as const satisfies TableDefinition;

const links = ['leaf-1:uplink-1', 'größter-spine → leaf', 'x'];

const anyRow = fc.tuple(
  fc.maxSafeInteger(),
  fc.option(fc.maxSafeInteger()),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.nat(2 ** 32 - 1),
  fc.option(fc.nat(255)),
  fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  fc.option(fc.boolean()),
  fc.option(fc.string({ unit: 'grapheme' })),
  fc.option(fc.nat(links.length - 1)),
);

const folder = mkdtempSync(join(tmpdir(), 'dcfabric-read-table-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Row = readonly (number | string | boolean | null)[];

/** The file of these rows, whole or abandoned. */
function written(rows: readonly Row[], { batchRows = 3, isFinished = true } = {}): string {
  const writer = new ArrowTableWriter<TableDefinition>(join(folder, 'sightings.arrow'), sightings, {
    metadata: { fabric: 'vlan' },
    dictionaries: { link: links },
    batchRows,
  });
  for (const row of rows) writer.row(...row);
  if (isFinished) writer.finish({ fingerprint: 'f' });
  else writer.abandon();
  return isFinished ? writer.path : writer.partialPath;
}

const row = (timeNs: number): Row => [timeNs, null, -1, 1, null, 0.5, true, 'é', 1];

describe('a table that is read', () => {
  it('says what the library that wrote it says, of any rows in batches of any size', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 20 }), fc.integer({ min: 1, max: 9 }), (rows, batchRows) => {
        const path = written(rows, { batchRows });
        const table = readTable(path);
        expect(table.rows()).toEqual(readArrowFile(path).rows());
        expect(table.rowCount).toBe(rows.length);
      }),
      { numRuns: 20 },
    );
  });

  it('has its metadata, and types, units and descriptions of its columns', () => {
    const table = readTable(written([row(1)]));
    expect(table.metadata).toMatchObject({ table: 'sightings', fabric: 'vlan', fingerprint: 'f' });
    const described = table.columns.map(({ name, type, unit, description, nullable }) => ({
      ...{ name, type, description },
      ...(unit !== null && { unit }),
      ...(nullable && { nullable }),
    }));
    expect(described).toEqual(sightings.columns);
  });

  it('gives numbers without nulls as typed arrays, and dictionaries with their codes', () => {
    const table = readTable(written([row(2 ** 53 - 1), row(-5), [...row(0).slice(0, -1), null], row(7)]));
    expect(table.column('time_ns').values).toEqual(Float64Array.of(2 ** 53 - 1, -5, 0, 7));
    expect(table.column('offset_bytes').values).toEqual(Int32Array.of(-1, -1, -1, -1));
    expect(table.column('delay_ns')).toMatchObject({ values: [null, null, null, null], nullCount: 4 });
    const link = table.column('link');
    expect(link.names).toEqual(links);
    expect(link.codes).toEqual(Int32Array.of(1, 1, -1, 1));
    expect(link.values).toEqual([links[1], links[1], null, links[1]]);
  });

  it('keeps 64-bit integers that are no exact numbers', () => {
    const schema = new Schema([new Field('id', new Int64(), false)]);
    const data = BigInt64Array.of(2n ** 53n, 1n);
    const child = makeData({ type: new Int64(), data });
    const batch = new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: 2, children: [child] }));
    const path = join(folder, 'foreign.arrow');
    writeFileSync(path, tableToIPC(new Table([batch]), 'file'));
    expect(readTable(path).column('id').values).toEqual(data);
  });

  it('of a run that was killed holds the complete batches, and says so', () => {
    const table = readTable(written([row(1), row(2), row(3), row(4)], { isFinished: false }));
    expect(table.isComplete).toBe(false);
    expect([...table.column('time_ns').values]).toEqual([1, 2, 3]);
    expect(table.column('link').names).toEqual(links);
  });

  it('is empty without rows', () => {
    const table = readTable(written([]));
    expect(table).toMatchObject({ isComplete: true, rowCount: 0 });
    expect(table.rows()).toEqual([]);
    expect(table.column('time_ns').values).toHaveLength(0);
  });

  it('is refused where there is none', () => {
    const path = written([row(1)]);
    expect(() => readTable(path).column('nope')).toThrow('has no column nope');
    const stump = join(folder, 'stump.arrow');
    writeFileSync(stump, readFileSync(path).subarray(0, 20));
    expect(() => readTable(stump)).toThrow(/stump\.arrow ends before its schema/);
    writeFileSync(stump, 'a text');
    expect(() => readTable(stump)).toThrow(/stump\.arrow is not an Arrow file/);
  });
});
