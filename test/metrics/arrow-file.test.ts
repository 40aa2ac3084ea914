import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import pl from 'nodejs-polars';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArrowTableWriter, type CellValue, readArrowFile, type TableDefinition } from '../../src/metrics/arrow-file.ts';
import { libraryFile } from './library-file.ts';

/** A table with a column of each type. */
const sightings = {
  name: 'sightings',
  description: 'One row per frame seen',
  columns: [
    { name: 'time_ns', type: 'int64', unit: 'ns', description: 'When the frame was seen' },
    { name: 'delay_ns', type: 'int64', unit: 'ns', description: 'Since it was sent', nullable: true },
    { name: 'offset_bytes', type: 'int32', unit: 'bytes', description: 'Signed offset' },
    { name: 'address_count', type: 'uint32', description: 'Addresses known' },
    { name: 'priority', type: 'uint8', description: 'Priority code point', nullable: true },
    { name: 'load_ratio', type: 'float64', unit: 'ratio', description: 'Load of the link', nullable: true },
    { name: 'is_flooded', type: 'bool', description: 'Whether it was flooded', nullable: true },
    { name: 'note', type: 'utf8', description: 'What to say of it', nullable: true },
    { name: 'link', type: 'dictionary', description: 'Where it was seen', nullable: true },
  ],
} as const satisfies TableDefinition;

const links = ['leaf-1:uplink-1', 'leaf-1:uplink-2', 'größter-spine → leaf'];

type Row = readonly CellValue[];

const edgeRows: readonly Row[] = [
  [0, null, 0, 0, 0, 0, false, '', 0],
  [2 ** 31, -1, -(2 ** 31), 2 ** 31, 255, -0.5, true, 'é', 1],
  [2 ** 32 + 1, -(2 ** 32), 2 ** 31 - 1, 2 ** 32 - 1, null, null, null, null, null],
  [2 ** 52 + 1, -(2 ** 52) - 1, -1, 1, 1, Number.MAX_VALUE, true, '日本 🎉', 2],
  [2 ** 53 - 1, -(2 ** 53) + 1, 7, 7, 7, Number.EPSILON, false, 'x'.repeat(5000), 0],
];

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

/** The rows as the readers return them: objects, with names for dictionary indices. */
function named(rows: readonly Row[]): Record<string, CellValue>[] {
  return rows.map((row) =>
    Object.fromEntries(
      sightings.columns.map(({ name }, index) => {
        const value = row[index]!;
        return [name, name === 'link' && value !== null ? links[value as number]! : value];
      }),
    ),
  );
}

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arrow-file-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const pathOf = (name: string) => join(folder, name);

function openSightings(path: string, batchRows = 2) {
  return new ArrowTableWriter(path, sightings, { metadata: { seed: '7' }, dictionaries: { link: links }, batchRows });
}

function writeSightings(path: string, rows: readonly Row[], batchRows = 2): string {
  const writer = openSightings(path, batchRows);
  for (const row of rows) writer.row(...row);
  writer.finish({ fingerprint: 'c0ffee' });
  return path;
}

/** Writes a file that lost everything from `sizeBytes` on. */
function cutOff(path: string, sizeBytes: number): string {
  writeFileSync(pathOf('cut.arrow'), readFileSync(path).subarray(0, sizeBytes));
  return pathOf('cut.arrow');
}

/** Polars reads the IPC stream that begins after the magic and its padding. */
const readStreamWithPolars = (path: string) => pl.readIPCStream(readFileSync(path).subarray(8));

const readWithPolars = (path: string) => pl.readIPC(readFileSync(path));

describe('Arrow file', () => {
  it('gives back the values that were written, up to the ends of each range', () => {
    const table = readArrowFile(writeSightings(pathOf('sightings.arrow'), edgeRows));
    expect(table.isComplete).toBe(true);
    expect(table.rowCount).toBe(edgeRows.length);
    expect(table.rows()).toEqual(named(edgeRows));
  });

  it('gives Polars the same values', () => {
    const path = writeSightings(pathOf('sightings.arrow'), edgeRows);
    expect(readWithPolars(path).toRecords()).toEqual(named(edgeRows));
    expect(readStreamWithPolars(path).toRecords()).toEqual(named(edgeRows));
  });

  it('gives both readers any rows in batches of any size', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 40 }), fc.integer({ min: 1, max: 17 }), (rows, batchRows) => {
        const path = writeSightings(pathOf('any.arrow'), rows, batchRows);
        expect(readArrowFile(path).rows()).toEqual(named(rows));
        expect(readWithPolars(path).toRecords()).toEqual(named(rows));
      }),
    );
  });

  it('has the declared types in Polars', () => {
    const { schema } = readWithPolars(writeSightings(pathOf('sightings.arrow'), edgeRows));
    expect(Object.entries<pl.DataType>(schema).map(([name, type]) => [name, type.variant])).toEqual([
      ['time_ns', 'Int64'],
      ['delay_ns', 'Int64'],
      ['offset_bytes', 'Int32'],
      ['address_count', 'UInt32'],
      ['priority', 'UInt8'],
      ['load_ratio', 'Float64'],
      ['is_flooded', 'Bool'],
      ['note', 'String'],
      ['link', 'Categorical'],
    ]);
  });

  it('is the same to the byte for the same rows', () => {
    const first = readFileSync(writeSightings(pathOf('first.arrow'), edgeRows));
    const second = readFileSync(writeSightings(pathOf('second.arrow'), edgeRows));
    expect(second.equals(first)).toBe(true);
  });

  it('is the same whether rows are written whole or value by value', () => {
    const byRow = writeSightings(pathOf('row.arrow'), edgeRows);
    const writer = openSightings(pathOf('value.arrow'));
    for (const row of edgeRows) {
      for (const [index, { name }] of sightings.columns.entries()) {
        const value = row[index]!;
        if (value === null) writer.columns[name].putNull();
        else (writer.columns[name].put as (value: CellValue) => void).call(writer.columns[name], value);
      }
      writer.append();
    }
    expect(writer.rowCount).toBe(edgeRows.length);
    writer.finish({ fingerprint: 'c0ffee' });
    expect(readFileSync(pathOf('value.arrow')).equals(readFileSync(byRow))).toBe(true);
  });

  it('takes a name in place of its index', () => {
    const byIndex = writeSightings(pathOf('index.arrow'), edgeRows);
    const byName = writeSightings(
      pathOf('name.arrow'),
      named(edgeRows).map((row) => Object.values(row)),
    );
    expect(readFileSync(byName).equals(readFileSync(byIndex))).toBe(true);
  });

  it('carries metadata, some of it known only at the end, and the meaning of each column', () => {
    const table = readArrowFile(writeSightings(pathOf('sightings.arrow'), edgeRows));
    expect(table.metadata).toEqual({
      table: 'sightings',
      description: 'One row per frame seen',
      seed: '7',
      fingerprint: 'c0ffee',
    });
    expect(table.columns).toMatchObject(sightings.columns);
    expect(table.column('time_ns')).toMatchObject({
      unit: 'ns',
      description: 'When the frame was seen',
      nullable: false,
    });
    expect(table.column('link')).not.toHaveProperty('unit');
    expect(() => table.column('colour')).toThrow('has no column colour');
  });

  it('is readable without a row', () => {
    const path = writeSightings(pathOf('empty.arrow'), []);
    expect(readArrowFile(path)).toMatchObject({ isComplete: true, rowCount: 0 });
    expect(readWithPolars(path).shape).toEqual({ height: 0, width: sightings.columns.length });
    expect(readStreamWithPolars(path).height).toBe(0);
  });

  it('is to the byte what the writer of the library makes of the same rows', () => {
    const anyRun = fc.record({
      rows: fc.array(anyRow, { maxLength: 300 }),
      // room for rows grows from 64
      batchRows: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(63, 64, 65, 100, 128, 1000)),
      names: fc.constantFrom(links, links.slice(0, 1)),
      seed: fc.oneof(fc.nat(), fc.string({ unit: 'grapheme' })).map(String),
    });
    fc.assert(
      fc.property(anyRun, ({ rows, batchRows, names, seed }) => {
        const fitting = rows.map((row) => row.with(8, row[8] === null ? null : (row[8] as number) % names.length));
        const writer = new ArrowTableWriter(pathOf('ours.arrow'), sightings, {
          metadata: { seed },
          dictionaries: { link: names },
          batchRows,
        });
        for (const row of fitting) writer.row(...row);
        writer.finish({ end: `${seed}!` });
        const theirs = libraryFile(sightings, {
          metadata: { table: sightings.name, description: sightings.description, seed },
          endMetadata: { end: `${seed}!` },
          rows: fitting,
          batchRows,
          names,
        });
        expect(readFileSync(writer.path).equals(theirs)).toBe(true);
      }),
    );
  });

  it('is what the library makes of no rows and of no names', () => {
    for (const rows of [[], [[1, null, 2, 3, null, null, null, null, null]]] as Row[][]) {
      const writer = new ArrowTableWriter(pathOf('none.arrow'), sightings, {
        metadata: {},
        dictionaries: { link: [] },
      });
      for (const row of rows) writer.row(...row);
      writer.finish();
      const metadata = { table: sightings.name, description: sightings.description };
      const theirs = libraryFile(sightings, { metadata, endMetadata: {}, rows, batchRows: 65_536, names: [] });
      expect(readFileSync(writer.path).equals(theirs)).toBe(true);
    }
  });

  it('holds its dictionaries without a row', () => {
    const bytes = readFileSync(writeSightings(pathOf('empty.arrow'), []));
    expect(bytes.includes(links.join(''))).toBe(true);
  });

  it('is readable with a dictionary of no names', () => {
    const writer = new ArrowTableWriter(pathOf('none.arrow'), sightings, { metadata: {}, dictionaries: { link: [] } });
    writer.row(1, null, 2, 3, null, null, null, null, null);
    writer.finish();
    expect(readArrowFile(writer.path).column('link').values()).toEqual([null]);
    expect(readWithPolars(writer.path).height).toBe(1);
  });

  it('keeps a dictionary of many names whole', () => {
    const names = Array.from({ length: 70_000 }, (_, index) => `port-${index}`);
    const table = {
      name: 'ports',
      description: '',
      columns: [{ name: 'port', type: 'dictionary', description: '' }],
    } as const;
    const writer = new ArrowTableWriter(pathOf('ports.arrow'), table, { metadata: {}, dictionaries: { port: names } });
    for (const index of names.keys()) writer.row(names.length - 1 - index);
    writer.finish();
    expect(readWithPolars(writer.path).getColumn('port').toArray()).toEqual(names.toReversed());
  });

  it('shares no column with another of its kind that is written at the same time', () => {
    const paths = ['one', 'other'].map((name) => pathOf(`${name}.arrow`));
    const rows = [edgeRows, edgeRows.toReversed()];
    // the second round has the columns that the first one left
    for (let round = 0; round < 2; round++) {
      const writers = paths.map((path) => openSightings(path, 64));
      for (const row of edgeRows.keys()) {
        for (const [index, writer] of writers.entries()) writer.row(...rows[index]![row]!);
      }
      for (const writer of writers) writer.finish();
      expect(paths.map((path) => readArrowFile(path).rows())).toEqual(rows.map(named));
    }
  });

  it('has one batch for every full one and one for the rest', () => {
    const path = writeSightings(pathOf('sightings.arrow'), edgeRows, 2);
    expect(tableFromIPC(readFileSync(path)).batches.map((batch) => batch.numRows)).toEqual([2, 2, 1]);
  });

  it('writes batches of the default size without being told to', () => {
    const table = {
      name: 'ticks',
      description: '',
      columns: [{ name: 'time_ns', type: 'int64', description: '' }],
    } as const;
    const writer = new ArrowTableWriter(pathOf('ticks.arrow'), table, { metadata: {} });
    const sizeAtStart = statSync(writer.partialPath).size;
    for (let row = 0; row < 65_535; row++) writer.row(row);
    expect(statSync(writer.partialPath).size).toBe(sizeAtStart);
    writer.row(65_535);
    expect(statSync(writer.partialPath).size).toBeGreaterThan(sizeAtStart + 65_536 * 8);
    writer.row(65_536);
    writer.finish();
    expect(readWithPolars(writer.path).getColumn('time_ns').sum()).toBe((65_536 * 65_537) / 2);
  });
});

describe('unfinished Arrow file', () => {
  it('is called partial until it is finished', () => {
    const writer = openSightings(pathOf('run.arrow'));
    writer.row(...edgeRows[0]!);
    expect(existsSync(pathOf('run.arrow.partial'))).toBe(true);
    expect(existsSync(pathOf('run.arrow'))).toBe(false);
    writer.finish();
    expect(existsSync(pathOf('run.arrow.partial'))).toBe(false);
    expect(readArrowFile(pathOf('run.arrow')).rowCount).toBe(1);
  });

  it('leaves an earlier file of its name alone when abandoned', () => {
    writeSightings(pathOf('run.arrow'), edgeRows);
    const writer = openSightings(pathOf('run.arrow'));
    writer.row(...edgeRows[0]!);
    writer.abandon();
    expect(readArrowFile(pathOf('run.arrow')).rowCount).toBe(edgeRows.length);
  });

  it('leaves the file to whoever began it last, and writes nothing into that', () => {
    const first = openSightings(pathOf('run.arrow'));
    first.row(...edgeRows[0]!);
    const second = openSightings(pathOf('run.arrow'));
    second.row(...edgeRows[1]!);
    expect(() => first.flush()).toThrow(/: another run began to write there meanwhile; give each its own --out$/);
    expect(() => first.finish()).toThrow(/another run began to write there/);
    second.finish();
    expect(() => first.finish()).toThrow(/another run began to write there/);
    expect(readArrowFile(pathOf('run.arrow'))).toMatchObject({ isComplete: true, rowCount: 1 });
  });

  it('keeps the batches written before it was abandoned, for both readers', () => {
    const writer = openSightings(pathOf('run.arrow'), 2);
    for (const row of edgeRows) writer.row(...row);
    writer.abandon();
    const partial = readArrowFile(pathOf('run.arrow.partial'));
    expect(partial.isComplete).toBe(false);
    expect(partial.metadata).toMatchObject({ table: 'sightings', seed: '7' });
    expect(partial.rows()).toEqual(named(edgeRows.slice(0, 4)));
    expect(readStreamWithPolars(pathOf('run.arrow.partial')).toRecords()).toEqual(named(edgeRows.slice(0, 4)));
  });

  it('yields exactly the complete batches wherever it is cut', () => {
    const writer = openSightings(pathOf('run.arrow'), 1);
    // the size of the file after the schema and dictionaries, and after each batch of one row
    const ends = [statSync(writer.partialPath).size];
    for (const row of edgeRows) {
      writer.row(...row);
      ends.push(statSync(writer.partialPath).size);
    }
    writer.abandon();
    for (let sizeBytes = ends[0]!; sizeBytes <= ends.at(-1)!; sizeBytes += 13) {
      const completeRows = ends.filter((end) => end <= sizeBytes).length - 1;
      const table = readArrowFile(cutOff(writer.partialPath, sizeBytes));
      expect([sizeBytes, table.rowCount]).toEqual([sizeBytes, completeRows]);
      expect(table.rows()).toEqual(named(edgeRows.slice(0, completeRows)));
    }
  });

  it('is refused when not even its schema is there', () => {
    const path = writeSightings(pathOf('run.arrow'), edgeRows);
    expect(() => readArrowFile(cutOff(path, 100))).toThrow('ends before its schema');
    expect(() => readArrowFile(cutOff(path, 8))).toThrow('ends before its schema');
    expect(() => readArrowFile(cutOff(path, 3))).toThrow('is not an Arrow file');
  });
});

describe('Arrow table writer', () => {
  it.each([
    ['time_ns', 2 ** 53],
    ['time_ns', 0.5],
    ['time_ns', Number.NaN],
    ['offset_bytes', 2 ** 31],
    ['address_count', -1],
    ['address_count', 2 ** 32],
    ['priority', 256],
    ['link', links.length],
    ['link', -1],
  ] as const)('refuses what the column %s cannot hold: %d', (name, value) => {
    const writer = openSightings(pathOf('run.arrow'));
    expect(() => writer.columns[name].put(value)).toThrow(`column ${name}: ${value} is not of type`);
    writer.abandon();
  });

  it('refuses a name that is not in the dictionary', () => {
    const writer = openSightings(pathOf('run.arrow'));
    expect(() => writer.row(0, 0, 0, 0, 0, 0, false, '', 'leaf-9')).toThrow('column link: leaf-9 is not of type');
    writer.abandon();
  });

  it('refuses a null where the column has none', () => {
    const writer = openSightings(pathOf('run.arrow'));
    expect(() => writer.columns.time_ns.putNull()).toThrow('column time_ns is not nullable');
    writer.abandon();
  });

  it('refuses a batch in which a column has more or fewer values than there are rows', () => {
    const writer = openSightings(pathOf('run.arrow'));
    writer.columns.time_ns.put(1);
    writer.append();
    expect(() => writer.flush()).toThrow('column delay_ns has 0 values for 1 rows');
    expect(() => writer.row(1)).toThrow('table sightings has 9 columns');
    writer.abandon();
  });

  it('refuses rows after its end', () => {
    const writer = openSightings(pathOf('run.arrow'), 1);
    writer.finish();
    expect(() => writer.row(...edgeRows[0]!)).toThrow('run.arrow is closed');
  });

  it('refuses a dictionary column without names, or with a name twice', () => {
    const open = (dictionaries: Record<string, readonly string[]>) =>
      new ArrowTableWriter(pathOf('run.arrow'), sightings, { metadata: {}, dictionaries });
    expect(() => open({})).toThrow('column link needs its dictionary');
    expect(() => open({ link: ['a', 'a'] })).toThrow('the dictionary of column link repeats a name');
  });
});
