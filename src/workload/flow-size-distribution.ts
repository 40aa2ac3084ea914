/** One point of a cumulative distribution: a flow has at most `sizeBytes` with this probability. */
export interface FlowSizePoint {
  readonly sizeBytes: number;
  /** 0…1 */
  readonly probability: number;
}

/**
 * Flow sizes measured in production and used by much of the literature since.
 *
 * - `web-search`: a cluster that answers web searches. Alizadeh et al., "Data Center TCP (DCTCP)", SIGCOMM 2010; the
 *   points are those of `WebSearch_distribution.txt` in alibaba-edu/High-Precision-Congestion-Control.
 * - `data-mining`: a cluster that mines data. Greenberg et al., "VL2", SIGCOMM 2009; the points are those of
 *   `conf/VL2_CDF.txt` in HKUST-SING/TrafficGenerator.
 * - `facebook-hadoop`: a Hadoop cluster. Roy et al., "Inside the Social Network's (Datacenter) Network", SIGCOMM 2015;
 *   the points are those of `FbHdp_distribution.txt` in alibaba-edu/High-Precision-Congestion-Control.
 */
export const PUBLISHED_FLOW_SIZES = {
  'web-search': points([
    [0, 0],
    [10_000, 0.15],
    [20_000, 0.2],
    [30_000, 0.3],
    [50_000, 0.4],
    [80_000, 0.53],
    [200_000, 0.6],
    [1_000_000, 0.7],
    [2_000_000, 0.8],
    [5_000_000, 0.9],
    [10_000_000, 0.97],
    [30_000_000, 1],
  ]),
  'data-mining': points([
    [0, 0],
    [180, 0.1],
    [216, 0.2],
    [560, 0.3],
    [900, 0.4],
    [1_100, 0.5],
    [1_870, 0.6],
    [3_160, 0.7],
    [10_000, 0.8],
    [400_000, 0.9],
    [3_160_000, 0.95],
    [100_000_000, 0.98],
    [1_000_000_000, 1],
  ]),
  'facebook-hadoop': points([
    [0, 0],
    [100, 0.01],
    [200, 0.02],
    [300, 0.05],
    [350, 0.15],
    [400, 0.2],
    [500, 0.3],
    [600, 0.4],
    [700, 0.5],
    [1_000, 0.6],
    [2_000, 0.67],
    [7_000, 0.7],
    [30_000, 0.72],
    [50_000, 0.82],
    [80_000, 0.87],
    [120_000, 0.9],
    [300_000, 0.95],
    [1_000_000, 0.975],
    [2_000_000, 0.99],
    [10_000_000, 1],
  ]),
} as const satisfies Record<string, readonly FlowSizePoint[]>;

/**
 * Flow sizes drawn from a cumulative distribution by its inverse.
 *
 * Between two points the sizes are spread evenly (linear interpolation), as the generators that published the files do.
 * A first point with a probability above 0 is a lump: that share of the flows has exactly that size. Two points of the
 * same size are a lump too. Sizes are whole bytes and at least 1.
 */
export class FlowSizeDistribution {
  /** Expected size of a flow, before rounding to whole bytes. */
  readonly meanBytes: number;
  // one entry per point
  readonly #sizesBytes: Float64Array;
  readonly #probabilities: Float64Array;

  constructor(cdf: readonly FlowSizePoint[]) {
    const [problem] = flowSizeProblems(cdf);
    if (problem !== undefined) throw new RangeError(`flow sizes, point ${problem.index + 1}: ${problem.message}`);
    this.#sizesBytes = Float64Array.from(cdf, (point) => point.sizeBytes);
    this.#probabilities = Float64Array.from(cdf, (point) => point.probability);
    this.meanBytes = meanOf(cdf);
  }

  /** The size that a share `uniform` (0 ≤ uniform < 1) of the flows does not exceed; a uniform draw gives a sample. */
  sampleBytes(uniform: number): number {
    const probabilities = this.#probabilities;
    let upper = 0;
    while (probabilities[upper]! < uniform) upper++;
    return Math.max(1, Math.round(this.#interpolate(upper, uniform)));
  }

  #interpolate(upper: number, uniform: number): number {
    const sizeBytes = this.#sizesBytes[upper]!;
    if (upper === 0) return sizeBytes;
    const below = this.#probabilities[upper - 1]!;
    const share = (uniform - below) / (this.#probabilities[upper]! - below);
    const sizeBelowBytes = this.#sizesBytes[upper - 1]!;
    return sizeBelowBytes + share * (sizeBytes - sizeBelowBytes);
  }
}

/**
 * What keeps the points from being a cumulative distribution, each with the index of the point.
 * Probabilities must grow and end at 1, sizes must not shrink. Published files do break this, so it is worth checking.
 */
export function flowSizeProblems(cdf: readonly FlowSizePoint[]): { index: number; message: string }[] {
  if (cdf.length === 0) return [{ index: 0, message: 'expected at least one point' }];
  const problems: { index: number; message: string }[] = [];
  let previous: FlowSizePoint = { sizeBytes: 0, probability: -1 };
  for (const [index, point] of cdf.entries()) {
    const message = pointProblem(previous, point);
    if (message !== null) problems.push({ index, message });
    previous = point;
  }
  const last = cdf.length - 1;
  if (previous.probability !== 1) {
    problems.push({ index: last, message: `got ${previous.probability}, expected the last probability to be 1` });
  }
  if (!(previous.sizeBytes >= 1))
    problems.push({ index: last, message: 'expected the largest size to be at least 1 byte' });
  return problems;
}

function pointProblem(previous: FlowSizePoint, { sizeBytes, probability }: FlowSizePoint): string | null {
  if (!(probability >= 0 && probability <= 1)) return `got ${probability}, expected a probability of 0 to 1`;
  if (probability <= previous.probability) {
    return `got ${probability} after ${previous.probability}, expected probabilities to grow`;
  }
  if (!(sizeBytes >= previous.sizeBytes)) {
    return `got ${sizeBytes} bytes after ${previous.sizeBytes}, expected sizes not to shrink`;
  }
  return null;
}

function meanOf(cdf: readonly FlowSizePoint[]): number {
  const first = cdf[0]!;
  let meanBytes = first.sizeBytes * first.probability;
  for (let index = 1; index < cdf.length; index++) {
    const below = cdf[index - 1]!;
    const above = cdf[index]!;
    meanBytes += ((below.sizeBytes + above.sizeBytes) / 2) * (above.probability - below.probability);
  }
  return meanBytes;
}

function points(rows: readonly (readonly [sizeBytes: number, probability: number])[]): readonly FlowSizePoint[] {
  return rows.map(([sizeBytes, probability]) => ({ sizeBytes, probability }));
}
