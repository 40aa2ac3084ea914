import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { hasChromium, launchChromium } from './chromium.ts';

/**
 * Tests that need a real browser, which all of them share. Without Chromium they are skipped, unless REQUIRE_CHROMIUM is
 * set: then they fail.
 */
export function describeInBrowser(subject: string, tests: (open: OpenPage) => void): void {
  const isNeeded = (process.env.REQUIRE_CHROMIUM ?? '') !== '';
  describe.skipIf(!hasChromium() && !isNeeded)(subject, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchChromium();
    });
    afterAll(() => browser?.close());
    tests((url, options) => openPage(browser, url, options));
  });
}

export type OpenPage = (url: string, options?: BrowserContextOptions) => Promise<OpenedPage>;

/** A page in a context of its own, and what it did since it was opened. Closing the context is the test's business. */
export interface OpenedPage {
  readonly page: Page;
  /** Messages on the console that are errors or warnings, and errors that nobody caught. */
  readonly complaints: readonly string[];
  /** Addresses that were asked for, a page from disk or from a server included. */
  readonly requests: readonly string[];
}

export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
export const DESKTOP = { viewport: { width: 1280, height: 900 } };

async function openPage(browser: Browser, url: string, options: BrowserContextOptions = DESKTOP): Promise<OpenedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  return { page, complaints, requests };
}

/** What axe-core finds wrong with a page, as far as it is serious or worse: a line for each rule and element. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // a page whose policy forbids scripts of others is looked at all the same: this way in is not the page's
  await page.evaluate(axe.source);
  const violations = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as AxeViolation[];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id} (${help}) at ${target.join(' ')}`));
}

interface AxeViolation {
  readonly id: string;
  readonly help: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}
