import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HashSlots } from '../../src/wire/hash-slots.ts';

it('records are found by their hashes, however many share one and whatever is reserved', () => {
  // few hashes at both ends of the table, so that walks are long and go around its end
  const hash = fc.constantFrom(0, 1, 0x7fff_ffff, -0x8000_0000, -3, -1);
  const step = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), hash }),
    fc.record({ kind: fc.constant('remove' as const), hash }),
    fc.record({ kind: fc.constant('reserve' as const), hash: fc.nat(100) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const hashes: number[] = [];
      const slots = new HashSlots((record) => hashes[record]!);
      const walk = (wanted: number, of: number) => {
        let slot = slots.first(of);
        while (slots.at(slot) >= 0 && slots.at(slot) !== wanted) slot = slots.next(slot);
        return slot;
      };
      const there: number[] = [];
      for (const { kind, hash } of steps) {
        if (kind === 'reserve') slots.reserve(hash);
        else if (kind === 'add') {
          const record = hashes.push(hash) - 1;
          slots.add(walk(record, hash), record);
          there.push(record);
        } else {
          const record = there.findIndex((one) => hashes[one] === hash);
          if (record < 0) continue;
          slots.remove(walk(there[record]!, hash));
          there.splice(record, 1);
        }
      }
      expect(slots.size).toBe(there.length);
      for (const record of there) expect(slots.at(walk(record, hashes[record]!))).toBe(record);
    }),
  );
});
