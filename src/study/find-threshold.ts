/** Where a search ended: places of an ordered list. */
export interface Threshold {
  /** The last place at which the test held before it failed; -1: it held nowhere. */
  readonly lastHeld: number;
  /** Places that contradict the assumption that it holds up to a place and nowhere beyond; null if none were seen. */
  readonly contradiction: { readonly failed: number; readonly held: number } | null;
}

/** How to search. */
export interface SearchOptions {
  /** Places 0 to `count - 1`. */
  readonly count: number;
  /** Places between the ends that are tested whatever the others say. */
  readonly probes: number;
  /** A place at which the end of what holds is to be expected, such as that of another search. */
  readonly hint?: number;
  /** Whether the test holds at a place; asked once for each, several at a time. */
  readonly holds: (place: number) => Promise<boolean>;
}

/**
 * The last place at which a test holds that holds up to some place and fails from there on. Both ends and some places
 * between are tested first, then the gap between the last that held and the first that failed is halved. The assumption
 * is watched over all places that were tested: it cannot be proved by them, only disproved.
 */
export async function findThreshold({ count, probes, hint, holds }: SearchOptions): Promise<Threshold> {
  const results = new Map<number, boolean>();
  const test = async (places: readonly number[]) => {
    const asked = [...new Set(places)].filter((place) => place >= 0 && place < count && !results.has(place));
    const answers = await Promise.all(asked.map(holds));
    for (const [index, place] of asked.entries()) results.set(place, answers[index]!);
  };
  await test(firstPlaces(count, probes));
  if (hint !== undefined) await test([hint, hint + 1]);
  for (;;) {
    const contradiction = contradictionIn(results);
    const { lastHeld, firstFailed } = gapOf(results, count);
    if (contradiction !== null || firstFailed - lastHeld <= 1) return { lastHeld, contradiction };
    await test([Math.floor((lastHeld + firstFailed) / 2)]);
  }
}

/** The places that are tested whatever the others say: both ends and, between them, the probes. */
export function firstPlaces(count: number, probes: number): number[] {
  const between = Array.from({ length: probes }, (_, probe) => Math.round(((probe + 1) * (count - 1)) / (probes + 1)));
  return [0, ...between, count - 1];
}

function gapOf(results: ReadonlyMap<number, boolean>, count: number): { lastHeld: number; firstFailed: number } {
  let lastHeld = -1;
  let firstFailed = count;
  for (const [place, held] of results) {
    if (held) lastHeld = Math.max(lastHeld, place);
    else firstFailed = Math.min(firstFailed, place);
  }
  return { lastHeld, firstFailed };
}

function contradictionIn(results: ReadonlyMap<number, boolean>): Threshold['contradiction'] {
  const { lastHeld, firstFailed } = gapOf(results, Number.POSITIVE_INFINITY);
  return firstFailed < lastHeld ? { failed: firstFailed, held: lastHeld } : null;
}
