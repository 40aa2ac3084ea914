import { RandomStreams } from '../engine/random.ts';
import type { ParameterValue } from '../metrics/run-file.ts';
import type { Axis } from './axis.ts';

/** By path, the values of one point of a study. */
export type Parameters = Readonly<Record<string, ParameterValue>>;

/** Each value with each of the other axes; the last axis changes fastest. */
export function* cartesianPoints(axes: readonly Axis[]): Generator<Parameters> {
  const [first, ...others] = axes;
  if (first === undefined) {
    yield {};
    return;
  }
  for (const value of first.values) {
    for (const rest of cartesianPoints(others)) yield { [first.path]: value, ...rest };
  }
}

/** The first values of all axes, then the second, and so on: axes are of one length. */
export function* zippedPoints(axes: readonly Axis[]): Generator<Parameters> {
  for (let index = 0; index < (axes[0]?.values.length ?? 0); index++) {
    yield Object.fromEntries(axes.map(({ path, values }) => [path, values[index]!]));
  }
}

/**
 * A Latin hypercube: each axis is cut into as many equal parts as there are points, and each part has one. Each axis
 * draws from a stream of its own, so that another axis changes none. A point that is drawn again, as axes of few values
 * have it, comes once.
 */
export function* sampledPoints(axes: readonly Axis[], count: number, seed: number): Generator<Parameters> {
  const streams = new RandomStreams(seed);
  const drawn = axes.map(({ path, at }) => {
    const stream = streams.stream(`study axis ${path}`);
    const parts = stream.shuffle(Array.from({ length: count }, (_, part) => part));
    return { path, at, parts, stream };
  });
  const seen = new Set<string>();
  for (let index = 0; index < count; index++) {
    const values = drawn.map(({ path, at, parts, stream }) => [path, at((parts[index]! + stream.next()) / count)]);
    const key = JSON.stringify(values);
    if (seen.has(key)) continue;
    seen.add(key);
    yield Object.fromEntries(values);
  }
}
