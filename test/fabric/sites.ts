import { seconds } from '../../src/units.ts';
import type { RunningFabric } from './running-fabric.ts';

/** Sites of four leaves with a server each. */
export const sites = (count: number, { borders = 1, layout = 'full-mesh' } = {}) =>
  `{kind: sites, sites: ${count}, leaves: 4, spines: 2, serversPerLeaf: 1, borders: ${borders}, dci: {layout: ${layout}}}`;

/** Copies of a VM's broadcast on links between sites and on other links between switches, and how many VMs it reached. */
export function broadcastOf(running: RunningFabric, vm = 0) {
  const tag = running.send(vm, { sizeBytes: 100 });
  running.wait(seconds(1));
  const { switches, links } = running.plan;
  const isBetweenSites = links.map(({ a, b }) => switches[a].pod !== switches[b].pod);
  const crossed = (wanted: boolean) => {
    const ports = new Set(running.fabric.linkPorts.filter((_, link) => isBetweenSites[link] === wanted).flat());
    return running.transmissionsOf(tag).filter(({ port }) => ports.has(port)).length;
  };
  return { between: crossed(true), within: crossed(false), reached: running.deliveriesOf(tag).length };
}
