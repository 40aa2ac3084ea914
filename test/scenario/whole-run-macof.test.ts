import { describe, expect, it } from 'vitest';
import { Datacenter } from '../../src/scenario/datacenter.ts';
import { parseScenario } from '../../src/scenario/read-scenario.ts';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { ScenarioError } from '../../src/scenario/scenario-error.ts';
import { seconds } from '../../src/units.ts';
import { FABRICS, scenarioOf } from '../support/scenario-of.ts';

const [TREE, LEAF] = ['tree', 'leaf'].map((wanted) => FABRICS.find(({ name }) => name === wanted)!);
// all VMs have booted and announced themselves by then
const ATTACK = { kind: 'macof', vm: 'vm1', start: '22s', ratePerSecond: 200, sources: 2000 };
const QUIET = { migrations: {}, failures: [], attacks: [ATTACK] };

function summariesOf(changes: Record<string, unknown>) {
  return compareFabrics(scenarioOf({ ...QUIET, ...changes }), { outDir: null }).map(({ summary }) => summary);
}

type Summary = ReturnType<typeof summariesOf>[number];

const floodedFor = ({ flooding }: Summary, cause: string) =>
  flooding.byCause.find((one) => one.cause === cause)?.frames ?? 0;
const leafOf = ({ macTables }: Summary) => macTables.find(({ tier, kind }) => tier === 'leaf' && kind === 'bridge')!;

describe('a macof that overflows leaves with room for 40 addresses, at 12 VMs', () => {
  const portSecurity = { macsPerPort: 3, violation: 'drop' };

  it.each(['evict-oldest', 'evict-random', 'evict-lru'])(
    'evicts the VMs, unless its port is limited: %s',
    (overflow) => {
      const hardware = { leaf: { macTable: { entries: 40, overflow } } };
      const attacked = [TREE, LEAF];
      const limited = attacked.map((fabric) => ({ ...fabric, name: `${fabric.name}-limited`, portSecurity }));
      const [open, closed] = [attacked, limited].map((fabrics) => summariesOf({ fabrics, hardware }));
      for (const summary of open) {
        expect(leafOf(summary).entriesMax).toBe(40);
        expect(leafOf(summary).evicted).toBeGreaterThan(5000);
        expect(floodedFor(summary, 'evicted')).toBeGreaterThan(20);
      }
      for (const summary of closed) {
        expect(leafOf(summary)).toMatchObject({ evicted: 0, refused: 0, lossy: 0 });
        expect(leafOf(summary).portLimited).toBeGreaterThan(3000);
        expect(floodedFor(summary, 'evicted')).toBe(0);
        expect(summary.drops.find(({ outcome }) => outcome === 'drop_port_limit')!.frames).toBeGreaterThan(3000);
      }
    },
  );

  it('keeps VMs that fell silent from being learned again where tables keep the old, unless its port is limited', () => {
    const hardware = { leaf: { macTable: { entries: 40 } } };
    const fabrics = [
      { ...TREE, macAgeing: '10s' },
      { ...TREE, macAgeing: '10s', name: 'limited', portSecurity },
    ];
    const traffic = { flowsPerVmPerSecond: 0.05, sizes: { fixed: '100KB' } };
    const [open, closed] = summariesOf({ fabrics, hardware, traffic, duration: '80s' });
    expect(leafOf(open).refused).toBeGreaterThan(5000);
    expect(floodedFor(open, 'table_full')).toBeGreaterThan(20);
    expect(leafOf(closed).refused).toBe(0);
    expect(floodedFor(closed, 'table_full')).toBe(0);
  });
});

describe('a macof', () => {
  it.each([
    ['a VM', { vm: 'vm1' }],
    ['a server', { server: 'server1' }],
  ])('at %s sends at its rate, to nobody, from no more addresses than it has', (_, { ...where }) => {
    const attack = { ...where, kind: 'macof', start: '22s', stop: '32s', ratePerSecond: 400, sources: 300 };
    const sizes = [[], [attack]].map((attacks) => {
      const scenario = scenarioOf({ ...QUIET, fabrics: [TREE], attacks, traffic: { flowsPerVmPerSecond: 0 } });
      const datacenter = new Datacenter(scenario, scenario.fabrics[0]!, { folder: null, version: '', digest: '' });
      datacenter.start();
      datacenter.simulation.run(seconds(40));
      const { network } = datacenter.devices;
      const flooded = network.nodeNames.flatMap((_name, node) => network.floodsOf(node));
      const unknown = flooded.filter(({ cause }) => cause === 'never_learned');
      return { addresses: network.addresses.size, frames: unknown.reduce((sum, { frames }) => sum + frames, 0) };
    });
    const [before, after] = sizes;
    expect(before.frames).toBe(0);
    // five switches flood each of 4000 frames
    expect(after.frames).toBe(5 * 4000);
    const addresses = after.addresses - before.addresses;
    expect(addresses).toBeGreaterThan(1024);
    // a server sends in both of its VMs' segments, and an address is another one in each
    expect(addresses).toBeLessThanOrEqual((300 + 1024) * ('server' in where ? 2 : 1));
  });

  it('takes no chance from others: as many flows start as without it, on every fabric', () => {
    const runs = [[], [ATTACK]].map((attacks) => summariesOf({ attacks, fabrics: [TREE, LEAF] }));
    const started = runs.flat().map(({ flows }) => flows.started);
    expect(new Set(started).size).toBe(1);
  });

  it('is told who there is to send', () => {
    const problemsOf = (attack: Record<string, unknown>) => {
      const file = {
        topology: { leaves: 2, spines: 1, serversPerLeaf: 1 },
        tenants: [{ name: 'a', vmsPerSegment: 2 }],
        attacks: [{ kind: 'macof', start: '1s', ...attack }],
      };
      try {
        parseScenario(JSON.stringify(file), 'attack.json');
      } catch (error) {
        if (!(error instanceof ScenarioError)) throw error;
        return error.problems.map(({ path, message }) => `${path}: ${message}`);
      }
      return [];
    };
    expect(problemsOf({ vm: 'vm3' })).toEqual(["attacks.0.vm: got 'vm3', expected one of vm1 to vm2"]);
    expect(problemsOf({ server: 'sever1' })).toEqual([expect.stringContaining("did you mean 'server1'?")]);
    expect(problemsOf({})).toEqual(['attacks.0: expected either a vm or a server']);
    expect(problemsOf({ vm: 'vm1', stop: '1s' })).toEqual(['attacks.0.stop: got 1s, expected later than start']);
    expect(problemsOf({ vm: 'vm1', start: '61s' })).toEqual([expect.stringMatching(/^attacks\.0\.start: got 61s/)]);
  });
});
