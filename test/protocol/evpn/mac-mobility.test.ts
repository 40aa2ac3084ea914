import { describe, expect, it } from 'vitest';
import { isBetterClaim, type MacClaim, nextSequence } from '../../../src/protocol/evpn/mac-mobility.ts';

const claim = (sequence: number, vtepIp: number, isSticky = false): MacClaim => ({ sequence, vtepIp, isSticky });

describe('claims to a MAC address (RFC 7432, 7.7 and 15)', () => {
  it.each([
    ['a sticky one before any', claim(0, 9, true), claim(7, 1)],
    ['the higher number', claim(2, 9), claim(1, 1)],
    ['the lower address of two with the same number', claim(2, 1), claim(2, 9)],
  ])('%s', (_, better, worse) => {
    expect(isBetterClaim(better, worse)).toBe(true);
    expect(isBetterClaim(worse, better)).toBe(false);
  });

  it('count on from what is known, and from 0 where nothing is', () => {
    expect(nextSequence(claim(4, 1))).toBe(5);
    expect(nextSequence(null)).toBe(0);
  });
});
