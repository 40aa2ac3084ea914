import { startExplorerServer } from '../explorer/explorer-server.ts';
import { pageFiles } from '../explorer/page-files.ts';
import { findRunFiles } from '../explorer/run-files.ts';
import { writeStaticFolder } from '../explorer/static-folder.ts';
import { ExitCode } from './exit-code.ts';
import type { ExploreOptions } from './options.ts';
import { makeWritable } from './output.ts';

/** Serves the explorer until it is interrupted, or writes it into a folder. */
export async function explore(path: string, options: ExploreOptions): Promise<ExitCode> {
  const files = findRunFiles(path);
  const { length } = files.catalogue.runs;
  const runs = `${length} ${length === 1 ? 'run' : 'runs'}`;
  if (options.static !== undefined) {
    makeWritable(options.static, '--static');
    writeStaticFolder(options.static, await pageFiles({ isStatic: true }), files);
    if (!options.quiet) process.stderr.write(`${runs} written: open ${options.static}/index.html\n`);
    return ExitCode.ok;
  }
  const server = await startExplorerServer(await pageFiles({ isStatic: false }), files, { port: options.port });
  process.stdout.write(`${server.url}\n`);
  if (!options.quiet) process.stderr.write(`${runs}: open the address in a browser; Ctrl-C ends it\n`);
  await interrupted();
  await server.close();
  return ExitCode.ok;
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
