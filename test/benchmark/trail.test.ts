import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BenchProgram } from '../../src/benchmark/bench-program.ts';
import {
  type Divergence,
  findDivergence,
  otherIngredients,
  readsSame,
  type StateParting,
} from '../../src/benchmark/diverge.ts';
import {
  type Checkpoint,
  type DescribedDecision,
  trailCheckpoints,
  trailDecisions,
} from '../../src/benchmark/trail.ts';
import { readScenario } from '../../src/scenario/read-scenario.ts';
import { runFabric } from '../../src/scenario/run-scenario.ts';
import { builtProgram } from '../support/built-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'dcfabric-test-'));
const file = join(folder, 'tiny.yaml');
beforeAll(() => {
  writeFileSync(
    file,
    `duration: 4s
topology: { leaves: 2, spines: 1, serversPerLeaf: 1 }
tenants: [{ name: web, vmsPerSegment: 3 }]
fabrics: [vxlan-flood-learn]
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the trail of a run', () => {
  it('ends with the fingerprint of the run, and has as many decisions as it says', () => {
    const scenario = readScenario(file);
    const fabric = scenario.fabrics[0]!;
    const checkpoints: Checkpoint[] = [];
    trailCheckpoints(scenario, fabric, 10, (checkpoint) => checkpoints.push(checkpoint));
    const { fingerprint } = runFabric(scenario, fabric, { outDir: null });
    const last = checkpoints.at(-1)!;
    expect(last.fingerprint).toBe(fingerprint);
    const decisions: DescribedDecision[] = [];
    trailDecisions(scenario, fabric, { from: 0, to: Number.POSITIVE_INFINITY }, (one) => decisions.push(one));
    expect(decisions).toHaveLength(last.decisions);
    expect(checkpoints).toHaveLength(Math.floor(last.decisions / 10) + 1);
    const some: DescribedDecision[] = [];
    trailDecisions(scenario, fabric, { from: 3, to: 6 }, (one) => some.push(one));
    expect(some).toEqual(decisions.slice(3, 6));
  });
});

describe('the point where two versions part', () => {
  const of = { scenario: '', fabric: 'vxlan-flood-learn', overrides: [] };

  /** This version, as it is shipped. */
  let program: BenchProgram;
  beforeAll(async () => {
    const { main } = await builtProgram();
    program = { label: 'this version', command: [process.execPath, main], suite: null };
  });

  /** This version, with one more word at the end of its command line: it then does something else. */
  function another(override: string): BenchProgram {
    const script = `exec "$0" "$@" --set ${override}`;
    return { ...program, label: override, command: ['sh', '-c', script, ...program.command] };
  }

  /** This version, with its trail as a script makes it of `line`, an object for each line. */
  function distorted(script: string): BenchProgram {
    const filter = join(folder, `filter-${filters++}.mjs`);
    writeFileSync(
      filter,
      `import { createInterface } from 'node:readline';
for await (const text of createInterface({ input: process.stdin })) {
  const line = JSON.parse(text);
  ${script}
  console.log(JSON.stringify(line));
}
`,
    );
    const command = ['sh', '-c', `"$0" "$@" | "${process.execPath}" ${filter}`, ...program.command] as const;
    return { ...program, label: 'distorted', command };
  }
  let filters = 0;

  /** How this version and another differ in the tiny scenario. */
  const divergenceFrom = async (other: BenchProgram): Promise<Divergence | null> => {
    const { divergence, areStatesCompared } = await findDivergence(program, other, { ...of, scenario: file });
    expect(areStatesCompared).toBe(true);
    return divergence;
  };

  it('is the first decision that differs', async () => {
    const other = another('topology.fabricLink.delay=600ns');
    const { decision, sameDecisions } = (await divergenceFrom(other))!;
    const { beforeBase, base, head } = decision!;
    expect(base!.index).toBe(head!.index);
    expect(base!.index).toBe((beforeBase.at(-1)?.index ?? -1) + 1);
    expect(sameDecisions).toBe(base!.index);
    expect([base!.timeNs, base!.node, base!.outcome]).not.toEqual([head!.timeNs, head!.node, head!.outcome]);
  });

  it('is nowhere for versions that do the same', async () => {
    expect(await divergenceFrom(another('title=other'))).toBeNull();
  });

  it('is a decision that reads the same, if the fingerprint takes in another number', async () => {
    const other = distorted(
      'if (line.ingredients?.kind === 0 && line.index >= 20) line.ingredients.kind = 25; if (line.decisionDigest) line.decisionDigest = line.fingerprint = "x";',
    );
    const { decision, isOtherFingerprint, states } = (await divergenceFrom(other))!;
    expect([decision!.base!.index, isOtherFingerprint, states]).toEqual([20, true, []]);
    expect(readsSame(decision!.base!, decision!.head!)).toBe(true);
    expect(otherIngredients(decision!.base!, decision!.head!)).toEqual(['kind']);
  });

  it('is not found, but told of, if only the fingerprints differ', async () => {
    const other = distorted('if (line.fingerprint) line.fingerprint = "x";');
    const divergence = (await divergenceFrom(other))!;
    expect(divergence).toMatchObject({ decision: null, isOtherFingerprint: true, states: [], ends: null });
    expect(divergence.sameDecisions).toBeGreaterThan(100);
  });

  it('is not found, but told of, if only the fingerprints differ of a version that tells no more', async () => {
    const other = distorted(
      'for (const name of ["decisionDigest", "stateDigests", "state", "ingredients"]) delete line[name]; if (line.fingerprint) line.fingerprint = "x";',
    );
    const { divergence, areStatesCompared } = await findDivergence(program, other, { ...of, scenario: file });
    expect(areStatesCompared).toBe(false);
    expect(divergence).toMatchObject({ decision: null, isOtherFingerprint: true, states: [], ends: null });
    expect(divergence!.sameDecisions).toBeGreaterThan(100);
  });

  it('of states comes before that of decisions', async () => {
    const entries = distorted(
      'if (line.index >= 30) line.macEntries++; if (line.index === 90) line.port = "x"; if (line.decisionDigest) line.decisionDigest = line.fingerprint = line.stateDigests.macEntries = "x";',
    );
    const { decision, states } = (await divergenceFrom(entries))!;
    expect(decision!.base!.index).toBe(90);
    expect(states.map(({ count, base }) => [count, base.index])).toEqual([['macEntries', 30]]);
    const [{ base, head, beforeBase, beforeHead }] = states as [StateParting];
    expect(head.macEntries).toBe(base.macEntries + 1);
    expect([beforeBase.length, beforeHead]).toEqual([8, beforeBase]);
    expect(decision!.beforeBase).not.toEqual(decision!.beforeHead);
  });

  it('of states is told of when all decisions are the same, and so is that of their ends', async () => {
    const entries = distorted(
      'if (line.index >= 30) line.macEntries++; if (line.state) line.stateDigests.macEntries = "x";',
    );
    const { decision, states, isOtherFingerprint } = (await divergenceFrom(entries))!;
    expect([decision, isOtherFingerprint, states.map(({ base }) => base.index)]).toEqual([null, false, [30]]);
    const ends = distorted('if (line.state) line.state.events++;');
    const atEnd = (await divergenceFrom(ends))!;
    expect(atEnd.states).toEqual([]);
    expect(atEnd.ends!.head.events).toBe(atEnd.ends!.base.events + 1);
  });
});
