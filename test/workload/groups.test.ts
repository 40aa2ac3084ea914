import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Groups } from '../../src/workload/groups.ts';

it('members are found by group and position, numbered group by group or not', () => {
  const memberships = fc.array(fc.nat(5), { maxLength: 40 });
  fc.assert(
    fc.property(memberships, fc.boolean(), (drawn, isSorted) => {
      const groupOf = Int32Array.from(isSorted ? drawn.toSorted((one, other) => one - other) : drawn);
      const groups = new Groups(groupOf, 6);
      for (let group = 0; group < 6; group++) {
        const members = [...groupOf.keys()].filter((member) => groupOf[member] === group);
        expect(groups.sizeOf(group)).toBe(members.length);
        expect(members.map((_, position) => groups.memberOf(group, position))).toEqual(members);
        expect(members.map((member) => groups.positionOf(group, member))).toEqual([...members.keys()]);
      }
    }),
  );
});
