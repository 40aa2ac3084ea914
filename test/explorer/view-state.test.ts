import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHash, START, toHash, ZOOM_MAX } from '../../src/explorer/page/view-state.ts';

const share = fc.integer({ min: 0, max: 10_000 }).map((count) => count / 10_000);
const view = fc.record({
  a: fc.option(fc.string({ minLength: 1 })),
  b: fc.option(fc.string({ minLength: 1 })),
  timeNs: fc.maxSafeNat(),
  traffic: fc.constantFrom('all' as const, 'flooded' as const),
  node: fc.option(fc.string({ minLength: 1 })),
  zoom: fc.integer({ min: 1, max: ZOOM_MAX }),
  x: share,
  y: share,
  trace: fc.option(fc.nat()),
  waveNs: fc.maxSafeNat(),
});

describe('address of a view', () => {
  it('holds all of it', () => {
    fc.assert(
      fc.property(view, (one) => {
        expect(fromHash(`#${toHash(one)}`)).toEqual(one);
      }),
    );
  });

  it('is empty for what a page shows at first', () => {
    expect(toHash(START)).toBe('');
    expect(fromHash('')).toEqual(START);
  });

  it('is read whatever it says, within what a view can be', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, value) => {
        const { zoom, x, y, timeNs, waveNs } = fromHash(`#${name}=${value}&zoom=${value}&x=${value}&t=${value}`);
        for (const number of [zoom, x, y, timeNs, waveNs]) expect(Number.isFinite(number)).toBe(true);
        expect(zoom >= 0.5 && zoom <= ZOOM_MAX && x >= 0 && x <= 1 && timeNs >= 0).toBe(true);
      }),
    );
    expect(fromHash('#zoom=1e9&x=-3&y=nonsense&t=-1&traffic=none&trace=x')).toEqual({ ...START, zoom: ZOOM_MAX, x: 0 });
  });
});
