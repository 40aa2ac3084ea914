import jStat from 'jstat';

/** The quantile of Student's t distribution: a variable of it is at most this with probability `p`, 0 < p < 1. */
export function studentTQuantile(p: number, degreesOfFreedom: number): number {
  return jStat.studentt.inv(p, degreesOfFreedom);
}

/** The probability that of `n` independent trials, each of which succeeds with probability `p`, at most `k` do. */
export function binomialAtMost(k: number, { n, p }: { n: number; p: number }): number {
  return jStat.binomial.cdf(k, n, p);
}
