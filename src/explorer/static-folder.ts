import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE_TABLES } from './page/catalogue.ts';
import type { PageFiles } from './page-files.ts';
import type { RunFiles } from './run-files.ts';

/**
 * Writes the page with its data into a folder, which works wherever it lies: on a web server, or opened from disk. There a
 * page may load scripts and nothing else, so that each table is a script. The folder is made if it is not there.
 */
export function writeStaticFolder(folder: string, page: PageFiles, { catalogue, pathOf }: RunFiles): void {
  mkdirSync(join(folder, 'data'), { recursive: true });
  for (const run of catalogue.runs.keys()) {
    mkdirSync(join(folder, 'data', String(run)), { recursive: true });
    for (const table of PAGE_TABLES) {
      const base64 = readFileSync(pathOf(run, table)!).toString('base64');
      const key = `${run}/${table}`;
      writeFileSync(join(folder, 'data', `${key}.js`), `dcfabric.tables.set(${JSON.stringify(key)},"${base64}");\n`);
    }
  }
  writeFileSync(join(folder, 'data', 'catalogue.js'), `dcfabric.catalogue=${scriptJson(catalogue)};\n`);
  writeFileSync(join(folder, 'main.js'), page.script);
  writeFileSync(join(folder, 'page.css'), page.style);
  // last: where it is, all that it needs is there
  writeFileSync(join(folder, 'index.html'), page.html);
}

/** JSON that a script may hold: two line ends of Unicode were none in JSON, and are escaped for old readers. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
