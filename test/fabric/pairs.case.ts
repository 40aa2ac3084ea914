import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VlanSettings } from '../../src/fabric/vlan-fabric.ts';
import type { VxlanSettings } from '../../src/fabric/vxlan-fabric.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { planEverywhere } from './planned-datacenter.ts';
import { RunningFabric, SETTLE_NS } from './running-fabric.ts';

/** A datacenter of pairs, with servers on one switch and on two, and what fails in it. */
const anyCase = fc.record({
  topology: fc.oneof(
    fc
      .record({
        leaves: fc.constantFrom(2, 4),
        perLeaf: fc.integer({ min: 1, max: 3 }),
        uplinks: fc.integer({ min: 1, max: 2 }),
      })
      .map(
        ({ leaves, perLeaf, uplinks }) =>
          `{leaves: ${leaves}, spines: 2, serversPerLeaf: ${perLeaf}, uplinksPerSpine: ${uplinks}, serverHoming: dual}`,
      ),
    fc.constant('{leaves: 3, spines: 2, serversPerLeaf: 2}'),
    fc
      .record({ blocks: fc.constantFrom(1, 2), joins: fc.boolean(), homing: fc.constantFrom('single', 'dual') })
      .map(
        ({ blocks, joins, homing }) =>
          `{kind: three-tier, blocks: ${blocks}, accessPerBlock: 2, serversPerAccess: 2, joinAggregation: ${joins}, serverHoming: ${homing}}`,
      ),
    fc.constant('{kind: sites, leaves: 2, spines: 2, serversPerLeaf: 1, serverHoming: dual}'),
    fc.constant(
      '{kind: clos-5-stage, pods: 2, leavesPerPod: 2, spinesPerPod: 2, superSpinesPerPlane: 1, serversPerLeaf: 1}',
    ),
  ),
  // every third server of those on two switches keeps one link, from here on
  orphansFrom: fc.integer({ min: 0, max: 3 }),
  reach: fc.constantFrom('everywhere' as const, 'pruned' as const, 'pod' as const),
  changes: fc.array(
    fc.record({
      what: fc.constantFrom('link', 'link', 'switch', 'server'),
      index: fc.nat(1000),
      isUp: fc.boolean(),
      waitNs: fc.constantFrom(0, 1000, milliseconds(5), milliseconds(200), seconds(31)),
    }),
    { maxLength: 12 },
  ),
  flowHash: fc.nat(1000),
});

export type Case = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;

/** The datacenter after all that, in a design. */
function runOf({ topology, orphansFrom, changes }: Case, settings: VlanSettings | VxlanSettings): RunningFabric {
  const plan = planEverywhere(topology);
  const servers = plan.servers.map((one, index) =>
    index >= orphansFrom && index % 3 === 2 ? { ...one, secondSwitchIndex: null } : one,
  );
  const running = new RunningFabric({ ...plan, servers }, settings);
  const { fabric } = running;
  for (const { what, index, isUp, waitNs } of changes) {
    if (what === 'link') fabric.setLinkUp(index % fabric.linkPorts.length, isUp);
    else if (what === 'switch') fabric.setSwitchUp(index % plan.switches.length, isUp);
    else fabric.setServerUp(index % servers.length, isUp);
    running.wait(waitNs);
  }
  return running;
}

/**
 * What pairs keep whatever failed; `settingsOf` a case are those of the design. `takesAnyWay`: where there is a way, frames
 * take it. BGP, with one AS a tier, takes none down and up again.
 */
export function describePairs(
  name: string,
  settingsOf: (any: Case) => VlanSettings | VxlanSettings,
  { takesAnyWay = true } = {},
): void {
  describe(`${name}, as a run begins`, () => {
    it('use all links at once: nobody waits to hear from the other of its pair', () => {
      const topology = '{leaves: 4, spines: 2, serversPerLeaf: 1, serverHoming: dual}';
      const settings = settingsOf({ topology, orphansFrom: 4, reach: 'everywhere', changes: [], flowHash: 0 });
      const running = new RunningFabric(planEverywhere(topology), settings, seconds(5));
      for (const vm of running.plan.vmServer.keys()) running.broadcast(vm);
      const ports = new Set<number>();
      for (let flow = 0; flow < 64; flow++) {
        const tag = running.send(2, { to: 0, flowHash: flow * 7919 });
        running.wait(milliseconds(1));
        for (const { port } of running.fabricTransmissionsOf(tag)) ports.add(port);
      }
      // two links up from each of two leaves, two links down from each of two spines
      expect(ports.size).toBe(8);
    });
  });

  describe(`${name}, whatever failed`, () => {
    it('carry a flood to each host once or not at all, and it ends', () => {
      fc.assert(
        fc.property(anyCase, (any) => {
          const running = runOf(any, settingsOf(any));
          for (const from of running.plan.vmServer.keys()) {
            const tag = running.send(from, { flowHash: any.flowHash });
            running.wait(milliseconds(2));
            const reached = running.deliveriesOf(tag).map(({ vm }) => vm);
            expect(new Set(reached).size).toBe(reached.length);
            expect(reached).not.toContain(from);
          }
          expect(running.devices.network.frames.liveCount).toBe(0);
        }),
        { numRuns: 60, seed: 3 },
      );
    });

    it.runIf(takesAnyWay)('carry a flow along the path that the fabric names, and a flood to whom there is one', () => {
      let paths = 0;
      fc.assert(
        fc.property(anyCase, (any) => {
          const running = runOf(any, settingsOf(any));
          running.wait(SETTLE_NS);
          const { plan, fabric } = running;
          for (const from of plan.vmServer.keys()) {
            const tag = running.send(from, { flowHash: any.flowHash });
            running.wait(milliseconds(500));
            const reached = new Set(running.deliveriesOf(tag).map(({ vm }) => vm));
            for (const to of running.siblingsOf(from)) {
              const [fromServer, toServer] = [plan.vmServer[from], plan.vmServer[to]];
              if (fromServer === toServer || !fabric.canHost(from, fromServer) || !fabric.canHost(to, toServer))
                continue;
              const path = fabric.pathBetweenServers(fromServer, toServer, any.flowHash);
              expect(reached.has(to)).toBe(path !== null);
            }
          }
          for (const from of plan.vmServer.keys()) {
            for (const to of running.siblingsOf(from)) {
              const [fromServer, toServer] = [plan.vmServer[from], plan.vmServer[to]];
              if (fromServer === toServer || !fabric.canHost(from, fromServer) || !fabric.canHost(to, toServer))
                continue;
              const path = fabric.pathBetweenServers(fromServer, toServer, any.flowHash);
              if (path === null || fabric.pathBetweenServers(toServer, fromServer, any.flowHash) === null) continue;
              const tag = running.send(from, { to, flowHash: any.flowHash });
              running.wait(milliseconds(2));
              expect(running.transmissionsOf(tag).map(({ port }) => port)).toEqual([...path]);
              expect(running.deliveriesOf(tag).map(({ vm }) => vm)).toEqual([to]);
              paths++;
            }
          }
        }),
        { numRuns: 40, seed: 5 },
      );
      expect(paths).toBeGreaterThan(300);
    });
  });
}
