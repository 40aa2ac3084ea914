import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { replicationSeeds } from '../../src/scenario/replications.ts';
import { runCli } from './run-cli.ts';
import { ScratchFolder, smallScenario } from './small-scenario.ts';

const scratch = new ScratchFolder();
afterAll(() => scratch.remove());

const file = scratch.write('two-racks.yaml', smallScenario('2s'));
const seeds = replicationSeeds({ seed: 1, replications: 3 });

interface Result {
  readonly fabric: string;
  readonly seed: number;
  readonly summary: { readonly flooding: { readonly floodedBytes: number } };
}

describe.concurrent('replications', () => {
  it('write a folder for each fabric and seed, and give every result and what they say together', async () => {
    const out = join(scratch.path, 'replicated');
    const args = ['compare', file, '--replications', '3', '--out', out, '--json', '-q'];
    const { exitCode, stdout, stderr } = await runCli(args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const fabrics = ['vlan-no-stp', 'vxlan-flood-learn'];
    const folders = fabrics.flatMap((fabric) => seeds.map((seed) => `${fabric}-seed${seed}`));
    expect(readdirSync(join(out, 'two-racks')).toSorted()).toEqual(folders.toSorted());
    const { results, statistics } = JSON.parse(stdout);
    expect(results.map(({ fabric, seed }: Result) => [seed, fabric])).toEqual(
      seeds.flatMap((seed) => fabrics.map((fabric) => [seed, fabric])),
    );
    expect(statistics).toMatchObject({ confidence: 0.95, seeds });
    const [flooded] = statistics.quantities.filter(({ path }: { path: string[] }) => path.at(-1) === 'flooded bytes');
    const bytesOf = (fabric: string) =>
      results
        .filter((one: Result) => one.fabric === fabric)
        .map(({ summary }: Result) => summary.flooding.floodedBytes);
    const [vlan, vxlan] = fabrics.map(bytesOf) as [number[], number[]];
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const difference = mean(vxlan.map((value, index) => value - vlan[index]!));
    expect(flooded).toMatchObject({
      path: ['Flooding', 'flooded bytes'],
      fabrics: [
        { fabric: 'vlan-no-stp', mean: mean(vlan), difference: null },
        { fabric: 'vxlan-flood-learn', mean: mean(vxlan), difference: { mean: difference, replications: 3 } },
      ],
    });
    const { low, high } = flooded.fabrics[1].difference;
    expect((low + high) / 2).toBeCloseTo(difference, 6);
    expect(high - low).toBeGreaterThan(0);
  });

  it('show means, the interval of paired differences and the seeds, in lines that fit a terminal', async () => {
    const { exitCode, stdout, stderr } = await runCli(['compare', file, '--set', 'replications=3', '--no-out']);
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`vlan-no-stp with seed ${seeds[2]}: 2s simulated in`);
    expect(stdout).toContain('Two racks (3 replications from seed 1)');
    expect(stdout).toMatch(/^ {2}flooded bytes .* \+[\d.]+K?B ± [\d.]+K?B$/m);
    expect(stdout).toMatch(/^ {2}flows started .* =$/m);
    expect(stdout).toContain(`seeds ${seeds.join(', ')}`);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('that were interrupted leave what is complete, and say so', async () => {
    let isInterrupted = false;
    const args = ['compare', file, '--replications', '1000', '--no-out', '--set', 'duration=1s'];
    const { exitCode, stdout } = await runCli(args, {
      whileRunning: (child, stderr) => {
        if (isInterrupted || !stderr.includes(`vlan-no-stp with seed ${seeds[2]}: simulating`)) return;
        isInterrupted = true;
        child.kill('SIGINT');
      },
    });
    expect(exitCode).toBe(130);
    expect(stdout).toMatch(/Interrupted: the numbers are those of the \d+ replications that are complete, of 1000\./);
    expect(stdout).toContain('Means over');
  });

  it('are at least one', async () => {
    const { exitCode, stderr } = await runCli(['compare', file, '--replications', '0']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Expected a whole number from 1 to 1000.');
  });
});
