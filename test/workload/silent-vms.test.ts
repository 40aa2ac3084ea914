import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/engine/random.ts';
import { drawSilentVms } from '../../src/workload/silent-vms.ts';

describe('silent VMs', () => {
  it('are exactly the given share of all VMs', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 0, max: 100 }), fc.nat(), (vmCount, percent, seed) => {
        const stream = new RandomStreams(seed).stream('silent');
        const isSilent = drawSilentVms({ vmCount, silentVmsRatio: percent / 100, stream });
        expect(isSilent.reduce((sum, one) => sum + one, 0)).toBe(Math.round((vmCount * percent) / 100));
      }),
    );
  });

  it('are others for another seed', () => {
    const draw = (seed: number) =>
      drawSilentVms({ vmCount: 100, silentVmsRatio: 0.5, stream: new RandomStreams(seed).stream('silent') });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
});
