import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compareFacts } from '../../src/replay/observations/compare-facts.ts';
import { FAMILIES } from '../../src/replay/observations/families.ts';
import { PerRun } from '../../src/replay/observations/simulated-facts.ts';
import { RecordingError, readReplayable } from '../../src/replay/replay.ts';

const FOLDER = new URL('../recordings/observations/', import.meta.url).pathname;
const FILES = ['frr', 'frr-own', 'ovs'].flatMap((folder) =>
  readdirSync(FOLDER + folder).map((file) => `${folder}/${file}`),
);
const contentOf = (file: string) => JSON.parse(readFileSync(FOLDER + file, 'utf8')) as Record<string, unknown>;
const isPerformed = (file: string) => FAMILIES.has(contentOf(file).experiment as string);

const scratch = mkdtempSync(join(tmpdir(), 'observation-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** What is said of a file that differs from one of the observations. */
function problemsOf(file: string, change: (content: Record<string, unknown>) => void): string {
  const content = contentOf(file);
  change(content);
  const path = join(scratch, 'changed.json');
  writeFileSync(path, JSON.stringify(content));
  try {
    readReplayable(path);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    return error.message.replaceAll(path, 'changed.json');
  }
  return '';
}

describe('replay of what FRR and Open vSwitch did', () => {
  it.each(FILES.filter(isPerformed))('%s: every fact that is not known to differ', (file) => {
    const { facts, equal, differences, known = [] } = readReplayable(FOLDER + file).compare();
    expect(differences).toEqual([]);
    expect(facts).toBeGreaterThan(3);
    expect(equal + known.length).toBe(facts);
    expect(known.length).toBeLessThan(facts / 2);
  });

  it.each(FILES.filter((file) => !isPerformed(file)))('%s: is refused, not passed', (file) => {
    expect(() => readReplayable(FOLDER + file)).toThrow(/which this version does not perform; it performs ovs_vlan, /);
  });

  it('sends copies to members only where a switch snoops: (members - 1) K instead of (VTEPs - 1) K', () => {
    const content = contentOf('frr/mcast-flat-4m2x-nosnoop.json');
    Object.assign(content.params as object, { igmp_snooping: true });
    const path = join(scratch, 'snooping.json');
    writeFileSync(path, JSON.stringify({ ...content, facts: undefined }));
    const { facts } = readReplayable(path).simulated() as { facts: { exact: Record<string, Record<string, unknown>> } };
    expect(facts.exact.udp_bcast).toMatchObject({ tx_copies: 100, rx_copies: 300, outer_dst: ['239.1.1.10'] });
    expect(facts.exact.udp_bcast.delivered_to_hosts).toEqual({ mh2: 100, mh3: 100, mh4: 100 });
    expect(facts.exact.known_unicast).toMatchObject({ tx_copies: 100, rx_copies: 100 });
  });

  it('tells the facts of a race by the words of their names, and what says nothing is a difference', () => {
    const content = contentOf('frr-own/evpn-race-ebgp-4l2s.json');
    const path = join(scratch, 'race.json');
    const actions = [{ op: 'garp_at_both', hosts: ['h4-1', 'h2-1'], mac: '02:00:00:0a:ab:01' }];
    const facts = {
      exact: {
        best_vtep: 'leaf2',
        lowest_ip_wins: true,
        mobility_seq: [['None'], ['None']],
        updates: [48, 48, 48],
        x: 1,
      },
      ranges: { converged_ms: { min: 110, max: 120, median: 112, n: 3 } },
    };
    writeFileSync(path, JSON.stringify({ ...content, actions, facts }));
    const { equal, differences } = readReplayable(path).compare();
    expect(equal).toBe(5);
    expect(differences).toEqual(['exact.x: recorded 1, simulated nothing']);
  });

  it('writes what was simulated in the shape of what was observed, without a look at it', () => {
    const file = 'ovs/ovs-vlan-2sw.json';
    const bare = { ...contentOf(file), facts: undefined };
    const path = join(scratch, 'bare.json');
    writeFileSync(path, JSON.stringify(bare));
    const replayable = readReplayable(path);
    expect(replayable.isObserved).toBe(false);
    expect((replayable.simulated() as { facts: unknown }).facts).toEqual(contentOf(file).facts);
  });
});

describe('an observation that cannot be used', () => {
  it('says where and what would do', () => {
    const file = 'ovs/ovs-vlan-2sw.json';
    expect(problemsOf(file, (content) => Object.assign(content.params as object, { K: -5 }))).toBe(
      'changed.json: params.K: got -5, expected at least 1',
    );
    expect(problemsOf(file, (content) => Object.assign(content, { topology: 7 }))).toBe(
      'changed.json: topology: got 7, expected object',
    );
    const [first] = contentOf(file).actions as object[];
    expect(problemsOf(file, (content) => Object.assign(content, { actions: [{ ...first, host: 'x' }] }))).toBe(
      'changed.json: actions.0.host: there is no host x',
    );
    expect(problemsOf(file, (content) => Object.assign(content, { actions: [{ ...first, phase: 'x' }] }))).toBe(
      'changed.json: actions.0.phase: what "x" sends is not known',
    );
    const failure = 'frr-own/evpn-fail-bgpd_killed-ebgp-4l2s.json';
    expect(problemsOf(failure, (content) => Object.assign(content.params as object, { kind: 'rain' }))).toBe(
      'changed.json: params.kind: expected a name of links that go down, or of a bgpd that is killed or frozen',
    );
    expect(problemsOf('frr-own/evpn-race-ebgp-4l2s.json', (content) => (content.actions = [{ op: 'race' }]))).toBe(
      'changed.json: actions: expected one that names two leaves, or hosts at two leaves',
    );
    expect(problemsOf(file, (content) => Object.assign(content, { facts: [] }))).toContain('facts: got a list of 0');
    expect(problemsOf(file, (content) => Object.assign(content, { format: 'x' }))).toContain('"fabric-observation/1"');
  });
});

describe('comparison of facts', () => {
  const range = { min: 10, median: 11, max: 20, n: 3 };
  const isEqual = (recorded: unknown, simulated: unknown) =>
    compareFacts({ exact: { a: recorded } }, { exact: { a: simulated }, ranges: {} }).map((fact) => fact.isEqual);
  const isInRange = (recorded: unknown, simulated: unknown) =>
    compareFacts({ ranges: { a: recorded } }, { exact: {}, ranges: { a: simulated } }).map((fact) => fact.isEqual);

  it('asks of an exact one that it is the same, leaf by leaf, and of none that is on one side only', () => {
    expect(isEqual({ x: [1, 2], y: {} }, { x: [1, 2], y: {} })).toEqual([true, true]);
    expect(isEqual({ x: [1, 2] }, { x: [1, 3] })).toEqual([true, false]);
    expect(isEqual({ x: 1 }, { x: 1, y: 2 })).toEqual([true, false]);
    expect(isEqual({ x: 1, y: 2 }, { x: 1 })).toEqual([true, false]);
    expect(isEqual([1, 2], [1])).toEqual([true, false]);
    expect(isEqual({ x: 1 }, 1)).toEqual([false]);
  });

  it('asks of one with a value per run that it is one of these, and nothing of what varies', () => {
    expect(isEqual([{ a: 'x' }, { a: 'y' }], new PerRun({ a: 'y' }))).toEqual([true]);
    expect(
      isEqual(
        [
          { a: 100, b: 7 },
          { a: 104, b: 7 },
        ],
        new PerRun({ a: 110, b: 8 }),
      ),
    ).toEqual([true, false]);
    expect(isEqual([1, 2], new PerRun(3))).toEqual([false]);
    expect(isEqual('varies', 3)).toEqual([]);
  });

  it('asks of a timed one that it lies in the range widened by a quarter, and of what never happened that it does not', () => {
    expect([7.5, 25, 7.4, 25.1, null].map((value) => isInRange(range, value)[0])).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(isInRange({ ...range, n: 1 }, null)).toEqual([true]);
    expect(isInRange(null, null)).toEqual([true]);
    expect(isInRange(null, 3)).toEqual([false]);
    expect(isInRange([{ M: 8, x: range }], [{ M: 8, x: 12 }])).toEqual([true, true]);
    expect(isInRange({ x: range }, {})).toEqual([false]);
  });
});
