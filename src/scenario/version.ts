import { readFileSync } from 'node:fs';

/** The version in package.json, which lies two folders above this file in the sources and in the build. */
export function readVersion(): string {
  version ??= versionIn(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return version;
}

let version: string | undefined;

function versionIn(text: string): string {
  return (JSON.parse(text) as { version: string }).version;
}
