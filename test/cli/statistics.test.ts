import { cpSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';
import { ScratchFolder } from './small-scenario.ts';

const scratch = new ScratchFolder();
afterAll(() => scratch.remove());

// VMs boot within half a second, and talk all the time
const file = scratch.write(
  'settling.yaml',
  `duration: 4s
topology: {leaves: 2, spines: 1, serversPerLeaf: 2}
fabrics: [vlan-no-stp]
tenants: [{name: one, vmsPerSegment: 4}]
hosts: {bootWindow: 500ms}
traffic: {flowsPerVmPerSecond: 50, sizes: {fixed: 10kB}}
samples: {every: 50ms}
`,
);

describe('dcfabric statistics', () => {
  it('finds the warm-up that a scenario should have, and takes it from one that has', async () => {
    const statisticsOf = async (name: string, ...changes: string[]) => {
      const out = join(scratch.path, name);
      await runCli(['run', file, '-q', '--out', out, ...changes]);
      return (await runCli(['statistics', out])).stdout;
    };
    const found = await statisticsOf('without');
    expect(found).toContain("All of it had settled after 500ms. 'warmup: 500ms' in a scenario leaves that out");
    const given = await statisticsOf('with', '--set', 'warmup=1s');
    expect(given).toMatch(/^carried +1s /m);
    expect(given).not.toContain('had settled');
  });

  it('counts a run once that is there twice, and says so; a query counts it twice and says so too', async () => {
    const out = join(scratch.path, 'once');
    await runCli(['run', file, '-q', '--out', out, '--replications', '2']);
    cpSync(out, join(scratch.path, 'copied'), { recursive: true });
    const both = [out, join(scratch.path, 'copied')];
    const { stdout, stderr } = await runCli(['statistics', ...both, relative('.', out)]);
    expect(stdout).toContain('(2 replications)');
    expect(stderr).toMatch(/^2 runs are there twice, and count once: .*copied\S* is the same run as \S*once\S*\.$/m);
    const asked = await runCli(['query', 'select count(*) as runs from runs', ...both, '--format', 'csv']);
    expect(asked.stdout).toBe('runs\n4\n');
    expect(asked.stderr).toContain('2 runs are there twice, and their rows too');
  });
});
