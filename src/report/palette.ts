/**
 * Colours by name, for a light page and a dark one. Fabrics and causes are those of Okabe and Ito (Color Universal
 * Design, 2008), darker or lighter where the page asks for it; who cannot tell them apart has dashes, symbols and words.
 */
export const LIGHT: Readonly<Record<string, string>> = {
  paper: '#ffffff',
  raised: '#f6f7f9',
  ink: '#1a1f26',
  muted: '#545e6b',
  hairline: '#dfe3e8',
  axis: '#7b8592',
  limit: '#8f2d2d',
  moment: '#1a1f26',
  link: '#00558a',
  ...numbered('fabric', ['#0072b2', '#c84e00', '#00785c', '#aa4488', '#8a6400', '#3a8fc0', '#4d5560', '#6a4fc4']),
  ...numbered('cause', ['#56b4e9', '#0072b2', '#e69f00', '#f0dd7a', '#d55e00', '#cc79a7', '#009e73', '#6b6b6b']),
  ...numbered('heat', [
    ...['#e8ecf0', '#fff1b8', '#fed976', '#feb24c', '#fd8d3c', '#f4602c', '#e31a1c', '#b10026', '#700016'],
  ]),
  'phase-copy': '#b9c7d4',
  'on-phase': '#1a1f26',
  'phase-pause': '#4d5560',
  'phase-outage': '#d55e00',
  'phase-tables': '#e6b422',
};

export const DARK: Readonly<Record<string, string>> = {
  paper: '#14171b',
  raised: '#1c2126',
  ink: '#e7eaee',
  muted: '#a2adb9',
  hairline: '#2d343b',
  axis: '#76818d',
  limit: '#ff9a8f',
  moment: '#e7eaee',
  link: '#7cc4f2',
  ...numbered('fabric', ['#4fb3e8', '#ff8a4c', '#2cc39a', '#e78fc4', '#e3b23c', '#a5d8f3', '#b4bcc6', '#a793f5']),
  ...numbered('cause', ['#56b4e9', '#1f7fc0', '#e69f00', '#f0dd7a', '#e5702a', '#cc79a7', '#12a67c', '#a6a6a6']),
  ...numbered('heat', [
    ...['#262c32', '#45236b', '#6a1b78', '#94266f', '#bf3a5a', '#e2583a', '#f68d14', '#f8c53c', '#fbf6a0'],
  ]),
  'phase-copy': '#3d4b58',
  'on-phase': '#e7eaee',
  'phase-pause': '#b4bcc6',
  'phase-outage': '#ff8a4c',
  'phase-tables': '#d6a419',
};

function numbered(name: string, colours: readonly string[]): Record<string, string> {
  return Object.fromEntries(colours.map((colour, number) => [`${name}-${number}`, colour]));
}
