import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ResultsError } from '../results/run-record.ts';
import { PAGE_TABLES } from './page/catalogue.ts';
import type { PageFiles } from './page-files.ts';
import type { RunFiles } from './run-files.ts';

/**
 * Writes the page with its data into a folder, which works wherever it lies: on a web server, or opened from disk. There a
 * page may load scripts and nothing else, so that each table is a script. The folder is made if it is not there; a page of
 * somebody else in it is not written over.
 */
export function writeStaticFolder(folder: string, page: PageFiles, { catalogue, pathOf }: RunFiles): void {
  const foreign = foreignPage(folder);
  if (foreign !== null) throw new ResultsError(`${foreign}: is of something else; choose another --static`);
  mkdirSync(join(folder, 'data'), { recursive: true });
  for (const run of catalogue.runs.keys()) {
    mkdirSync(join(folder, 'data', String(run)), { recursive: true });
    for (const table of PAGE_TABLES) {
      const base64 = readFileSync(pathOf(run, table)!).toString('base64');
      const key = `${run}/${table}`;
      writeNamed(join(folder, 'data', `${key}.js`), `dcfabric.tables.set(${JSON.stringify(key)},"${base64}");\n`);
    }
  }
  writeNamed(join(folder, 'data', 'catalogue.js'), `dcfabric.catalogue=${scriptJson(catalogue)};\n`);
  writeNamed(join(folder, 'main.js'), page.script);
  writeNamed(join(folder, 'page.css'), page.style);
  // last: where it is, all that it needs is there
  writeNamed(join(folder, 'index.html'), page.html);
}

/** A file that the page would write over and that no page has put there; null if there is none. */
function foreignPage(folder: string): string | null {
  if (existsSync(join(folder, 'data', 'catalogue.js'))) return null;
  const names = ['index.html', 'main.js', 'page.css'].map((name) => join(folder, name));
  return names.find((path) => existsSync(path)) ?? null;
}

/** A full disk says nothing of the file. */
function writeNamed(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  }
}

/** JSON that a script may hold: two line ends of Unicode were none in JSON, and are escaped for old readers. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
