import { createDrawing } from './drawing.ts';
import type { Figure } from './figure.ts';
import { standaloneSvg } from './standalone-svg.ts';

/** Pixels of a picture for each pixel of the drawing: sharp in print and on fine screens. */
const ZOOM = 2;

/** A picture cannot be made here; the message says what is missing. */
export class ExportError extends Error {
  override name = 'ExportError';
}

/** A figure as a file: its name, and what is in it. */
export interface ExportedFigure {
  readonly file: string;
  readonly content: string | Uint8Array;
}

/** Every figure as a document of its own. */
export async function exportSvg(figures: readonly Figure[]): Promise<ExportedFigure[]> {
  const { document } = await createDrawing();
  return figures.map((figure) => ({ file: `${figure.name}.svg`, content: standaloneSvg(document, figure) }));
}

/** Every figure as a picture. Letters are those of the machine: DejaVu Sans where it is installed. */
export async function exportPng(figures: readonly Figure[]): Promise<ExportedFigure[]> {
  const { Resvg } = await loadResvg();
  const documents = await exportSvg(figures);
  return documents.map(({ file, content }) => {
    const picture = new Resvg(content as string, {
      fitTo: { mode: 'zoom', value: ZOOM },
      font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' },
    });
    return { file: file.replace(/\.svg$/, '.png'), content: picture.render().asPng() };
  });
}

async function loadResvg() {
  try {
    return await import('@resvg/resvg-js');
  } catch (error) {
    const { message } = error as Error;
    throw new ExportError(
      `--png needs @resvg/resvg-js, which is not installed (npm install @resvg/resvg-js): ${message}`,
    );
  }
}
