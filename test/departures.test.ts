import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('docs/model.md lists every file that differs from a standard, and no other', () => {
  const differing = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join('src', file))
    .filter((file) => readFileSync(file, 'utf8').includes('Differs from the standard:'));
  const [, table = ''] = readFileSync('docs/model.md', 'utf8').split('\n## Departures\n');
  const listed = [...table.matchAll(/^\| `(src\/[^`]+)` \|/gm)].map(([, file]) => file);
  expect([...new Set(listed)].sort()).toEqual(differing.sort());
});
