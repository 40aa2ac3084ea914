// Makes docs/images/explorer.png: npx tsx test/browser/explorer-picture.ts. It simulates scenarios/first-look.yaml on two
// fabrics, opens the explorer and follows a migration.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startExplorerServer } from '../../src/explorer/explorer-server.ts';
import { pageFiles } from '../../src/explorer/page-files.ts';
import { findRunFiles } from '../../src/explorer/run-files.ts';
import { readScenario } from '../../src/scenario/read-scenario.ts';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { launchChromium } from './chromium.ts';

const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const VIEW = 'a=first-look/vlan-stp-seed1&b=first-look/vxlan-evpn-seed1';
/** Hops of the announcement that is followed. */
const HOPS = 3;

const folder = mkdtempSync(join(tmpdir(), 'dcfabric-picture-'));
try {
  const scenario = readScenario(pathOf('scenarios/first-look.yaml'), { overrides: ['fabrics=[vlan-stp, vxlan-evpn]'] });
  compareFabrics(scenario, { outDir: folder });
  const server = await startExplorerServer(await pageFiles({ isStatic: false }), findRunFiles(folder), { port: 0 });
  const browser = await launchChromium();
  const page = await browser.newPage({ viewport: { width: 1000, height: 640 } });
  await page.goto(`${server.url}#${VIEW}`);
  await page.waitForSelector('body[data-ready="true"]');
  await page.click('#selected summary');
  await page.click('#traces summary');
  await page.getByRole('button', { name: 'migration 1, announced 1', exact: true }).click();
  for (let hop = 0; hop < HOPS; hop++) await page.click('#hop-on');
  await page.waitForTimeout(500);
  await page.screenshot({ path: pathOf('docs/images/explorer.png') });
  await browser.close();
  await server.close();
} finally {
  rmSync(folder, { recursive: true });
}
