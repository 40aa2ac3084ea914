import type { FabricSettings, Scenario } from '../scenario/scenario.ts';
import { cablesOf, ETHERNET_NAMES, UNIQUE_NAMES } from './lab-cables.ts';
import { labCommands } from './lab-commands.ts';
import type { Notes } from './notes.ts';
import { oneLine } from './one-line.ts';
import { topologyGraph } from './topology-graph.ts';
import { DEFAULT_IMAGE, FRR_IMAGE, writeContainerlab } from './write-containerlab.ts';
import { writeCsv } from './write-csv.ts';
import { writeDot } from './write-dot.ts';
import { writeGraphml } from './write-graphml.ts';
import { writeMininet } from './write-mininet.ts';
import { writeNetjson } from './write-netjson.ts';

/** Formats that topologies are written in. */
export const EXPORT_FORMATS = ['containerlab', 'mininet', 'dot', 'graphml', 'netjson', 'csv'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions {
  /** What a lab is to do. */
  readonly fabric: FabricSettings;
  readonly image?: string;
  readonly notes: Notes;
}

/** The topology of a scenario as a text in a format. */
export function writeTopology(scenario: Scenario, format: ExportFormat, options: ExportOptions): string {
  const graph = topologyGraph(scenario);
  switch (format) {
    case 'dot':
      return writeDot(graph);
    case 'graphml':
      return writeGraphml(graph);
    case 'netjson':
      return writeNetjson(graph);
    case 'csv':
      return writeCsv(graph);
    case 'containerlab':
    case 'mininet': {
      const { fabric, notes } = options;
      const hasFrr = format === 'containerlab';
      const isEvpn = fabric.kind === 'vxlan-evpn';
      const { image = hasFrr && isEvpn ? FRR_IMAGE : DEFAULT_IMAGE } = options;
      const cables = cablesOf(graph, format === 'mininet' ? UNIQUE_NAMES : ETHERNET_NAMES);
      const commands = labCommands(scenario, fabric, { graph, cables, hasFrr, notes });
      const origin = [
        oneLine(`${scenario.name} on ${fabric.name}, exported by dcfabric.`),
        ...notes.lines().map((line) => `Note: ${line}`),
      ];
      const facts = { cables, commands, image, origin };
      return format === 'mininet' ? writeMininet(graph, facts) : writeContainerlab(graph, facts);
    }
  }
}
