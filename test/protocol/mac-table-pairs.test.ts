import { describe, expect, it } from 'vitest';
import { MacTables, Miss } from '../../src/protocol/mac-tables.ts';

const HOLD_MS = 1000;

/** Two tables of one hold time. */
function pair({ capacity = Number.POSITIVE_INFINITY } = {}) {
  const tables = new MacTables();
  return { tables, one: tables.addTable({ holdMs: HOLD_MS }), other: tables.addTable({ holdMs: HOLD_MS, capacity }) };
}

describe('two MAC tables that tell each other', () => {
  it('learn an address from each other as old as it is', () => {
    const { tables, one, other } = pair();
    tables.learn(one, 5, 10, 0);
    tables.learnFrom(other, one, 5, 20, 600);
    expect(tables.lookUp(other, 5, 999)).toBe(20);
    expect(tables.lookUp(other, 5, 1000)).toBe(Miss.agedOut);
  });

  it('count no entry beyond its age', () => {
    const { tables, one, other } = pair();
    tables.learn(one, 5, 10, 0);
    tables.learn(other, 6, 20, 450);
    tables.expireDue(other, 500);
    tables.learnFrom(other, one, 5, 20, 600);
    expect(tables.entryCounts[other]).toBe(2);
    tables.expireDue(other, 1000);
    expect(tables.entryCounts[other]).toBe(1);
  });

  it('do not make an address older than it was seen', () => {
    const { tables, one, other } = pair();
    tables.learn(one, 5, 10, 0);
    tables.learn(other, 5, 20, 400);
    tables.learnFrom(other, one, 5, 20, 600);
    expect(tables.lookUp(other, 5, 1399)).toBe(20);
    expect(tables.lookUp(other, 5, 1400)).toBe(Miss.agedOut);
  });

  it('move an address that the other has elsewhere', () => {
    const { tables, one, other } = pair();
    tables.learn(other, 5, 20, 100);
    tables.learn(one, 5, 10, 300);
    tables.learnFrom(other, one, 5, 30, 600);
    expect(tables.lookUp(other, 5, 1299)).toBe(30);
    expect(tables.lookUp(other, 5, 1300)).toBe(Miss.agedOut);
  });

  it('have no room for more than they hold', () => {
    const { tables, one, other } = pair({ capacity: 1 });
    for (const address of [5, 6]) tables.learn(one, address, 10, 0);
    for (const address of [5, 6]) tables.learnFrom(other, one, address, 20, 1);
    expect(tables.lookUp(other, 5, 1)).toBe(20);
    expect(tables.lookUp(other, 6, 1)).toBe(Miss.refused);
  });

  it('share ages: what speaks at one lives on at both, what is silent goes from both', () => {
    const { tables, one, other } = pair();
    for (const address of [5, 6]) {
      tables.learn(one, address, 10, 0);
      tables.learnFrom(other, one, address, 20, 0);
    }
    tables.learn(one, 5, 10, 900);
    tables.shareAges(one, other, 950, () => {});
    for (const [table, place] of [
      [one, 10],
      [other, 20],
    ]) {
      expect(tables.lookUp(table, 5, 1899)).toBe(place);
      expect(tables.lookUp(table, 6, 1000)).toBe(Miss.agedOut);
      expect(tables.lookUp(table, 5, 1900)).toBe(Miss.agedOut);
    }
  });

  it('say what aged out in one and lives in the other', () => {
    const { tables, one, other } = pair();
    tables.learn(one, 5, 10, 0);
    tables.learnFrom(other, one, 5, 20, 0);
    tables.learn(one, 5, 10, 990);
    tables.learn(one, 6, 10, 990);
    expect(tables.lookUp(other, 5, 1000)).toBe(Miss.agedOut);
    const agedOut: [number, number][] = [];
    tables.shareAges(one, other, 1001, (table, address) => agedOut.push([table, address]));
    expect(agedOut).toEqual([[other, 5]]);
  });

  it('move all entries of one place to another, with their ages', () => {
    const { tables, one } = pair();
    for (const address of [5, 6]) tables.learn(one, address, 10, address);
    tables.learn(one, 7, 11, 0);
    tables.moveEntries(one, 10, 30);
    expect([5, 6, 7].map((address) => tables.lookUp(one, address, 500))).toEqual([30, 30, 11]);
    expect(tables.lookUp(one, 5, 1005)).toBe(Miss.agedOut);
    expect(tables.lookUp(one, 6, 1005)).toBe(30);
  });

  it('free the room that a limited place gave to entries that moved away', () => {
    const { tables, one } = pair();
    tables.limitPlace(one, 10, 1);
    tables.learn(one, 5, 10, 0);
    tables.moveEntries(one, 10, 30);
    tables.learn(one, 6, 10, 1);
    expect(tables.lookUp(one, 6, 1)).toBe(10);
  });
});
