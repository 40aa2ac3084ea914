import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ExportFormat, writeTopology } from '../../src/exchange/export-topology.ts';
import type { ImportFormat } from '../../src/exchange/import-network.ts';
import { Notes } from '../../src/exchange/notes.ts';
import { scenarioText } from '../../src/exchange/scenario-text.ts';
import { parseScenario } from '../../src/scenario/read-scenario.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { topologyNodes } from '../../src/scenario/topology-nodes.ts';
import { importText } from './import-lab.ts';

const SMALL = `
topology: {}
fabrics:
  - vlan-stp
  - vxlan-flood-learn
  - { name: hypervisors, kind: vxlan-flood-learn, vteps: hypervisor }
  - vxlan-evpn
  - vlan-rstp
tenants: [{ name: web, segments: 2, vmsPerSegment: 6 }]
`;

function exported(scenario: Scenario, format: ExportFormat, fabric = 0) {
  const notes = new Notes();
  const text = writeTopology(scenario, format, { fabric: scenario.fabrics[fabric]!, notes });
  return { text, notes: notes.lines() };
}

function small(topology = '{ leaves: 4, spines: 2, serversPerLeaf: 2 }') {
  return parseScenario(SMALL.replace(/topology:.*/, `topology: ${topology}`), 'small.yaml');
}

/** Every command of a lab, by node. */
function commandsOf(scenario: Scenario, fabric: number): Record<string, string[]> {
  const lab = parse(exported(scenario, 'containerlab', fabric).text) as {
    topology: { nodes: Record<string, { exec?: string[] }> };
  };
  return Object.fromEntries(Object.entries(lab.topology.nodes).map(([id, { exec = [] }]) => [id, exec]));
}

describe('exported topologies', () => {
  const schemaAt = (name: string) => {
    const { $schema: _, ...schema } = JSON.parse(readFileSync(join(import.meta.dirname, 'schemas', name), 'utf8'));
    return new Ajv({ strict: false }).compile(schema);
  };

  it('are valid by the schema of containerlab, on each kind of fabric', () => {
    const validate = schemaAt('clab.schema.json');
    for (const fabric of [0, 1, 2, 3, 4]) {
      expect(validate(parse(exported(small(), 'containerlab', fabric).text)), JSON.stringify(validate.errors)).toBe(
        true,
      );
    }
    expect(validate({ name: 'x', topology: { nodes: { a: { kind: 'toaster' } } } })).toBe(false);
  });

  it('are valid by the schema of NetJSON', () => {
    const validate = schemaAt('network-graph.json');
    expect(validate(JSON.parse(exported(small(), 'netjson').text)), JSON.stringify(validate.errors)).toBe(true);
  });

  it('are Python for Mininet', () => {
    const { text } = exported(small(), 'mininet', 1);
    const check =
      'import ast, sys; print([type(n).__name__ for n in ast.parse(sys.stdin.read()).body].count("Assign"))';
    expect(execFileSync('python3', ['-c', check], { input: text, encoding: 'utf8' }).trim()).toBe('2');
  });

  it('are comments and data, whatever the file is called', () => {
    const scenario = { ...small(), name: 'x"\nimport os #' };
    const { text } = exported(scenario, 'mininet', 1);
    expect(text).toContain('# x" import os # on vxlan-flood-learn, exported by dcfabric.');
    expect(text).not.toContain('\nimport os');
    expect(parse(exported(scenario, 'containerlab').text)).toMatchObject({ name: scenario.name });
  });

  const GENERATED = [
    '{ leaves: 3, spines: 2, serversPerLeaf: 2, uplinksPerSpine: 2 }',
    '{ leaves: 4, spines: 2, serversPerLeaf: 2, serverHoming: dual }',
    '{ kind: clos-5-stage, pods: 2, leavesPerPod: 2, spinesPerPod: 2, superSpinesPerPlane: 2, serversPerLeaf: 1 }',
    '{ kind: three-tier, blocks: 2, accessPerBlock: 2, serversPerAccess: 1, cores: 2 }',
    '{ kind: sites, sites: 2, leaves: 2, spines: 2, serversPerLeaf: 1, dci: { delay: 1234567ns } }',
  ];

  const READABLE: readonly ImportFormat[] = ['containerlab', 'dot', 'graphml', 'netjson', 'csv'];

  it.each(READABLE)('come back from %s as they were', async (format) => {
    for (const topology of GENERATED) {
      const scenario = small(topology);
      const before = topologyNodes(scenario.topology);
      const { topology: read } = await importText(exported(scenario, format).text, { format });
      const after = topologyNodes(parseScenario(scenarioText(read, { title: '', origin: [] }), 'back.yaml').topology);
      expect(sortedParts(after)).toEqual(sortedParts(before));
    }
  });

  it('come back whatever switches, servers and links there are', async () => {
    await fc.assert(
      fc.asyncProperty(network, fc.constantFrom(...READABLE), async (topology, format) => {
        const scenario = small(JSON.stringify(topology));
        const { topology: read, notes } = await importText(exported(scenario, format).text, { format });
        const after = parseScenario(scenarioText(read, { title: '', origin: [] }), 'back.yaml').topology;
        expect(sortedParts(topologyNodes(after))).toEqual(sortedParts(topologyNodes(scenario.topology)));
        expect(notes.filter((note) => note.includes('left out') && !note.startsWith('costs'))).toEqual([]);
        const bridges = (one: Scenario['topology']) => (one.kind === 'explicit' ? one.switchList : []);
        const byId = (list: readonly { id: string }[]) => [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
        // a list of links has no place for what is said of a switch
        if (format !== 'csv') expect(byId(bridges(after))).toEqual(byId(bridges(scenario.topology)));
      }),
      { numRuns: 20 },
    );
  });

  it('say of a lab what it does not do as the fabric does', () => {
    expect(exported(small(), 'mininet', 3).notes).toEqual([
      'no BGP is exported: VTEPs learn from floods instead of EVPN',
    ]);
    expect(exported(small(), 'containerlab', 4).notes[0]).toContain('spanning tree of 1998 alone');
    const paired = parseScenario(
      SMALL.replace('{}', '{ leaves: 2, spines: 2, serversPerLeaf: 1 }').replace('vlan-rstp', 'vlan-mlag'),
      'x.yaml',
    );
    expect(exported(paired, 'containerlab', 4).notes[0]).toContain('no MLAG');
    expect(commandsOf(paired, 4).leaf1).toEqual([]);
  });

  it('are bridges with a spanning tree: its root, its costs, all VLANs on all trunks', () => {
    const { leaf1, spine1, server1 } = commandsOf(small(), 0);
    expect(spine1![0]).toContain('stp_state 1 priority 4096 hello_time 200 max_age 2000 forward_delay 1500');
    expect(leaf1![0]).toContain('stp_state 1 priority 32768');
    expect(leaf1).toContain('bridge vlan add dev eth1 vid 1-2');
    expect(leaf1).toContain('ip link set eth1 type bridge_slave cost 2');
    expect(server1!.filter((command) => command.startsWith('ip netns add'))).toEqual([
      'ip netns add vm1',
      'ip netns add vm9',
    ]);
  });

  it('are VTEPs with a flood list of the others, and a route to each over all spines', () => {
    const { leaf1, spine1 } = commandsOf(small(), 1);
    expect(leaf1!.filter((command) => command.startsWith('bridge fdb append'))).toEqual([
      'bridge fdb append 00:00:00:00:00:00 dev vx10000 dst 172.16.0.2',
      'bridge fdb append 00:00:00:00:00:00 dev vx10000 dst 172.16.0.3',
      'bridge fdb append 00:00:00:00:00:00 dev vx10000 dst 172.16.0.4',
      'bridge fdb append 00:00:00:00:00:00 dev vx10001 dst 172.16.0.2',
      'bridge fdb append 00:00:00:00:00:00 dev vx10001 dst 172.16.0.3',
      'bridge fdb append 00:00:00:00:00:00 dev vx10001 dst 172.16.0.4',
    ]);
    expect(leaf1).toContain(
      'ip route add 172.16.0.2/32 src 172.16.0.1 nexthop via 100.64.0.1 dev eth1 nexthop via 100.64.0.3 dev eth2',
    );
    expect(spine1!.some((command) => command.includes('br0'))).toBe(false);
  });

  it('are speakers of BGP where containers have FRR and the fabric has EVPN', () => {
    const { leaf1, spine1 } = commandsOf(small(), 3);
    expect(exported(small(), 'containerlab', 3).notes).toEqual([]);
    expect(leaf1!.some((command) => command.startsWith('bridge fdb append'))).toBe(false);
    expect(leaf1!.at(-1)).toContain('-c "router bgp 4200000001"');
    expect(leaf1!.at(-1)).toContain('-c "network 172.16.0.1/32"');
    expect(leaf1!.at(-1)).toContain('-c "neighbor 100.64.0.1 remote-as 4200000005"');
    expect(spine1!.at(-1)).toContain('-c "neighbor 100.64.0.0 activate"');
    expect(spine1!.at(-1)).not.toContain('advertise-all-vni');
  });

  it('are VTEPs in servers where hypervisors have them', () => {
    const { leaf1, server1 } = commandsOf(small(), 2);
    expect(leaf1!.some((command) => command.includes('vxlan'))).toBe(false);
    expect(server1!.filter((command) => command.includes('type vxlan'))).toHaveLength(2);
    expect(server1!.filter((command) => command.startsWith('bridge fdb append'))).toHaveLength(2 * 5);
  });

  it('are bonds of two links at dual-homed servers', () => {
    const { server1 } = commandsOf(small('{ leaves: 2, spines: 1, serversPerLeaf: 1, serverHoming: dual }'), 0);
    expect(server1).toContain('ip link add bond0 type bond mode active-backup miimon 100');
    expect(server1).toContain('ip link set bond0 master br0');
  });
});

/** Switches, servers and links in an order of their own, for a format need not keep any. */
function sortedParts({ switches, servers, links }: ReturnType<typeof topologyNodes>) {
  const sorted = (items: readonly object[]) => items.map((item) => JSON.stringify(item)).sort();
  return {
    switches: sorted(switches.map(({ id, tier }) => ({ id, tier }))),
    servers: sorted(servers),
    links: sorted(
      links.map(({ a, b, rateBitsPerSec, delayNs, pathCost }) => ({ a, b, rateBitsPerSec, delayNs, pathCost })),
    ),
  };
}

/** Explicit topologies in one piece, with names that speak of other roles than they have. */
const network = fc
  .record({
    leaves: fc.integer({ min: 2, max: 5 }),
    others: fc.array(fc.constantFrom('spine', 'core', 'border', 'aggregation', 'super-spine'), { maxLength: 3 }),
    more: fc.array(fc.tuple(fc.nat(99), fc.nat(99), fc.integer({ min: 1_000_000, max: 1e13 }), fc.nat(1e9)), {
      maxLength: 8,
    }),
    homes: fc.array(fc.tuple(fc.nat(99), fc.nat(99), fc.boolean()), { minLength: 1, maxLength: 5 }),
    priority: fc.integer({ min: 0, max: 15 }),
    cost: fc.option(fc.integer({ min: 1, max: 200_000_000 })),
  })
  .map(({ leaves, others, more, homes, priority, cost }) => {
    const roles = [...Array<string>(leaves).fill('leaf'), ...others];
    const ids = roles.map((_, index) => ['spine-1', 'server2', '10.0', 'x.y', 'a', 'true', 'h3', 'null'][index]!);
    const line = ids.slice(1).map((b, index) => ({ a: ids[index]!, b, ...(cost === null ? {} : { cost }) }));
    const chords = more
      .map(([a, b, bps, ns]) => ({
        a: ids[a % ids.length]!,
        b: ids[b % ids.length]!,
        rate: `${bps}bps`,
        delay: `${ns}ns`,
      }))
      .filter(({ a, b }) => a !== b);
    const servers = homes.map(([first, second, isDual], index) => {
      const [at, secondAt] = [ids[first % leaves]!, ids[second % leaves]!];
      return { id: `leaf${index}`, at, ...(isDual && at !== secondAt ? { secondAt } : {}) };
    });
    return {
      kind: 'explicit',
      switches: ids.map((id, index) => ({
        id,
        role: roles[index],
        ...(index === 0 ? { stpPriority: 4096 * priority, mac: '02:00:00:00:00:01' } : {}),
      })),
      links: [...line, ...chords],
      servers,
    };
  });
