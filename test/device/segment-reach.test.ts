import { describe, expect, it } from 'vitest';
import { SegmentReach } from '../../src/device/segment-reach.ts';

describe('the reach of segments', () => {
  it('counts the first of each segment too, of however many there are', () => {
    const reach = new SegmentReach();
    for (let segment = -1; segment < 1000; segment++) {
      // any of the three may be the first that a segment has
      const first = segment % 3;
      if (first === 0) reach.addSent(segment, 1);
      if (first === 1) reach.addReached(segment, 2);
      reach.addUseless(segment, 3);
      if (first !== 0) reach.addSent(segment, 1);
      if (first !== 1) reach.addReached(segment, 2);
    }
    for (let segment = -1; segment < 1000; segment++) {
      const counts = [reach.sentFrames(segment), reach.reachedHosts(segment), reach.uselessFrames(segment)];
      expect(counts).toEqual([1, 2, 3]);
    }
    expect(reach.sentFrames(5000)).toBe(0);
  });
});
