import type { CrossCheck, Report } from './cross-check.ts';
import { didYouMean } from './did-you-mean.ts';
import type { ScenarioFile } from './schema.ts';
import { isForServers, nameLinks, type TopologyNodes, unreachableSwitches } from './topology-nodes.ts';

type ExplicitFile = Extract<ScenarioFile['topology'], { kind: 'explicit' }>;

/** What an explicit topology must keep within itself; the others are made whole. */
export const topologyChecks: readonly CrossCheck[] = [
  {
    reads: ['topology'],
    check({ topology }, report, nodes) {
      if (topology.kind === 'explicit') checkExplicit(topology, report, nodes);
    },
  },
];

function checkExplicit(topology: ExplicitFile, report: Report, nodes: () => TopologyNodes): void {
  checkNames(topology, report);
  const switchIds = new Set(topology.switches.map(({ id }) => id));
  let isCabled = checkLinks(topology, switchIds, report);
  const roles = new Map(topology.switches.map(({ id, role = 'leaf' }) => [id, role]));
  for (const [index, { at, secondAt }] of topology.servers.entries()) {
    for (const [field, switchId] of [['at', at] as const, ['secondAt', secondAt] as const]) {
      if (switchId === undefined) continue;
      const path = ['topology', 'servers', index, field];
      const role = roles.get(switchId);
      if (role === undefined) {
        isCabled = false;
        report(path, unknownSwitch(switchId, switchIds));
      } else if (!isForServers(role)) report(path, `got '${switchId}', a ${role}; servers are cabled to leaves`);
    }
    if (at === secondAt) report(['topology', 'servers', index, 'secondAt'], `got '${at}' a second time`);
  }
  if (!isCabled) return;
  const [lost] = unreachableSwitches(nodes());
  if (lost === undefined) return;
  const index = topology.switches.findIndex(({ id }) => id === lost);
  report(['topology', 'switches', index], `no path of links joins '${lost}' to '${topology.switches[0]!.id}'`);
}

function checkNames({ switches, servers }: ExplicitFile, report: Report): void {
  const owners = new Map<string, string>();
  const claim = (name: string, path: (string | number)[]) => {
    const owner = owners.get(name);
    if (owner === undefined) owners.set(name, path.slice(0, -1).join('.'));
    else report(path, `got '${name}', which ${owner} has already; expected another`);
  };
  for (const [index, { id, mac }] of switches.entries()) {
    claim(id, ['topology', 'switches', index, 'id']);
    if (mac !== undefined) claim(mac, ['topology', 'switches', index, 'mac']);
  }
  for (const [index, { id }] of servers.entries()) claim(id, ['topology', 'servers', index, 'id']);
}

/** Whether every link has two different switches for ends. */
function checkLinks({ links }: ExplicitFile, switchIds: ReadonlySet<string>, report: Report): boolean {
  let isCabled = true;
  for (const [index, link] of links.entries()) {
    for (const end of ['a', 'b'] as const) {
      if (switchIds.has(link[end])) continue;
      isCabled = false;
      report(['topology', 'links', index, end], unknownSwitch(link[end], switchIds));
    }
    if (link.a === link.b) report(['topology', 'links', index, 'b'], `got '${link.b}' at both ends`);
  }
  const indexOfId = new Map<string, number>();
  for (const [index, { id }] of nameLinks(links).entries()) {
    const first = indexOfId.get(id);
    if (first === undefined) indexOfId.set(id, index);
    else report(['topology', 'links', index], `would be called '${id}' as topology.links.${first} is; rename a switch`);
  }
  return isCabled;
}

function unknownSwitch(given: string, switchIds: ReadonlySet<string>): string {
  return `no switch is called '${given}'${didYouMean(given, switchIds)}`;
}
