import { type BenchProgram, linesOf } from './bench-program.ts';
import type { Checkpoint, DescribedDecision } from './trail.ts';

/** Which run is followed. */
export interface TrailOf {
  readonly scenario: string;
  readonly fabric: string;
  readonly overrides: readonly string[];
}

/** The first decision at which two versions part, with those just before it, which both made. */
export interface Divergence {
  readonly before: readonly DescribedDecision[];
  /** undefined: this version's run was over. */
  readonly base: DescribedDecision | undefined;
  readonly head: DescribedDecision | undefined;
  /** What each did from there on. */
  readonly afterBase: readonly DescribedDecision[];
  readonly afterHead: readonly DescribedDecision[];
}

/** Decisions between two fingerprints that are compared; then this many are compared one by one. */
const CHECKPOINT_DECISIONS = 65_536;
const CONTEXT_DECISIONS = 8;

/**
 * Runs the same scenario with two versions, compares their fingerprints at checkpoints as they come, and then each
 * decision of the first stretch that differs. Returns null when both do the same to the end.
 */
export async function findDivergence(base: BenchProgram, head: BenchProgram, of: TrailOf): Promise<Divergence | null> {
  const from = await lastCommonCheckpoint(base, head, of);
  if (from === null) return null;
  const window = ['--from', String(from), '--to', String(from + CHECKPOINT_DECISIONS + CONTEXT_DECISIONS)];
  const pairs = inStep<DescribedDecision>(trail(base, of, window), trail(head, of, window));
  const before: DescribedDecision[] = [];
  const afterBase: DescribedDecision[] = [];
  const afterHead: DescribedDecision[] = [];
  let first: { base: DescribedDecision | undefined; head: DescribedDecision | undefined } | null = null;
  for await (const [ofBase, ofHead] of pairs) {
    if (first === null && isSame(ofBase, ofHead)) {
      before.push(ofBase!);
      if (before.length > CONTEXT_DECISIONS) before.shift();
    } else if (first === null) {
      first = { base: ofBase, head: ofHead };
    } else {
      if (ofBase !== undefined) afterBase.push(ofBase);
      if (ofHead !== undefined) afterHead.push(ofHead);
      if (Math.max(afterBase.length, afterHead.length) === CONTEXT_DECISIONS) break;
    }
  }
  return first === null ? null : { before, ...first, afterBase, afterHead };
}

/** Whether two versions decided the same; the state of the runs may differ before that shows in a decision. */
function isSame(one: DescribedDecision | undefined, other: DescribedDecision | undefined): boolean {
  const keys = ['timeNs', 'node', 'port', 'outcome'] as const;
  return one !== undefined && other !== undefined && keys.every((key) => one[key] === other[key]);
}

/** How many decisions both made alike at the last checkpoint before they part; null if they never do. */
async function lastCommonCheckpoint(base: BenchProgram, head: BenchProgram, of: TrailOf): Promise<number | null> {
  const every = ['--every', String(CHECKPOINT_DECISIONS)];
  let common = 0;
  for await (const [ofBase, ofHead] of inStep<Checkpoint>(trail(base, of, every), trail(head, of, every))) {
    if (ofBase?.decisions !== ofHead?.decisions || ofBase?.fingerprint !== ofHead?.fingerprint) return common;
    common = ofBase!.decisions;
  }
  return null;
}

function trail(program: BenchProgram, { scenario, fabric, overrides }: TrailOf, words: readonly string[]) {
  const set = overrides.flatMap((text) => ['--set', text]);
  const command = [...program.command, 'bench', 'trail', scenario, '--fabric', fabric, ...set, ...words];
  return linesOf(command, `the trail of ${program.label}`);
}

/** The i-th line of both, parsed, until both have ended. */
async function* inStep<T>(
  base: AsyncGenerator<string>,
  head: AsyncGenerator<string>,
): AsyncGenerator<readonly [T | undefined, T | undefined]> {
  try {
    for (;;) {
      const [ofBase, ofHead] = await Promise.all([base.next(), head.next()]);
      if (ofBase.done === true && ofHead.done === true) return;
      yield [parsed<T>(ofBase), parsed<T>(ofHead)];
    }
  } finally {
    await Promise.all([base.return(undefined), head.return(undefined)]);
  }
}

function parsed<T>(line: IteratorResult<string>): T | undefined {
  return line.done === true ? undefined : (JSON.parse(line.value) as T);
}
