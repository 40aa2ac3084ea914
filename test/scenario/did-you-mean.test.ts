import { describe, expect, it } from 'vitest';
import { closest, didYouMean } from '../../src/scenario/did-you-mean.ts';

describe('the guess at what was meant', () => {
  const keys = ['leaves', 'spines', 'serversPerLeaf', 'mtu'];

  it('forgives a missing, an added, a wrong and two swapped letters', () => {
    expect(['leave', 'spiness', 'leafes', 'sipnes'].map((given) => closest(given, keys))).toEqual([
      'leaves',
      'spines',
      'leaves',
      'spines',
    ]);
  });

  it('forgives letter case and word separators', () => {
    expect(closest('SERVERS_PER-LEAF', keys)).toBe('serversPerLeaf');
  });

  it('is silent when nothing is close', () => {
    expect(didYouMean('bandwidth', keys)).toBe('');
    expect(didYouMean(7, keys)).toBe('');
  });

  it('takes one number for no slip of another', () => {
    expect(closest('leaf9', ['leaf1', 'leaf2'])).toBe(null);
    expect(closest('leef2', ['leaf1', 'leaf2'])).toBe('leaf2');
  });
});
