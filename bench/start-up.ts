// What commands take that do next to nothing, of the program as it is built in dist, beside a Node that does nothing.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formatTable } from './support.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SCENARIO = join(ROOT, 'bench/scenarios/two-racks.yaml');
const RESULTS = mkdtempSync(join(tmpdir(), 'dcfabric-start-up-'));

const COMMANDS: readonly (readonly string[])[] = [
  ['--help'],
  ['--version'],
  ['validate', SCENARIO],
  ['run', SCENARIO, '--no-out'],
  ['run', SCENARIO, '--out', RESULTS],
];

interface Cost {
  readonly wallMs: number;
  /** Of all threads, user and system. */
  readonly cpuMs: number;
}

/** Runs a command to its end; the shell says what its child has cost. */
function costOf(command: readonly string[]): Cost {
  const script = '"$@" > /dev/null 2>&1 || exit; times';
  const startMs = performance.now();
  const said = execFileSync('sh', ['-c', script, 'sh', ...command], { encoding: 'utf8' });
  const wallMs = performance.now() - startMs;
  // the second line is that of children: user and system time, as 0m0.123s
  const times = said.split('\n')[1]!.matchAll(/(\d+)m([\d.]+)s/g);
  const cpuMs = [...times].reduce(
    (sum, [, minutes, seconds]) => sum + 60_000 * Number(minutes) + 1000 * Number(seconds),
    0,
  );
  return { wallMs, cpuMs };
}

function quantile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(0);
}

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '10' }, beside: { type: 'string', multiple: true, default: [] } },
});
const programs = [join(ROOT, 'dist/cli/main.js'), ...options.beside.map((path) => resolve(path))];
for (const program of programs) {
  if (!existsSync(program)) throw new Error(`there is no ${program}: npm run build makes it`);
}
const cases = [
  { label: 'node -e 0', program: '', command: [process.execPath, '-e', '0'] },
  ...COMMANDS.flatMap((words) =>
    programs.map((program, index) => ({
      label: words.map((word) => word.replace(`${ROOT}bench/scenarios/`, '').replace(RESULTS, 'FOLDER')).join(' '),
      program: index === 0 ? 'dist' : options.beside[index - 1]!,
      command: [process.execPath, program, ...words],
    })),
  ),
];
const costs = cases.map((): Cost[] => []);
try {
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [index, { command }] of cases.entries()) costs[index]!.push(costOf(command));
  }
} finally {
  rmSync(RESULTS, { recursive: true });
}
console.log(
  formatTable(
    ['command', 'program', 'CPU ms, least', 'median', 'wall ms, least', 'median'],
    cases.map(({ label, program }, index) => {
      const cpu = costs[index]!.map(({ cpuMs }) => cpuMs);
      const wall = costs[index]!.map(({ wallMs }) => wallMs);
      return [label, program, quantile(cpu, 0), quantile(cpu, 0.5), quantile(wall, 0), quantile(wall, 0.5)];
    }),
  ),
);
