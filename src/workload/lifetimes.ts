import type { RandomStream } from '../engine/random.ts';

const MINUTE_NS = 60e9;
const HOUR_NS = 60 * MINUTE_NS;
const DAY_NS = 24 * HOUR_NS;

/** How long VMs live. */
export type Lifetimes = 'forever' | 'azure-buckets' | { readonly exponentialMeanNs: number };

/**
 * Shares of VMs by lifetime, recalled from Cortez et al., "Resource Central", SOSP 2017, and not verified against it: up to
 * 15 min, to 1 h, to 1 day, longer. The least and the greatest lifetime are choices of ours, and so is the shape within a
 * bucket: the logarithm of the lifetime is spread evenly.
 */
const AZURE_BUCKETS: readonly { share: number; minNs: number; maxNs: number }[] = [
  { share: 0.29, minNs: MINUTE_NS, maxNs: 15 * MINUTE_NS },
  { share: 0.32, minNs: 15 * MINUTE_NS, maxNs: HOUR_NS },
  { share: 0.32, minNs: HOUR_NS, maxNs: DAY_NS },
  { share: 0.07, minNs: DAY_NS, maxNs: 90 * DAY_NS },
];

/** Draws lifetimes in nanoseconds; Infinity for VMs that do not end. */
export interface LifetimeSampler {
  /** Of a VM that comes now. Draws as often as `rest`. */
  whole: (stream: RandomStream) => number;
  /**
   * What is left for a VM that is there already, when VMs have come and gone forever: long-lived ones are more likely to be
   * met, in proportion to their lifetime, and each at any moment of it (the inspection paradox).
   */
  rest: (stream: RandomStream) => number;
}

export function lifetimeSampler(lifetimes: Lifetimes): LifetimeSampler {
  if (lifetimes === 'forever') return { whole: () => Infinity, rest: () => Infinity };
  if (lifetimes !== 'azure-buckets') {
    // the exponential distribution has no memory
    const draw = (stream: RandomStream) => stream.exponential(lifetimes.exponentialMeanNs);
    return { whole: draw, rest: draw };
  }
  const shares = AZURE_BUCKETS.map(({ share }) => share);
  const times = AZURE_BUCKETS.map((bucket) => bucket.share * meanNs(bucket));
  return {
    whole(stream) {
      const { minNs, maxNs } = AZURE_BUCKETS[chosen(shares, stream.next())];
      const lifetimeNs = minNs * Math.exp(stream.next() * Math.log(maxNs / minNs));
      stream.next();
      return lifetimeNs;
    },
    rest(stream) {
      const { minNs, maxNs } = AZURE_BUCKETS[chosen(times, stream.next())];
      // spread evenly by logarithm, weighted by itself, is spread evenly
      const lifetimeNs = stream.uniform(minNs, maxNs);
      return stream.uniform(0, lifetimeNs);
    },
  };
}

/** Mean of a lifetime whose logarithm is spread evenly. */
function meanNs({ minNs, maxNs }: { minNs: number; maxNs: number }): number {
  return (maxNs - minNs) / Math.log(maxNs / minNs);
}

/** Index of the weight in which a share of their sum falls. */
function chosen(weights: readonly number[], share: number): number {
  let left = share * weights.reduce((sum, weight) => sum + weight);
  let index = 0;
  while (index < weights.length - 1 && left >= weights[index]) left -= weights[index++];
  return index;
}
