import { describe, expect, it } from 'vitest';
import { MacSync } from '../../src/protocol/mac-sync.ts';
import { milliseconds, seconds } from '../../src/units.ts';

describe('what one switch of a pair tells the other', () => {
  it('is due a delay after it was learned, in order', () => {
    const sync = new MacSync({ delayNs: milliseconds(50), perSecond: null });
    sync.add(7, 0);
    sync.add(3, milliseconds(10));
    expect(sync.nextDueNs()).toBe(milliseconds(50));
    expect([...sync.takeDue(milliseconds(59))]).toEqual([7]);
    expect(sync.nextDueNs()).toBe(milliseconds(60));
    expect([...sync.takeDue(milliseconds(60))]).toEqual([3]);
    expect(sync.nextDueNs()).toBe(Number.POSITIVE_INFINITY);
  });

  it('goes at its rate: 1,000 addresses at 10 per second take 100 s', () => {
    const sync = new MacSync({ delayNs: 0, perSecond: 10 });
    for (let address = 0; address < 1000; address++) sync.add(address, 0);
    expect([...sync.takeDue(seconds(50))]).toHaveLength(501);
    expect([...sync.takeDue(seconds(99.8))]).toHaveLength(498);
    expect([...sync.takeDue(seconds(99.9))]).toEqual([999]);
  });

  it('tells of an address once, in the place of the first time', () => {
    const sync = new MacSync({ delayNs: 5, perSecond: null });
    for (const address of [1, 2, 1]) sync.add(address, 0);
    expect([...sync.takeDue(5)]).toEqual([1, 2]);
  });

  it('leaves out what the other has learned itself meanwhile, and all when the other is gone', () => {
    const sync = new MacSync({ delayNs: 5, perSecond: null });
    for (const address of [1, 2, 3]) sync.add(address, 0);
    sync.cancel(2);
    expect([...sync.takeDue(5)]).toEqual([1, 3]);
    sync.add(4, 6);
    sync.clear();
    expect(sync.size).toBe(0);
  });
});
