import { describe, expect, it } from 'vitest';
import { DEFAULT_DUPLICATE_DETECTION, DuplicateDetector } from '../../../src/protocol/evpn/duplicate-detection.ts';
import { seconds } from '../../../src/units.ts';

describe('duplicate detection (RFC 7432, 15.1)', () => {
  it('counts moves to here and away from here in a window that begins with one to here', () => {
    const detector = new DuplicateDetector(DEFAULT_DUPLICATE_DETECTION);
    detector.movedAway(1, 0);
    for (let i = 0; i < 2; i++) {
      expect(detector.movedHere(1, seconds(10 * i))).toBe(false);
      expect(detector.movedAway(1, seconds(10 * i + 5))).toBe(false);
    }
    expect(detector.isFrozen(1)).toBe(false);
    expect(detector.movedHere(1, seconds(20))).toBe(true);
    expect(detector.isFrozen(1)).toBe(true);
    expect(detector.detectedCount).toBe(1);
    detector.recover(1);
    expect(detector.isFrozen(1)).toBe(false);
  });

  it('begins anew when the window is over, and with each address', () => {
    const detector = new DuplicateDetector(DEFAULT_DUPLICATE_DETECTION);
    for (let i = 0; i < 20; i++) detector.movedHere(i % 2, seconds(23 * i));
    expect(detector.detectedCount).toBe(0);
  });

  it('keeps nothing of an address whose window is over, unless it is frozen', () => {
    const detector = new DuplicateDetector(DEFAULT_DUPLICATE_DETECTION);
    for (let move = 0; move < 5; move++) detector.movedHere(0, move);
    for (let address = 1; address <= 100; address++) detector.movedHere(address, address * seconds(10));
    // the frozen one, and those of the last 180 s
    expect(detector.size).toBe(1 + 18);
    expect(detector.isFrozen(0)).toBe(true);
  });

  it('only warns if it is told to', () => {
    const detector = new DuplicateDetector({ ...DEFAULT_DUPLICATE_DETECTION, action: 'warn' });
    for (let i = 0; i < 9; i++) expect(detector.movedHere(1, seconds(i))).toBe(false);
    expect(detector.detectedCount).toBe(1);
  });
});
