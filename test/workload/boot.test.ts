import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/units.ts';
import { FrameKind } from '../../src/wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../../src/wire/frame-pool.ts';
import { Boot } from '../../src/workload/boot.ts';
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
  const booting = new Boot({
    simulation,
    stacks,
    pauses,
    vmCount: 30,
    bootStartNs: 0,
    bootWindowNs,
    announces,
    isSilent,
    stream: streams.stream('boot'),
  });
  return { ...datacenter, booting, announced };
}

describe('booting', () => {
  it('happens once for each VM, at its moment within the boot window', () => {
    const { simulation, booting, pauses } = boot();
    for (let vm = 0; vm < 30; vm++) {
      expect(booting.bootNs(vm)).toBeGreaterThanOrEqual(0);
      expect(booting.bootNs(vm)).toBeLessThan(seconds(2));
    }
    simulation.run(seconds(1));
    const running = Array.from({ length: 30 }, (_, vm) => vm).filter((vm) => !pauses.isPaused(vm));
    expect(running).toEqual(running.filter((vm) => booting.bootNs(vm) <= seconds(1)));
    expect(booting.bootedCount).toBe(running.length);
    expect(running.length).toBeGreaterThan(0);
    simulation.run(seconds(2));
    expect(booting.bootedCount).toBe(30);
  });

  it('announces every VM at its moment but the silent ones', () => {
    const { simulation, booting, announced } = boot({ silentVms: [3, 7] });
    simulation.run(seconds(3));
    const talking = Array.from({ length: 30 }, (_, vm) => vm).filter((vm) => vm !== 3 && vm !== 7);
    expect(announced.toSorted((one, other) => one.vm - other.vm)).toEqual(
      talking.map((vm) => ({ vm, timeNs: booting.bootNs(vm) })),
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
