import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { milliseconds, seconds } from '../../src/units.ts';
import { FABRICS, fabricOf, scenarioOf } from '../support/scenario-of.ts';
import { WatchedRun } from '../support/watched-run.ts';

/** Twelve VMs on six servers, two of them in each rack; what fails is up to the caller. */
function failing(failures: unknown[], changes: Record<string, unknown> = {}): Scenario {
  return scenarioOf({ failures, migrations: {}, duration: '60s', ...changes });
}

function runOn(scenario: Scenario, fabric: string) {
  const run = new WatchedRun(scenario, fabricOf(scenario, fabric));
  const { devices, fabric: built } = run.datacenter;
  const vmsAt = (server: number) => [...devices.servers.stationsAt(built.serverNodes[server])].filter((vm) => vm < 12);
  /** Datagrams that reached these VMs, or came from them, since it was last asked. */
  const countOf = (vms: readonly number[]) => {
    const deliveries = run.deliveries.splice(0);
    return deliveries.filter(({ fromVm, toVm }) => vms.includes(fromVm) || vms.includes(toVm)).length;
  };
  return { run, vmsAt, countOf };
}

describe.each(FABRICS.map(({ name }) => name))('a server that fails on %s', (name) => {
  it('takes its VMs down, and they boot again when it is back', () => {
    const scenario = failing([{ at: '30s', server: 'server3', restoreAfter: '8s' }]);
    const { run, vmsAt, countOf } = runOn(scenario, name);
    const vms = vmsAt(2);
    expect(vms.length).toBeGreaterThan(0);
    run.runUntil(seconds(30));
    expect(countOf(vms)).toBeGreaterThan(0);
    run.runUntil(seconds(30) + milliseconds(1));
    countOf(vms);
    run.runUntil(seconds(38));
    expect(countOf(vms)).toBe(0);
    run.runUntil(seconds(60));
    expect(countOf(vms)).toBeGreaterThan(0);
    const { summary } = run.datacenter.finish({ isComplete: true });
    expect(summary.failures).toMatchObject({ count: 1, vms: vms.length });
    expect(run.datacenter.devices.network.createdFrames).toBe(run.endedFrames() + run.framesInFlight());
  });

  it('takes a migration to it along, and the VM runs on where it is', () => {
    // 8.6 s of copying at 1 Gb/s
    const migrations = {
      list: [
        { vm: 'vm1', to: 'server3', at: '28s' },
        { vm: 'vm3', to: 'server2', at: '28s' },
      ],
      memory: '1GiB',
      dirtyRate: '10Mbps',
      bandwidth: '1Gbps',
    };
    const scenario = failing([{ at: '30s', server: 'server3' }], { migrations });
    const { run, vmsAt, countOf } = runOn(scenario, name);
    const before = run.datacenter.devices.servers.serverOf(0);
    expect(vmsAt(2)).not.toContain(0);
    run.runUntil(seconds(31));
    countOf([0]);
    run.runUntil(seconds(60));
    expect(countOf([0])).toBeGreaterThan(0);
    const { servers } = run.datacenter.devices;
    expect(servers.serverOf(0)).toBe(before);
    expect(servers.serverOf(2)).toBe(run.datacenter.fabric.serverNodes[1]);
    expect(run.datacenter.finish({ isComplete: true }).summary.migrations).toMatchObject({ done: 1, failed: 1 });
  });
});

describe.each(['tree', 'leaf', 'hypervisor'])('a rack that fails on %s', (name) => {
  it('takes its leaf and all its VMs down, and comes back', () => {
    const scenario = failing([{ at: '30s', rack: 'leaf2', restoreAfter: '5s' }]);
    const { run, vmsAt, countOf } = runOn(scenario, name);
    const vms = [...vmsAt(2), ...vmsAt(3)];
    run.runUntil(seconds(30) + milliseconds(1));
    countOf(vms);
    run.runUntil(seconds(35));
    expect(countOf(vms)).toBe(0);
    run.runUntil(seconds(60));
    expect(countOf(vms)).toBeGreaterThan(0);
    expect(run.datacenter.finish({ isComplete: true }).summary.failures.vms).toBe(vms.length);
  });
});

describe('VMs that go down', () => {
  it('are counted once where failures overlap, and not before they have booted', () => {
    const scenario = failing([
      { at: '1ms', server: 'server5', restoreAfter: '5ms' },
      { at: '30s', server: 'server3', restoreAfter: '8s' },
      { at: '31s', rack: 'leaf2', restoreAfter: '5s' },
    ]);
    const { run, vmsAt } = runOn(scenario, 'tree');
    const [atServer, atOther] = [vmsAt(2), vmsAt(3)];
    expect([atServer.length, atOther.length, vmsAt(4).length]).not.toContain(0);
    run.runUntil(seconds(60));
    const { summary } = run.datacenter.finish({ isComplete: true });
    expect(summary.failures).toMatchObject({ count: 3, vms: atServer.length + atOther.length });
  });
});

describe('random failures of a whole run', () => {
  it('hit the same things at the same times in every fabric', () => {
    const random = { kind: 'link', count: 6, repair: 'exponential', end: '50s' };
    const scenario = failing([{ random, restoreAfter: '3s' }, { random: { ...random, kind: 'server', count: 2 } }]);
    const histories = FABRICS.map(({ name }) => {
      const { run } = runOn(scenario, name);
      const failures: string[] = [];
      const { fabric, simulation } = run.datacenter;
      const note = (what: string) => (index: number, isUp: boolean) => {
        failures.push(`${simulation.nowNs} ${what} ${index} ${isUp}`);
      };
      const [setLinkUp, setServerUp] = [fabric.setLinkUp.bind(fabric), fabric.setServerUp.bind(fabric)];
      fabric.setLinkUp = (index, isUp) => {
        note('link')(index, isUp);
        setLinkUp(index, isUp);
      };
      fabric.setServerUp = (index, isUp) => {
        note('server')(index, isUp);
        setServerUp(index, isUp);
      };
      run.runUntil(seconds(60));
      expect(run.datacenter.devices.network.createdFrames).toBe(run.endedFrames() + run.framesInFlight());
      return failures;
    });
    expect(histories[0].length).toBeGreaterThan(8);
    for (const history of histories) expect(history).toEqual(histories[0]);
  });
});
