import { join } from 'node:path';
import type { ExportedFigure } from '../report/export-figures.ts';
import type { Report } from '../report/report.ts';
import { writeMessage } from './output.ts';
import { writeWholeFile } from './whole-file.ts';

/** Writes the page of a report, and says so. */
export async function writePage(file: string, { html, figures }: Report, { quiet }: { quiet: boolean }): Promise<void> {
  await writeWholeFile(file, (sink) => sink.write(html));
  const count = figures.length === 1 ? '1 figure' : `${figures.length} figures`;
  writeMessage(`${file}: ${count}, ${Math.round(html.length / 1000)} KB`, { quiet });
}

/** Writes figures into a folder, and says so. */
export async function writeFigures(
  folder: string,
  figures: readonly ExportedFigure[],
  { quiet }: { quiet: boolean },
): Promise<void> {
  for (const { file, content } of figures) await writeWholeFile(join(folder, file), (sink) => sink.write(content));
  writeMessage(`${folder}: ${figures.map(({ file }) => file).join(', ')}`, { quiet });
}
