/** So many at a time, in order; the last may be fewer. Takes no more of them than it gives. */
export function* inRounds<T>(all: Iterable<T>, size: number): Generator<T[]> {
  let round: T[] = [];
  for (const one of all) {
    if (round.push(one) < size) continue;
    yield round;
    round = [];
  }
  if (round.length > 0) yield round;
}
