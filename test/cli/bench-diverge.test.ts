import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { builtProgram } from '../support/built-program.ts';
import { runCli } from './run-cli.ts';
import { ScratchFolder, smallScenario } from './small-scenario.ts';

const scratch = new ScratchFolder();
afterAll(() => scratch.remove());
const scenario = scratch.write('racks.yaml', smallScenario('2s'));
let compiled = '';
beforeAll(async () => {
  compiled = dirname(dirname((await builtProgram()).main));
});

/** A compiled folder of a version that prints its trail as `script` makes it of `line`, an object for each line. */
function otherVersion(name: string, script: string): string {
  mkdirSync(join(scratch.path, name, 'cli'), { recursive: true });
  scratch.write(
    join(name, 'cli/main.js'),
    `const { spawnSync } = require('node:child_process');
const words = ['${join(compiled, 'cli/main.js')}', ...process.argv.slice(2)];
const { stdout } = spawnSync(process.execPath, words, { encoding: 'utf8', maxBuffer: 1 << 28 });
for (const text of stdout.trim().split('\\n')) {
  const line = JSON.parse(text);
  ${script}
  console.log(JSON.stringify(line));
}
`,
  );
  return join(scratch.path, name);
}

const diverge = (head: string) => runCli(['bench', 'diverge', compiled, head, '--scenario', scenario]);

it('dcfabric bench diverge says that versions do the same, if they do', async () => {
  const { exitCode, stdout } = await diverge(compiled);
  expect([exitCode, stdout]).toEqual([0, `${compiled} and ${compiled} do the same\n`]);
});

it('dcfabric bench diverge never takes versions for the same whose fingerprints differ', async () => {
  const { exitCode, stdout } = await diverge(otherVersion('digest', "if (line.fingerprint) line.fingerprint = 'x';"));
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/: fingerprints differ although all [\d,]+ decisions that were compared read the same\n$/);
});

it('dcfabric bench diverge shows where states part, and does not call other states alike', async () => {
  const other = otherVersion(
    'states',
    `if (line.index >= 30) line.macEntries += 1000;
  if (line.index === 40) line.outcome = 'lost';
  if (line.state) line.decisionDigest = line.fingerprint = line.stateDigests.macEntries = 'x';`,
  );
  const { exitCode, stdout } = await diverge(other);
  expect(exitCode).toBe(1);
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/ part at decision 40, at [\d,]+ ns$/);
  expect(lines[1]).toMatch(/^MAC entries differ from decision 30 on, at [\d,]+ ns: \d+ and 1,0\d\d$/);
  expect(lines).toContain(`where states part: ${other}`);
  expect(lines).toContain(`before, the same decisions in other states: ${other}`);
  expect(stdout).not.toContain('alike');
});
