import { describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '../../src/units.ts';
import { FailureLog } from '../../src/workload/failure-log.ts';
import { FailureWatch } from '../../src/workload/failure-watch.ts';
import { bridgedDatacenter } from './bridged-datacenter.ts';

/** A VM on each of four servers, whose places a test moves as a failure would: entries lead to where they were. */
function watched(vmCount = 4) {
  const vmServers = Array.from({ length: vmCount }, (_, vm) => vm % 4);
  const datacenter = bridgedDatacenter({ serverRacks: [0, 1, 2, 3], vmServers });
  const { devices, simulation, serverNodes, placeOfServer, moveVm } = datacenter;
  const log = new FailureLog(devices.network, () => ({ failedFlows: 0, incompleteFlows: 0 }));
  let looks = 0;
  const asked = new Set<number>();
  const watch = new FailureWatch({
    devices,
    tables: Array.from({ length: devices.bridges.bridgeCount }, (_, table) => ({ kind: 'bridge' as const, table })),
    vmCount,
    serverOf: (vm) => {
      asked.add(vm);
      return serverNodes.indexOf(devices.servers.serverOf(vm));
    },
    placeOfServer,
    onLooked: (isRight) => {
      looks++;
      log.looked(isRight);
    },
  });
  for (const vm of vmServers.keys()) devices.servers.announceByRarp(vm);
  const wait = (timeNs: number) => simulation.run(simulation.nowNs + timeNs);
  wait(milliseconds(1));
  const fail = () => {
    log.failed(0, { kind: 'link', index: 0, failNs: simulation.nowNs, restoreNs: null });
    watch.begin();
  };
  const restore = () => {
    log.restored(0);
    watch.begin();
  };
  const row = () => log.rows()[0]!;
  return {
    wait,
    fail,
    restore,
    row,
    move: moveVm,
    migrate: (vm: number, server: number) => {
      moveVm(vm, server);
      watch.moved(vm);
    },
    speak: (vm: number) => devices.servers.announceByRarp(vm),
    asked,
    looks: () => looks,
  };
}

describe('tables after a failure', () => {
  it('are right at once where it moved nothing', () => {
    const { fail, wait, row } = watched();
    fail();
    wait(seconds(1));
    expect(row().tablesRightNs).toBe(0);
  });

  it('are right when the last entry is, to 10 ms or a twentieth', () => {
    for (const afterNs of [milliseconds(33), seconds(3)]) {
      const { fail, wait, row, move, speak } = watched();
      fail();
      move(0, 3);
      wait(afterNs);
      expect(row().tablesRightNs).toBeNull();
      speak(0);
      wait(seconds(2));
      expect(row().tablesRightNs).toBeGreaterThanOrEqual(afterNs);
      expect(row().tablesRightNs).toBeLessThanOrEqual(Math.max(afterNs * 1.06, afterNs + milliseconds(10)));
    }
  });

  it('are not right if they are wrong again', () => {
    const { fail, wait, row, move, speak } = watched();
    fail();
    wait(seconds(1));
    move(0, 3);
    wait(seconds(1));
    expect(row().tablesRightNs).toBeNull();
    speak(0);
    wait(seconds(1));
    expect(row().tablesRightNs).toBeGreaterThan(seconds(2));
  });

  it('are right whatever tables have to learn of a migration, during a failure or as it begins', () => {
    const { fail, restore, wait, row, move, migrate, speak } = watched();
    migrate(0, 3);
    fail();
    migrate(1, 3);
    wait(seconds(1));
    expect(row().tablesRightNs).toBe(0);
    speak(0);
    wait(seconds(1));
    restore();
    wait(seconds(1));
    expect(row().tablesRightAfterRepairNs).toBe(0);
    // tables have learned of that migration: what is wrong of it from now on is another thing
    move(0, 2);
    wait(seconds(1));
    expect(row().tablesRightAfterRepairNs).toBeNull();
  });

  it('are watched again from the repair on', () => {
    const { fail, restore, wait, row, move, speak } = watched();
    fail();
    wait(seconds(1));
    restore();
    move(0, 3);
    wait(milliseconds(95));
    speak(0);
    wait(seconds(1));
    expect(row()).toMatchObject({ tablesRightNs: 0 });
    expect(row().tablesRightAfterRepairNs).toBeGreaterThanOrEqual(milliseconds(95));
    expect(row().tablesRightAfterRepairNs).toBeLessThanOrEqual(milliseconds(110));
  });

  it('are looked at ever less often, for some VMs of every server', () => {
    const { fail, wait, asked, looks } = watched(1000);
    fail();
    wait(seconds(600));
    expect(looks()).toBeLessThan(250);
    expect(asked.size).toBeLessThanOrEqual(256);
    expect(asked.size).toBeGreaterThan(200);
    const servers = [0, 1, 2, 3].map((server) => [...asked].filter((vm) => vm % 4 === server).length);
    for (const count of servers) expect(count).toBeGreaterThan(40);
  });
});
