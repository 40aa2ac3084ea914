import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pageHtml } from './page-html.ts';

/** The files of the page. */
export interface PageFiles {
  readonly html: string;
  readonly script: string;
  readonly style: string;
}

/** How its script is made; a build of dcfabric does it in the same way. */
export const PAGE_BUNDLE = {
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2023',
  legalComments: 'eof',
} as const;

/**
 * The page, its script with all that it stands on in one file. A build of dcfabric has them ready; when it runs from its
 * sources, they are made now.
 */
export async function pageFiles({ isStatic }: { isStatic: boolean }): Promise<PageFiles> {
  const { script, style } = import.meta.url.endsWith('.ts') ? await newBundle() : builtBundle();
  return { html: pageHtml({ isStatic }), script, style };
}

function builtBundle(): { script: string; style: string } {
  const read = (name: string) => readFileSync(new URL(`../explorer/page/${name}`, import.meta.url), 'utf8');
  return { script: read('main.js'), style: read('page.css') };
}

async function newBundle(): Promise<{ script: string; style: string }> {
  const { build } = await import('esbuild');
  const entryPoints = ['main.ts', 'page.css'].map((name) => fileURLToPath(new URL(`./page/${name}`, import.meta.url)));
  const { outputFiles } = await build({ ...PAGE_BUNDLE, entryPoints, outdir: '/', write: false, logLevel: 'silent' });
  const textOf = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))!.text;
  return { script: textOf('.js'), style: textOf('.css') };
}
