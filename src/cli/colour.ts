import picocolors from 'picocolors';

export const COLOUR_CHOICES = ['auto', 'always', 'never'] as const;
export type ColourChoice = (typeof COLOUR_CHOICES)[number];

export type Palette = ReturnType<typeof picocolors.createColors>;

let choice: ColourChoice = 'auto';

/** What `--color` says, for everything written after. */
export function chooseColour(chosen: ColourChoice): void {
  choice = chosen;
}

/** Colours for what goes to a stream; without colour each is the identity. */
export function createPalette(stream: { readonly isTTY?: boolean }): Palette {
  return picocolors.createColors(hasColour(choice, { isTty: stream.isTTY === true, env: process.env }));
}

/** `--color` goes before FORCE_COLOR, that before NO_COLOR (https://no-color.org), and that before the terminal. */
export function hasColour(
  chosen: ColourChoice,
  { isTty, env }: { isTty: boolean; env: Readonly<Record<string, string | undefined>> },
): boolean {
  if (chosen !== 'auto') return chosen === 'always';
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return isTty && env.TERM !== 'dumb';
}
