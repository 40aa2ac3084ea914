import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';
import { ScratchFolder } from './small-scenario.ts';

const RECORDINGS = fileURLToPath(new URL('../recordings/', import.meta.url));
const recordings = readdirSync(RECORDINGS)
  .filter((name) => name.endsWith('.json'))
  .map((name) => join(RECORDINGS, name));
const scratch = new ScratchFolder();
afterAll(() => scratch.remove());

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

/** The smallest of the recordings, changed. */
function changed(name: string, change: (recording: Record<string, unknown>) => Record<string, unknown>): string {
  const [smallest] = recordings.toSorted((one, other) => readFileSync(one).length - readFileSync(other).length);
  return scratch.write(name, JSON.stringify(change(read(smallest!))));
}

describe.concurrent('replay', () => {
  it('meets every recording of real bridges and VTEPs', async () => {
    const { exitCode, stdout, stderr } = await runCli(['replay', ...recordings]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(recordings.length);
    for (const line of lines) expect(line).toMatch(/^\S+ {2}([\d,]+) \/ \1 facts equal$/);
  });

  it('writes what it simulates as a recording that it meets, and keeps what it does not know', async () => {
    const file = changed('noted.json', (recording) => ({ ...recording, note: 'kept', observed: undefined }));
    const out = join(scratch.path, 'simulated');
    const written = await runCli(['replay', file, '--out', out]);
    expect(written.exitCode).toBe(0);
    expect(read(join(out, basename(file)))).toMatchObject({ ...read(file), note: 'kept', observed: {} });
    expect((await runCli(['replay', join(out, basename(file))])).exitCode).toBe(0);
  });

  it('names the facts that a recording does not share', async () => {
    const file = changed('tampered.json', (recording) => {
      return { ...recording, observed: { ...(recording.observed as object), invented: { fact: 42 } } };
    });
    const { exitCode, stdout } = await runCli(['replay', file]);
    expect(exitCode).toBe(1);
    expect(stdout.split('\n')[1]).toBe('  invented.fact: recorded 42, simulated nothing');
    const { stdout: json } = await runCli(['replay', file, '--json']);
    expect(JSON.parse(json)).toMatchObject([{ file, differences: ['invented.fact: recorded 42, simulated nothing'] }]);
  });

  it('says what to do with a recording that observed nothing', async () => {
    const { exitCode, stderr } = await runCli([
      'replay',
      changed('silent.json', (recording) => ({ ...recording, observed: undefined })),
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('has nothing observed to compare with; add --out <folder>');
  });

  it('never overwrites a recording that it replays', async () => {
    const file = changed('precious.json', (recording) => recording);
    const { exitCode, stderr } = await runCli(['replay', file, '--out', scratch.path]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('would be overwritten');
  });
});
