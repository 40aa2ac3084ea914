import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportedFigure } from '../report/export-figures.ts';
import type { Report } from '../report/report.ts';
import { writeMessage } from './output.ts';

/** Writes the page of a report, and says so. */
export function writePage(file: string, { html, figures }: Report, { quiet }: { quiet: boolean }): void {
  writeFileSync(file, html);
  const count = figures.length === 1 ? '1 figure' : `${figures.length} figures`;
  writeMessage(`${file}: ${count}, ${Math.round(html.length / 1000)} KB`, { quiet });
}

/** Writes figures into a folder, and says so. */
export function writeFigures(folder: string, figures: readonly ExportedFigure[], { quiet }: { quiet: boolean }): void {
  for (const { file, content } of figures) writeFileSync(join(folder, file), content);
  writeMessage(`${folder}: ${figures.map(({ file }) => file).join(', ')}`, { quiet });
}
