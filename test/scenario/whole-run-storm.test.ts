import { describe, expect, it } from 'vitest';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { ScenarioError } from '../../src/scenario/scenario-error.ts';
import { FABRICS, scenarioOf } from '../support/scenario-of.ts';

const BRIDGED = ['tree', 'leaf', 'pairs'].map((wanted) => FABRICS.find(({ name }) => name === wanted)!);
const STORMS = [
  { kind: 'broadcast-storm', vm: 'vm1', start: '22.0005s', stop: '32s', ratePerSecond: 200 },
  { kind: 'macof', vm: 'vm2', start: '22.0005s', stop: '32s', ratePerSecond: 200, sources: 500 },
];
const QUIET = { migrations: {}, failures: [], traffic: { flowsPerVmPerSecond: 0 }, attacks: STORMS };

const resultsOf = (stormControl: Record<string, unknown>, changes: Record<string, unknown> = {}) =>
  compareFabrics(scenarioOf({ ...QUIET, fabrics: BRIDGED.map((one) => ({ ...one, stormControl })), ...changes }), {
    outDir: null,
  });

describe('two storms behind ports with storm control', () => {
  it('get through as far as the levels say in each second, and the rest is counted by what it would have been', () => {
    for (const { summary, invariants, fabric } of resultsOf({ broadcast: 50, unknownUnicast: 20 })) {
      const stormDrops = Object.fromEntries(summary.stormDrops.map(({ cause, frames }) => [cause, frames]));
      expect({ fabric, stormDrops }).toEqual({
        fabric,
        stormDrops: { broadcast_arp: 10 * (200 - 50), never_learned: 10 * (200 - 20) },
      });
      const dropped = summary.drops.find(({ outcome }) => outcome === 'drop_storm_control')?.frames;
      expect(dropped).toBe(10 * (200 - 50) + 10 * (200 - 20));
      expect(invariants.filter(({ holds }) => !holds)).toEqual([]);
    }
  });

  it('are metered by shares of the rate of the link as well', () => {
    // 88 bytes of each frame on the wire, its tag among them: 50 of them a second
    for (const { summary } of resultsOf({ broadcast: `${(50 * 88 * 8 * 100) / 25e9}%` })) {
      expect(summary.stormDrops).toEqual([{ cause: 'broadcast_arp', frames: 10 * (200 - 50) }]);
    }
  });

  it('end with the first frame that is too much, if the port is shut down for it', () => {
    for (const { summary, invariants } of resultsOf({ broadcast: 50, unknownUnicast: 20, action: 'shutdown' })) {
      expect(summary.stormDrops.map(({ frames }) => frames)).toEqual([1, 1]);
      expect(summary.shutPorts).toBe(2);
      expect(invariants.filter(({ holds }) => !holds)).toEqual([]);
    }
  });

  it('cost the same by each copy as an event', () => {
    const levels = { broadcast: 50, unknownUnicast: 20, multicast: 1 };
    const whatMatters = (changes: Record<string, unknown>) =>
      resultsOf(levels, changes).map(({ summary: { stormDrops, flooding, drops } }) => ({
        stormDrops,
        flooding,
        drops,
      }));
    expect(whatMatters({ exactFloods: true })).toEqual(whatMatters({}));
  });

  it('reach everybody without it', () => {
    const [result] = compareFabrics(scenarioOf({ ...QUIET, fabrics: [BRIDGED[0]] }), { outDir: null });
    expect(result.summary.stormDrops).toEqual([]);
    expect(result.summary.shutPorts).toBe(0);
  });
});

describe('storm control in a scenario', () => {
  const problemOf = (fabric: Record<string, unknown>) => {
    try {
      scenarioOf({ fabrics: [fabric] });
      return null;
    } catch (error) {
      if (error instanceof ScenarioError) return error.message;
      throw error;
    }
  };

  it('is a share of up to all, or a number', () => {
    const withLevel = (broadcast: unknown) => problemOf({ kind: 'vlan-stp', stormControl: { broadcast } });
    expect(withLevel('0.5%')).toBeNull();
    expect(withLevel('100%')).toBeNull();
    expect(withLevel(0)).toBeNull();
    expect(withLevel('101%')).toContain("expected at most '100%'");
    expect(withLevel('1 percent')).toContain('stormControl.broadcast');
    expect(withLevel(-1)).toContain('stormControl.broadcast');
  });

  it('asks for ports that bridge', () => {
    const stormControl = { broadcast: 1 };
    expect(problemOf({ kind: 'vxlan-flood-learn', stormControl })).toBeNull();
    expect(problemOf({ kind: 'vxlan-flood-learn', vteps: 'hypervisor', stormControl })).toContain(
      'needs ports that bridge',
    );
  });
});
