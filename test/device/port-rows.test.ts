import { describe, expect, it } from 'vitest';
import { PortRows } from '../../src/device/port-rows.ts';

const ports = (rows: PortRows, row: number) => [...rows.words.subarray(rows.firstOf(row))].slice(0, rows.countOf(row));

describe('rows of ports', () => {
  it('keep their ports in order beside others, and say when they are full', () => {
    const rows = new PortRows();
    const [one, ...others] = [0, 1, 2, 3, 4, 5].map(() => rows.take());
    for (let port = 1; port <= 63; port++) expect(rows.add(one!, port)).toBe(port === 63);
    for (const row of others) rows.add(row, 1000 + row);
    expect(ports(rows, one!)).toEqual(Array.from({ length: 63 }, (_, i) => i + 1));
    for (const row of others) expect(ports(rows, row)).toEqual([1000 + row]);
  });

  it('begin empty when they are used again', () => {
    const rows = new PortRows();
    const row = rows.take();
    rows.add(row, 7);
    rows.giveBack(row);
    expect(rows.take()).toBe(row);
    expect(rows.countOf(row)).toBe(0);
  });
});
