/**
 * The floors of the source tree: a folder imports from the folders named here, from the ground floor and from itself.
 * Folders on one floor do not know each other; they meet one floor up.
 */
const LOOKS_DOWN_TO = {
  engine: [],
  wire: [],
  protocol: ['wire'],
  device: ['engine', 'wire', 'protocol'],
  fabric: ['engine', 'wire', 'protocol', 'device'],
  workload: ['engine', 'wire', 'device'],
  metrics: ['wire', 'device'],
  scenario: ['engine', 'wire', 'protocol', 'device', 'fabric', 'workload', 'metrics'],
  replay: ['engine', 'wire', 'protocol', 'device', 'fabric', 'workload', 'metrics'],
  results: ['metrics'],
  exchange: ['wire', 'protocol', 'fabric', 'scenario'],
  study: ['engine', 'metrics', 'scenario', 'results'],
  comparison: ['metrics', 'scenario', 'results'],
  report: ['metrics', 'scenario', 'results', 'study', 'comparison', 'benchmark'],
  explorer: ['metrics', 'scenario', 'results'],
  benchmark: ['engine', 'device', 'metrics', 'scenario', 'results'],
  cli: [
    ...['engine', 'wire', 'protocol', 'device', 'fabric', 'workload', 'metrics', 'scenario', 'replay', 'results'],
    ...['exchange', 'study', 'comparison', 'report', 'explorer', 'benchmark'],
  ],
};

/** Files that stand alone, below all folders. */
const GROUND_FLOOR = '(units|grown-copy|typescript-loader)\\.ts$';

/** Third-party packages have one doorway each. */
const DOORWAYS = {
  'apache-arrow': '^src/metrics/arrow-(file|layout)\\.ts$',
  tinyqueue: '^src/engine/event-queue\\.ts$',
  jstat: '^src/metrics/distributions\\.ts$',
  seedrandom: '^src/engine/random\\.ts$',
  yaml: '^src/(scenario|study|exchange)/',
  zod: '^src/(scenario|replay|study|exchange|results|benchmark)/',
  commander: '^src/cli/',
  piscina: '^src/study/',
  bullmq: '^src/study/',
  ioredis: '^src/study/',
  '@aws-sdk/client-s3': '^src/study/',
  'simple-statistics': '^src/(study|benchmark)/',
  '@uwdata/flechette': '^src/(results|explorer)/',
  '@duckdb/node-api': '^src/results/',
  'parquet-wasm': '^src/results/',
  uplot: '^src/(report|explorer)/',
  esbuild: '^src/explorer/page-files\\.ts$',
  '@observablehq/plot': '^src/(report|explorer)/',
  linkedom: '^src/report/',
  '@resvg/resvg-js': '^src/report/',
  '@viz-js/viz': '^src/exchange/',
  graphology: '^src/exchange/',
  'graphology-graphml': '^src/exchange/',
  tinybench: '^src/benchmark/',
  'cli-progress': '^src/cli/',
  'cli-table3': '^src/cli/',
  picocolors: '^src/cli/',
};

/** Folders that read and write files. */
const AT_THE_DOOR = 'metrics|scenario|replay|results|exchange|study|report|explorer|benchmark|cli'.split('|');

const anyOf = (names) => `(${names.join('|')})`;

const floors = Object.entries(LOOKS_DOWN_TO).map(([folder, below]) => ({
  name: `floor-of-${folder}`,
  comment: `src/${folder} looks down to ${[...below, 'the ground floor'].join(', ')} and to nothing else in src`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [`^src/${anyOf([folder, ...below])}/`, `^src/${GROUND_FLOOR}`] },
}));

const doorways = Object.entries(DOORWAYS).map(([packageName, doorway]) => ({
  name: `doorway-of-${packageName}`,
  comment: `${packageName} enters src at one place`,
  severity: 'error',
  from: { path: '^src/', pathNot: doorway },
  to: { path: `(^|/)node_modules/(@types/)?${packageName}/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...floors,
    ...doorways,
    {
      name: 'ground-floor-stands-alone',
      comment: 'what every folder may import imports none',
      severity: 'error',
      from: { path: `^src/${GROUND_FLOOR}` },
      to: { path: '^src/' },
    },
    {
      name: 'known-folder',
      comment: 'a new folder needs a floor of its own in this file',
      severity: 'error',
      from: {},
      to: {
        path: '^src/',
        pathNot: [`^src/${anyOf(Object.keys(LOOKS_DOWN_TO))}/`, `^src/${GROUND_FLOOR}`, '^src/index\\.ts$'],
      },
    },
    {
      name: 'metrics-knows-device-types-only',
      comment: 'devices report through an interface; the recorder needs its type, never its code',
      severity: 'error',
      from: { path: '^src/metrics/' },
      to: { path: '^src/device/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'source-without-tests',
      comment: 'src never imports test, bench, scenarios or results',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scenarios|results)/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'model-without-machine',
      comment: 'the model needs no part of Node but its assertions',
      severity: 'error',
      from: {
        path: `^src/(${GROUND_FLOOR}|${anyOf(['engine', 'wire', 'protocol', 'device', 'fabric', 'workload'])}/)`,
      },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?assert(/strict)?$' },
    },
    {
      name: 'files-at-the-door',
      comment: 'node:fs belongs to what reads scenarios and replays and to what writes and reads results',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/${anyOf(AT_THE_DOOR)}/` },
      to: { path: '^(node:)?fs(/promises)?$' },
    },
    {
      name: 'declared-packages',
      comment: 'src runs on what package.json lists under dependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        // what bundles the explorer's page when it runs from its sources; a build has done that already
        pathNot: '(^|/)node_modules/(@types|esbuild)/',
      },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
