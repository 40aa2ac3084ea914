import { readFileSync, writeFileSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { KEEP_COMPILED_VARIABLE } from '../scenario/tune-v8.ts';

/** Where V8's code of a script is kept. */
export function compiledPath(script: string): string {
  return `${script}.compiled`;
}

/**
 * Loads a script of the built program, and those that it requires, with the code that V8 made of them when the program was
 * built: most of the time that a short command takes is V8's to compile a megabyte or two, and to compile each function
 * once more when it is first called. V8 takes no code but that of its own version and flags, and compiles where it takes none.
 *
 * Node 22.1 does this itself, for what it loads. Its own loader is also the one that knows source maps, which `--debug` needs.
 */
export function loadScript(path: string): unknown {
  const require = createRequire(path);
  if (process.argv.includes('--debug')) process.setSourceMapsEnabled(true);
  const { enableCompileCache } = module as { enableCompileCache?: () => void };
  enableCompileCache?.();
  const isOurs = enableCompileCache === undefined && !isTraced();
  return isOurs ? new Scripts(require).load(path) : require(path);
}

function isTraced(): boolean {
  return process.argv.includes('--debug') || process.execArgv.includes('--enable-source-maps');
}

type Wrapper = (
  exports: unknown,
  require: NodeJS.Require,
  module: { exports: unknown },
  file: string,
  folder: string,
) => void;

/** The scripts of one thread, as CommonJS has them. */
class Scripts {
  readonly #modules = new Map<string, { exports: unknown }>();
  readonly #requirePackage: NodeJS.Require;

  constructor(requirePackage: NodeJS.Require) {
    this.#requirePackage = requirePackage;
  }

  load(path: string): unknown {
    const known = this.#modules.get(path);
    if (known !== undefined) return known.exports;
    const module = { exports: {} as unknown };
    this.#modules.set(path, module);
    const folder = dirname(path);
    const require = (name: string) =>
      name.startsWith('.') ? this.load(join(folder, name)) : this.#requirePackage(name);
    const wrapper = compile(path).runInThisContext() as Wrapper;
    wrapper(module.exports, require as NodeJS.Require, module, path, folder);
    return module.exports;
  }
}

function compile(path: string): vm.Script {
  // all of it ASCII, which is read fastest this way
  const source = readFileSync(path, 'latin1');
  const script = new vm.Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: pathToFileURL(path).href,
    cachedData: compiledBefore(path),
  });
  if (process.env[KEEP_COMPILED_VARIABLE] !== undefined) {
    process.on('exit', () => writeFileSync(compiledPath(path), script.createCachedData()));
  }
  return script;
}

function compiledBefore(path: string): Buffer | undefined {
  try {
    return readFileSync(compiledPath(path));
  } catch {
    return undefined;
  }
}
