/**
 * Steps of the load of a link, each with the least share of its rate. One scale for all fabrics, times and pages, so that
 * drawings can be compared; loads of datacenters are low, so steps are finer there.
 */
export const LOAD_STEPS: readonly { readonly from: number; readonly label: string }[] = [
  { from: 0, label: 'nothing' },
  { from: Number.MIN_VALUE, label: 'below 0.1%' },
  { from: 0.001, label: '0.1 to 1%' },
  { from: 0.01, label: '1 to 5%' },
  { from: 0.05, label: '5 to 20%' },
  { from: 0.2, label: '20 to 50%' },
  { from: 0.5, label: '50 to 80%' },
  { from: 0.8, label: '80% and more' },
];

/** The step of a load, an index into LOAD_STEPS. */
export function loadStep(ratio: number): number {
  let step = 0;
  while (step + 1 < LOAD_STEPS.length && ratio >= LOAD_STEPS[step + 1]!.from) step++;
  return step;
}

/**
 * Colours of the steps. Lightness falls, or in the dark rises, with every step, so that the order is seen with any kind
 * of colour vision and in grey; hues are ColorBrewer's YlGnBu (light) and matplotlib's magma (dark).
 */
export const LOAD_COLOURS = {
  light: ['#d3d7dd', '#b5dcc0', '#7fcdbb', '#41b6c4', '#1d91c0', '#225ea8', '#253494', '#081d58'],
  dark: ['#3a3f4a', '#56367a', '#83328a', '#b63679', '#e0546a', '#f98a5b', '#fec488', '#fcfdbf'],
} as const;
