import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseScenario, type ReadOptions, readScenario } from '../../src/scenario/read-scenario.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { scenarioDigest } from '../../src/scenario/scenario-digest.ts';
import { ScenarioError, type ScenarioProblem } from '../../src/scenario/scenario-error.ts';
import { hours, microseconds, milliseconds, seconds } from '../../src/units.ts';

const TOPOLOGY = 'topology: {leaves: 4, spines: 2, serversPerLeaf: 8}';
const TENANTS = 'tenants: [{name: web, vmsPerSegment: 20}]';
const MINIMAL = `${TOPOLOGY}\n${TENANTS}\n`;

function parse(text: string, options?: ReadOptions): Scenario {
  return parseScenario(text, 'test.yaml', options);
}

function problemsOf(text: string, options?: ReadOptions): readonly ScenarioProblem[] {
  try {
    parse(text, options);
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems;
    throw error;
  }
  return [];
}

/** `line:column path: message` of each problem. */
function complaintsOf(text: string, options?: ReadOptions): string[] {
  return problemsOf(text, options).map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
}

describe('a scenario file', () => {
  it('needs a topology and tenants only', () => {
    const scenario = parse(MINIMAL);
    expect([scenario.durationNs, scenario.warmUpNs]).toEqual([seconds(60), 0]);
    expect(scenario.fabrics.map(({ name }) => name)).toEqual(['vlan-stp', 'vxlan-flood-learn']);
    expect(scenario.topology).toMatchObject({
      kind: 'leaf-spine',
      leafCount: 4,
      serverLink: { rateBitsPerSec: 25e9, delayNs: 500 },
      fabricLink: { rateBitsPerSec: 100e9, delayNs: microseconds(1) },
      switches: { bufferBytes: 2 ** 20, mtuBytes: 9000 },
    });
    expect(scenario.migrations).toMatchObject({ random: null, list: [], downtimeLimitNs: milliseconds(300) });
  });

  it('says the same in JSON', () => {
    const json = JSON.stringify({
      $schema: './scenario.schema.json',
      topology: { leaves: 4, spines: 2, serversPerLeaf: 8 },
      tenants: [{ name: 'web', vmsPerSegment: 20 }],
    });
    expect(parse(json)).toEqual(parse(MINIMAL));
  });

  it('may repeat parts by anchors, aliases and merge keys', () => {
    const text = `${TOPOLOGY}
tenants:
  - &web {name: web, segments: 2, vmsPerSegment: 20}
  - {<<: *web, name: shop}
`;
    expect(parse(text).tenants[1]).toMatchObject({ name: 'shop', segmentsPerReplica: 2, vmsPerSegment: 20 });
  });

  it('makes spine1 the root of a leaf-spine, and leaves the election open in explicit topologies', () => {
    expect(parse(MINIMAL).fabrics[0]).toMatchObject({ spanningTree: { rootSwitch: 'spine1', rootPriority: 4096 } });
    expect(parse(`${TRIANGLE}\n${TENANTS}`).fabrics[0]).toMatchObject({ spanningTree: { rootSwitch: null } });
  });

  it('names explicit links by their ends and tells parallel ones apart', () => {
    const { topology } = parse(`${TRIANGLE}\n${TENANTS}`);
    if (topology.kind !== 'explicit') throw new Error('not explicit');
    expect(topology.linkList.map(({ id }) => id)).toEqual(['s1-s2', 's2-s3', 's3-s1', 's2-s1#2']);
    expect(topology.switchList.map(({ role }) => role)).toEqual(['leaf', 'leaf', 'spine']);
  });

  it('gives fixed flow sizes and own distributions as points', () => {
    expect(parse(`${MINIMAL}traffic: {sizes: {fixed: 10KB}}`).traffic.flowSizes).toEqual([
      { sizeBytes: 10_000, probability: 1 },
    ]);
    expect(parse(`${MINIMAL}traffic: {sizes: {cdf: [[0, 0], [1MB, 1]]}}`).traffic.flowSizes).toEqual([
      { sizeBytes: 0, probability: 0 },
      { sizeBytes: 1_000_000, probability: 1 },
    ]);
  });

  it('knows how long routers trust ARP by their names', () => {
    const timeoutOf = (arpTimeout: string) =>
      parse(`${MINIMAL}gateway: {at: leaf1, arpTimeout: ${arpTimeout}}\n`).gateway?.arpTimeoutNs;
    expect(['linux', 'nx-os', 'ios-eos', '2min'].map(timeoutOf)).toEqual([30, 1500, 14_400, 120].map(seconds));
  });

  it('lets random migrations start when all VMs have booted and end with the run', () => {
    const { random } = parse(`${MINIMAL}migrations: {random: {count: 3}}\nhosts: {bootWindow: 2s}`).migrations;
    expect(random).toEqual({ count: 3, startNs: seconds(2), endNs: seconds(60), destination: 'any' });
  });

  it.each(['0s', 'null'])('turns the probing of migrations off by %s', (off) => {
    expect(parse(MINIMAL).migrations.probeEveryNs).toBe(milliseconds(10));
    expect(parse(`${MINIMAL}migrations: {probeEvery: ${off}}`).migrations.probeEveryNs).toBeNull();
  });

  it('takes the place of no default that it names', () => {
    const gateway = parse(`${MINIMAL}gateway: {at: leaf2, arpTimeout: 1.5h}`).gateway;
    expect(gateway).toMatchObject({ at: 'leaf2', arpTimeoutNs: hours(1.5) });
  });
});

const TRIANGLE = `topology:
  kind: explicit
  switches: [{id: s1}, {id: s2}, {id: s3, stpPriority: 4096, mac: '02:00:00:00:00:0A'}]
  links: [{a: s1, b: s2}, {a: s2, b: s3}, {a: s3, b: s1}, {a: s2, b: s1}]
  servers: [{id: h1, at: s1}, {id: h2, at: s2}]`;

describe('a faulty scenario', () => {
  it('has all its problems named at once, from top to bottom', () => {
    const text = `durration: 60s
topology:
  leaves: 0
  spines: 2
  servers_per_leaf: 8
  serverLink: {rate: 25Gb, delay: 500}
fabrics: [vlan-spt, {kind: vxlan-flood-learn, vteps: leafs}]
${TENANTS}
failures: [{at: 61s, switch: spine1}]
`;
    expect(
      complaintsOf(text).map((complaint) => complaint.replace(/ \(units.*|, such as .*|(?<=expected) one of .*;/, '')),
    ).toEqual([
      "1:1 durration: unknown key; did you mean 'duration'?",
      '2:1 topology.serversPerLeaf: is missing, expected a number',
      '3:11 topology.leaves: got 0, expected at least 1',
      "5:3 topology.servers_per_leaf: unknown key; did you mean 'serversPerLeaf'?",
      "6:22 topology.serverLink.rate: got '25Gb', expected a rate such as 100Mbps or 25Gbps",
      '6:35 topology.serverLink.delay: got 500, expected a duration with its unit',
      "7:11 fabrics.0: got 'vlan-spt', expected did you mean 'vlan-stp'?",
      "7:54 fabrics.1.vteps: got 'leafs', expected did you mean 'leaf'?",
      '9:17 failures.0.at: got 61s, expected a time within the run of 1min',
    ]);
  });

  it('is shown with the line and a caret', () => {
    expect(() => parse(`${TENANTS}\ntopology: {leaves: 4, spines: 0, serversPerLeaf: 8}\n`)).toThrow(
      `test.yaml:2:31: topology.spines: got 0, expected at least 1
    2 | topology: {leaves: 4, spines: 0, serversPerLeaf: 8}
      |                               ^`,
    );
  });

  it('is located when it is no YAML', () => {
    expect(problemsOf(`${TOPOLOGY}\ntenants: [{name: web\n`)[0]).toMatchObject({ file: 'test.yaml', line: 3 });
    expect(complaintsOf(`${MINIMAL}seed: 1\nseed: 2\n`)).toEqual(['4:1 : Map keys must be unique']);
  });

  it('may not hold whole numbers that lose digits', () => {
    expect(complaintsOf(`${MINIMAL}seed: 9007199254740993`)).toEqual([
      '3:7 seed: got 9007199254740993, expected a whole number below 2^53, which stays exact',
    ]);
  });

  it('may not say sizes that no number is exact for, nor both that and their limit', () => {
    expect(complaintsOf(`${MINIMAL}migrations: {memory: 1e308}`)).toEqual([
      expect.stringMatching(/migrations\.memory: got 1e\+308, expected at most 9007199254740991$/),
    ]);
    expect(complaintsOf(`${MINIMAL}replications: 1e308`)).toEqual([
      expect.stringMatching(/replications: got 1e\+308, expected at most 1000$/),
    ]);
  });

  it('may not blow up by aliases, refer to itself or nest without end', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `b${level + 1}: &b${level + 1} [${`*b${level},`.repeat(9)}]`,
    );
    expect(complaintsOf(`b0: &b0 [1, 2]\n${levels.join('\n')}`)[0]).toContain('Excessive alias count');
    expect(complaintsOf('a: &a [*a]')).toHaveLength(1);
    expect(complaintsOf(`a: ${'['.repeat(100)}${']'.repeat(100)}`)[0]).toContain('nested more than 64 deep');
    expect(complaintsOf('['.repeat(100_000))).toEqual([
      expect.stringContaining('cannot be expanded: it is nested more than 64 deep'),
    ]);
    const stray = 'tenants: []\ntopology: { leaves: &n 4, spines: *m }';
    expect(complaintsOf(stray)).toEqual(['2:35 : *m stands for nothing: expected &m somewhere above']);
  });

  it('may not be empty, nor a list, a text or several documents', () => {
    expect(complaintsOf('')).toEqual([
      '1:1 topology: is missing, expected a mapping',
      '1:1 tenants: is missing, expected a list',
    ]);
    expect(complaintsOf('[1]')).toEqual(['1:1 : got a list of 1, expected a mapping']);
    expect(complaintsOf('hello')).toEqual(["1:1 : got 'hello', expected a mapping"]);
    expect(complaintsOf(`${MINIMAL}---\n${MINIMAL}`)).toHaveLength(1);
  });

  it('never makes the reader fail in another way', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const sections = ['topology', 'fabrics', 'tenants', 'traffic', 'migrations', 'failures', 'hosts', 'gateway', 'x'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...sections), value), (data) => {
        const problems = problemsOf(JSON.stringify(data));
        expect(problems.length).toBeGreaterThan(0);
        for (const { line, column } of problems) expect(Math.min(line, column)).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('is two documents in one file', () => {
    expect(complaintsOf(`${MINIMAL}---\n${MINIMAL}`)).toEqual(['3:1 : a second document begins, expected one']);
  });

  it.each([
    ['more VMs than there may be', 'count: 10, segments: 100000, vmsPerSegment: 11', 'got 11000000 VMs'],
    ['more segments than there may be', 'count: 20, segments: 900000, vmsPerSegment: 1', 'got 18000000 segments'],
    ['neither VMs per segment nor a total', 'count: 2', 'the VMs of a segment, or totalVms'],
    ['a total with too few VMs', 'segments: 3, totalVms: 2', 'got 2 for 3 segments'],
    ['a total with too few segments', 'count: 3, totalSegments: 2, vmsPerSegment: 1', 'got 2 for 3 tenants'],
    ['a range upside down', 'vmsPerSegment: {uniform: {min: 5, max: 4}}', 'at least min, 5'],
    ['a distribution that does not end at 1', 'vmsPerSegment: {cdf: [[3, 0.5], [9, 0.9]]}', 'last share to be 1'],
  ])('is tenants with %s', (_, tenant, message) => {
    const fabrics = 'fabrics: [{kind: vxlan-flood-learn, vniBase: 1}]';
    const text = `${TOPOLOGY}\ntenants: [{name: a, ${tenant}}]\n${fabrics}`;
    expect(complaintsOf(text).join()).toContain(message);
  });

  it('is EVPN over more equal links than a speaker tells apart', () => {
    const text = (spines: number) =>
      `topology: {leaves: 2, spines: ${spines}, serversPerLeaf: 1}\ntenants: [{name: a, vmsPerSegment: 2}]\nfabrics: [vxlan-evpn]`;
    expect(complaintsOf(text(32))).toEqual([]);
    expect(complaintsOf(text(33)).join()).toContain('got 33 links from leaf1 to switches above it');
  });

  it('shows no control characters of the file', () => {
    expect(() => parse(`${MINIMAL}duration: "\u001b[31m"\n`)).toThrow('\u{fffd}');
    try {
      parse(`${MINIMAL}traffic: {sizes: "\\e[31m"}\n`);
    } catch (error) {
      expect((error as Error).message).not.toContain('\u001b');
    }
  });

  it('is reported when the file is no text', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dcfabric-binary-'));
    const file = join(folder, 'binary.yaml');
    writeFileSync(file, Uint8Array.of(0xff, 0xfe, 0));
    expect(() => readScenario(file)).toThrow('cannot be read: it is not text in UTF-8');
    rmSync(folder, { recursive: true });
  });

  it('never gives results a folder above theirs', () => {
    expect(parseScenario(MINIMAL, 'scenarios/...yaml').name).toBe('scenario');
    expect(parseScenario(MINIMAL, 'scenarios/..yaml').name).toBe('scenario');
    expect(parseScenario(MINIMAL, 'scenarios/v1.2.yaml').name).toBe('v1.2');
  });

  it('is reported when the file is not there', () => {
    expect(() => readScenario('/no/such/file.yaml')).toThrow(
      '/no/such/file.yaml:1:1: cannot be read: there is no such file',
    );
  });
});

describe('parts of a scenario that do not fit together', () => {
  const cases: [title: string, text: string, complaint: string][] = [
    ['a link that is not there', 'failures: [{at: 1s, link: leaf1-spin2}]', "did you mean 'leaf1-spine2'?"],
    ['a link named the wrong way round', 'failures: [{at: 1s, link: spine1-leaf1}]', "which is called 'leaf1-spine1'"],
    ['a switch that is not there', 'failures: [{at: 1s, switch: leaf9}]', "no switch is called 'leaf9'"],
    ['a failure of nothing', 'failures: [{at: 1s}]', 'expected one of link, switch, server, rack and random'],
    ['a VM that is not there', 'migrations: {list: [{vm: vm21, to: server1, at: 2s}]}', 'expected one of vm1 to vm20'],
    [
      'a server that is not there',
      'migrations: {list: [{vm: vm1, to: server33, at: 2s}]}',
      "no server is called 'server33'",
    ],
    [
      'a migration before the VMs are up',
      'migrations: {list: [{vm: vm1, to: server2, at: 0s}]}',
      'got 0ns, expected a time',
    ],
    ['more migrations than VMs', 'migrations: {random: {count: 21}}', 'at most the 20 VMs there are'],
    ['probes that would be most of the traffic', 'migrations: {probeEvery: 1us}', 'expected at least 10us'],
    ['copying that never ends', 'migrations: {dirtyRate: 10Gbps, maxRounds: null}', 'never ends'],
    ['servers that are too small', 'placement: {vmsPerServerMax: 0}', 'got 0, expected at least 1'],
    ['two fabrics of one name', 'fabrics: [vlan-stp, vlan-stp]', "got 'vlan-stp', as fabrics.0 is called"],
    [
      'two fabrics of names that some file systems take for one',
      'fabrics: [{kind: vlan-stp, name: A}, {kind: vxlan-flood-learn, name: a}]',
      "got 'a', as fabrics.0 is called",
    ],
    ['a title that steers the terminal', 'title: "\\e[31mred"', 'expected text without control characters'],
    ['loops without spanning tree', 'fabrics: [vlan-no-stp]', 'leaf2-spine2 closes one'],
    [
      'a root that is not there',
      'fabrics: [{kind: vlan-stp, spanningTree: {root: spine3}}]',
      "no switch is called 'spine3'",
    ],
    [
      'a root that would lose',
      'fabrics: [{kind: vlan-stp, spanningTree: {priority: 0}}]',
      'got 4096, expected less than the 0',
    ],
    ['a priority between steps', 'fabrics: [{kind: vlan-stp, spanningTree: {priority: 4097}}]', 'a multiple of 4096'],
    [
      'a max age beyond twice the forward delay (802.1D-1998, 8.10.2)',
      'fabrics: [{kind: vlan-stp, spanningTree: {maxAge: 30s}}]',
      'at most 2 × (forwardDelay − 1 s) = 28s',
    ],
    [
      'a max age below twice the hello time (802.1D-1998, 8.10.2)',
      'fabrics: [{kind: vlan-stp, spanningTree: {helloTime: 10s}}]',
      'at least 2 × (helloTime + 1 s) = 22s',
    ],
    ['an ageing time out of range', 'fabrics: [{kind: vlan-stp, macAgeing: 9s}]', 'got 9s, expected 10s to 1000000s'],
    ['a VNI of more than 24 bits', 'fabrics: [{kind: vxlan-flood-learn, vniBase: 16777216}]', 'at most 16777215'],
    ['packets that do not fit when encapsulated', 'hosts: {mtu: 8951}', 'expected at most 8950'],
    [
      'gateways in leaves where nobody is to route',
      'fabrics: [{kind: vxlan-evpn, gateway: anycast-symmetric}]',
      "fabrics.0.gateway: got 'anycast-symmetric' in a scenario without a gateway; add one, such as gateway: {at: leaf1}",
    ],
    [
      'gateways in leaves that are no VTEPs',
      'fabrics: [{kind: vxlan-evpn, gateway: anycast-asymmetric, vteps: hypervisor}]\ngateway: {at: leaf1}',
      "fabrics.0.gateway: got 'anycast-asymmetric' with VTEPs in hypervisors; expected vteps: leaf, or gateway: central",
    ],
    [
      'prefixes that nobody would route by',
      'fabrics: [{kind: vxlan-evpn, gateway: anycast-asymmetric, subnetPrefixes: true}]\ngateway: {at: leaf1}',
      'got true with gateway: anycast-asymmetric; expected false, or gateway: anycast-symmetric',
    ],
    [
      'gateways in leaves without a control plane',
      'fabrics: [{kind: vxlan-flood-learn, gateway: anycast-symmetric}]\ngateway: {at: leaf1}',
      'fabrics.0.gateway: unknown key',
    ],
    [
      'VNIs for segments but not for tenants too',
      'fabrics: [{kind: vxlan-evpn, gateway: anycast-symmetric, vniBase: 16777215}]\ngateway: {at: leaf1}',
      'got 16777215 for 1 segments and 1 tenants, but only 1 fit',
    ],
    [
      'border gateways where there are no sites',
      'fabrics: [{kind: vxlan-flood-learn, sites: border-gateways}]',
      "fabrics.0.sites: got 'border-gateways' for a leaf-spine; expected 'end-to-end', or topology.kind: sites",
    ],
    ['an outside without a gateway', 'outside: {at: [leaf1]}', 'add one, such as gateway: {at: leaf1}'],
    [
      'an outside behind a spine',
      'gateway: {at: leaf1}\noutside: {at: [spine1]}',
      "outside.at.0: no switch for servers is called 'spine1'",
    ],
    [
      'an outside that VLANs do not reach',
      'gateway: {at: leaf1}\noutside: {at: [leaf2]}\nfabrics: [{kind: vlan-stp, reach: pruned}]',
      'outside.at: [leaf1]',
    ],
    ['a gateway on a spine', 'gateway: {at: spine1}', 'expected a switch for servers, such as leaf1'],
    [
      'traffic between tenants without a gateway',
      'traffic: {interTenant: 0.1}',
      'gateway: {at: leaf1, betweenTenants: true}',
    ],
    [
      'traffic between tenants that the gateway keeps apart',
      'traffic: {interTenant: 0.1}\ngateway: {at: leaf1}',
      'gateway.betweenTenants: true lets them',
    ],
    [
      'traffic between tenants where there is one',
      'traffic: {interTenant: 0.1}\ngateway: {at: leaf1, betweenTenants: true}',
      'there is only one tenant',
    ],
    [
      'more traffic away than there is',
      'traffic: {interTenant: 0.6, interSegment: 0.5}\ngateway: {at: leaf1, betweenTenants: true}',
      'expected at most 1 together',
    ],
    ['routed traffic without a gateway', 'traffic: {interSegment: 0.1}', 'without a gateway'],
    [
      'samples without end',
      'samples: {every: 1us}\nduration: 20d',
      'which makes 1728000000000 samples; expected at least 17.28ms',
    ],
    [
      'a warm-up that is all of the run',
      'warmup: 1min',
      'got 1min, which leaves nothing of the run of 1min to count; expected less, or a longer duration',
    ],
    ['samples beyond the end', 'samples: {every: 2min}', 'got 2min, expected at most the 1min of the run'],
  ];
  for (const [title, text, complaint] of cases) {
    it(`are ${title}`, () => {
      expect(complaintsOf(`${MINIMAL}${text}\n`).join('\n')).toContain(complaint);
    });
  }

  it('are border gateways that route between sites', () => {
    const evpn = '{kind: vxlan-evpn, sites: border-gateways, gateway: anycast-symmetric}';
    const text = `topology: {kind: sites, leaves: 2, spines: 1, serversPerLeaf: 2}\n${TENANTS}\ngateway: {at: leaf1}\nfabrics: [${evpn}]\n`;
    const complaint = "fabrics.0.gateway: got 'anycast-symmetric', which border gateways cannot do";
    expect(complaintsOf(text).join('\n')).toContain(complaint);
  });

  it('are a root and another switch of a lower priority', () => {
    const fabrics = 'fabrics: [{kind: vlan-stp, spanningTree: {root: s1}}]';
    expect(complaintsOf(`${TRIANGLE}\n${TENANTS}\n${fabrics}`)[0]).toContain(
      "got 4096, expected less than the 4096 of 's3'",
    );
    expect(complaintsOf(`${TRIANGLE}\n${TENANTS}\n${fabrics.replace('s1', 's3')}`)).toEqual([]);
  });

  it('are VMs that are there from the start and not among those of the tenants', () => {
    const text = `${TOPOLOGY}\n${TENANTS}\ngrowth: {initialVms: 21, allBy: 500ms}\nhosts: {bootWindow: 1s}`;
    const complaints = complaintsOf(text).join();
    expect(complaints).toContain('at most the 20 VMs of the tenants');
    expect(complaints).toContain('no earlier than the end of the boot window, 1s');
  });

  it('are two ways to say how many VMs are there, or when they come', () => {
    const growth = 'growth: {initialVms: 2, initialShare: 0.5, arrivalsPerSecond: 3, allBy: 50s}';
    const complaints = complaintsOf(`${TOPOLOGY}\n${TENANTS}\n${growth}`).join();
    expect(complaints).toContain('either initialVms or initialShare');
    expect(complaints).toContain('either arrivalsPerSecond or allBy');
  });

  it('are not more segments than VLAN identifiers: a fabric refuses them as it runs', () => {
    const tenants = 'tenants: [{name: web, count: 4095, vmsPerSegment: 2}]';
    expect(complaintsOf(`${TOPOLOGY}\n${tenants}`)).toEqual([]);
  });

  it('are more segments than VNIs above the first', () => {
    const text = `${TOPOLOGY}
tenants: [{name: web, count: 10, vmsPerSegment: 2}]
fabrics: [{kind: vxlan-flood-learn, vniBase: 16777210}]`;
    expect(complaintsOf(text)[0]).toContain('only 6 fit');
  });

  it('are more VMs than the servers hold', () => {
    const text = `${TOPOLOGY}\ntenants: [{name: web, vmsPerSegment: 65}]\nplacement: {vmsPerServerMax: 2}`;
    expect(complaintsOf(text)[0]).toContain('expected at least 3');
  });

  it('are explicit switches without a path between them, unknown ends and names used twice', () => {
    const text = `topology:
  kind: explicit
  switches: [{id: s1}, {id: s2}, {id: s2}]
  links: [{a: s1, b: s9}, {a: s1, b: s1, cost: 0}]
  servers: [{id: h1, at: s1}]`;
    expect(complaintsOf(`${text}\n${TENANTS}`)).toEqual(['4:48 topology.links.1.cost: got 0, expected at least 1']);
    const complaints = complaintsOf(`${text.replace(', cost: 0', '')}\n${TENANTS}`);
    expect(complaints[0]).toBe(
      "3:39 topology.switches.2.id: got 's2', which topology.switches.1 has already; expected another",
    );
    expect(complaints[1]).toMatch(/^4:22 topology.links.0.b: no switch is called 's9'/);
    expect(complaints[2]).toBe("4:38 topology.links.1.b: got 's1' at both ends");
    const split = `topology: {kind: explicit, switches: [{id: a}, {id: b}], servers: [{id: h, at: a}]}\n${TENANTS}`;
    expect(complaintsOf(split)[0]).toContain("no path of links joins 'b' to 'a'");
  });
});

describe('overrides', () => {
  it('take the place of values in the file, the last one last', () => {
    const overrides = ['topology.leaves=8', 'topology.leaves=16', 'fabrics.0.name=tree', 'fabrics.0.kind=vlan-stp'];
    const scenario = parse(`${MINIMAL}`, { overrides });
    expect(scenario.topology).toMatchObject({ leafCount: 16 });
    expect(scenario.fabrics.map(({ name }) => name)).toEqual(['tree']);
  });

  it('are read as YAML', () => {
    const overrides = ['fabrics=[vxlan-flood-learn]', 'hosts.gratuitousArpAtBoot=false', 'title=a=b'];
    const scenario = parse(MINIMAL, { overrides });
    expect(scenario.fabrics).toHaveLength(1);
    expect(scenario.hosts.gratuitousArpAtBoot).toBe(false);
    expect(scenario.title).toBe('a=b');
  });

  it('change one user of an anchor only', () => {
    const text = `${TOPOLOGY}\ntenants: [&a {name: a, vmsPerSegment: 2}, {<<: *a, name: b}]`;
    const { tenants } = parse(text, { overrides: ['tenants.0.vmsPerSegment=9'] });
    expect(tenants.map(({ vmsPerSegment }) => vmsPerSegment)).toEqual([9, 2]);
  });

  it('are named when they are at fault', () => {
    const problems = problemsOf(MINIMAL, {
      overrides: ['topology.leaves=0', 'duration', 'tenants.3.name=x', 'gateway.att=leaf1', 'seed=['],
    });
    expect(problems.every(({ file }) => file === '--set')).toBe(true);
    expect(problems.map(({ sourceLine, column }) => `${column} ${sourceLine}`)).toEqual([
      '17 topology.leaves=0',
      '1 gateway.att=leaf1',
      '9 gateway.att=leaf1',
      '1 duration',
      '1 tenants.3.name=x',
      '7 seed=[',
    ]);
  });

  it('cannot reach what every object inherits', () => {
    expect(problemsOf(MINIMAL, { overrides: ['__proto__.leaves=1'] })).toHaveLength(1);
    expect(problemsOf(MINIMAL, { overrides: ['constructor.leaves=1'] })[0]!.message).toContain('unknown key');
    expect(Object.hasOwn(Object, 'leaves')).toBe(false);
  });

  it('of the seed win over the file and everything else', () => {
    expect(parse(`${MINIMAL}seed: 3`, { overrides: ['seed=4'], seed: 5 }).seed).toBe(5);
  });
});

describe('the digest of a scenario', () => {
  it('ignores the seed, comments, order and spelling', () => {
    const other = `# a comment\n${TENANTS}\n${TOPOLOGY}\nseed: 7\nduration: 1min\n`;
    expect(scenarioDigest(parse(other))).toBe(scenarioDigest(parse(MINIMAL)));
    expect(scenarioDigest(parse(MINIMAL))).toMatch(/^[0-9a-f]{64}$/);
  });

  it('changes with anything else', () => {
    expect(scenarioDigest(parse(`${MINIMAL}duration: 61s`))).not.toBe(scenarioDigest(parse(MINIMAL)));
  });
});

describe('scenario files', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scenario-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are read from disk, and named by their file', () => {
    const path = join(folder, 'minimal.yaml');
    writeFileSync(path, MINIMAL.replaceAll('\n', '\r\n'));
    expect(readScenario(path)).toEqual({ ...parse(MINIMAL), name: 'minimal' });
  });

  for (const name of readdirSync('scenarios').filter((file) => file.endsWith('.yaml'))) {
    it(`include ${name}, which is valid and says what it asks`, () => {
      expect(readScenario(join('scenarios', name)).question).toMatch(/\?$/);
    });
  }
});
