import { describe, expect, it } from 'vitest';
import { axisScale } from '../../src/report/axis-scale.ts';

describe('the scale of an axis', () => {
  it('lays numbers and quantities by their size', () => {
    const numbers = axisScale('x', [4, 8, 16], 500);
    expect([numbers.options.type, numbers.options.domain, numbers.place(8)]).toEqual(['linear', [4, 16], 8]);
    const times = axisScale('x', ['500ms', '1s', '1min'], 500);
    expect([times.options.type, times.place('1min'), times.options.ticks]).toEqual(['log', 60e9, [5e8, 1e9, 60e9]]);
    expect((times.options.tickFormat as (size: number) => string)(60e9)).toBe('1min');
  });

  it('lays everything else side by side, each with its own text', () => {
    for (const values of [['rarp', 'garp'], [1, '1s'], [true, false], [5], [{ a: 1 }, [2]]]) {
      const { options, place } = axisScale('x', values, 500);
      expect(options.type).toBe('point');
      expect(options.domain).toContain(place(values[0]!));
    }
  });

  it('names no more values than there is room for', () => {
    const many = Array.from({ length: 100 }, (_, index) => index);
    expect((axisScale('x', many, 358).options.ticks as number[]).length).toBeLessThanOrEqual(6);
  });
});
