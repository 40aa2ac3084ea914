import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where distributions put Chromium; CHROMIUM names another one. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const executablePath = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place));

export function hasChromium(): boolean {
  return executablePath !== undefined;
}

/** Starts the Chromium of this machine; whoever starts it closes it. */
export function launchChromium(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(`no Chromium at ${PLACES.join(', ')}; CHROMIUM can name one`);
  // its sandbox refuses to start as root
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}
