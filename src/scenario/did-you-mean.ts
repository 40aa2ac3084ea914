/** The candidate that `given` is most likely a slip of, or null when none is close. */
export function closest(given: string, candidates: Iterable<string>): string | null {
  const wanted = plain(given);
  let best: string | null = null;
  // about one slip in three letters
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    // leaf9 is no slip of leaf1
    if (/\d/.test(given) && withoutDigits(candidate) === withoutDigits(given)) continue;
    const distance = editDistance(wanted, plain(candidate), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `; did you mean 'x'?`, or nothing. */
export function didYouMean(given: unknown, candidates: Iterable<string>): string {
  const candidate = typeof given === 'string' ? closest(given, candidates) : null;
  return candidate === null ? '' : `; did you mean '${candidate}'?`;
}

function withoutDigits(word: string): string {
  return word.replaceAll(/\d+/g, '#');
}

/** Letter case and word separators are style, not meaning: `servers_per_leaf` is `serversPerLeaf`. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** Letters to insert, delete, replace or swap with a neighbour to turn `from` into `to`, at most `limit`. */
function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) >= limit) return limit;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = previous[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      let distance = Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1);
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwap) distance = Math.min(distance, beforePrevious[column - 2]! + 1);
      current.push(distance);
    }
    [beforePrevious, previous] = [previous, current];
  }
  return Math.min(previous[to.length]!, limit);
}
