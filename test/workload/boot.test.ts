import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/units.ts';
import { FrameKind } from '../../src/wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../../src/wire/frame-pool.ts';
import { Boot } from '../../src/workload/boot.ts';
import { Placement } from '../../src/workload/placement.ts';
import { Population } from '../../src/workload/population.ts';
import { planVmLives } from '../../src/workload/vm-lives.ts';
import { bridgedDatacenter } from './bridged-datacenter.ts';

function boot({ announces = true, silentVms = [] as number[], bootWindowNs = seconds(2) } = {}) {
  const datacenter = bridgedDatacenter({
    serverRacks: [0, 0, 1],
    vmServers: Array.from({ length: 30 }, (_, vm) => vm % 3),
  });
  const { simulation, devices, streams, pauses } = datacenter;
  const isSilent = new Uint8Array(30);
  for (const vm of silentVms) isSilent[vm] = 1;
  const announced: { vm: number; timeNs: number }[] = [];
  const { network, stacks } = devices;
  network.tap = {
    sent(port, frame) {
      const f = frame << FRAME_SHIFT;
      const { words } = network.frames;
      if (words[f + Frame.kind] !== FrameKind.arpRequest) return;
      if (!network.nodeNames[network.nodeOf(port)]!.startsWith('server')) return;
      const vm = Array.from({ length: 30 }, (_, index) => index).find((index) => {
        return stacks.ipOf(index) === words[f + Frame.senderIp]! >>> 0;
      });
      announced.push({ vm: vm ?? -1, timeNs: simulation.nowNs });
    },
    received() {},
  };
  const { vmSegments } = datacenter;
  const segmentTenants = new Int32Array(1);
  const placement = new Placement({
    serverRacks: Int32Array.of(0, 0, 1),
    policy: 'spread',
    vmsPerServerMax: null,
    segmentVmsPerServerMax: null,
    segmentVmsPerRackMax: null,
    vmSegments,
    segmentTenants,
    stream: streams.stream('placement'),
  });
  const run = { vmCount: 30, placement, durationNs: seconds(10), bootStartNs: 0, bootWindowNs };
  const lives = planVmLives({ ...run, growth: null, streams });
  const population = new Population({ vmSegments, segmentTenants });
  const added: number[] = [];
  const addVm = (vm: number) => added.push(vm);
  const booting = new Boot({ simulation, stacks, pauses, population, lives, announces, isSilent, addVm });
  return { ...datacenter, booting, announced, lives, population, added };
}

describe('booting', () => {
  it('happens once for each VM, at its moment within the boot window', () => {
    const { simulation, booting, pauses, lives, population, added } = boot();
    for (let vm = 0; vm < 30; vm++) {
      expect(lives.bootNs[vm]).toBeGreaterThanOrEqual(0);
      expect(lives.bootNs[vm]).toBeLessThan(seconds(2));
    }
    simulation.run(seconds(1));
    const running = Array.from({ length: 30 }, (_, vm) => vm).filter((vm) => !pauses.isPaused(vm));
    expect(running).toEqual(running.filter((vm) => lives.bootNs[vm] <= seconds(1)));
    expect(booting.bootedCount).toBe(running.length);
    expect(added.toSorted((one, other) => one - other)).toEqual(running);
    expect(running.every((vm) => population.isAlive(vm))).toBe(true);
    expect(running.length).toBeGreaterThan(0);
    simulation.run(seconds(2));
    expect(booting.bootedCount).toBe(30);
  });

  it('announces every VM at its moment but the silent ones', () => {
    const { simulation, lives, announced } = boot({ silentVms: [3, 7] });
    simulation.run(seconds(3));
    const talking = Array.from({ length: 30 }, (_, vm) => vm).filter((vm) => vm !== 3 && vm !== 7);
    expect(announced.toSorted((one, other) => one.vm - other.vm)).toEqual(
      talking.map((vm) => ({ vm, timeNs: lives.bootNs[vm] })),
    );
  });

  it('announces nobody when told so', () => {
    const { simulation, announced } = boot({ announces: false });
    simulation.run(seconds(3));
    expect(announced).toEqual([]);
  });

  it('is over at the start without a boot window', () => {
    const { simulation, booting } = boot({ bootWindowNs: 0 });
    simulation.run(0);
    expect(booting.bootedCount).toBe(30);
  });
});
