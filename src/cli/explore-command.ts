import { type Command, InvalidArgumentError } from 'commander';
import { examples, type Finish, optionsOf } from './command-help.ts';
import type { ExploreOptions } from './options.ts';

export function addExplore(program: Command, finish: Finish): void {
  const command = program
    .command('explore')
    .summary('look at results in a browser: the fabric itself, over time')
    .description(
      'Serves a page that draws the fabrics of results: loads of links, tables as they fill, floods and migrations. It is ' +
        'served to this machine only, and only to whoever has the address that is printed. Ctrl-C ends it.',
    )
    .argument('<results>', 'result folder of a run, or a folder with many')
    .option('--port <number>', 'port on this machine; 0 takes any that is free', parsePort, 0)
    .option(
      '--static <folder>',
      'write the page and its data to this folder, to be opened from disk or put on a server',
    )
    .addHelpText(
      'after',
      examples(
        ['dcfabric explore results/first-look', ''],
        ['dcfabric explore results/first-look --static first-look-explorer', 'to pass on; open its index.html'],
      ),
    );
  command.action(async (path: string) => {
    const { explore } = await import('./explore.ts');
    finish(await explore(path, optionsOf<ExploreOptions>(command)));
  });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('Expected a port from 0 to 65535.');
}
