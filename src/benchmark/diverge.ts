import { type BenchProgram, linesOf } from './bench-program.ts';
import {
  type Checkpoint,
  type DecisionIngredients,
  type DescribedDecision,
  type RunState,
  STATE_COUNTS,
  type StateCount,
} from './trail.ts';

/** Which run is followed. */
export interface TrailOf {
  readonly scenario: string;
  readonly fabric: string;
  readonly overrides: readonly string[];
}

/** What two versions were compared by, and how they differ. */
export interface VersionComparison {
  /** null: not at all, to the end of the run. */
  readonly divergence: Divergence | null;
  /** Whether states were compared on the way: not if a version is too old to tell of them. */
  readonly areStatesCompared: boolean;
}

/** How two versions differ in a run. */
export interface Divergence {
  /** The first decision that is another; null: all that were compared are the same. */
  readonly decision: Parting | null;
  /** How many decisions were compared and found the same. */
  readonly sameDecisions: number;
  /** Where the states that the same decisions are made in begin to differ, the earliest first. */
  readonly states: readonly StateParting[];
  /** Whether the fingerprints differ, at the end or at the first checkpoint after the decision that does. */
  readonly isOtherFingerprint: boolean;
  /** Whether the runs end in other states, when all decisions are the same. */
  readonly ends: { readonly base: RunState; readonly head: RunState } | null;
}

/** A decision at which two versions part, with those around it. */
export interface Parting {
  /** Those just before: what is looked for is alike in them, other things may differ. */
  readonly beforeBase: readonly DescribedDecision[];
  readonly beforeHead: readonly DescribedDecision[];
  /** undefined: this version's run was over. */
  readonly base: DescribedDecision | undefined;
  readonly head: DescribedDecision | undefined;
  /** What each did from there on. */
  readonly afterBase: readonly DescribedDecision[];
  readonly afterHead: readonly DescribedDecision[];
}

/** The first decision that two versions make in states of which one count differs. */
export interface StateParting extends Parting {
  readonly count: StateCount;
  readonly base: DescribedDecision;
  readonly head: DescribedDecision;
}

/** Decisions between two checkpoints that are compared; then this many are compared one by one. */
const CHECKPOINT_DECISIONS = 65_536;
const CONTEXT_DECISIONS = 8;

/**
 * Runs the same scenario with two versions and compares what they were at checkpoints as these come; then each decision,
 * and the state that it is made in, of the first stretch that differs.
 */
export async function findDivergence(base: BenchProgram, head: BenchProgram, of: TrailOf): Promise<VersionComparison> {
  const found = await compareCheckpoints(base, head, of);
  const { stretches, isOtherFingerprint, ends, areStatesCompared } = found;
  const windows = new Map<number, Promise<Pair[]>>();
  const windowFrom = (from: number): Promise<Pair[]> => {
    const known = windows.get(from) ?? readWindow(base, head, of, from);
    windows.set(from, known);
    return known;
  };
  const stretch = stretches.get('decisions');
  const window = stretch === undefined ? null : await windowFrom(stretch);
  const decision = window === null ? null : partingIn(window, isOther);
  const index = decision === null ? Number.POSITIVE_INFINITY : indexOf(decision);
  const states: StateParting[] = [];
  for (const count of STATE_COUNTS) {
    // where a version is too old to tell of its states on the way, those around the decision are known all the same
    const from = stretches.get(count) ?? stretch;
    if (from === undefined) continue;
    const parting = partingIn(await windowFrom(from), (one, other) => differs(one[count], other[count]));
    const { base: ofBase, head: ofHead } = parting ?? {};
    if (ofBase === undefined || ofHead === undefined || ofBase.index >= index) continue;
    states.push({ ...parting!, count, base: ofBase, head: ofHead });
  }
  states.sort((one, other) => one.base.index - other.base.index);
  if (decision === null && states.length === 0 && !isOtherFingerprint && ends === null)
    return { divergence: null, areStatesCompared };
  const sameDecisions = decision === null ? found.sameDecisions + (window?.length ?? 0) : index;
  return { divergence: { decision, sameDecisions, states, isOtherFingerprint, ends }, areStatesCompared };
}

function indexOf({ base, head }: Parting): number {
  return (base ?? head)!.index;
}

/** What of the fingerprint differs in two decisions, apart from the time: nothing where one version is too old to tell. */
export function otherIngredients(base: DescribedDecision, head: DescribedDecision): (keyof DecisionIngredients)[] {
  const [one, other] = [base.ingredients as DecisionIngredients | undefined, head.ingredients];
  if (one === undefined || other === undefined) return [];
  return (['kind', 'node', 'port', 'outcome'] as const).filter((name) => one[name] !== other[name]);
}

/** Whether two decisions read the same: at the same time, by the same names. */
export function readsSame(base: DescribedDecision, head: DescribedDecision): boolean {
  return (['timeNs', 'node', 'port', 'outcome'] as const).every((key) => base[key] === head[key]);
}

function isOther(base: DescribedDecision, head: DescribedDecision): boolean {
  return !readsSame(base, head) || otherIngredients(base, head).length > 0;
}

type Pair = readonly [base: DescribedDecision | undefined, head: DescribedDecision | undefined];

/** The decisions after a checkpoint, until behind the next. */
async function readWindow(base: BenchProgram, head: BenchProgram, of: TrailOf, from: number): Promise<Pair[]> {
  const words = ['--from', String(from), '--to', String(from + CHECKPOINT_DECISIONS + CONTEXT_DECISIONS)];
  const pairs: Pair[] = [];
  for await (const pair of inStep<DescribedDecision>(trail(base, of, words), trail(head, of, words))) pairs.push(pair);
  return pairs;
}

/** The first pair that has parted, with those around it: one of which one side is missing has. */
function partingIn(
  pairs: readonly Pair[],
  hasParted: (base: DescribedDecision, head: DescribedDecision) => boolean,
): Parting | null {
  const at = pairs.findIndex(([base, head]) => base === undefined || head === undefined || hasParted(base, head));
  if (at < 0) return null;
  const [base, head] = pairs[at]!;
  const before = pairs.slice(Math.max(0, at - CONTEXT_DECISIONS), at);
  const after = pairs.slice(at + 1, at + 1 + CONTEXT_DECISIONS);
  const side = (some: readonly Pair[], index: 0 | 1) =>
    some.map((pair) => pair[index]).filter((one) => one !== undefined);
  return {
    beforeBase: side(before, 0),
    beforeHead: side(before, 1),
    base,
    head,
    afterBase: side(after, 0),
    afterHead: side(after, 1),
  };
}

/** Where the stretches of two runs begin that differ. */
interface Stretches {
  /** By what differs: decisions up to the last checkpoint at which it did not. */
  readonly stretches: ReadonlyMap<'decisions' | StateCount, number>;
  readonly sameDecisions: number;
  readonly isOtherFingerprint: boolean;
  readonly ends: Divergence['ends'];
  readonly areStatesCompared: boolean;
}

/** Compares checkpoints to the end, or to the first before which another decision was made. */
async function compareCheckpoints(base: BenchProgram, head: BenchProgram, of: TrailOf): Promise<Stretches> {
  const every = ['--every', String(CHECKPOINT_DECISIONS)];
  const stretches = new Map<'decisions' | StateCount, number>();
  let common = 0;
  let isOtherFingerprint = false;
  let areStatesCompared = false;
  let ends: Divergence['ends'] = null;
  for await (const [ofBase, ofHead] of inStep<Partial<Checkpoint>>(trail(base, of, every), trail(head, of, every))) {
    if (ofBase?.stateDigests !== undefined && ofHead?.stateDigests !== undefined) areStatesCompared = true;
    for (const count of STATE_COUNTS) {
      if (!stretches.has(count) && differs(ofBase?.stateDigests?.[count], ofHead?.stateDigests?.[count]))
        stretches.set(count, common);
    }
    isOtherFingerprint = ofBase?.fingerprint !== ofHead?.fingerprint;
    const isOtherCount = ofBase?.decisions !== ofHead?.decisions;
    // a version from before decisions had a digest of their own tells of them by its fingerprint
    const hasDigests = ofBase?.decisionDigest !== undefined && ofHead?.decisionDigest !== undefined;
    const isOtherDecision = hasDigests ? differs(ofBase.decisionDigest, ofHead.decisionDigest) : isOtherFingerprint;
    if (isOtherCount || isOtherDecision) {
      stretches.set('decisions', common);
      return { stretches, sameDecisions: common, isOtherFingerprint, ends: null, areStatesCompared };
    }
    common = ofBase!.decisions!;
    ends = otherStates(ofBase?.state, ofHead?.state);
  }
  return { stretches, sameDecisions: common, isOtherFingerprint, ends, areStatesCompared };
}

/** Whether both are known and not the same. */
function differs<T>(base: T | undefined, head: T | undefined): boolean {
  return base !== undefined && head !== undefined && base !== head;
}

function otherStates(base: RunState | undefined, head: RunState | undefined): Divergence['ends'] {
  if (base === undefined || head === undefined) return null;
  return STATE_COUNTS.some((count) => differs(base[count], head[count])) ? { base, head } : null;
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
