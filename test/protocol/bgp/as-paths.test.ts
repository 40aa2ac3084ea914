import { describe, expect, it } from 'vitest';
import { AsPaths, EMPTY_PATH } from '../../../src/protocol/bgp/as-paths.ts';

describe('AS paths', () => {
  it('grow at the front, are the same where their numbers are, and tell a loop (RFC 4271, 9.1.2)', () => {
    const paths = new AsPaths();
    const leaf = paths.extend(EMPTY_PATH, 65_001);
    const spine = paths.extend(leaf, 65_000);
    expect(paths.extend(paths.extend(EMPTY_PATH, 65_001), 65_000)).toBe(spine);
    expect(paths.lengthOf(spine)).toBe(2);
    expect([65_000, 65_001, 65_002].map((as) => paths.contains(spine, as))).toEqual([true, true, false]);
    expect(paths.contains(EMPTY_PATH, 65_000)).toBe(false);
  });
});
