import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeRunMark, syncFiles, writeRunMark } from '../../src/metrics/run-mark.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-mark-'));
  writeFileSync(join(folder, 'run.arrow'), 'a table');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the mark of a result folder', () => {
  it.each([true, false])('is put there as a whole, and taken away (on the disk: %s)', async (awaitsDisk) => {
    mkdirSync(join(folder, 'notes of somebody else'));
    writeRunMark(folder, { seed: 1 }, { awaitsDisk });
    await syncFiles(folder);
    expect(readdirSync(folder)).toEqual(['notes of somebody else', 'run.arrow', 'run.json']);
    expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toEqual({ seed: 1 });
    removeRunMark(folder);
    expect(readdirSync(folder)).not.toContain('run.json');
  });

  it('is not put there if a table cannot reach the disk', async () => {
    mkdirSync(join(folder, 'links.arrow'));
    expect(() => writeRunMark(folder, {}, { awaitsDisk: true })).toThrow('EISDIR');
    expect(readdirSync(folder)).not.toContain('run.json');
    await expect(syncFiles(folder)).rejects.toMatchObject({ code: 'EISDIR', path: folder });
  });
});
