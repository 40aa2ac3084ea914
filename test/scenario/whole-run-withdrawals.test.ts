import { describe, expect, it } from 'vitest';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { floodedFor } from '../support/ask.ts';
import { scenarioOf } from '../support/scenario-of.ts';

const EVPN = [
  { name: 'leaf', kind: 'vxlan-evpn' },
  { name: 'hypervisor', kind: 'vxlan-evpn', vteps: 'hypervisor' },
];

function summariesOf(changes: Record<string, unknown>) {
  const scenario = scenarioOf({ fabrics: EVPN, migrations: {}, failures: [], ...changes });
  return compareFabrics(scenario, { outDir: null }).map(({ summary }) => summary);
}

describe('floods for a station whose route was withdrawn', () => {
  it('are told as such where its server failed, and no table aged', () => {
    const failures = [{ at: '30s', server: 'server1' }];
    for (const summary of summariesOf({ failures })) {
      expect(summary.macTables.reduce((sum, { aged }) => sum + aged, 0)).toBe(0);
      expect(floodedFor(summary, 'aged_out')).toBe(0);
      expect(floodedFor(summary, 'withdrawn')).toBeGreaterThan(0);
    }
  });

  it('are told as such at remote leaves where it fell silent, and as aged out at its own alone', () => {
    const [summary] = summariesOf({
      duration: '60s',
      fabrics: [{ ...EVPN[0], macAgeing: '10s', stationRefresh: false }],
      traffic: { flowsPerVmPerSecond: 0.05, sizes: { fixed: '1KB' } },
    });
    expect(summary.macTables.reduce((sum, { aged }) => sum + aged, 0)).toBeGreaterThan(0);
    expect(floodedFor(summary, 'withdrawn')).toBeGreaterThan(floodedFor(summary, 'aged_out'));
  });
});
