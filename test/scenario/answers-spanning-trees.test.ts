import { describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '../../src/units.ts';
import { ask, type Summary } from '../support/ask.ts';

function bpdusOf({ controlPlane }: Summary): Summary['controlPlane']['messages'][number] {
  const found = controlPlane.messages.find(({ protocol }) => protocol === 'bpdu');
  if (found === undefined) throw new Error('nobody sent BPDUs');
  return found;
}

describe('what does rapid spanning tree save', () => {
  it('the outage, but for the pause of a migration', () => {
    const [classic, rapid, perVlan, ecmp] = ask(
      'what-does-rapid-spanning-tree-save',
      'traffic.flowsPerVmPerSecond=0.2',
      'duration=160s',
    );
    expect(classic.migrations.outageNsMax).toBeGreaterThan(seconds(46));
    expect(classic.migrations.outageNsMax).toBeLessThan(seconds(50));
    for (const { migrations } of [rapid, perVlan, ecmp]) {
      expect(migrations.outageNsMax).toBeLessThanOrEqual(milliseconds(20));
    }
    for (const { failures, flows } of [rapid, perVlan]) {
      expect(failures.convergenceNsMax).toBeLessThan(milliseconds(0.01));
      expect(flows.failed).toBe(0);
    }
    expect(bpdusOf(perVlan).sent / bpdusOf(rapid).sent).toBeCloseTo(4, 0);
  });
});

describe('how long does rapid spanning tree count to infinity', () => {
  const QUIET = ['traffic.flowsPerVmPerSecond=0.1'];

  it('until information is as old as max age, in tens of seconds among 8 leaves and 4 spines', () => {
    const results = ask('how-long-does-rapid-spanning-tree-count-to-infinity', ...QUIET);
    const tookSeconds = results.map(({ failures }) => Math.round((failures.convergenceNsMax ?? 0) / 1e9));
    expect(tookSeconds).toEqual([24, 26, 4, 8, 49]);
  });

  it('not at all where one spine is left', () => {
    const [rapid] = ask('how-long-does-rapid-spanning-tree-count-to-infinity', 'topology.spines=2', ...QUIET);
    expect(rapid.failures.convergenceNsMax).toBeLessThan(milliseconds(0.01));
  });
});

describe('does per-VLAN spanning tree use both spines', () => {
  it('yes, and so do instances, which send a BPDU for all', () => {
    const [one, each, few, ecmp] = ask(
      'does-per-vlan-spanning-tree-use-both-spines',
      'traffic.flowsPerVmPerSecond=0.1',
      'duration=30s',
    );
    expect([one, each, few, ecmp].map(({ links }) => links.blocked)).toEqual([7, 0, 0, 0]);
    const bisection = one.links.bisectionBitsPerSec;
    expect([each, few, ecmp].map(({ links }) => links.bisectionBitsPerSec / bisection)).toEqual([2, 2, 2]);
    expect(bpdusOf(each).sent / bpdusOf(one).sent).toBeGreaterThan(99);
    expect(bpdusOf(few).sent / bpdusOf(one).sent).toBeLessThan(2);
    expect(ecmp.controlPlane.messages).toEqual([]);
  });
});
