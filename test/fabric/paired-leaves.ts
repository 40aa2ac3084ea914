import { planOfFabric } from '../../src/fabric/build-fabric.ts';
import type { VxlanSettings } from '../../src/fabric/vxlan-fabric.ts';
import { milliseconds } from '../../src/units.ts';
import { planEverywhere } from './planned-datacenter.ts';
import { RunningFabric } from './running-fabric.ts';

/** Three pairs of leaves below two spines, a server for each leaf, the second of them an orphan. */
export function threePairs(settings: VxlanSettings): RunningFabric {
  const plan = planEverywhere('{leaves: 6, spines: 2, serversPerLeaf: 1, serverHoming: dual}');
  const servers = plan.servers.map((one, index) => (index === 1 ? { ...one, secondSwitchIndex: null } : one));
  return new RunningFabric({ ...plan, servers }, settings);
}

/** Fails links by name, or repairs them; those between the leaves of pairs have names too. */
export function setLinks(running: RunningFabric, settings: VxlanSettings, ids: readonly string[], isUp: boolean): void {
  const { links } = planOfFabric(running.plan, settings);
  for (const id of ids) {
    const link = links.findIndex((one) => one.id === id);
    if (link < 0) throw new Error(`no link is called ${id}`);
    running.fabric.setLinkUp(link, isUp);
  }
}

/** How many of 30 flows from one VM to another arrive, of those that begin now. */
export function arriving(running: RunningFabric, from: number, to: number): number {
  let count = 0;
  for (let flow = 0; flow < 30; flow++) {
    const tag = running.send(from, { to, flowHash: flow });
    running.wait(milliseconds(1));
    count += running.deliveriesOf(tag).length;
  }
  return count;
}
