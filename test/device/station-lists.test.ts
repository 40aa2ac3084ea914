import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StationLists } from '../../src/device/station-lists.ts';

describe('lists of stations', () => {
  it('hold what came and did not leave, in the order in which it came', () => {
    // many for a few lists, so that they outgrow their room and are moved together
    const step = fc.record({ list: fc.nat(4), count: fc.nat(60), leaves: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const lists = new StationLists();
        lists.addUpTo(2);
        lists.addUpTo(5);
        const expected: number[][] = [[], [], [], [], []];
        let next = 0;
        for (const { list, count, leaves } of steps) {
          for (let i = 0; i < count; i++) {
            lists.add(list, next);
            expected[list]!.push(next++);
          }
          for (const station of expected[list]!.splice(Math.floor(expected[list]!.length / 3), leaves)) {
            lists.remove(list, station);
          }
        }
        for (const [list, stations] of expected.entries()) {
          expect([...lists.stationsOf(list)]).toEqual(stations);
          expect(lists.countOf(list)).toBe(stations.length);
          expect(stations.map((_, position) => lists.at(list, position))).toEqual(stations);
        }
      }),
    );
  });

  it('are those that were made, and have what is taken out', () => {
    const lists = new StationLists();
    lists.addUpTo(2);
    lists.add(0, 7);
    lists.add(1, 8);
    expect(() => lists.add(2, 9)).toThrow('there is no list 2');
    expect(() => lists.remove(0, 8)).toThrow('station 8 is not in list 0');
  });
});
