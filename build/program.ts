import { writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';
import { build, type Plugin } from 'rolldown';
import { BUILD_FILE, originOf } from '../src/benchmark/program-origin.ts';
import { loadScript } from '../src/cli/load-script.ts';
import { PAGE_BUNDLE } from '../src/explorer/page-files.ts';
import { readVersion } from '../src/scenario/version.ts';

/** The root of the project. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Files to be, without their ending, and the sources that they begin with. */
export type Entries = Readonly<Record<string, string>>;

/** What `index.js` passes on, from a folder of the depth that its code expects. */
const LIBRARY: Entries = { 'chunks/library': 'src/index.ts' };

/** The threads of a command: its first, the one that simulates, and those of a pool. */
const MAIN: Entries = { 'cli/main': 'src/cli/main.ts' };
const SIMULATOR: Entries = { 'cli/simulation-worker': 'src/cli/simulation-worker.ts' };
const CELLS: Entries = { 'study/simulate-cell': 'src/study/simulate-cell.ts' };

/** What all begin with. */
const LOADER: Entries = { 'cli/load-script': 'src/cli/load-script.ts' };

/** What stays a package of its own: native code and WebAssembly, what starts files of its own, what is seldom there. */
const NOT_BUNDLED = [
  '@aws-sdk/client-s3',
  '@duckdb/node-api',
  '@resvg/resvg-js',
  '@viz-js/viz',
  'bullmq',
  'esbuild',
  'ioredis',
  'parquet-wasm',
  'piscina',
];

/** The files of a bundle by their names in its folder, each with the sources in it, as paths from the root. */
export type BundledSources = ReadonlyMap<string, readonly string[]>;

/**
 * The program as it is shipped: some dozen files instead of the thousand that it and its packages have, most of the time
 * that a short command takes being Node's search for files. What a command loads when it is called stays a file of its
 * own in `chunks`. That folder is as deep as those of `src`, so that a path from the folder above is the same from a
 * source and from a chunk: `../cli/main.js`, `../../package.json`.
 *
 * The threads of a command are scripts, CommonJS: of those, V8's code can be kept (`compiled.ts`). Each is begun by a
 * file of its name, which loads its script.
 *
 * What simulates is one file for each thread, and its constants stay constants, which not every bundler leaves them: V8
 * folds a constant that a module or a script keeps to itself, and looks up at each use what it exports, imports or could
 * change. That is a third of the instructions of a frame-hop.
 */
export async function bundleProgram(folder: string, processes: Entries = {}): Promise<BundledSources> {
  const bundles = await Promise.all([
    bundle(folder, LIBRARY),
    bundle(folder, LOADER, { format: 'cjs' }),
    bundle(folder, MAIN, { format: 'cjs', codeSplitting: true }),
    bundle(folder, SIMULATOR, { format: 'cjs' }),
    bundle(folder, CELLS, { format: 'cjs' }),
    ...Object.entries(processes).map(([name, source]) => bundle(folder, { [name]: source })),
  ]);
  writeFileSync(join(folder, BUILD_FILE), `${JSON.stringify(await originOf(ROOT, readVersion()))}\n`);
  writeFileSync(join(folder, 'index.js'), "export * from './chunks/library.js';\n");
  // Node begins with CommonJS at once, and with a module after some turns of its loop
  for (const name of Object.keys({ ...MAIN, ...SIMULATOR, ...CELLS })) {
    writeFileSync(join(folder, dirname(name), 'package.json'), '{ "type": "commonjs" }\n');
    writeFileSync(join(folder, `${name}.js`), begins(name));
  }
  return new Map(bundles.flat());
}

function begins(name: string): string {
  return [
    '#!/usr/bin/env node',
    `const { ${loadScript.name} } = require('../cli/load-script.cjs');`,
    `module.exports = ${loadScript.name}(require.resolve('./${basename(name)}.cjs'));\n`,
  ].join('\n');
}

interface BundleOptions {
  readonly format?: 'esm' | 'cjs';
  /** Whether chunks may share code; else each file is whole in itself. */
  readonly codeSplitting?: boolean;
}

/** Makes files of those names, and chunks beside them. */
export async function bundle(
  folder: string,
  entries: Entries,
  { format = 'esm', codeSplitting = false }: BundleOptions = {},
) {
  const extension = format === 'cjs' ? 'cjs' : 'js';
  const { output } = await build({
    cwd: ROOT,
    input: { ...entries },
    platform: 'node',
    external: NOT_BUNDLED.map((name) => new RegExp(`^${name}(/|$)`)),
    transform: { target: 'node20' },
    plugins: format === 'cjs' ? [ASCII_ONLY] : [],
    logLevel: 'warn',
    // import.meta.resolve, which only sources ask that are run as they are
    checks: { emptyImportMeta: false },
    output: {
      dir: folder,
      format,
      codeSplitting,
      // a script may not import, but for a warning of Node
      dynamicImportInCjs: false,
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `chunks/[name]-[hash].${extension}`,
      sourcemap: true,
    },
  });
  return output.flatMap((file) => {
    if (file.type !== 'chunk') return [];
    return [[file.fileName, file.moduleIds.map((id) => relative(ROOT, id))] as const];
  });
}

/** A text with a single character beyond Latin-1 takes twice the memory, and longer to read. Source maps keep their lines. */
const ASCII_ONLY: Plugin = {
  name: 'ascii-only',
  generateBundle(_, files) {
    for (const file of Object.values(files)) if (file.type === 'chunk') file.code = ascii(file.code);
  },
};

function ascii(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The page of the explorer. */
export const PAGE = {
  ...PAGE_BUNDLE,
  absWorkingDir: ROOT,
  entryPoints: ['src/explorer/page/main.ts', 'src/explorer/page/page.css'],
  outdir: 'dist/explorer/page',
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;
