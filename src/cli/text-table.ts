/** A column of a text table. */
export interface TextColumn {
  readonly name: string;
  readonly align: Align;
}

export type Align = 'left' | 'right';

/** Rows of text below the names of their columns, each as wide as it must be; nothing trails a line. */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string {
  const names = columns.map(({ name }) => name);
  const aligns = columns.map(({ align }) => align);
  const [head, ...lines] = alignedLines([names, ...rows], aligns);
  const rules = columnWidths([names, ...rows], columns.length).map((width) => '─'.repeat(width));
  return [head, rules.join(BETWEEN), ...lines].join('\n');
}

const BETWEEN = '  ';

/** A line for each row, its cells below those of the row above; nothing trails a line. */
export function alignedLines(rows: readonly (readonly string[])[], aligns: readonly Align[]): string[] {
  const widths = columnWidths(rows, aligns.length);
  return rows.map((cells) => {
    const padded = cells.map((cell, column) => {
      const padding = ' '.repeat(widths[column]! - textWidth(cell));
      return aligns[column] === 'right' ? padding + cell : cell + padding;
    });
    return padded.join(BETWEEN).trimEnd();
  });
}

function columnWidths(rows: readonly (readonly string[])[], count: number): number[] {
  return Array.from({ length: count }, (_, column) => {
    return rows.reduce((widest, cells) => Math.max(widest, textWidth(cells[column]!)), 0);
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is how colours begin
const COLOUR = /\u001b\[\d+m/g;

/** Columns that a text takes; colours take none. */
export function textWidth(text: string): number {
  return text.includes('\u001b') ? text.replaceAll(COLOUR, '').length : text.length;
}
