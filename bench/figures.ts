import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ArrowTableWriter, type TableDefinition } from '../src/metrics/arrow-file.ts';
import { BENCH_PROCESSES, buildBenches, ROOT } from './build-benches.ts';
import { CASES, LARGE_CASES } from './cases.ts';
import { FRAME_HOP_SIZES, yardstickArguments } from './frame-hops.ts';
import { bestOf, type Measurement } from './measurement.ts';
import { formatTable } from './support.ts';

/** Beside the history of the suite, whose folder has nothing but its runs. */
const OUT = join(ROOT, 'results/bench/figures');

const TABLE = {
  name: 'bench',
  description: 'What the benches measured: the best of the rounds',
  columns: [
    { name: 'bench', type: 'utf8', description: 'The bench' },
    { name: 'subject', type: 'utf8', description: 'What was measured, and of how much' },
    { name: 'unit', type: 'utf8', description: 'ns of CPU time (of wall time where it says so), per_second, or bytes' },
    { name: 'value', type: 'float64', description: 'The number, in that unit' },
    { name: 'yardstick_ratio', type: 'float64', nullable: true, description: 'The value over the yardstick’s' },
  ],
} as const satisfies TableDefinition;

/** Runs a case in a process of its own, so that what the compiler learned from another doesn't slow it down. */
function runCase(name: string, isQuick: boolean): Measurement[] {
  const args = ['--expose-gc', join(BENCH_PROCESSES, 'figures-process.js'), name, String(isQuick), OUT];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })) as Measurement[];
}

/** The yardstick's CPU time for one frame-hop of a `frame-hops` case, or nothing for another case. */
function runYardstick(binary: string, name: string, isQuick: boolean): Measurement[] {
  const size = FRAME_HOP_SIZES.find((candidate) => name === `frame-hops-${candidate.name}`);
  if (size === undefined) return [];
  const output = execFileSync(binary, yardstickArguments(size, isQuick ? 1_000_000 : 8_000_000), { encoding: 'utf8' });
  const { cpu } = JSON.parse(output) as { cpu: number };
  return [{ bench: 'yardstick', subject: size.name, unit: 'ns', value: cpu }];
}

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    yardstick: { type: 'string' },
    rounds: { type: 'string', default: '3' },
  },
});
const names = (options.only ?? Object.keys(CASES)).flatMap((name) =>
  name === 'large' ? Object.keys(LARGE_CASES) : [name],
);
for (const name of names) {
  if (name in CASES || name in LARGE_CASES) continue;
  const known = [...Object.keys(CASES), 'large', ...Object.keys(LARGE_CASES)];
  throw new Error(`no bench is called ${name}; there are ${known.join(', ')}`);
}
const roundCount = options.quick ? 1 : Number(options.rounds);
if (!(roundCount >= 1)) throw new Error(`--rounds: got '${options.rounds}', expected a number from 1 on`);
mkdirSync(OUT, { recursive: true });
await buildBenches();
const measured: Measurement[] = [];
for (let round = 1; round <= roundCount; round++) {
  for (const name of names) {
    process.stderr.write(`round ${round} of ${roundCount}: ${name}\n`);
    if (options.yardstick !== undefined) measured.push(...runYardstick(options.yardstick, name, options.quick));
    measured.push(...runCase(name, options.quick));
  }
}
const best = bestOf(measured);
const yardstickNs = new Map(best.filter(({ bench }) => bench === 'yardstick').map((row) => [row.subject, row.value]));
const ratioOf = ({ bench, subject, value }: Measurement): number | null => {
  const nativeNs = bench === 'frame-hops' ? yardstickNs.get(subject.split(',')[0]!) : undefined;
  return nativeNs === undefined ? null : value / nativeNs;
};
const writer = new ArrowTableWriter(join(OUT, 'bench.arrow'), TABLE, {
  metadata: { node: process.version, rounds: String(roundCount) },
});
for (const row of best) writer.row(row.bench, row.subject, row.unit, row.value, ratioOf(row));
writer.finish();
console.log(
  formatTable(
    ['bench', 'subject', 'unit', 'best', 'x yardstick'],
    best.map((row) => [row.bench, row.subject, row.unit, row.value, ratioOf(row)?.toFixed(2) ?? '']),
  ),
);
