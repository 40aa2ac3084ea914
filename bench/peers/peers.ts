import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BENCH_PROCESSES } from '../build-benches.ts';
import { yardstickArguments } from '../frame-hops.ts';
import type { TreeSize } from '../tree.ts';
import { type Work, type WorkOf, warmUp } from './work.ts';

/** A program that does the same work as dcfabric. */
export interface Peer {
  readonly name: string;
  /** Does the work so often that it can be timed: see `prolonged`. */
  readonly isFast: boolean;
  /** Why it cannot run here, and what would help; null if it can. Builds what has to be built. */
  missing(options: PeerOptions): string | null;
  /** The command that does a work and prints a PeerReport; null if the peer has nothing like it. */
  command(work: Work, options: PeerOptions): readonly string[] | null;
}

export interface PeerOptions {
  /** Where programs are built. */
  readonly folder: string;
  /** A file with the delays of the pending-event work. */
  readonly delaysFile: string;
}

const SOURCES = fileURLToPath(new URL('.', import.meta.url));
const PYTHON = '/usr/bin/python3';

/** Copies of one broadcast that a processor's backlog in the kernel has room for: net.core.netdev_max_backlog. */
const KERNEL_COPIES_MAX = 1_000;

const dcfabric: Peer = {
  name: 'dcfabric',
  isFast: true,
  missing: () => null,
  command: (work) => ourCommand(work, 'event queue'),
};

const tinyqueue: Peer = {
  name: 'tinyqueue of objects',
  isFast: true,
  missing: () => null,
  command: (work) => (work.kind === 'queue' ? ourCommand(work, 'tinyqueue of objects') : null),
};

const native: Peer = {
  name: 'native C++',
  isFast: true,
  missing: ({ folder }) => build('native-fabric', folder, ['-march=native']),
  command(work, { folder }) {
    const program = join(folder, 'native-fabric');
    if (work.kind === 'frame-hops') return [program, ...yardstickArguments(work.size, work.hops, warmUp(work.hops))];
    return treeCommand(program, work);
  },
};

const ns3: Peer = {
  name: 'ns-3 3.37',
  isFast: false,
  missing({ folder }) {
    if (!existsSync('/usr/include/ns3/bridge-helper.h')) return 'apt-get install libns3-dev';
    return build('ns3-csma-tree', folder, [], ['-lns3-core', '-lns3-network', '-lns3-csma', '-lns3-bridge']);
  },
  command: (work, { folder }) => (hostsOf(work) > 1_000 ? null : treeCommand(join(folder, 'ns3-csma-tree'), work)),
};

const linux: Peer = {
  name: 'Linux bridges',
  isFast: false,
  missing({ folder }) {
    if (!runs('unshare', ['--net', 'true'])) return 'it needs Linux, and root who may make network namespaces';
    if (!isThere('ip')) return 'apt-get install iproute2';
    return build('linux-bridges', folder);
  },
  command: (work, { folder }) =>
    hostsOf(work) >= KERNEL_COPIES_MAX ? null : treeCommand(join(folder, 'linux-bridges'), work),
};

const simpy: Peer = {
  name: 'SimPy 2.3.1',
  isFast: false,
  missing: () => (runs(PYTHON, ['-c', 'import SimPy']) ? null : 'apt-get install python3-simpy'),
  command(work, { delaysFile }) {
    if (work.kind !== 'queue') return null;
    const numbers = [work.pending, warmUp(work.operations), work.operations];
    return [PYTHON, join(SOURCES, 'event_queue_simpy.py'), delaysFile, ...numbers.map(String)];
  },
};

/** All of them; ratios are to the first. */
export const PEERS: readonly Peer[] = [dcfabric, native, ns3, linux, tinyqueue, simpy];

function ourCommand(work: Work, design: string): readonly string[] {
  return [process.execPath, join(BENCH_PROCESSES, 'our-process.js'), JSON.stringify(work), design];
}

/** How the programs of trees are told what to do. */
function treeCommand(program: string, work: Work): readonly string[] | null {
  const command = (tree: TreeSize, ...numbers: number[]) => [
    program,
    work.kind,
    ...[tree.leaves, tree.serversPerLeaf, ...numbers].map(String),
  ];
  if (work.kind === 'walk') return command(work.tree, work.chains, warmUp(work.steps), work.steps);
  if (work.kind === 'flood') return command(work.tree, warmUp(work.broadcasts), work.broadcasts);
  return null;
}

function hostsOf(work: Work): number {
  return work.kind === 'walk' || work.kind === 'flood' ? hostCount(work) : 0;
}

function hostCount({ tree }: WorkOf<'walk' | 'flood'>): number {
  return tree.leaves * tree.serversPerLeaf;
}

/** Compiles a program of this folder unless that has been done: null, or why it cannot be. */
export function build(
  name: string,
  folder: string,
  flags: readonly string[] = [],
  libraries: readonly string[] = [],
): string | null {
  const source = join(SOURCES, `${name}.cc`);
  const program = join(folder, name);
  const builtMs = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (builtMs > statSync(source).mtimeMs) return null;
  if (!isThere('g++')) return 'apt-get install g++';
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('g++', ['-O3', ...flags, '-o', program, source, ...libraries], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `it does not compile: ${(error as { stderr?: Buffer }).stderr?.toString().trim().slice(0, 500)}`;
  }
}

/** Whether a program is installed. */
export function isThere(program: string): boolean {
  return runs('sh', ['-c', 'command -v "$1"', 'sh', program]);
}

function runs(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
