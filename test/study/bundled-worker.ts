import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, ROOT } from '../../build/program.ts';

/** Workers' modules in one file each, as they are shipped: from hundreds of sources they take seconds to start. */
export class BundledWorkers {
  // as deep as what is built, for paths that are reckoned from a module
  readonly #folder: string;

  constructor(name: string) {
    this.#folder = join(ROOT, 'results', `.test-${name}-${process.pid}`);
  }

  /** The address of a module, bundled. */
  async module(source: string): Promise<string> {
    const name = basename(source, '.ts');
    await bundle(this.#folder, { [name]: source });
    return pathToFileURL(join(this.#folder, `${name}.js`)).href;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
