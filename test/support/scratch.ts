import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder that is there as long as tests run. */
    scratch: string;
  }
}

/** Called by Vitest before all tests; what it returns is called after them. */
export function setup({ provide }: TestProject): () => void {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'dcfabric-tests-')));
  provide('scratch', scratch);
  return () => rmSync(scratch, { recursive: true, force: true });
}
