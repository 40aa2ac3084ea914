import { describe, expect, it } from 'vitest';
import { LearningRate } from '../../src/protocol/learning-rate.ts';

/** Addresses learned of one that comes each millisecond from `fromMs` on. */
function learnedOf(rate: LearningRate, fromMs: number, untilMs: number): number {
  let learned = 0;
  for (let nowMs = fromMs; nowMs < untilMs; nowMs++) if (rate.take(nowMs)) learned++;
  return learned;
}

describe('the learning rate of a switch', () => {
  it('is kept in the long run, beyond what was saved up in a tenth of a second', () => {
    const rate = new LearningRate(550);
    expect(learnedOf(rate, 0, 1000)).toBe(Math.floor(55 + 0.999 * 550));
    expect(learnedOf(rate, 1000, 11_000)).toBe(5500);
  });

  it('saves up a tenth of a second and no more', () => {
    const rate = new LearningRate(1000);
    for (let i = 0; i < 100; i++) expect(rate.take(60_000)).toBe(true);
    expect(rate.take(60_000)).toBe(false);
    expect(rate.mayTake(60_001)).toBe(true);
    expect(rate.mayTake(60_001)).toBe(true);
    expect(rate.take(60_001)).toBe(true);
    expect(rate.take(60_001)).toBe(false);
  });

  it('lets a switch slower than ten a second learn one at a time', () => {
    expect(learnedOf(new LearningRate(2), 0, 10_000)).toBe(20);
  });
});
