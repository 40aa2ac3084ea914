import type { RandomStream } from '../engine/random.ts';

/** How often something is there: always as often, or drawn. Counts are at least 1. */
export type CountDistribution =
  | number
  /** Each whole number from `min` to `max` equally likely. */
  | { readonly uniform: { readonly min: number; readonly max: number } }
  /** 1, 2, 3 … each less likely than the one before by the same factor; more than `max` counts as `max`. */
  | { readonly geometric: { readonly mean: number; readonly max: number } }
  /** A log-normal number, rounded, and brought within `min` and `max`. */
  | {
      readonly logNormal: {
        readonly median: number;
        readonly sigma: number;
        readonly min: number;
        readonly max: number;
      };
    }
  /** A number k from `min` to `max` with a probability in proportion to k^-exponent: Zipf's law. */
  | { readonly powerLaw: { readonly exponent: number; readonly min: number; readonly max: number } }
  /** Points [count, share of all up to it]: in between, whole numbers equally likely. */
  | { readonly cdf: readonly (readonly [count: number, share: number])[] };

/** Draws one count after the other. */
export type CountSampler = (stream: RandomStream) => number;

/** A sampler of a distribution. A fixed count draws nothing; all others but `logNormal` draw once. */
export function countSampler(distribution: CountDistribution): CountSampler {
  if (typeof distribution === 'number') return () => distribution;
  if ('uniform' in distribution) {
    const { min, max } = distribution.uniform;
    return (stream) => min + stream.integer(max - min + 1);
  }
  if ('geometric' in distribution) return geometricSampler(distribution.geometric);
  if ('logNormal' in distribution) {
    const { min, max, ...shape } = distribution.logNormal;
    return (stream) => Math.min(max, Math.max(min, Math.round(stream.logNormal(shape))));
  }
  if ('powerLaw' in distribution) return powerLawSampler(distribution.powerLaw);
  return cdfSampler(distribution.cdf);
}

function geometricSampler({ mean, max }: { mean: number; max: number }): CountSampler {
  if (mean <= 1) return () => 1;
  const logOfFailure = Math.log(1 - 1 / mean);
  return (stream) => Math.min(max, 1 + Math.floor(Math.log(1 - stream.next()) / logOfFailure));
}

function powerLawSampler({ exponent, min, max }: { exponent: number; min: number; max: number }): CountSampler {
  const upTo = new Float64Array(max - min + 1);
  let sum = 0;
  for (let i = 0; i < upTo.length; i++) {
    sum += Math.exp(-exponent * Math.log(min + i));
    upTo[i] = sum;
  }
  return (stream) => min + firstAbove(upTo, stream.next() * sum);
}

function cdfSampler(points: readonly (readonly [count: number, share: number])[]): CountSampler {
  const shares = Float64Array.from(points, ([, share]) => share);
  return (stream) => {
    const draw = stream.next();
    const upper = firstAbove(shares, draw);
    const [count, share] = points[upper];
    if (upper === 0) return count;
    const [countBelow, shareBelow] = points[upper - 1];
    return countBelow + 1 + Math.floor((count - countBelow) * ((draw - shareBelow) / (share - shareBelow)));
  };
}

/** Index of the first number above a limit, or the last index. */
function firstAbove(ascending: Float64Array, limit: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
