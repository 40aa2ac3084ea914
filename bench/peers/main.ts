import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from 'simple-statistics';
import { buildBenches, ROOT } from '../build-benches.ts';
import { formatTable } from '../support.ts';
import { differentCounts, type PeerReport, parsePeerReport } from './peer-report.ts';
import { isThere, PEERS, type Peer } from './peers.ts';
import { type Counts, expectedCounts, prolonged, queueDelaysNs, WORKS, type Work } from './work.ts';

const OUT = join(ROOT, 'results/bench/peers');

/** What a peer said of a work, round after round. */
interface Measured {
  readonly work: Work;
  readonly peer: Peer;
  readonly reports: PeerReport[];
}

// All peers that are here on the same work, side by side: `npm run bench:peers`, or with `-- --only walk --rounds 5`.
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    peer: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '3' },
    cpu: { type: 'string', default: String(cpus().length - 1) },
  },
});
for (const kind of options.only ?? []) {
  if (!WORKS.some((work) => work.kind === kind))
    throw new Error(`--only ${kind}: there are ${[...new Set(WORKS.map((work) => work.kind))].join(', ')}`);
}
const rounds = Number(options.rounds);
if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error(`--rounds: expected a number, got ${options.rounds}`);
mkdirSync(OUT, { recursive: true });
await buildBenches();
const peerOptions = { folder: OUT, delaysFile: join(OUT, 'delays-ns.json') };
writeFileSync(peerOptions.delaysFile, JSON.stringify(queueDelaysNs()));
const chosen = PEERS.filter(({ name }) => options.peer?.some((part) => name.includes(part)) ?? true);
if (chosen.length === 0) throw new Error(`--peer: there are ${PEERS.map(({ name }) => name).join(', ')}`);
const peers = chosen.filter((peer) => {
  const missing = peer.missing(peerOptions);
  if (missing !== null) console.error(`without ${peer.name}: ${missing}`);
  return missing === null;
});
// all on one processor, which other programs may use too
const pinned = isThere('taskset') ? ['taskset', '-c', options.cpu] : [];
const works = WORKS.filter(({ kind }) => options.only?.includes(kind) ?? true);
const expected = new Map<string, Counts>();
const measured: Measured[] = works.flatMap((work) =>
  peers
    .map((peer) => ({ work: peer.isFast ? prolonged(work) : work, peer, reports: [] }))
    .filter((one) => one.peer.command(one.work, peerOptions) !== null),
);
for (let round = 1; round <= rounds; round++) {
  for (const { work, peer, reports } of measured) {
    process.stderr.write(`round ${round} of ${rounds}: ${work.name}, ${peer.name}\n`);
    const report = runPeer(peer, work);
    reports.push(report);
    checkCounts(peer, work, report.counts);
  }
}
const { model } = cpus()[0]!;
console.log(
  `${model}, Node ${process.version}, load ${loadavg()[0]!.toFixed(1)}, ${rounds} rounds; CPU time, but for the column that says otherwise\n`,
);
console.log(table());

function runPeer(peer: Peer, work: Work): PeerReport {
  const [program, ...args] = [...pinned, ...peer.command(work, peerOptions)!];
  return parsePeerReport(execFileSync(program!, args, { encoding: 'utf8' }), peer.name);
}

function checkCounts(peer: Peer, work: Work, counts: Counts): void {
  const key = `${work.name}, ${peer.isFast}`;
  const known = expected.get(key) ?? expectedCounts(work) ?? counts;
  expected.set(key, known);
  const differences = differentCounts(known, counts);
  if (differences.length > 0) throw new Error(`${peer.name} counts otherwise: ${work.name}: ${differences.join(', ')}`);
}

function table(): string {
  const rows = measured.map(({ work, peer, reports }) => {
    const { one, count } = unitOf(work);
    const ns = reports.map(({ cpuNs }) => cpuNs * count);
    const wallNs = reports.flatMap((report) => report.wallNs ?? []);
    const [best, middle] = [Math.min(...ns), median(ns)];
    return [
      ...[work.name, peer.name, one, rounded(best), rounded(middle), rounded(1e9 / middle)],
      wallNs.length === 0 ? '' : rounded(median(wallNs) * count),
      ratioOf(work, reports),
    ];
  });
  return formatTable(['work', 'peer', 'one', 'best, ns', 'median, ns', 'a second', 'wall, ns', 'times ours'], rows);
}

/** The median over rounds of a peer's time over ours in that round. */
function ratioOf(work: Work, reports: readonly PeerReport[]): string {
  const ours = measured.find((other) => other.work.name === work.name && other.peer === PEERS[0]);
  if (ours === undefined) return '';
  return median(reports.map(({ cpuNs }, round) => cpuNs / ours.reports[round]!.cpuNs)).toPrecision(3);
}

/** What the table gives the time of, and how many hops or operations that is. */
function unitOf(work: Work): { one: string; count: number } {
  if (work.kind === 'queue') return { one: 'pop and push', count: 1 };
  if (work.kind !== 'flood') return { one: 'hop', count: 1 };
  return { one: 'broadcast', count: work.tree.leaves * (work.tree.serversPerLeaf + 1) };
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
