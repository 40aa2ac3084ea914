import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';
import { build } from 'rolldown';
import { PAGE_BUNDLE } from '../src/explorer/page-files.ts';

/** The root of the project. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Files to be, without their ending, and the sources that they begin with. */
export type Entries = Readonly<Record<string, string>>;

/** What is called or imported by its name: the command line, and the library. */
const ENTRIES: Entries = { 'cli/main': 'src/cli/main.ts', index: 'src/index.ts' };

/** What simulates, each in a thread of its own. */
export const THREADS: Entries = {
  'cli/simulation-worker': 'src/cli/simulation-worker.ts',
  'study/simulate-cell': 'src/study/simulate-cell.ts',
};

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
 * What simulates is one file for each thread, and its constants stay constants, which not every bundler leaves them: V8
 * folds a constant that a module keeps to itself, and looks up at each use what a module exports, imports or could change.
 * That is a third of the instructions of a frame-hop.
 */
export async function bundleProgram(folder: string, threads: Entries = THREADS): Promise<BundledSources> {
  const single = Object.entries(threads).map(([name, source]) => bundle(folder, { [name]: source }, false));
  const bundles = await Promise.all([bundle(folder, ENTRIES, true), ...single]);
  return new Map(bundles.flat());
}

/** Makes files of those names, and chunks if they may share code; else each is whole in itself. */
export async function bundle(folder: string, entries: Entries, codeSplitting: boolean) {
  const { output } = await build({
    cwd: ROOT,
    input: { ...entries },
    platform: 'node',
    external: NOT_BUNDLED.map((name) => new RegExp(`^${name}(/|$)`)),
    transform: { target: 'node20' },
    logLevel: 'warn',
    output: {
      dir: folder,
      format: 'esm',
      codeSplitting,
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
      sourcemap: true,
    },
  });
  return output.flatMap((file) => {
    if (file.type !== 'chunk') return [];
    return [[file.fileName, file.moduleIds.map((id) => relative(ROOT, id))] as const];
  });
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
