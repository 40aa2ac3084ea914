import { stringify } from 'yaml';
import type { ImportedTopology } from './imported-topology.ts';
import { oneLine } from './one-line.ts';
import { exactDuration, exactRate } from './quantities.ts';

/** What a scenario file is made from besides its topology. */
export interface ScenarioFacts {
  readonly title: string;
  /** Said in comments at the top. */
  readonly origin: readonly string[];
}

/** As the schema of scenarios has it. */
const TITLE_LENGTH_MAX = 200;

/** VMs on each server and in each segment of a scenario whose topology was imported. */
const VMS_PER_SERVER = 4;
const VMS_PER_SEGMENT = 40;

/** A scenario file with an explicit topology, and a small workload to begin with. */
export function scenarioText(topology: ImportedTopology, { title, origin }: ScenarioFacts): string {
  const vmCount = topology.servers.length * VMS_PER_SERVER;
  const segmentCount = Math.max(1, Math.round(vmCount / VMS_PER_SEGMENT));
  return [
    ...origin.map((line) => comment(line)),
    ...(title.trim() === '' ? [] : [`title: ${scalar(oneLine(title).slice(0, TITLE_LENGTH_MAX))}`]),
    'seed: 1',
    'duration: 2min',
    '',
    'topology:',
    '  kind: explicit',
    '  switches:',
    ...topology.switches.map(({ id, role, stpPriority, mac }) => item({ id, role, stpPriority, mac })),
    topology.links.length === 0 ? '  links: []' : '  links:',
    ...topology.links.map(({ a, b, cost, ...facts }) => item({ a, b, ...quantities(facts), cost })),
    '  servers:',
    ...topology.servers.map(({ id, at, secondAt, ...facts }) => item({ id, at, secondAt, ...quantities(facts) })),
    '',
    '# the designs to compare: `dcfabric schema` lists all of them',
    'fabrics: [vlan-stp, vxlan-flood-learn]',
    '',
    `# ${VMS_PER_SERVER} VMs for each server, to begin with`,
    `tenants: [{ name: imported, segments: ${segmentCount}, totalVms: ${vmCount} }]`,
    '',
    '# a spanning tree with the default times forwards after 30 s and is quiet after 65 s: VMs boot then',
    'hosts: { bootStart: 70s }',
    '',
  ].join('\n');
}

function item(fields: Readonly<Record<string, string | number | undefined>>): string {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  return `    - { ${said.map(([key, value]) => `${key}: ${scalar(value!)}`).join(', ')} }`;
}

function quantities({ rateBitsPerSec, delayNs }: { rateBitsPerSec?: number; delayNs?: number }) {
  return {
    rate: rateBitsPerSec === undefined ? undefined : exactRate(rateBitsPerSec),
    delay: delayNs === undefined ? undefined : exactDuration(delayNs),
  };
}

/** A text or number as YAML takes it on one line, in quotes where it could be taken for something else. */
function scalar(value: string | number): string {
  // in a flow mapping, and on one line however long
  return stringify([value], { lineWidth: 0, collectionStyle: 'flow', flowCollectionPadding: false })
    .trim()
    .slice(1, -1);
}

/** A comment; whatever it quotes stays on its line. */
function comment(line: string): string {
  return `# ${oneLine(line)}`.trimEnd();
}
