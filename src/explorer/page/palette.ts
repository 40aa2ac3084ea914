import { LOAD_COLOURS } from './colour-scale.ts';

/** Colours of a drawing, as the style sheet has them for the theme that holds. */
export interface Palette {
  readonly loads: readonly string[];
  readonly paper: string;
  readonly ink: string;
  readonly faint: string;
  readonly box: string;
  readonly bridge: string;
  readonly tunnel: string;
  readonly danger: string;
  readonly accent: string;
  readonly wave: string;
}

/** The palette of the present theme. */
export function currentPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    loads: LOAD_COLOURS[style.getPropertyValue('--theme').trim() === 'dark' ? 'dark' : 'light'],
    paper: colour('paper'),
    ink: colour('ink'),
    faint: colour('faint'),
    box: colour('box'),
    bridge: colour('bridge'),
    tunnel: colour('tunnel'),
    danger: colour('danger'),
    accent: colour('accent'),
    wave: colour('wave'),
  };
}
