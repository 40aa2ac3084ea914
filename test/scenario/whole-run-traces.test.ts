import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CellValue, readArrowFile } from '../../src/metrics/arrow-file.ts';
import { runFabric } from '../../src/scenario/run-scenario.ts';
import { FABRICS, fabricOf, scenarioOf } from '../support/scenario-of.ts';

type Row = Record<string, CellValue>;

const TRACE = { floods: 4, migrations: 3 };
const EVPN = { name: 'evpn', kind: 'vxlan-evpn' };

describe('frames that are followed', () => {
  let out: string;
  let runs = 0;
  beforeAll(() => {
    out = mkdtempSync(join(tmpdir(), 'traces-'));
  });
  afterAll(() => rmSync(out, { recursive: true }));

  const runOf = (fabric: string, changes: Record<string, unknown>) => {
    const scenario = scenarioOf({ fabrics: [...FABRICS, EVPN], ...changes });
    const result = runFabric(scenario, fabricOf(scenario, fabric), { outDir: join(out, String(runs++)) });
    const rows = (table: string): Row[] => readArrowFile(join(result.folder!, `${table}.arrow`)).rows();
    return { result, rows };
  };

  it.each(['tree', 'hypervisor', 'leaf-multicast', 'evpn'])('change nothing of a run: %s', (fabric) => {
    const [without, traced] = [{}, TRACE].map((trace) => runOf(fabric, { trace }));
    expect(traced.result.fingerprint).toBe(without.result.fingerprint);
    expect(traced.result.events).toBe(without.result.events);
    for (const table of ['link_samples', 'flood_samples', 'migrations']) {
      const [one, other] = [without, traced].map(({ rows }) => rows(table));
      expect([table, other]).toEqual([table, one]);
    }
    expect(without.rows('traces')).toEqual([]);
    const traces = traced.rows('traces');
    expect(traces.filter(({ kind }) => kind === 'flood').length).toBeGreaterThan(0);
    expect(new Set(traces.filter(({ kind }) => kind === 'announcement').map(({ migration }) => migration)).size).toBe(
      3,
    );
    const hops = traced.rows('trace_hops');
    for (const { trace, hop_count } of traces)
      expect(hops.filter((hop) => hop.trace === trace)).toHaveLength(Number(hop_count));
    // nothing is lost on the way in a network that is quiet
    expect(hops.filter(({ outcome }) => outcome === 'under_way')).toEqual([]);
  });

  it('cross each link of the tree once, and reach every server once', () => {
    const { rows } = runOf('tree', { trace: TRACE, failures: [] });
    const announcement = rows('traces').find(({ kind }) => kind === 'announcement')!;
    const hops = rows('trace_hops').filter(({ trace }) => trace === announcement.trace);
    const switches = rows('nodes').filter(({ tier }) => tier !== 'server');
    const servers = rows('nodes').filter(({ tier }) => tier === 'server');
    const isSwitch = (node: CellValue) => switches.some(({ name }) => name === node);
    const blocked = hops.filter(({ outcome }) => outcome === 'drop_port_blocked');
    const arrivals = hops.filter((hop) => hop.arrived_ns !== null && isSwitch(hop.to_node) && !blocked.includes(hop));
    // a tree of five switches: each is reached once
    expect(new Set(arrivals.map(({ to_node }) => to_node)).size).toBe(switches.length);
    expect(arrivals).toHaveLength(switches.length);
    // (L - 1)(S - 1) links are no part of it, and one end of each sends a copy all the same
    expect(blocked).toHaveLength(2);
    const toServers = hops.filter((hop) => hop.to_node === null || servers.some(({ name }) => name === hop.to_node));
    expect(toServers.reduce((sum, { copies }) => sum + Number(copies), 0)).toBe(servers.length - 1);
    // a copy arrives later than it was sent, and is sent on when it has arrived
    for (const { from_node, sent_ns } of hops.slice(1)) {
      const came = arrivals.find(({ to_node }) => to_node === from_node)!;
      expect(sent_ns).toBe(came.arrived_ns);
    }
    for (const { sent_ns, arrived_ns } of arrivals) expect(Number(arrived_ns)).toBeGreaterThan(Number(sent_ns));
  });

  it('are the same copies whether each is an event or not', () => {
    const copiesByNode = (exactFloods: boolean) => {
      const { rows } = runOf('tree', { trace: TRACE, failures: [], exactFloods });
      const copies = new Map<string, number>();
      for (const hop of rows('trace_hops')) {
        const key = `${hop.trace} ${hop.from_node}`;
        copies.set(key, (copies.get(key) ?? 0) + Number(hop.copies));
      }
      return [...copies].sort();
    };
    const counted = copiesByNode(false);
    expect(counted.length).toBeGreaterThan(20);
    expect(copiesByNode(true)).toEqual(counted);
  });

  it('go from VTEP to VTEP inside packets', () => {
    const { rows } = runOf('leaf', { trace: TRACE, failures: [] });
    const announcement = rows('traces').find(({ kind }) => kind === 'announcement')!;
    const hops = rows('trace_hops').filter(({ trace }) => trace === announcement.trace);
    const between = hops.filter(({ link }) => /^leaf\d-spine\d$/.test(String(link)));
    // to each of the two other leaves, up to a spine and down again
    expect(between).toHaveLength(4);
    for (const hop of hops) expect(hop.is_encapsulated).toBe(between.includes(hop));
  });

  it.each(['tree', 'leaf', 'evpn'])('show how tables follow a migration, as the migration sums it up: %s', (fabric) => {
    const { rows } = runOf(fabric, { trace: TRACE, failures: [] });
    const tables = rows('trace_tables');
    const migrations = rows('migrations');
    const followed = migrations
      .map((row, index) => ({ row, index }))
      .filter(({ row }) => row.resume_ns !== null)
      .sort((one, other) => Number(one.row.resume_ns) - Number(other.row.resume_ns))
      .slice(0, 3);
    for (const { row, index } of followed) {
      const ofIt = tables.filter(({ migration }) => migration === index);
      expect([index, ofIt.length]).toEqual([index, row.wrong_tables]);
      for (const { resume_ns, vm } of ofIt) expect([vm, resume_ns]).toEqual([row.vm, row.resume_ns]);
      const right = ofIt.map(({ right_ns }) => (right_ns === null ? null : Number(right_ns) - Number(row.resume_ns)));
      if (row.all_right_ns !== null && right.length > 0) expect(Math.max(...right.map(Number))).toBe(row.all_right_ns);
    }
    expect(tables.length).toBeGreaterThan(0);
  });

  it('write the same bytes every time', () => {
    const [one, other] = [0, 1].map(() => runOf('tree', { trace: TRACE }).result.folder!);
    for (const table of ['traces', 'trace_hops', 'trace_tables']) {
      const [first, second] = [one, other].map((folder) => readFileSync(join(folder, `${table}.arrow`)));
      expect([table, second.equals(first)]).toEqual([table, true]);
    }
  });
});
