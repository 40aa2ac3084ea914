import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTextFile } from '../../src/scenario/text-file.ts';

describe('reading a text', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dcfabric-text-'));
  const written = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  afterAll(() => rmSync(folder, { recursive: true }));

  it('returns it as it is, up to the bytes that are allowed', () => {
    expect(readTextFile(written('text', 'größe\n'), 8)).toBe('größe\n');
    expect(() => readTextFile(written('longer', 'größer\n'), 8)).toThrow(
      /^is too large: got 9 bytes, expected at most 8$/,
    );
  });

  it('says what else a file is', () => {
    expect(() => readTextFile(join(folder, 'none'))).toThrow(/^cannot be read: there is no such file \(ENOENT\)$/);
    expect(() => readTextFile(folder)).toThrow(/^cannot be read: it is a folder \(EISDIR\)$/);
    const bytes = written('bytes', Uint8Array.of(0xff, 0xfe, 0));
    expect(() => readTextFile(bytes)).toThrow(/^cannot be read: it is not text in UTF-8$/);
  });
});
