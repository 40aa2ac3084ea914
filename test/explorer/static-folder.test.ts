import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRunFiles, type RunFiles } from '../../src/explorer/run-files.ts';
import { writeStaticFolder } from '../../src/explorer/static-folder.ts';
import { SmallResults } from './small-results.ts';

const page = { html: '<!doctype html>', script: '', style: '' };

let results: SmallResults;
let files: RunFiles;

beforeAll(() => {
  results = new SmallResults({ duration: '1s', failures: [], migrations: {}, hosts: {} });
  files = findRunFiles(results.folder);
});
afterAll(() => results.remove());

describe('static folder of the explorer', () => {
  it('writes over a page of its own, and over none of somebody else', () => {
    const folder = join(results.folder, 'look');
    writeStaticFolder(folder, page, files);
    writeStaticFolder(folder, { ...page, html: 'anew' }, files);
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toBe('anew');
    const site = join(results.folder, 'site');
    mkdirSync(site);
    writeFileSync(join(site, 'index.html'), 'ten years of work');
    expect(() => writeStaticFolder(site, page, files)).toThrow(`${join(site, 'index.html')}: is of something else`);
    expect(readFileSync(join(site, 'index.html'), 'utf8')).toBe('ten years of work');
  });
});
