import { type Command, Option } from 'commander';
import { examples, type Finish, optionsOf } from './command-help.ts';
import type { ExportOptions, InspectOptions, QueryOptions, StatisticsOptions } from './result-options.ts';

/** What `query` prints or writes. */
export const QUERY_FORMATS = ['table', 'csv', 'json', 'jsonl', 'parquet', 'arrow'] as const;

/** What `export` writes. */
export const EXPORT_FORMATS = ['parquet', 'csv', 'jsonl'] as const;

/** Commands that read results. */
export function addResultCommands(program: Command, finish: Finish): void {
  addQuery(program, finish);
  addExport(program, finish);
  addInspect(program, finish);
  addStatistics(program, finish);
}

function addQuery(program: Command, finish: Finish): void {
  const command = program
    .command('query')
    .summary('ask the tables of one run or of a thousand by SQL')
    .description(
      'Asks result tables by SQL (DuckDB). Each table of docs/results.md holds the rows of all runs at and below the ' +
        'paths, each row with its run: run_id, scenario, fabric, seed, and a column for each parameter of its study, ' +
        'such as "topology.leaves". `runs` has a row for each run, `summary` one for each number of its summary. Nothing can ' +
        'be written by SQL.',
    )
    .argument('<sql>', 'the query; - reads it from stdin')
    .argument('[paths...]', 'result folders: of runs, of a study, or of many results', ['results'])
    .addOption(
      new Option('--format <format>', 'of the output (default: by the file, or else a table)').choices(QUERY_FORMATS),
    )
    .option('--output <file>', 'write to this file')
    .option('--incomplete', 'take in runs that were killed or interrupted, as far as they came')
    .addHelpText(
      'after',
      examples(
        ['dcfabric query "select fabric, max(mac_entries) from switch_samples group by fabric"', ''],
        ['dcfabric query "describe migrations" results/first-look', 'its columns'],
        ['dcfabric query "from link_floods" results/my-study --output floods.parquet', 'rows of all cells in one file'],
      ),
    );
  command.action(async (sql: string, paths: string[]) => {
    const { query } = await import('./query.ts');
    finish(await query(sql, paths, optionsOf<QueryOptions>(command)));
  });
}

function addExport(program: Command, finish: Finish): void {
  const command = program
    .command('export')
    .summary('write result tables in another format')
    .description(
      'Writes each table of each run at and below the paths in another format, with the run.json of each run.',
    )
    .argument('<paths...>', 'result folders: of runs, of a study, or of many results')
    .addOption(new Option('--to <format>', 'format').choices(EXPORT_FORMATS).makeOptionMandatory())
    .requiredOption('--out <folder>', 'where the folders of the runs are made')
    .option('--table <names...>', 'only these tables')
    .option('--incomplete', 'take in runs that were killed or interrupted, as far as they came')
    .addHelpText(
      'after',
      examples(
        ['dcfabric export results/first-look --to parquet --out exported', ''],
        ['dcfabric export results --to csv --out exported --table migrations failures', ''],
      ),
    );
  command.action(async (paths: string[]) => {
    const { exportResults } = await import('./export.ts');
    finish(await exportResults(paths, optionsOf<ExportOptions>(command)));
  });
}

function addInspect(program: Command, finish: Finish): void {
  const command = program
    .command('inspect')
    .summary('show what an Arrow file holds')
    .description(
      'Shows the columns of Arrow files with their units, least and greatest values and nulls, the metadata, and the ' +
        'first rows. Reads files that were cut off, too.',
    )
    .argument('<files...>', 'Arrow files: .arrow, .arrow.partial')
    .option('--rows <number>', 'rows to show', '5')
    .option('--json', 'print results as JSON')
    .addHelpText('after', examples(['dcfabric inspect results/first-look/vlan-stp-seed1/migrations.arrow', '']));
  command.action(async (files: string[]) => {
    const { inspect } = await import('./inspect.ts');
    finish(inspect(files, optionsOf<InspectOptions>(command)));
  });
}

function addStatistics(program: Command, finish: Finish): void {
  const command = program
    .command('statistics')
    .summary('say what runs settle at after their warm-up, and how sure that is')
    .description(
      'From the samples of all runs at and below the paths: what is flooded, carried, dropped and learned after the ' +
        'warm-up, as means and percentiles over replications with confidence intervals, with the paired difference to the ' +
        'first fabric, and how many replications a wanted precision needs.',
    )
    .argument('<paths...>', 'result folders: of runs, of a study, or of many results')
    .option(
      '--warmup <time>',
      "simulated time to leave out at the beginning (default: the scenario's warmup, or what MSER-5 finds in each run)",
    )
    .option('--precision <share>', 'wanted half of the confidence interval, as a share of the mean', '5%')
    .option('--incomplete', 'take in runs that were killed or interrupted, as far as they came')
    .option('--json', 'print results as JSON')
    .addHelpText('after', examples(['dcfabric statistics results/first-look --warmup 90s', '']));
  command.action(async (paths: string[]) => {
    const { statistics } = await import('./statistics.ts');
    finish(statistics(paths, optionsOf<StatisticsOptions>(command)));
  });
}
