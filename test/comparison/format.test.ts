import { describe, expect, it } from 'vitest';
import {
  difference,
  measuredCount,
  measuredDuration,
  measuredRatio,
  measuredSize,
} from '../../src/comparison/format.ts';

describe('a measured value', () => {
  it('is shown with three digits and its unit', () => {
    expect([0, 999, 999.6, 65_536, 12_345_678_901].map(measuredSize)).toEqual([
      '0B',
      '999B',
      '1KB',
      '65.5KB',
      '12.3GB',
    ]);
    expect([0, 312_345_678, 30_123_456_789].map(measuredDuration)).toEqual(['0ns', '312ms', '30.1s']);
    expect([0, 8.74, 1234.5, 3000].map(measuredCount)).toEqual(['0', '8.7', '1,235', '3,000']);
    expect([0, 0.0123456, 1].map(measuredRatio)).toEqual(['0%', '1.23%', '100%']);
    expect([0.000_453_456, 0.000_002_771_2].map(measuredRatio)).toEqual(['0.045%', '0.00028%']);
  });
});

describe('a difference to the first value', () => {
  it.each([
    [3000, 300, '×0.10'],
    [3000, 3, '×0.001'],
    [300, 3000, '×10.0'],
    [1, 1234, '×1,234'],
    [1000, 1001, '≈'],
    [7, 7, '='],
    [0, 0, '='],
    [0, 30, '+30'],
    [30, 0, '−30'],
    [null, 30, ''],
    [30, null, ''],
  ])('of %s to %s is %s', (first, value, shown) => {
    expect(difference(first, value, measuredCount)).toBe(shown);
  });
});
