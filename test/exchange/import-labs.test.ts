import { describe, expect, it } from 'vitest';
import { scenarioText } from '../../src/exchange/scenario-text.ts';
import { parseScenario } from '../../src/scenario/read-scenario.ts';
import { topologyNodes } from '../../src/scenario/topology-nodes.ts';
import { importLab, switchesByRole } from './import-lab.ts';

describe('networks that others published', () => {
  it.each([
    ['clos02.clab.yml', { switches: 10, links: 12, servers: 4 }],
    ['frr01.clab.yml', { switches: 3, links: 3, servers: 3 }],
    ['st.clab.yml', { switches: 5, links: 6, servers: 3 }],
    ['symm-mlag.clab.yml', { switches: 8, links: 16, servers: 6 }],
    ['reference_topology.dot', { switches: 9, links: 22, servers: 5 }],
    ['wan-topo.dot', { switches: 4, links: 12, servers: 4 }],
    ['Abilene.graphml', { switches: 11, links: 14, servers: 22 }],
    ['Sanren.graphml', { switches: 7, links: 7, servers: 14 }],
    ['netjson-nodes-1.json', { switches: 3, links: 2, servers: 6 }],
    ['netjson-3-links.json', { switches: 4, links: 3, servers: 8 }],
    ['netbox-cables.csv', { switches: 4, links: 4, servers: 2 }],
  ])('%s becomes a scenario that is valid', async (name, sizes) => {
    const { topology } = await importLab(name);
    const text = scenarioText(topology, { title: name, origin: [name] });
    const { switches, links, servers } = topologyNodes(parseScenario(text, name).topology);
    expect({ switches: switches.length, links: links.length, servers: servers.length }).toEqual(sizes);
  });

  it('a five-stage Clos keeps its tiers', async () => {
    expect(switchesByRole(await importLab('clos02.clab.yml'))).toEqual({
      leaf: ['leaf1', 'leaf2', 'leaf3', 'leaf4'],
      spine: ['spine1', 'spine2', 'spine3', 'spine4'],
      'super-spine': ['superspine1', 'superspine2'],
    });
  });

  it('servers with two links have two homes, and pairs of leaves keep their peer links', async () => {
    const { topology } = await importLab('symm-mlag.clab.yml');
    expect(topology.servers[0]).toEqual({ id: 'server01', at: 'leaf01', secondAt: 'leaf02' });
    expect(topology.links.filter(({ a, b }) => a === 'leaf01' && b === 'leaf02')).toHaveLength(2);
  });

  it('groups of containerlab say what their members are', async () => {
    const imported = await importLab('frr01.clab.yml');
    expect(imported.topology.servers.map(({ id, at }) => `${id} at ${at}`)).toEqual([
      'PC1 at router1',
      'PC2 at router2',
      'PC3 at router3',
    ]);
  });

  it('nodes of a lab that nothing is cabled to are left out, and so are its settings, which is said', async () => {
    const { notes } = await importLab('st.clab.yml');
    expect(notes).toEqual([
      'settings of nodes are not simulated: startup-config, binds, exec, env, ports',
      'nodes without a link are left out: gnmic, prometheus, grafana',
    ]);
  });

  it('a lab of Linux hosts alone has no switch until somebody says which is one', async () => {
    await expect(importLab('01-linux-nodes.clab.yml')).rejects.toThrow(/no node is a switch/);
    const { topology, notes } = await importLab('01-linux-nodes.clab.yml', { roles: ['^l1$=leaf'] });
    expect(topology).toEqual({ switches: [{ id: 'l1', role: 'leaf' }], links: [], servers: [{ id: 'l2', at: 'l1' }] });
    expect(notes).toContain('links that leave the lab are left out: host in line 68, mgmt-net in line 74');
  });

  it('a graph with the function of each node keeps pairs and homes, without loops and its management network', async () => {
    const imported = await importLab('reference_topology.dot');
    expect(switchesByRole(imported)).toEqual({
      leaf: ['leaf01', 'leaf02', 'leaf03', 'leaf04', 'exit01', 'exit02'],
      spine: ['spine01', 'spine02', 'internet'],
    });
    expect(imported.topology.servers[4]).toEqual({ id: 'edge01', at: 'exit01', secondAt: 'exit02' });
    expect(imported.notes).toEqual([
      'what is out of band is left out: oob-mgmt-switch, oob-mgmt-server',
      'links from a node to itself are left out: exit01, exit02, leaf01, leaf02, leaf03, leaf04',
      'switches that have servers are leaves, whatever they are called: exit01, a border, exit02, a border',
    ]);
  });

  it('cables that a graph has several of between two nodes are as many links', async () => {
    const { topology } = await importLab('wan-topo.dot');
    expect(topology.links.filter(({ a, b }) => a === 'wan1' && b === 'wan2')).toHaveLength(4);
    expect(topology.servers[0]).toEqual({ id: 'client3', at: 'wan4' });
  });

  it('labels of the Topology Zoo are names, and its coordinates are delays', async () => {
    const { topology } = await importLab('Abilene.graphml');
    const [toChicago] = topology.links;
    // 1,146 km as the crow flies, at 4.9 us for each
    expect(toChicago).toEqual({ a: 'New-York', b: 'Chicago', delayNs: 1_146 * 4_900 });
  });
});
