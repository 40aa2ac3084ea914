import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeTables } from '../../src/metrics/describe-tables.ts';
import { RESULT_TABLES } from '../../src/metrics/tables.ts';

const PAGE = new URL('../../docs/results.md', import.meta.url);

describe('manual page of the result tables', () => {
  it('is what docs/results.md says', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(describeTables());
  });

  it('has a row of four cells for every column of every table', () => {
    const lines = describeTables().split('\n');
    for (const { name, columns } of RESULT_TABLES) {
      const from = lines.indexOf(`## ${name}`);
      expect([name, from > 0]).toEqual([name, true]);
      for (const [index, column] of columns.entries()) {
        const cells = lines[from + 6 + index].split('|');
        expect(cells.length).toBe(6);
        expect(cells[1].trim()).toBe(`\`${column.name}\``);
      }
    }
  });
});

describe('result tables', () => {
  it('are named once each, with columns in snake_case named once each', () => {
    expect(new Set(RESULT_TABLES.map(({ name }) => name)).size).toBe(RESULT_TABLES.length);
    for (const { columns } of RESULT_TABLES) {
      const names = columns.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
    }
  });

  it('name times, sizes and frames by their unit', () => {
    const suffixes = { ns: /_ns$/, bytes: /bytes$/, frames: /(frames|copies|hops|probes)$/ };
    for (const { columns } of RESULT_TABLES) {
      for (const { name, unit } of columns) {
        if (unit !== undefined && unit in suffixes) expect(name).toMatch(suffixes[unit as keyof typeof suffixes]);
      }
    }
  });
});
