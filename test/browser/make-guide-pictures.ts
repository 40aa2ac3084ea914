// Makes the pictures of docs/guide.md, from what its commands make when run as they stand: npx tsx test/browser/make-guide-pictures.ts
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { launchChromium } from './chromium.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const images = join(root, 'docs', 'images');
const work = mkdtempSync(join(tmpdir(), 'dcfabric-guide-'));

const PICTURES = [
  { name: 'guide-report.png', page: 'results/lost-spine/report.html', view: '', width: 1040, height: 1040 },
  // five seconds after the spine is lost
  { name: 'guide-explorer.png', page: 'look/index.html', view: '#t=95000000000', width: 1100, height: 740 },
];

/** The commands of the guide, in order. */
function commandsOf(guide: string): string[] {
  return [...guide.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) => block!.trim().split('\n'));
}

/** `npx dcfabric …` as this checkout has it, without building it first. */
function run(command: string): void {
  process.stderr.write(`${command}\n`);
  execFileSync('sh', ['-c', command.replace(/^npx dcfabric/, '"$NODE" --import "$LOADER" "$MAIN" --quiet')], {
    cwd: work,
    env: {
      ...process.env,
      NODE: process.execPath,
      LOADER: import.meta.resolve('tsx'),
      MAIN: join(root, 'src/cli/main.ts'),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

try {
  for (const command of commandsOf(readFileSync(join(root, 'docs/guide.md'), 'utf8'))) run(command);
  mkdirSync(images, { recursive: true });
  const browser = await launchChromium();
  for (const { name, page, view, width, height } of PICTURES) {
    const tab = await browser.newPage({ viewport: { width, height }, colorScheme: 'light' });
    await tab.goto(`${pathToFileURL(join(work, page)).href}${view}`);
    // figures are drawn once the page is there
    await tab.waitForTimeout(1500);
    await tab.screenshot({ path: join(images, name) });
  }
  await browser.close();
} finally {
  rmSync(work, { recursive: true });
}
