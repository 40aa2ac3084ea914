/** Symbols by fabric, as Observable Plot calls them. */
export const SYMBOLS = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye', 'cross', 'hexagon'] as const;

/** Dashes of lines by fabric: who cannot tell colours apart can tell these. */
const DASHES = ['', '7 3', '2 3', '9 3 2 3', '5 2 1 2 1 2', '1 2', '12 4', '4 4'] as const;

/** How many fabrics have a colour of their own; the next ones begin anew. */
export const FABRIC_COLOURS = 8;

/** What lines and marks of a fabric look like, by its number. */
export function fabricSign(fabric: number) {
  return {
    colour: `var(--fabric-${fabric % FABRIC_COLOURS})`,
    dash: DASHES[fabric % DASHES.length]!,
    symbol: SYMBOLS[fabric % SYMBOLS.length]!,
    /** Hides with the fabric. */
    className: fabricClass(fabric),
  };
}

/** The class of everything that belongs to a fabric. */
export function fabricClass(fabric: number): string {
  return `fabric-${fabric}`;
}
