import { describe, expect, it } from 'vitest';
import { IEEE_802_1D, LINUX_6_18 } from '../../../src/protocol/spanning-tree/parameters.ts';
import {
  type Candidate,
  isBetterRootPort,
  shouldBecomeDesignated,
  supersedes,
} from '../../../src/protocol/spanning-tree/priority-vector.ts';
import {
  bridgeIdOf,
  bridgeMacOf,
  bridgePriorityOf,
  CONFIG_BPDU_FRAME_BYTES,
  formatBridgeId,
  type PriorityVector,
  portIdOf,
  portNumberOf,
  TCN_BPDU_FRAME_BYTES,
} from '../../../src/wire/bpdu.ts';

const OWN_ID = 50n;
const known: PriorityVector = { rootId: 10n, rootPathCost: 100, bridgeId: 20n, portId: 3 };
const port = (changes: Partial<PriorityVector> = {}, more: Partial<Candidate> = {}): Candidate => ({
  portId: 7,
  pathCost: 10,
  designated: { ...known, ...changes },
  ...more,
});

describe('a received message', () => {
  it.each<[string, Partial<PriorityVector>, boolean]>([
    ['a better root, whatever else', { rootId: 9n, rootPathCost: 900, bridgeId: 99n }, true],
    ['a worse root, whatever else', { rootId: 11n, rootPathCost: 0, bridgeId: 1n }, false],
    ['a lower cost', { rootPathCost: 99, bridgeId: 99n }, true],
    ['a higher cost', { rootPathCost: 101, bridgeId: 1n }, false],
    ['a better bridge', { bridgeId: 19n, portId: 99 }, true],
    ['a worse bridge', { bridgeId: 21n, portId: 1 }, false],
    ['the same bridge on any port', { portId: 99 }, true],
    ['the same again', {}, true],
  ])('with %s supersedes: %#', (_, changes, expected) => {
    expect(supersedes({ ...known, ...changes }, port(), OWN_ID)).toBe(expected);
  });

  it('of the bridge itself counts if it comes from a port that is not higher (802.1D-1998, 8.6.2.2)', () => {
    const own = port({ bridgeId: OWN_ID, portId: 3 });
    const from = (portId: number) => supersedes({ ...known, bridgeId: OWN_ID, portId }, own, OWN_ID);
    expect([from(2), from(3), from(4)]).toEqual([true, true, false]);
  });
});

describe('root port selection (802.1D-1998, 8.6.8)', () => {
  const best = port();
  it.each<[string, Candidate, boolean]>([
    ['a better root', port({ rootId: 9n, rootPathCost: 900 }), true],
    ['a worse root', port({ rootId: 11n, rootPathCost: 0 }), false],
    ['a cheaper path, own cost included', port({ rootPathCost: 105 }, { pathCost: 4 }), true],
    ['a dearer path, own cost included', port({ rootPathCost: 95 }, { pathCost: 16 }), false],
    ['a better designated bridge', port({ bridgeId: 19n, portId: 9 }), true],
    ['a worse designated bridge', port({ bridgeId: 21n, portId: 1 }), false],
    ['a better designated port', port({ portId: 2 }, { portId: 9 }), true],
    ['a worse designated port', port({ portId: 4 }, { portId: 1 }), false],
    ['a lower own port', port({}, { portId: 6 }), true],
    ['a higher own port', port({}, { portId: 8 }), false],
  ])('weighs %s', (_, candidate, expected) => {
    expect(isBetterRootPort(candidate, best, OWN_ID)).toBe(expected);
  });

  it('passes over designated ports and roots no better than the bridge', () => {
    expect(isBetterRootPort(port(), null, OWN_ID)).toBe(true);
    expect(isBetterRootPort(port({ bridgeId: OWN_ID, portId: 7 }), null, OWN_ID)).toBe(false);
    expect(isBetterRootPort(port(), null, 10n)).toBe(false);
    expect(isBetterRootPort(port(), null, 9n)).toBe(false);
  });
});

describe('designated port selection (802.1D-1998, 8.6.9)', () => {
  const own: PriorityVector = { rootId: 10n, rootPathCost: 100, bridgeId: OWN_ID, portId: 0 };
  it.each<[string, Candidate, boolean]>([
    ['keeps a designated port', port({ bridgeId: OWN_ID, portId: 7, rootPathCost: 1 }), true],
    ['takes a port that speaks of another root', port({ rootId: 9n }), true],
    ['takes a port of higher cost', port({ rootPathCost: 101 }), true],
    ['leaves a port of lower cost', port({ rootPathCost: 99, bridgeId: 99n }), false],
    ['takes a port of a worse bridge', port({ bridgeId: 51n }), true],
    ['leaves a port of a better bridge', port({ bridgeId: 49n }), false],
    ['takes the lower port of the bridge itself', port({ bridgeId: OWN_ID, portId: 8 }), true],
    ['leaves the higher port of the bridge itself', port({ bridgeId: OWN_ID, portId: 6 }), false],
  ])('%s', (_, candidate, expected) => {
    expect(shouldBecomeDesignated(candidate, own)).toBe(expected);
  });
});

describe('identifiers and costs', () => {
  it('rank priority above address and above number', () => {
    expect(bridgeIdOf(0x1000, 0xffff_ffff_ffff) < bridgeIdOf(0x1001, 0)).toBe(true);
    expect(portIdOf(31, 1023)).toBeLessThan(portIdOf(32, 1));
    expect(portIdOf(32, 1)).toBe(0x8001);
  });

  it('can be taken apart and printed', () => {
    const id = bridgeIdOf(0x8000, 0x0200_5e00_0101);
    expect([bridgePriorityOf(id), bridgeMacOf(id), formatBridgeId(id)]).toEqual([
      0x8000,
      0x0200_5e00_0101,
      '8000.02005e000101',
    ]);
    expect(formatBridgeId(bridgeIdOf(0, 1))).toBe('0000.000000000001');
    expect(portNumberOf(portIdOf(63, 1023))).toBe(1023);
  });

  it('travel in frames of the smallest size', () => {
    expect([CONFIG_BPDU_FRAME_BYTES, TCN_BPDU_FRAME_BYTES]).toEqual([60, 60]);
  });

  it('follow the rate of a link', () => {
    const rates = [1e6, 10e6, 100e6, 1e9, 2.5e9, 5e9, 10e9, 25e9, 100e9];
    expect(rates.map(LINUX_6_18.pathCostOf)).toEqual([100, 100, 19, 5, 4, 3, 2, 1, 1]);
    expect(rates.map(IEEE_802_1D.pathCostOf)).toEqual([250, 100, 19, 4, 4, 4, 2, 2, 2]);
  });
});
