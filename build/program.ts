import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';
import { PAGE_BUNDLE } from '../src/explorer/page-files.ts';

/** The root of the project. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What is started or imported by its name: the command line, its worker threads, the library. */
const ENTRIES = ['src/cli/main.ts', 'src/cli/simulation-worker.ts', 'src/study/simulate-cell.ts', 'src/index.ts'];

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

/** Packages in CommonJS ask for parts of Node in their own way. */
const REQUIRE = `import { createRequire as requireFor } from 'node:module';
const require = requireFor(import.meta.url);`;

/**
 * The program as it is shipped: some dozen files instead of the thousand that it and its packages have, most of the time
 * that a short command takes being Node's search for files. What a command loads when it is called stays a file of its
 * own in `chunks`. That folder is as deep as those of `src`, so that a path from the folder above is the same from a
 * source and from a chunk: `../cli/main.js`, `../../package.json`.
 */
export const PROGRAM = {
  absWorkingDir: ROOT,
  entryPoints: ENTRIES,
  outbase: 'src',
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: NOT_BUNDLED,
  banner: { js: REQUIRE },
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** The page of the explorer. */
export const PAGE = {
  ...PAGE_BUNDLE,
  absWorkingDir: ROOT,
  entryPoints: ['src/explorer/page/main.ts', 'src/explorer/page/page.css'],
  outdir: 'dist/explorer/page',
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;
