import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FINGERPRINT_INGREDIENTS,
  Fingerprint,
  type FingerprintIngredient,
  SelectiveFingerprint,
} from '../../src/engine/fingerprint.ts';

type Happening = [timeNs: number, kind: number, node: number, port: number, outcome: number];

const int32 = fc.integer();
const happening = fc.tuple(fc.nat({ max: 2 ** 53 - 1 }), int32, int32, int32, int32);

function digestOf(happenings: readonly Happening[], ingredients?: readonly FingerprintIngredient[]): string {
  const fingerprint = ingredients === undefined ? new Fingerprint() : new SelectiveFingerprint(ingredients);
  for (const each of happenings) fingerprint.mix(...each);
  return fingerprint.digest();
}

describe('fingerprint', () => {
  it('is 16 hexadecimal digits, the same for the same run and on every machine', () => {
    const run: Happening[] = [
      [0, 1, 2, 3, 4],
      [2 ** 40 + 5, -1, 7, 0, 2],
    ];
    expect(digestOf([])).toBe('0b16a20ebf252bdb');
    expect(digestOf(run)).toBe('7d8c699f1bb7b07a');
  });

  it.each(FINGERPRINT_INGREDIENTS.map((name, column) => ({ name, column })))(
    'depends on the $name if and only if it is selected',
    ({ name, column }) => {
      fc.assert(
        fc.property(fc.array(happening, { minLength: 1, maxLength: 20 }), fc.nat(), happening, (run, nth, other) => {
          const index = nth % run.length;
          fc.pre(run[index]![column] !== other[column]);
          const changed = run.with(index, run[index]!.with(column, other[column]!) as Happening);
          expect(digestOf(changed)).not.toBe(digestOf(run));
          expect(digestOf(changed, [name])).not.toBe(digestOf(run, [name]));
          const others = FINGERPRINT_INGREDIENTS.filter((each) => each !== name);
          expect(digestOf(changed, others)).toBe(digestOf(run, others));
        }),
      );
    },
  );

  it('depends on the high half of the time', () => {
    expect(digestOf([[1, 0, 0, 0, 0]])).not.toBe(digestOf([[1 + 2 ** 32, 0, 0, 0, 0]]));
  });

  it('depends on the order', () => {
    fc.assert(
      fc.property(happening, happening, (one, other) => {
        fc.pre(one.some((value, i) => value !== other[i]));
        expect(digestOf([one, other])).not.toBe(digestOf([other, one]));
      }),
    );
  });

  it('of all ingredients is that of everything', () => {
    fc.assert(
      fc.property(fc.array(happening), (run) => {
        expect(digestOf(run, FINGERPRINT_INGREDIENTS)).toBe(digestOf(run));
      }),
    );
  });

  it('counts happenings even when none of their ingredients is selected', () => {
    const one: Happening = [1, 1, 1, 1, 1];
    expect(digestOf([one], [])).not.toBe(digestOf([one, one], []));
  });

  it('tells many runs that differ in one small number apart', () => {
    const digests = new Set(
      Array.from({ length: 20_000 }, (_, i) =>
        digestOf([
          [i, 0, 0, 0, 0],
          [i + 1, i & 3, 0, 0, 0],
        ]),
      ),
    );
    expect(digests.size).toBe(20_000);
  });
});
