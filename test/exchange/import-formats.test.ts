import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRate } from '../../src/exchange/attributes.ts';
import { guessFormat } from '../../src/exchange/import-network.ts';
import { roleOfWords } from '../../src/exchange/node-roles.ts';
import { scenarioText } from '../../src/exchange/scenario-text.ts';
import { parseScenario } from '../../src/scenario/read-scenario.ts';
import { importText, switchesByRole } from './import-lab.ts';

describe('the format of a topology', () => {
  it.each([
    ['lab.clab.yml', '', 'containerlab'],
    ['lab.yml', 'name: x\ntopology:\n  nodes: {}', 'containerlab'],
    ['net', '/* by hand */\n// two\nstrict graph { a -- b }', 'dot'],
    ['net', 'digraph "net" {}', 'dot'],
    ['net', '<?xml version="1.0"?>\n<graphml/>', 'graphml'],
    ['net.json', '{"type": "NetworkGraph"}', 'netjson'],
    ['net', 'a,b\nleaf1,spine1\n', 'csv'],
    ['net', 'hello', null],
  ])('%s that begins with %j is %s', (file, text, format) => {
    expect(guessFormat(file, text)).toBe(format);
  });
});

describe('what a name says', () => {
  it.each([
    ['leaf01', 'leaf'],
    ['dc1-spine-2', 'spine'],
    ['SuperSpine3', 'super-spine'],
    ['super_spine_3', 'super-spine'],
    ['Border Leaf 1', 'border'],
    ['exit02', 'border'],
    ['h12', 'server'],
    ['srv-db-1', 'server'],
    ['core1', 'core'],
    ['New York', null],
    ['sw1', 'switch'],
    ['leafy', null],
  ])('%s is a %s', (name, role) => {
    expect(roleOfWords(name)).toBe(role);
  });
});

describe('rates as people write them', () => {
  it.each([
    ['25Gbps', 25e9],
    ['25G', 25e9],
    ['2.5 Gbit/s', 2.5e9],
    ['100GE', 100e9],
    ['10000000000', 10e9],
    ['10', null],
    ['fast', null],
  ])('%s', (text, rate) => {
    expect(readRate(text)).toBe(rate);
  });
});

describe('importing', () => {
  it('takes what a file says of a node before its name, and the user before both', async () => {
    const text = 'graph { x1 [function="spine"]; leaf1; leaf1 -- x1; h1 -- leaf1; leaf2 -- x1 }';
    expect(switchesByRole(await importText(text))).toEqual({ leaf: ['leaf1', 'leaf2'], spine: ['x1'] });
    const asked = await importText(text, { roles: ['x1=core', 'leaf2=ignore'] });
    expect(switchesByRole(asked)).toEqual({ leaf: ['leaf1'], core: ['x1'] });
  });

  it('tells the tiers of switches without telling names by their distance from servers', async () => {
    const text = 'graph { h1 -- a; h2 -- b; a -- c; b -- c; c -- d }';
    expect(switchesByRole(await importText(text))).toEqual({ leaf: ['a', 'b'], spine: ['c'], 'super-spine': ['d'] });
  });

  it('makes a leaf of a spine that has servers, unless the user said that it is a spine', async () => {
    const text = 'graph { h1 -- spine1 -- leaf1 }';
    const imported = await importText(text);
    expect(switchesByRole(imported)).toEqual({ leaf: ['spine1', 'leaf1'] });
    expect(imported.notes.join()).toContain('spine1, a spine');
    await expect(importText(text, { roles: ['spine1=spine'] })).rejects.toThrow(/'spine1' a spine, but a server/);
  });

  it('reads subgraphs, ports, chains and attributes of DOT', async () => {
    const { topology } = await importText(
      'graph { subgraph cluster_a { leaf1; leaf2 } "leaf1":"swp1" -- "spine1":"swp1" [speed="40G", delay="2us"]; spine1 -- {leaf2} }',
    );
    expect(topology.links).toEqual([
      { a: 'leaf1', b: 'spine1', rateBitsPerSec: 40e9, delayNs: 2000 },
      { a: 'spine1', b: 'leaf2' },
    ]);
  });

  it('reads the links in subgraphs of DOT, labels of several lines and comments', async () => {
    const text = `# one site
      graph lab {
        sw1 [shape=oval, label="sw1\\n10.0.20.0/24",];
        # its links
        subgraph cluster0 { label="level 2"; r1 -- sw1 [label="eth0\\n.2"] }
        subgraph cluster1 { r3 -- sw1; subgraph inner { r3 -- sw3 } }
      }`;
    const { topology } = await importText(text);
    expect(topology.switches.map(({ id }) => id)).toEqual(['sw1', 'r1', 'r3', 'sw3']);
    expect(topology.links.map(({ a, b }) => `${a} ${b}`)).toEqual(['r1 sw1', 'r3 sw1', 'r3 sw3']);
  });

  it('leaves out the parts of a network that nothing joins to the largest, with their servers', async () => {
    const { topology, notes } = await importText(
      'graph { h1 -- a; h2 -- b; a -- c; b -- c; h3 -- y; y -- z; h4 -- lone }',
    );
    expect(topology.servers.map(({ id }) => id)).toEqual(['h1', 'h2']);
    expect(notes[0]).toBe('no link joins these to the largest part of the network; they are left out: y, z, lone');
  });

  it('reads a CSV without a header, with rate and delay, quotes and other separators', async () => {
    const { topology } = await importText('# mine\n"leaf ""1""";spine1;100Gbps;1us\n\nleaf2;spine1\n', {
      format: 'csv',
    });
    expect(topology.switches.map(({ id }) => id)).toEqual(['leaf-1', 'spine1', 'leaf2']);
    expect(topology.links[0]).toEqual({ a: 'leaf-1', b: 'spine1', rateBitsPerSec: 100e9, delayNs: 1000 });
  });

  it('reads the keys of yEd, and those that are for everything', async () => {
    const text = `<graphml>
      <key for="graphml" id="d0" yfiles.type="resources"/><key for="port" id="d1" yfiles.type="portgraphics"/>
      <key for="all" id="d2" attr.name="role" attr.type="string"><default>leaf</default></key>
      <key id='d3' attr.name="delay" attr.type="string"/>
      <graph edgedefault="undirected"><node id="a"/><node id="b"><data key="d2">spine</data></node>
      <edge source="a" target="b"><data key="d3">7us</data></edge></graph></graphml>`;
    const { topology } = await importText(text);
    expect(topology.switches.map(({ id, role }) => `${id} ${role}`)).toEqual(['a leaf', 'b spine']);
    expect(topology.links).toMatchObject([{ a: 'a', b: 'b', delayNs: 7000 }]);
  });

  it('takes the two directions that a routing daemon lists for one cable', async () => {
    const node = (id: string) => `{"id": "${id}"}`;
    const link = (source: string, target: string) => `{"source": "${source}", "target": "${target}", "cost": 1}`;
    const text = `{"type": "NetworkGraph", "protocol": "OLSR", "version": "1", "metric": "ETX",
      "nodes": [${node('a')}, ${node('b')}, ${node('c')}],
      "links": [${link('a', 'b')}, ${link('b', 'a')}, ${link('b', 'c')}, ${link('b', 'c')}]}`;
    const { topology, notes } = await importText(text);
    expect(topology.links.map(({ a, b }) => `${a}-${b}`)).toEqual(['a-b', 'b-c', 'b-c']);
    // costs say something where they differ
    const left = 'costs of links (ETX) are not rates and are left out';
    expect(notes).not.toContain(left);
    expect((await importText(text.replace('"cost": 1', '"cost": 2'))).notes).toContain(left);
  });

  it('keeps links apart whose names would be the same', async () => {
    const { topology } = await importText('a,b\nx-y,z\nx,y-z\nz,x\n', { format: 'csv' });
    expect(topology.links.map(({ a, b }) => `${a} ${b}`)).toEqual(['x_y z', 'x y_z', 'z x']);
  });

  it.each([
    ['csv', 'a,b\nx,y\nx\n', 'net:3: got a link with one end'],
    ['csv', '"x,y\n', 'net:1: got a quotation mark'],
    ['csv', '\n', 'net: expected a link in each line'],
    ['dot', 'graph {\n a -- }', "net:2: syntax error in line 2 near '}'"],
    [
      'graphml',
      '<graphml>\n<graph>\n<node id="a"></graph></graphml>',
      'net:3: got </graph>, expected </node> of line 3',
    ],
    ['graphml', '<graphml>\n<node id=a/></graphml>', 'net:2: got a tag that is not XML'],
    ['graphml', '<graphml/>', 'net: expected GraphML with a <graph>'],
    [
      'graphml',
      '<graphml>\n<key id="d" for="edgy" attr.name="rate"/><graph><node id="a"/></graph></graphml>',
      "net:2: got a <key> for 'edgy', expected one for graph, node, edge or all",
    ],
    [
      'graphml',
      '<!DOCTYPE graphml [<!ENTITY a "b">]>\n<graphml><graph>\n<node id="&a;"/></graph></graphml>',
      'net:3: got &a;, expected no entities but &amp; &lt; &gt; &quot; &apos;',
    ],
    [
      'graphml',
      '<graphml><graph>\n<node id="a"/>\n<edge source="a" target="b"/></graph></graphml>',
      "net:3: no node is called 'b'",
    ],
    [
      'netjson',
      '{"type": "NetworkGraph", "nodes": [],\n"links": [{"source": "a", "target": "b"}]}',
      'net:2: no node has the id "a"',
    ],
    ['netjson', '{"type": "DeviceConfiguration"}', 'net:1: got type "DeviceConfiguration"'],
    [
      'containerlab',
      'name: x\ntopology:\n  nodes:\n    a:\n  links:\n    - endpoints: ["a:e1", "b:e1"]\n',
      "net:6: no node is called 'b'",
    ],
    [
      'containerlab',
      'name: x\ntopology:\n  nodes:\n    a:\n  links:\n    - endpoints: ["a:e1"]\n',
      'net:6: got a link with 1 endpoints',
    ],
  ] as const)('says where %s is wrong: %j', async (format, text, message) => {
    await expect(importText(text, { format })).rejects.toThrow(message);
  });

  it('says names of a file without what could steer a terminal', async () => {
    const { notes } = await importText('a,b\n"\u001b[2Jx\ny",leaf1\n', { format: 'csv' });
    expect(notes.join()).toContain(' [2Jx y is 2Jx-y');
    await expect(importText('graph { "\u001b[2J', { format: 'dot' })).rejects.toThrow(/^[^\p{Cc}]*$/u);
  });

  it('never lets names of a file out of the comment and the values that they belong in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.string({ unit: 'binary' }),
        async (name, title) => {
          const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
          fc.pre(name.trim() !== '' && !name.includes('\u0000'));
          const { topology, notes } = await importText(`a,b\n${cell(`x${name}`)},leaf1\nleaf1,spine1\n`, {
            format: 'csv',
          });
          const text = scenarioText(topology, { title, origin: [title, ...notes] });
          const scenario = parseScenario(text, 'imported.yaml');
          expect(scenario.seed).toBe(1);
          expect(scenario.topology).toMatchObject({ kind: 'explicit' });
        },
      ),
      { numRuns: 30 },
    );
  });
});
