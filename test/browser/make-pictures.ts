// Makes the pictures of docs/images: npx tsx test/browser/make-pictures.ts
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createReport } from '../../src/report/report.ts';
import { findRuns } from '../../src/results/find-runs.ts';
import { readScenario } from '../../src/scenario/read-scenario.ts';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { launchChromium } from './chromium.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const images = join(root, 'docs', 'images');
const work = mkdtempSync(join(tmpdir(), 'dcfabric-pictures-'));

/** The head of the report of first-look: answer, key figures and the first curves; three quarters of its size. */
const REPORT_VIEW = { viewport: { width: 1140, height: 1560 }, deviceScaleFactor: 0.75 };

try {
  compareFabrics(readScenario(join(root, 'scenarios', 'first-look.yaml')), { outDir: work });
  const { html } = await createReport(findRuns([work]), { scope: { modelled: [], notModelled: [] } });
  const page = join(work, 'report.html');
  writeFileSync(page, html);
  mkdirSync(images, { recursive: true });
  const browser = await launchChromium();
  const tab = await browser.newPage(REPORT_VIEW);
  await tab.goto(pathToFileURL(page).href);
  await tab.screenshot({ path: join(images, 'report.png') });
  await browser.close();
} finally {
  rmSync(work, { recursive: true });
}
