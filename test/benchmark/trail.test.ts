import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BenchProgram, thisProgram } from '../../src/benchmark/bench-program.ts';
import { findDivergence } from '../../src/benchmark/diverge.ts';
import {
  type Checkpoint,
  type DescribedDecision,
  trailCheckpoints,
  trailDecisions,
} from '../../src/benchmark/trail.ts';
import { readScenario } from '../../src/scenario/read-scenario.ts';
import { runFabric } from '../../src/scenario/run-scenario.ts';

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

  /** This version, with one more word at the end of its command line: it then does something else. */
  function another(override: string): BenchProgram {
    const script = `exec "$0" "$@" --set ${override}`;
    return { ...thisProgram(), label: override, command: ['sh', '-c', script, ...thisProgram().command] };
  }

  it('is the first decision that differs', async () => {
    const divergence = (await findDivergence(thisProgram(), another('topology.fabricLink.delay=600ns'), {
      ...of,
      scenario: file,
    }))!;
    const { before, base, head } = divergence;
    expect(base!.index).toBe(head!.index);
    expect(base!.index).toBe((before.at(-1)?.index ?? -1) + 1);
    expect([base!.timeNs, base!.node, base!.outcome]).not.toEqual([head!.timeNs, head!.node, head!.outcome]);
  });

  it('is nowhere for versions that do the same', async () => {
    expect(await findDivergence(thisProgram(), another('title=other'), { ...of, scenario: file })).toBeNull();
  });
});
