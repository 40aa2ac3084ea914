import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseCaseReport } from '../../src/benchmark/case-report.ts';
import { builtProgram } from '../support/built-program.ts';

const scratch = mkdtempSync(join(tmpdir(), 'dcfabric-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const SCENARIO = `duration: 4s
topology: { leaves: 2, spines: 1, serversPerLeaf: 1 }
tenants: [{ name: web, vmsPerSegment: 3 }]
fabrics: [vxlan-flood-learn]
`;

it('a case of a scenario counts the same work whatever the version is called', async () => {
  const { folder } = await builtProgram();
  const scenario = join(scratch, 'tiny.yaml');
  writeFileSync(scenario, SCENARIO);
  cpSync(join(folder, 'dist'), join(scratch, 'dist'), { recursive: true });
  for (const name of ['node_modules', 'scenarios']) symlinkSync(join(folder, name), join(scratch, name));
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object;
  const countersOf = (version: string) => {
    writeFileSync(join(scratch, 'package.json'), JSON.stringify({ ...manifest, version }));
    const words = ['bench', 'sample', scenario, '--fabric', 'vxlan-flood-learn'];
    const main = join(scratch, 'dist/cli/main.js');
    return parseCaseReport(execFileSync(process.execPath, [main, ...words], { encoding: 'utf8' }), version).counters;
  };
  const counters = countersOf('1.2.3');
  expect(counters.written_bytes).toBeGreaterThan(10_000);
  expect(countersOf('10.20.30-candidate.4')).toEqual(counters);
});
