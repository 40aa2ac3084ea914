import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';
import { ScratchFolder, smallScenario } from './small-scenario.ts';

const scratch = new ScratchFolder();
afterAll(() => scratch.remove());

function smallStudy(name: string): void {
  scratch.write('two-racks.yaml', smallScenario('1s'));
  const axes = 'axes: {traffic.flowsPerVmPerSecond: [4, 5]}';
  scratch.write(`${name}.yaml`, `title: Study of ${name}\nscenario: two-racks.yaml\nfabrics: [vlan-no-stp]\n${axes}\n`);
}

describe('dcfabric report', () => {
  it('makes a page beside the results of a comparison, and pictures of its figures', async () => {
    const file = scratch.write('two-racks.yaml', smallScenario('1s'));
    const out = join(scratch.path, 'results');
    await runCli(['compare', file, '--out', out, '-q']);
    const figures = join(scratch.path, 'figures');
    const made = await runCli(['report', join(out, 'two-racks'), '--svg', figures]);
    expect({ exitCode: made.exitCode, stdout: made.stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(made.stderr).toMatch(/two-racks\/report\.html: 3 figures, \d+ KB\n.*figures: mac-tables\.svg, /);
    const html = readFileSync(join(out, 'two-racks', 'report.html'), 'utf8');
    expect(html).toContain('<title>Two racks</title>');
    expect(html).toContain(`dcfabric run ${file} --fabric vlan-no-stp --seed 1`);
    // what docs/scope.md says is modelled, and what is not
    expect(html).toMatch(/Not modelled.*Congestion control\. .*Modelled.*Leaf-spine/s);
    expect(readdirSync(figures).length).toBe(3);
  });

  it('finds the study in the folder that a batch was given, if it is the only one', async () => {
    smallStudy('floods');
    smallStudy('storms');
    const out = join(scratch.path, 'studies');
    await runCli(['batch', join(scratch.path, 'floods.yaml'), '--jobs', '1', '--out', out, '-q']);
    expect((await runCli(['report', out, '-q'])).exitCode).toBe(0);
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('<title>Study of floods</title>');

    await runCli(['batch', join(scratch.path, 'storms.yaml'), '--jobs', '1', '--out', out, '-q']);
    const both = await runCli(['report', out]);
    expect(both.exitCode).toBe(2);
    expect(both.stderr).toMatch(/^error: .*: got 2 studies, expected one: .*floods, .*storms\n$/);
  });

  it('says what is wrong with a path, a name or a place to write to', async () => {
    const [nowhere, nothing] = await Promise.all([
      runCli(['report', join(scratch.path, 'nowhere')]),
      runCli(['report']),
    ]);
    expect(nowhere.exitCode).toBe(2);
    expect(nowhere.stderr).toMatch(/^error: .*nowhere: no such file or folder\n$/);
    expect(nothing.exitCode).toBe(2);
    expect(existsSync(join(scratch.path, 'report.html'))).toBe(false);
  });
});
