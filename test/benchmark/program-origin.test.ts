import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkoutOf, differenceOf, originOf, thisOrigin } from '../../src/benchmark/program-origin.ts';
import { readVersion } from '../../src/scenario/version.ts';

const folder = mkdtempSync(join(tmpdir(), 'dcfabric-test-'));
const repository = join(folder, 'repository');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function git(...words: readonly string[]): string {
  const author = ['-c', 'user.name=x', '-c', 'user.email=x@example.org'];
  return execFileSync('git', [...author, ...words], { cwd: repository, encoding: 'utf8' }).trim();
}

beforeAll(() => {
  mkdirSync(join(repository, 'below'), { recursive: true });
  git('init', '--quiet');
  writeFileSync(join(repository, 'below', 'file'), '');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'first');
});

describe('the origin of a program', () => {
  it('is the commit that its folder has checked out', async () => {
    const commit = git('rev-parse', 'HEAD');
    expect(await originOf(repository, '1.2.3')).toEqual({ commit, isDirty: false, version: '1.2.3' });
    writeFileSync(join(repository, 'below', 'file'), 'changed');
    expect(await originOf(repository, '1.2.3')).toEqual({ commit, isDirty: true, version: '1.2.3' });
  });

  it('is its version alone in no repository, and in a folder of one', async () => {
    const ofVersion = { commit: null, isDirty: false, version: '1.2.3' };
    expect(await originOf(folder, '1.2.3')).toEqual(ofVersion);
    expect(await originOf(join(repository, 'below'), '1.2.3')).toEqual(ofVersion);
    expect(await checkoutOf(join(folder, 'none'))).toBeNull();
  });

  it('is that of the sources where they run as they are', async () => {
    const { origin, difference } = await thisOrigin();
    expect([origin.version, difference]).toEqual([readVersion(), null]);
  });

  it('differs from what was checked out or changed since', () => {
    const [one, other] = ['a'.repeat(40), 'b'.repeat(40)];
    const built = { commit: one, isDirty: false, version: '1.2.3' };
    expect(differenceOf(built, { commit: one, isDirty: false })).toBeNull();
    expect(differenceOf(built, { commit: other, isDirty: true })).toBe(
      'this program was built of aaaaaaaaa, and bbbbbbbbb and changes is checked out',
    );
    expect(differenceOf(built, { commit: one, isDirty: true })).toMatch(/aaaaaaaaa and changes is checked out$/);
    expect(differenceOf({ ...built, commit: null }, { commit: one, isDirty: false })).toMatch(/built of v1\.2\.3,/);
  });
});
