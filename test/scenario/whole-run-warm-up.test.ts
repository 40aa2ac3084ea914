import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readArrowFile } from '../../src/metrics/arrow-file.ts';
import { metricsOf } from '../../src/metrics/metric-paths.ts';
import { readRunRecord } from '../../src/results/run-record.ts';
import { type FabricResult, runFabric } from '../../src/scenario/run-scenario.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { seconds } from '../../src/units.ts';
import { FABRICS, fabricOf, scenarioOf } from '../support/scenario-of.ts';

const SCENARIO = scenarioOf({
  duration: '30s',
  fabrics: [...FABRICS, { name: 'evpn', kind: 'vxlan-evpn' }].map((fabric) => ({ ...fabric, macTableSize: 5 })),
  migrations: { random: { count: 5, start: '22s', end: '26s' }, memory: '1GiB' },
  failures: [{ at: '24s', link: 'leaf2-spine1', restoreAfter: '4s' }],
  gateway: { at: 'leaf1' },
});

/** What becomes of the numbers of a summary, by their path. */
const RULES: Readonly<Record<string, RegExp>> = {
  counted: new RegExp(
    `^(${[
      'macTables\\..+\\.(learned|moved|aged|refused|evicted|collided|postponed|portLimited)',
      'flooding\\.(ownGroupBytes|floodedBytes|fabricFloodedFrames|allBytes|uselessFrames|overheadBytes)',
      'flooding\\.(byCause\\..+|reach\\.frames)',
      '(stormDrops|betweenSites|flows|drops)\\..+',
      'multicast\\.(registers|lostRegisters)',
      'controlPlane\\.messages\\..+\\.(sent|received|sentBytes)',
      'unicast\\.fabricBytes|failures\\.lostFrames|outside\\.(sentBytes|receivedBytes)',
    ].join('|')})$`,
  ),
  held: /^((hardware|refused|links|gateways|vms|controlPlane\.routes)\..+|shutPorts|macTables\..+\.(tables|capacity)|multicast\.groups|outside\.borders)$/,
  most: /^(controlPlane\.messages\..+\.perSecondMax|flooding\.peakLink\.floodedBytes|multicast\.(entriesMax|sourceEntriesMax))$/,
  other:
    /^(macTables\..+\.(entriesMean|entriesMax|fill|lossy|fullTables|firstLossNs|firstFull\.timeNs)|(floodPeak|fabricFloodPeak|fabricArpPeak)\..+|limits\..+|migrations\..+|failures\..+|flooding\.reach\.(hostsMean|widest\..+)|unicast\.fabricBytesPerDelivered|outside\.busiest\..+)$/,
};

function ruleOf(path: string): string {
  const rules = Object.keys(RULES).filter((name) => RULES[name]!.test(path));
  return rules.includes('counted') ? 'counted' : rules.join();
}

/** Each run is done once for all of these. */
const wholeRuns = new Map<string, FabricResult>();

function run(scenario: Scenario, name: string): FabricResult {
  return runFabric(scenario, fabricOf(scenario, name), { outDir: null });
}

function wholeRun(name: string): FabricResult {
  const whole = wholeRuns.get(name) ?? run(SCENARIO, name);
  wholeRuns.set(name, whole);
  return whole;
}

describe('a run with a warm-up', () => {
  it('does the same, and counts what the first time of the run leaves of the whole', () => {
    const names = fc.constantFrom('tree', 'hypervisor-multicast', 'evpn');
    // before, nothing talks but switches
    const warmUps = fc.integer({ min: SCENARIO.hosts.bootStartNs, max: SCENARIO.durationNs - 1 });
    fc.assert(
      fc.property(names, warmUps, (name, warmUpNs) => {
        const whole = wholeRun(name);
        const since = run({ ...SCENARIO, warmUpNs }, name);
        // what happens at its end is no part of the warm-up
        const before = run({ ...SCENARIO, durationNs: Math.max(1, warmUpNs - 1) }, name);
        for (const fact of ['fingerprint', 'events', 'frameHops', 'hops', 'invariants'] as const) {
          expect(since[fact]).toEqual(whole[fact]);
        }
        expect(since.invariants.every(({ holds }) => holds)).toBe(true);
        const [ofWhole, ofRest, ofFirst] = [whole, since, before].map(({ summary }) => metricsOf(summary));
        for (const path of new Set([...ofWhole!.keys(), ...ofRest!.keys()])) {
          const [all, rest, first] = [ofWhole, ofRest, ofFirst].map((metrics) => metrics!.get(path) ?? 0);
          const rule = ruleOf(path);
          if (rule === 'counted') expect([path, rest! + first!]).toEqual([path, all]);
          else if (rule === 'held') expect([path, rest]).toEqual([path, all]);
          else if (rule === 'most') expect([path, rest! <= all!]).toEqual([path, true]);
          else expect([path, rule]).toEqual([path, 'other']);
        }
      }),
      { numRuns: 8 },
    );
  });

  it('has addresses that were refused, drops, UPDATEs and floods to take apart', () => {
    const { macTables, drops, controlPlane, flooding } = wholeRun('evpn').summary;
    expect(macTables.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(0);
    expect([drops.length > 0, controlPlane.messages[0]!.protocol, flooding.byCause.length > 1]).toEqual([
      true,
      'bgp',
      true,
    ]);
  });

  it('has its events by when they began', () => {
    const moved = { migrations: { list: [{ vm: 'vm1', to: 'server6', at: '22s' }], memory: '1GiB' } };
    const scenario = scenarioOf({ ...moved, failures: [{ at: '24s', link: 'leaf2-spine1', restoreAfter: '1s' }] });
    const counts = [seconds(22), seconds(22) + 1, seconds(24), seconds(24) + 1].map((warmUpNs) => {
      const { migrations, failures } = run({ ...scenario, durationNs: seconds(27), warmUpNs }, 'leaf').summary;
      return [migrations.planned, migrations.done, failures.count];
    });
    expect(counts).toEqual([
      [1, 1, 1],
      [0, 0, 1],
      [0, 0, 1],
      [0, 0, 0],
    ]);
  });

  it('still counts what a limit refuses for good, and of what it refuses again and again the rest', () => {
    const hardware = { leaf: { vnis: 1, macTable: { entries: 4 } } };
    const scenario = scenarioOf({ duration: '25s', migrations: {}, failures: [], hardware });
    const limitsOf = (warmUpNs: number) => run({ ...scenario, warmUpNs }, 'leaf').summary.limits;
    const [whole, since] = [limitsOf(0), limitsOf(seconds(23))];
    expect(whole).toMatchObject([{ limit: 'vnis', firstNs: 0 }, { limit: 'mac_table' }]);
    const [vnis, macTable] = since;
    expect(vnis).toEqual({ ...whole[0]!, firstNs: seconds(23) });
    expect(macTable!.firstNs).toBeGreaterThanOrEqual(seconds(23));
    expect(macTable!.count).toBeGreaterThan(0);
    expect(macTable!.count).toBeLessThan(whole[1]!.count);
  });

  it('counts nothing when it is stopped in its warm-up', () => {
    const onProgress = ({ simulatedNs }: { simulatedNs: number }) => simulatedNs < seconds(22);
    const scenario = { ...SCENARIO, warmUpNs: seconds(30) };
    const { summary, isComplete } = runFabric(scenario, fabricOf(scenario, 'leaf'), { outDir: null, onProgress });
    expect(isComplete).toBe(false);
    expect(summary.flows).toEqual({
      started: 0,
      finished: 0,
      failed: 0,
      incomplete: 0,
      abandoned: 0,
      deliveredBytes: 0,
    });
    expect([summary.flooding.allBytes, summary.floodPeak, summary.migrations.planned]).toEqual([0, null, 0]);
    expect(summary.vms.arrived).toBe(12);
  });
});

describe('the record of a run with a warm-up', () => {
  const out = mkdtempSync(join(tmpdir(), 'warm-up-'));
  afterAll(() => rmSync(out, { recursive: true }));

  it('says it, and its tables are those of a run without', () => {
    const short = { ...SCENARIO, durationNs: seconds(25) };
    const [folder, other] = [seconds(22), 0].map((warmUpNs) => {
      const scenario = { ...short, warmUpNs };
      return runFabric(scenario, fabricOf(scenario, 'leaf'), { outDir: join(out, `${warmUpNs}`) }).folder!;
    });
    expect(readRunRecord(folder!)).toMatchObject({ warmUpNs: seconds(22), settings: { warmUpNs: seconds(22) } });
    expect(readRunRecord(other!)).toMatchObject({ warmUpNs: 0 });
    const rowsOf = (of: string, table: string) => readArrowFile(join(of, `${table}.arrow`)).rows();
    expect(rowsOf(folder!, 'run')[0]).toMatchObject({ warmup_ns: seconds(22), duration_ns: seconds(25) });
    for (const table of ['switch_samples', 'link_samples', 'flood_samples', 'run_outcomes', 'link_floods']) {
      expect(rowsOf(folder!, table)).toEqual(rowsOf(other!, table));
    }
  });
});
