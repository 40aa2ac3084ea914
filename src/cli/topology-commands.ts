import { type Command, Option } from 'commander';
import { addScenarioOptions, append, examples, type Finish, optionsOf, wholeNumber } from './command-help.ts';
import type { ImportOptions, TopologyOptions } from './options.ts';

const SERVERS_PER_LEAF_MAX = 1024;

/** `import`: topologies from other tools. */
export function addImport(program: Command, finish: Finish): void {
  const command = program
    .command('import')
    .summary('make a scenario of a topology from another tool')
    .description(
      'Makes a scenario of a network that another tool describes: a containerlab topology, a Graphviz or GraphML graph ' +
        '(the Internet Topology Zoo), a NetJSON NetworkGraph, or a CSV of links. What cannot be carried over is said.\n\n' +
        'What a node is, the first of these tells: --role; a role, function, tier, type or group that the file gives it; ' +
        'its name (leaf1, spine2, server3, host4, client5, exit01, core1, …); its containerlab kind. Whoever is left is a ' +
        'switch: a leaf if it has servers, else a spine or super-spine by its distance from them.',
    )
    .argument('<file>', 'topology file')
    .addOption(
      new Option('--from <format>', 'format of the file (default: by its name and content)').choices([
        'containerlab',
        'dot',
        'graphml',
        'netjson',
        'csv',
      ]),
    )
    .option(
      '--role <regex=role>',
      'role of the nodes whose names match; may be repeated, the first that matches counts',
      append,
    )
    .option(
      '--servers-per-leaf <number>',
      'servers at each leaf of a network that has none',
      wholeNumber(1, SERVERS_PER_LEAF_MAX),
      2,
    )
    .option('--out <file>', 'write the scenario to this file instead of stdout')
    .option('--force', 'write over a file that is there')
    .addHelpText(
      'after',
      examples(
        ['dcfabric import lab.clab.yml --out lab.yaml', ''],
        ["dcfabric import net.dot --role 'mgmt=ignore' --role '^r[0-9]=leaf' --out net.yaml", 'say what nodes are'],
        ['dcfabric import Abilene.graphml --servers-per-leaf 4 --out abilene.yaml', 'a network without servers'],
      ),
    );
  command.action(async (file: string) => {
    const { importFile } = await import('./import.ts');
    finish(await importFile(file, optionsOf<ImportOptions>(command)));
  });
}

/** `topology`: a scenario's topology for other tools. */
export function addTopology(program: Command, finish: Finish): void {
  const command = program
    .command('topology')
    .summary('write the topology of a scenario for another tool')
    .description(
      'Writes the topology of a scenario as a graph, or as a lab that can be run: Linux containers or namespaces that do what ' +
        "one of the scenario's fabrics does, VLANs on bridges with spanning tree, VXLAN over routes of equal cost, or EVPN, with the " +
        'VMs as namespaces on their servers. What the lab does otherwise is said.',
    )
    .argument('<scenario>', 'scenario file, YAML or JSON; - reads it from stdin')
    .addOption(
      new Option('--to <format>', 'what to write')
        .choices(['containerlab', 'mininet', 'dot', 'graphml', 'netjson', 'csv'])
        .makeOptionMandatory(),
    )
    .option('--fabric <name>', 'fabric of the scenario that a lab is to be (default: the first one listed)')
    .option('--image <image>', 'container image of all nodes, with iproute2, and FRR for EVPN; containerlab only')
    .option('--out <file>', 'write to this file instead of stdout')
    .option('--force', 'write over a file that is there');
  addScenarioOptions(command).addHelpText(
    'after',
    examples(
      ['dcfabric topology small.yaml --to containerlab --out small.clab.yml', ''],
      ['dcfabric topology small.yaml --to mininet --fabric vxlan-flood-learn > small.py', ''],
      ['dcfabric topology scenarios/first-look.yaml --to dot | dot -Tsvg > first-look.svg', 'a picture'],
    ),
  );
  command.action(async (scenario: string) => {
    const { exportTopology } = await import('./topology.ts');
    finish(await exportTopology(scenario, optionsOf<TopologyOptions>(command)));
  });
}
