/** What this process allocated because stores had outgrown their memory: so many arrays, of so many bytes. */
export const growth = { arrays: 0, bytes: 0 };

/** A typed array of `length` that begins as `array`, which is shorter, does; `filler` stands where it is new. */
export function grownCopy<A extends Int32Array | Uint32Array | Float64Array | Uint8Array>(
  array: A,
  length: number,
  filler = 0,
): A {
  const longer = new (array.constructor as new (length: number) => A)(length);
  if (filler !== 0) longer.fill(filler, array.length);
  longer.set(array);
  return countedAsGrowth(longer);
}

/** An array that takes the place of one that had become too short, counted as that. */
export function countedAsGrowth<A extends ArrayBufferView>(array: A): A {
  growth.arrays++;
  growth.bytes += array.byteLength;
  return array;
}

/** Stores of fewer elements than this double; larger ones grow by an eighth, so that little of what they hold is idle. */
const DOUBLES_BELOW = 4096;
const ELEMENTS_STEP = 64;

/**
 * How long a store of `length` elements becomes that needs room for `needed`: a multiple of 64, for records of as many words
 * or a power of two below.
 */
export function roomierLength(length: number, needed: number): number {
  const longer = length < DOUBLES_BELOW ? 2 * length : length + (length >> 3);
  return ELEMENTS_STEP * Math.ceil(Math.max(needed, longer) / ELEMENTS_STEP);
}
