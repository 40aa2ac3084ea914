import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/engine/random.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { CatchingUp } from '../../src/workload/catching-up.ts';
import { bridgedDatacenter } from './bridged-datacenter.ts';

/** VM 0 on server 0 and VM 1 on server 1, with servers 2 and 3 free; each server in a rack of its own. */
function watching() {
  const datacenter = bridgedDatacenter({ serverRacks: [0, 1, 2, 3], vmServers: [0, 1] });
  const { devices, placeOfServer, simulation } = datacenter;
  const tables = Array.from({ length: devices.bridges.bridgeCount }, (_, table) => ({
    kind: 'bridge' as const,
    table,
  }));
  const catchingUp = new CatchingUp({ devices, tables, placeOfServer });
  const wait = (timeNs: number) => simulation.run(simulation.nowNs + timeNs);
  const speak = () => devices.servers.announceByRarp(0);
  const move = (server: number) => {
    datacenter.moveVm(0, server);
    return catchingUp.begin(0, server);
  };
  return { ...datacenter, catchingUp, wait, speak, move };
}

describe('catching up with a migrated VM', () => {
  it('begins with every table that points to the old place, and ends when the VM speaks', () => {
    const { wait, speak, move } = watching();
    speak();
    wait(milliseconds(1));
    const catchUp = move(2);
    // all five bridges know the VM; those of the racks that it has never been in send it up the tree, and rightly so
    expect(catchUp).toMatchObject({ wrongTables: 3, stillWrongTables: 3, halfRightNs: null, allRightNs: null });
    wait(seconds(3));
    expect(catchUp.stillWrongTables).toBe(3);
    speak();
    wait(milliseconds(1));
    expect(catchUp.stillWrongTables).toBe(0);
    // the new rack first, then the top, then the old rack: a hop is a microsecond and 20 ns of serialization or so
    expect(catchUp.halfRightNs! - seconds(3)).toBeLessThan(2_200);
    expect(catchUp.allRightNs! - seconds(3)).toBeGreaterThan(catchUp.halfRightNs! - seconds(3));
    expect(catchUp.allRightNs! - seconds(3)).toBeLessThan(3_300);
  });

  it('has nothing to wait for where nobody knows the VM', () => {
    const { move } = watching();
    expect(move(2)).toMatchObject({ wrongTables: 0, halfRightNs: 0, allRightNs: 0 });
  });

  it('ends by ageing when the VM stays silent, to within a second', () => {
    const { wait, speak, move } = watching();
    speak();
    wait(milliseconds(1));
    const catchUp = move(2);
    wait(seconds(299));
    expect(catchUp.allRightNs).toBe(null);
    wait(seconds(2.5));
    expect(Math.abs(catchUp.allRightNs! - seconds(300))).toBeLessThanOrEqual(seconds(1));
  });

  it('is over for a migration when the next one of the VM begins', () => {
    const { wait, speak, move } = watching();
    speak();
    wait(milliseconds(1));
    const first = move(2);
    const second = move(3);
    speak();
    wait(milliseconds(1));
    expect(first).toMatchObject({ stillWrongTables: 3, allRightNs: null });
    expect(second.stillWrongTables).toBe(0);
  });

  it('counts floods for the VM until all tables are right, and none of other VMs', () => {
    const { wait, speak, move, catchingUp, devices } = watching();
    speak();
    wait(milliseconds(1));
    const catchUp = move(2);
    catchingUp.countFlood(devices.servers.addressOf(0), 7);
    catchingUp.countFlood(devices.servers.addressOf(1), 5);
    speak();
    wait(milliseconds(1));
    catchingUp.countFlood(devices.servers.addressOf(0), 3);
    expect(catchUp.floodedCopies).toBe(7);
  });

  it('takes (1 - exp(-lT)) / l on average for a VM that speaks at rate l and entries that age within T', () => {
    const { wait, speak, move, simulation } = watching();
    const stream = new RandomStreams(7).stream('when it speaks');
    const ageingS = 300;
    const rate = 1 / 200;
    const trials = 400;
    const timesS: number[] = [];
    for (let trial = 0; trial < trials; trial++) {
      speak();
      wait(milliseconds(1));
      const catchUp = move(trial % 2 === 0 ? 2 : 0);
      const silentNs = Math.floor(stream.exponential(seconds(1 / rate)));
      simulation.run(simulation.nowNs + Math.min(silentNs, seconds(ageingS + 2)));
      speak();
      wait(milliseconds(1));
      timesS.push(catchUp.allRightNs! / 1e9);
    }
    const spared = Math.exp(-rate * ageingS);
    const meanS = (1 - spared) / rate;
    // of the smaller of an exponential time and T
    const squareS = (2 / rate ** 2) * (1 - spared * (1 + rate * ageingS));
    const errorS = Math.sqrt((squareS - meanS ** 2) / trials);
    const measuredS = timesS.reduce((sum, timeS) => sum + timeS, 0) / trials;
    // four standard errors, and half a second by which ageing is noticed late
    expect(Math.abs(measuredS - meanS)).toBeLessThan(4 * errorS + 0.5);
  });
});
