import { type Command, Option } from 'commander';
import { FIRST_QUESTIONS, FIRST_SCENARIO } from '../scenario/first-scenario.ts';
import { examples, type Finish, optionsOf, wholeNumber } from './command-help.ts';
import type { InitOptions } from './options.ts';

const LEAVES_MAX = 4096;
const SPINES_MAX = 256;
const SERVERS_PER_LEAF_MAX = 1024;
const VMS_MAX = 1_000_000;

/** `init`: a first scenario. */
export function addInit(program: Command, finish: Finish): void {
  const { leaves, spines, serversPerLeaf, vms, fabrics } = FIRST_SCENARIO;
  const command = program
    .command('init')
    .summary('write a first scenario')
    .description(
      'Asks a few questions and writes a scenario with comments that runs in seconds. Whatever an option says is not asked; ' +
        'where nobody is there to answer, or with --yes, nothing is. A file that is there is kept.',
    )
    .argument('[file]', 'where to write it', 'scenario.yaml')
    .addOption(
      new Option('--question <name>', 'what to find out (default: migration)').choices(Object.keys(FIRST_QUESTIONS)),
    )
    .option('--leaves <number>', `leaf switches, one for each rack (default: ${leaves})`, wholeNumber(1, LEAVES_MAX))
    .option('--spines <number>', `spine switches (default: ${spines})`, wholeNumber(1, SPINES_MAX))
    .option(
      '--servers <number>',
      `servers in each rack (default: ${serversPerLeaf})`,
      wholeNumber(1, SERVERS_PER_LEAF_MAX),
    )
    .option('--vms <number>', `VMs in all (default: ${vms})`, wholeNumber(1, VMS_MAX))
    .option('--fabrics <kinds...>', `designs to compare (default: ${fabrics.join(' ')})`)
    .option('--yes', 'ask nothing')
    .option('--force', 'write over a file that is there')
    .addHelpText(
      'after',
      examples(
        ['dcfabric init', ''],
        ['dcfabric init lost-spine.yaml --question failure --leaves 8 --spines 4 --yes', ''],
        ['dcfabric init --fabrics vlan-rstp vxlan-evpn --yes', ''],
      ),
    );
  command.action(async (file: string) => {
    const { init } = await import('./init.ts');
    const { servers, ...options } = optionsOf<InitOptions & { readonly servers?: number }>(command);
    finish(await init(file, { ...options, ...(servers === undefined ? {} : { serversPerLeaf: servers }) }));
  });
}
