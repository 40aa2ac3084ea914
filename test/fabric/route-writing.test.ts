import { describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '../../src/units.ts';
import { planEverywhere } from './planned-datacenter.ts';
import { RunningFabric } from './running-fabric.ts';
import { VXLAN } from './small-datacenter.ts';

const ROUTE_NS = milliseconds(100);

/** Six leaves below two spines, a server at each, and the link from the first leaf to the first spine, which fails. */
function withFailingLink(routeNs: number) {
  const settings = { ...VXLAN, detectionNs: milliseconds(300), convergenceNs: milliseconds(500), routeNs };
  const running = new RunningFabric(planEverywhere('{leaves: 6, spines: 2, serversPerLeaf: 1}'), settings, seconds(1));
  for (const vm of running.plan.vmServer.keys()) running.broadcast(vm);
  const link = running.plan.links.findIndex(({ id }) => id === 'leaf1-spine1');
  return { running, setUp: (isUp: boolean) => running.fabric.setLinkUp(link, isUp) };
}

/** Whether all of 16 flows from one VM to another arrive, which take either spine. */
function isWhole(running: RunningFabric, from: number, to: number): boolean {
  const tags = Array.from({ length: 16 }, (_, flow) => running.send(from, { to, flowHash: flow * 7919 }));
  running.wait(milliseconds(1));
  return tags.every((tag) => running.deliveriesOf(tag).some(({ vm }) => vm === to));
}

/** Of VMs 1 to 5: those that flows to, or from, VM 0 reach. */
function reached(running: RunningFabric, direction: 'from' | 'to'): number[] {
  return [1, 2, 3, 4, 5].filter((vm) => (direction === 'from' ? isWhole(running, 0, vm) : isWhole(running, vm, 0)));
}

describe('routes that are written one by one', () => {
  it('lead into a dead link until each has had its turn, at its own router after detection', () => {
    const { running, setUp } = withFailingLink(ROUTE_NS);
    setUp(false);
    running.wait(milliseconds(320));
    // known to be dead, and no route is written yet
    expect(reached(running, 'from')).toEqual([]);
    const found: number[][] = [];
    for (let routes = 1; routes <= 5; routes++) {
      running.wait(ROUTE_NS - milliseconds(5));
      found.push(reached(running, 'from'));
    }
    expect(found).toEqual([[1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 4, 5]]);
  });

  it('lead others the old way until they have heard, and have written the one route that changed', () => {
    const { running, setUp } = withFailingLink(ROUTE_NS);
    setUp(false);
    running.wait(milliseconds(590));
    expect(reached(running, 'to')).toEqual([]);
    running.wait(milliseconds(20));
    expect(reached(running, 'to')).toEqual([1, 2, 3, 4, 5]);
    setUp(true);
    running.wait(seconds(2));
    expect(reached(running, 'from')).toEqual([1, 2, 3, 4, 5]);
  });

  it('change together where they share next hops (PIC)', () => {
    const { running, setUp } = withFailingLink(0);
    setUp(false);
    running.wait(milliseconds(290));
    expect(reached(running, 'from')).toEqual([]);
    running.wait(milliseconds(15));
    expect(reached(running, 'from')).toEqual([1, 2, 3, 4, 5]);
    running.wait(milliseconds(200));
    expect(reached(running, 'to')).toEqual([1, 2, 3, 4, 5]);
  });
});
