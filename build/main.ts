// Makes what of `dist` is JavaScript: the program, and the page of the explorer.
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { keepCompiled } from './compiled.ts';
import { licenceNotices } from './notices.ts';
import { bundleProgram, PAGE, ROOT } from './program.ts';

const dist = join(ROOT, 'dist');
rmSync(dist, { recursive: true, force: true });
const [program, page] = await Promise.all([bundleProgram(dist), build(PAGE)]);
const sources = [...[...program.values()].flat(), ...Object.keys(page.metafile.inputs)];
writeFileSync(join(dist, 'THIRD-PARTY.txt'), licenceNotices(sources));
chmodSync(join(dist, 'cli/main.js'), 0o755);
await keepCompiled(dist);
