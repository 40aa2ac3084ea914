/** A column of a text table. */
export interface TextColumn {
  readonly name: string;
  readonly align: 'left' | 'right';
}

/** Rows of text below the names of their columns, each as wide as it must be; nothing trails a line. */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ name }, index) => {
    return rows.reduce((widest, row) => Math.max(widest, row[index]!.length), name.length);
  });
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, index) => {
        const cell = cells[index]!;
        return align === 'right' ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!);
      })
      .join('  ')
      .trimEnd();
  return [
    line(columns.map(({ name }) => name)),
    line(widths.map((width) => '─'.repeat(width))),
    ...rows.map(line),
  ].join('\n');
}
