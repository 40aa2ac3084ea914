import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './program.ts';

const LICENCE_FILE = /^(licen[cs]e|notice|copying|copyright)/i;

/** The licences of all packages of which sources are in a bundle, as these ask for. */
export function licenceNotices(sources: readonly string[]): string {
  const folders = new Set(sources.flatMap((file) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const notices = [...folders].map((folder) => noticeOf(join(ROOT, folder)));
  return [INTRODUCTION, ...notices.sort()].join(`\n\n${'-'.repeat(80)}\n\n`);
}

const INTRODUCTION = 'The files of dcfabric contain these packages, each under its own licence.';

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const names = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
  const texts = names.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (texts.length === 0) texts.push(licenceOfReadme(folder));
  return [`${name} ${version}${license === undefined ? '' : ` (${license})`}`, ...texts].join('\n\n');
}

/** Of a package without such a file: what its readme says. */
function licenceOfReadme(folder: string): string {
  const readme = readdirSync(folder).find((file) => /^readme/i.test(file));
  const text = readme === undefined ? '' : readFileSync(join(folder, readme), 'utf8');
  const section = /^(#+ *)?licen[cs]e\b[^\n]*\n[\s\S]*/im.exec(text)?.[0];
  if (section === undefined) throw new Error(`${folder} is bundled, but says nowhere under which licence`);
  return section.trim();
}
