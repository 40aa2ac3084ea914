import type { Command } from 'commander';
import { examples, type Finish, optionsOf } from './command-help.ts';
import type { ReportOptions } from './options.ts';

/** `report`: results as a page. */
export function addReport(program: Command, finish: Finish): void {
  const command = program
    .command('report')
    .summary('make one HTML page of results')
    .description(
      'Makes one HTML page of the results of a run, of a comparison or of a study: the question, the answer, the ' +
        'figures with the numbers behind them, and how to repeat it all. The page needs no network and nothing beside it.',
    )
    .argument('<paths...>', 'folders with results: of a run, of several, or of a study')
    .option('--out <file>', 'the page to write (default: report.html in the first of the folders)')
    .option('--fabric <names...>', 'only these fabrics; the first is what the others are compared with')
    .option('--svg <folder>', 'also write every figure as an SVG file')
    .option('--png <folder>', 'also write every figure as a PNG file')
    .option('--no-progress', 'show no progress')
    .addHelpText(
      'after',
      examples(
        ['dcfabric report results/first-look', 'writes results/first-look/report.html'],
        ['dcfabric report results/first-look/vlan-stp-seed1 --out vlan-stp.html', 'one run alone'],
        ['dcfabric report results/first-look --fabric vxlan-flood-learn vlan-stp --png figures', ''],
      ),
    );
  command.action(async (paths: string[]) => {
    const { report } = await import('./report.ts');
    finish(await report(paths, optionsOf<ReportOptions>(command)));
  });
}
