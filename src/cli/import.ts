import { basename } from 'node:path';
import { withDistances } from '../exchange/geography.ts';
import { importNetwork, requireFormat } from '../exchange/import-network.ts';
import { importTopology } from '../exchange/imported-topology.ts';
import { parseRoleRule } from '../exchange/node-roles.ts';
import { Notes } from '../exchange/notes.ts';
import { scenarioText } from '../exchange/scenario-text.ts';
import { parseScenario } from '../scenario/read-scenario.ts';
import { formatCount } from '../units.ts';
import { ExitCode } from './exit-code.ts';
import type { ImportOptions } from './options.ts';
import { writeData, writeMessage } from './output.ts';
import { readTopologyText, writeNewFile } from './text-files.ts';

/** Makes a scenario of a topology that another tool wrote. What is left out is said on stderr and in the file. */
export async function importFile(file: string, options: ImportOptions): Promise<ExitCode> {
  const text = readTopologyText(file);
  const format = options.from ?? requireFormat(file, text);
  const roles = (options.role ?? []).map(parseRoleRule);
  const notes = new Notes();
  const graph = withDistances(await importNetwork({ text, file, notes }, format), notes);
  const topology = importTopology(graph, { file, roles, serversPerLeaf: options.serversPerLeaf, notes });
  const { switches, links, servers } = topology;
  const counts = [
    counted(switches.length, 'switch', 'switches'),
    `${counted(links.length, 'link', 'links')} between them`,
    counted(servers.length, 'server', 'servers'),
  ].join(', ');
  const scenario = scenarioText(topology, {
    title: graph.name,
    origin: [
      `Imported from ${basename(file)} (${format}): ${counts}.`,
      ...notes.lines().map((line) => `Note: ${line}`),
    ],
  });
  // whatever an import makes is a scenario, or it is a mistake of the import
  parseScenario(scenario, options.out ?? `${basename(file)} as a scenario`);
  if (options.out !== undefined) await writeNewFile(options.out, scenario, options);
  for (const line of notes.lines()) writeMessage(`note: ${line}`, options);
  if (options.out === undefined) writeData(scenario);
  else writeMessage(`${options.out}: ${counts}`, options);
  return ExitCode.ok;
}

function counted(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
