/** What is used of jStat, which brings no types. */
declare module 'jstat' {
  const jStat: {
    readonly studentt: {
      /** The quantile function: `P(T <= inv(p, degreesOfFreedom)) = p`. */
      inv(p: number, degreesOfFreedom: number): number;
    };
    readonly binomial: {
      /** The probability of at most `k` successes in `n` trials. */
      cdf(k: number, n: number, p: number): number;
    };
  };
  export = jStat;
}
