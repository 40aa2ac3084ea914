import { beforeAll, describe, expect, it } from 'vitest';
import type { ComparedResult } from '../../src/comparison/compared-result.ts';
import { headline } from '../../src/comparison/headline.ts';
import { keyFigureRows } from '../../src/comparison/key-figures.ts';
import { compareFabrics } from '../../src/scenario/run-scenario.ts';
import { scenarioOf } from '../support/scenario-of.ts';

/** The result of a second on one fabric, as a ground to change numbers on. */
let base: ComparedResult;
beforeAll(() => {
  const quiet = { duration: '1s', hosts: undefined, traffic: undefined, migrations: undefined, failures: undefined };
  [base] = compareFabrics(scenarioOf({ ...quiet, fabrics: ['vxlan-flood-learn'] }), { outDir: null });
});

interface Numbers {
  readonly entries?: number;
  readonly flooded?: number;
  readonly outageNs?: number;
  readonly failed?: number;
  readonly fullAtNs?: number;
}

function resultOf(
  fabric: string,
  { entries = 0, flooded = 0, outageNs, failed = 0, fullAtNs }: Numbers,
): ComparedResult {
  const { summary } = base;
  const [table] = summary.macTables;
  return {
    ...base,
    fabric,
    summary: {
      ...summary,
      macTables: [{ ...table!, entriesMax: entries }],
      flooding: { ...summary.flooding, floodedBytes: flooded },
      migrations: { ...summary.migrations, outageNsMax: outageNs ?? null },
      flows: { ...summary.flows, started: 100, failed },
      limits: fullAtNs === undefined ? [] : [{ limit: 'mac_table', firstNs: fullAtNs, device: 'leaf1', count: 3 }],
    },
  };
}

describe('the answer in two sentences', () => {
  it('says how far fabrics are apart, and what went wrong where', () => {
    const results = [
      resultOf('a', { entries: 3000, flooded: 2e6, outageNs: 40e6, failed: 25 }),
      resultOf('b', { entries: 300, flooded: 2e6, outageNs: 50e6, fullAtNs: 61e9 }),
      resultOf('c', { entries: 3000, flooded: 2e6, outageNs: 45e6 }),
    ];
    expect(headline(results)).toEqual([
      'The fullest MAC table held 300 (b) to 3,000 addresses (a and c); floods put 2MB on the links under each fabric; ' +
        'a migrated VM was out of reach for at most 40ms (a) to 50ms (b).',
      'What went wrong: 25 flows failed (25%) under a; MAC table exhausted after 61s under b; nothing of the kind elsewhere.',
    ]);
  });

  it('names the fabrics that have what others have not', () => {
    const [apart] = headline([resultOf('a', { entries: 5, outageNs: 40e6 }), resultOf('b', { entries: 5 })]);
    expect(apart).toBe(
      'The fullest MAC table held 5 addresses under each fabric; a migrated VM was out of reach for at most 40ms under a.',
    );
  });

  it('says of what was refused from the start that it was', () => {
    const [, troubles] = headline([resultOf('a', { entries: 1, fullAtNs: 0 })]);
    expect(troubles).toBe('What went wrong: MAC table exhausted from the start.');
  });

  it('speaks of one fabric without naming it, and of nothing wrong as of something', () => {
    expect(headline([resultOf('a', { entries: 7, flooded: 1000 })])).toEqual([
      'The fullest MAC table held 7 addresses; floods put 1KB on the links.',
      'Nothing ran out, no flow failed, and every outage ended.',
    ]);
  });
});

describe('key figures', () => {
  it('are those that are not zero everywhere, by fabric', () => {
    const rows = keyFigureRows([resultOf('a', { entries: 7 }), resultOf('b', { failed: 2 })]);
    expect(rows.find(({ name }) => name === 'mac-entries')!.values).toEqual([7, 0]);
    expect(rows.find(({ name }) => name === 'failed-flows')!.values).toEqual([0, 2]);
    expect(rows.some(({ name }) => name === 'outage-longest')).toBe(false);
  });
});
