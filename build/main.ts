// Makes what of `dist` is JavaScript: the program, and the page of the explorer.
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { licenceNotices } from './notices.ts';
import { PAGE, PROGRAM, ROOT } from './program.ts';

const dist = join(ROOT, 'dist');
rmSync(dist, { recursive: true, force: true });
const bundles = await Promise.all([build(PROGRAM), build(PAGE)]);
writeFileSync(join(dist, 'THIRD-PARTY.txt'), licenceNotices(bundles.map(({ metafile }) => metafile)));
chmodSync(join(dist, 'cli/main.js'), 0o755);
