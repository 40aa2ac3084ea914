/** A label over a drawing: `row` 0 is next to it. */
export interface PlacedLabel {
  readonly at: number;
  readonly text: string;
  readonly row: number;
}

const LETTER_PIXELS = 7;
const GAP_PIXELS = 6;

/**
 * Puts labels that are centred over places, from left to right, into as few rows as keep them apart. What no row has room
 * for is left out.
 */
export function labelsInRows(
  labels: readonly { readonly at: number; readonly text: string }[],
  { pixelsAt, rowsMax }: { pixelsAt: (at: number) => number; rowsMax: number },
): PlacedLabel[] {
  const ends: number[] = [];
  return labels.flatMap(({ at, text }) => {
    const half = (text.length * LETTER_PIXELS) / 2;
    const start = pixelsAt(at) - half;
    const free = ends.findIndex((end) => end + GAP_PIXELS <= start);
    const row = free < 0 ? ends.length : free;
    if (row >= rowsMax) return [];
    ends[row] = start + 2 * half;
    return [{ at, text, row }];
  });
}
