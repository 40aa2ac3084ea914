import { describe, expect, it } from 'vitest';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { seconds } from '../../src/units.ts';
import { FABRICS, fabricOf, scenarioOf } from '../support/scenario-of.ts';
import { WatchedRun } from '../support/watched-run.ts';

const scenario = scenarioOf({ gateway: { at: 'leaf1' }, traffic: { flowsPerVmPerSecond: 3, interSegment: 0.3 } });

describe.each(FABRICS.map(({ name }) => name))('a whole run on %s', (name) => {
  const run = new WatchedRun(scenario, fabricOf(scenario, name));
  const { network } = run.datacenter.devices;

  it('loses no frame without saying how, at any moment', () => {
    for (const timeNs of [5, 20.4, 21.000_3, 29.999_9, 30.01, 34.5, 40].map(seconds)) {
      run.runUntil(timeNs);
      expect(network.createdFrames).toBe(run.endedFrames() + run.framesInFlight());
    }
    expect(run.endedFrames()).toBeGreaterThan(10_000);
  });

  it('keeps segments apart', () => {
    expect(run.deliveries.length).toBeGreaterThan(1000);
    expect(run.strayFrames).toBe(0);
  });

  it('counts every byte on a link once, by class', () => {
    const { flooding } = run.datacenter.finish({ isComplete: true }).summary;
    expect(run.bytesByClass()).toBe(flooding.allBytes);
    expect(flooding.floodedBytes).toBeLessThan(flooding.allBytes);
    expect(flooding.floodedBytes).toBeGreaterThan(0);
  });

  it('records every node that floods and every link that floods cross', () => {
    const { invariants } = run.datacenter.finish({ isComplete: true });
    expect(invariants.filter(({ holds }) => !holds)).toEqual([]);
    const names = new Set(invariants.map(({ name: invariant }) => invariant));
    for (const wanted of ['floods_left', 'segment_flood_frames', 'segment_flood_bytes'])
      expect(names).toContain(wanted);
  });

  it('adds 50 bytes to a frame for VXLAN over IPv4, 70 over IPv6, and nothing for VLANs but tags', () => {
    const fabric = fabricOf(scenario, name);
    expect(run.overheadBytes()).toBe(run.encapsulationBytes);
    if (fabric.kind !== 'vxlan-flood-learn') {
      expect(run.encapsulatedFrames).toBe(0);
    } else {
      expect(run.encapsulatedFrames).toBeGreaterThan(1000);
      expect(run.encapsulationBytes).toBe(run.encapsulatedFrames * (fabric.underlay === 'ipv6' ? 70 : 50));
    }
  });
});

describe('a whole run', () => {
  it('never holds more addresses in a table than fit', () => {
    const fabrics = FABRICS.map((fabric) => ({ ...fabric, macTableSize: 4 }));
    for (const { summary, fabric } of compareFabrics(scenarioOf({ fabrics }), { outDir: null })) {
      const fullest = Math.max(...summary.macTables.map(({ entriesMax }) => entriesMax));
      expect({ fabric, fullest }).toEqual({ fabric, fullest: 4 });
      expect(summary.macTables.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(0);
    }
  });

  it('holds every VM of a segment at most once in a table', () => {
    for (const { summary } of compareFabrics(scenarioOf(), { outDir: null })) {
      for (const { entriesMax } of summary.macTables) expect(entriesMax).toBeLessThanOrEqual(12);
    }
  });

  it('delivers the same with shorter trains, and hardly differs on the links', () => {
    const settings = { migrations: {}, failures: [], duration: '30s' };
    const runs = [16, 8, 4, 2, 1].map((framesPerTrain) => {
      const traffic = { flowsPerVmPerSecond: 3, sizes: 'facebook-hadoop', framesPerTrain };
      return compareFabrics(scenarioOf({ ...settings, traffic }), { outDir: null });
    });
    for (const results of runs.slice(1)) {
      for (const [index, { summary }] of results.entries()) {
        const { flows, flooding } = runs[0][index].summary;
        expect(summary.flows).toEqual(flows);
        // those are acknowledged alike; what is flooded until a route or an entry is there may differ
        const difference = Math.abs(summary.flooding.allBytes - flooding.allBytes) / flooding.allBytes;
        expect(difference).toBeLessThan(0.005);
      }
    }
    expect(runs[0][0].events).toBeLessThan(runs[3][0].events);
  });
});
