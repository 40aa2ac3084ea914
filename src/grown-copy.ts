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
  growth.arrays++;
  growth.bytes += longer.byteLength;
  return longer;
}
