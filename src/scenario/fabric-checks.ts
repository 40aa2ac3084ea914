import { TIER_LEVELS } from '../fabric/switch-tiers.ts';
import { EQUAL_SESSIONS_MAX } from '../protocol/bgp/bgp-speaker.ts';
import { formatDuration } from '../units.ts';
import { VLAN_COUNT_MAX } from '../wire/ethernet.ts';
import { VNI_MAX, VXLAN_OVERHEAD_IPV4_BYTES, VXLAN_OVERHEAD_IPV6_BYTES } from '../wire/vxlan.ts';
import { type CrossCheck, unknownName } from './cross-check.ts';
import { resolveTenants } from './resolve-scenario.ts';
import { segmentCount } from './scenario.ts';
import type { ScenarioFile } from './schema.ts';
import { loopClosingLink, switchIdsOf } from './topology-nodes.ts';

/** Kinds of which all VLANs have the same active topology. */
const ONE_TREE_KINDS: readonly string[] = ['vlan-stp', 'vlan-rstp', 'vlan-no-stp'];

/** What fabrics and gateway ask of the rest of a scenario. */
export const fabricChecks: readonly CrossCheck[] = [
  {
    reads: ['fabrics'],
    check({ fabrics }, report) {
      const indexOfName = new Map<string, number>();
      for (const [index, fabric] of fabrics.entries()) {
        const name = fabric.name ?? fabric.kind;
        // some file systems take A and a for one folder
        const key = name.toLowerCase();
        const first = indexOfName.get(key);
        if (first === undefined) indexOfName.set(key, index);
        else report(['fabrics', index, 'name'], `got '${name}', as fabrics.${first} is called; give each its own name`);
      }
    },
  },
  {
    reads: ['fabrics'],
    check({ fabrics }, report) {
      for (const [index, fabric] of fabrics.entries()) {
        if (!('spanningTree' in fabric)) continue;
        for (const [field, message] of bridgeTimeProblems(fabric.spanningTree)) {
          report(['fabrics', index, 'spanningTree', field], message);
        }
      }
    },
  },
  {
    reads: ['fabrics', 'topology'],
    check({ fabrics, topology }, report, nodes) {
      const switchIds = switchIdsOf(nodes());
      for (const [index, fabric] of fabrics.entries()) {
        if (fabric.kind !== 'vlan-stp') continue;
        const { root, rootPriority, priority } = fabric.spanningTree;
        const path = ['fabrics', index, 'spanningTree'];
        if (root !== undefined && !switchIds.includes(root)) {
          report([...path, 'root'], unknownName('switch', root, switchIds));
        }
        if ((root !== undefined || topology.kind !== 'explicit') && rootPriority >= priority) {
          report([...path, 'rootPriority'], `got ${rootPriority}, expected less than the ${priority} of the others`);
        }
        if (root === undefined || topology.kind !== 'explicit') continue;
        const rival = topology.switches.find(
          ({ id, stpPriority = priority }) => id !== root && stpPriority <= rootPriority,
        );
        if (rival?.stpPriority === undefined) continue;
        const message = `got ${rootPriority}, expected less than the ${rival.stpPriority} of '${rival.id}'`;
        report([...path, 'rootPriority'], message);
      }
    },
  },
  {
    reads: ['fabrics', 'topology'],
    check({ fabrics, topology }, report, nodes) {
      const switchIds = switchIdsOf(nodes());
      for (const [index, fabric] of fabrics.entries()) {
        if (!('spanningTree' in fabric) || fabric.kind === 'vlan-stp') continue;
        const { roots, rootPriority, priority } = fabric.spanningTree;
        const path = ['fabrics', index, 'spanningTree'];
        for (const [place, root] of (roots ?? []).entries()) {
          if (!switchIds.includes(root)) report([...path, 'roots', place], unknownName('switch', root, switchIds));
          else if (roots?.indexOf(root) !== place) report([...path, 'roots', place], `got '${root}' twice`);
        }
        if ((roots !== undefined || topology.kind !== 'explicit') && rootPriority >= priority) {
          report([...path, 'rootPriority'], `got ${rootPriority}, expected less than the ${priority} of the others`);
        }
      }
    },
  },
  {
    reads: ['fabrics', 'topology'],
    check({ fabrics }, report, nodes) {
      const switchIds = switchIdsOf(nodes());
      for (const [index, fabric] of fabrics.entries()) {
        if (fabric.kind !== 'vlan-mstp' || typeof fabric.spanningTree.instances === 'number') continue;
        const path = ['fabrics', index, 'spanningTree', 'instances'];
        const instanceOfVlan = new Map<number, number>();
        for (const [instance, { vlans, root }] of fabric.spanningTree.instances.entries()) {
          const problem = vlanProblem(vlans, instance, instanceOfVlan);
          if (problem !== null) report([...path, instance, 'vlans'], problem);
          if (root !== undefined && !switchIds.includes(root)) {
            report([...path, instance, 'root'], unknownName('switch', root, switchIds));
          }
        }
      }
    },
  },
  {
    reads: ['fabrics', 'topology'],
    check({ fabrics }, report, nodes) {
      for (const [index, fabric] of fabrics.entries()) {
        if (fabric.kind !== 'vlan-no-stp') continue;
        const link = loopClosingLink(nodes());
        if (link === null) return;
        report(
          ['fabrics', index],
          `vlan-no-stp needs a topology without loops, but ${link.id} closes one; use vlan-stp or take links away`,
        );
      }
    },
  },
  {
    reads: ['fabrics', 'topology'],
    check({ fabrics }, report, nodes) {
      const switchIds = switchIdsOf(nodes());
      for (const [index, fabric] of fabrics.entries()) {
        if (fabric.kind !== 'vxlan-multicast' || fabric.rp === undefined || switchIds.includes(fabric.rp)) continue;
        report(['fabrics', index, 'rp'], unknownName('switch', fabric.rp, switchIds));
      }
    },
  },
  {
    reads: ['fabrics'],
    check({ fabrics }, report) {
      for (const [index, fabric] of fabrics.entries()) {
        if (!('vteps' in fabric) || fabric.vteps === 'leaf' || fabric.stormControl === undefined) continue;
        report(
          ['fabrics', index, 'stormControl'],
          'needs ports that bridge; with vteps: hypervisor all switches route',
        );
      }
    },
  },
  {
    reads: ['fabrics', 'topology'],
    check({ fabrics }, report, nodes) {
      const switchIds = switchIdsOf(nodes());
      for (const [index, fabric] of fabrics.entries()) {
        if (fabric.kind !== 'vxlan-flood-learn' || fabric.replicators === undefined) continue;
        const path = ['fabrics', index, 'replicators'];
        if (fabric.replication !== 'assisted') report(path, 'needs replication: assisted');
        for (const [i, name] of fabric.replicators.entries()) {
          if (!switchIds.includes(name)) report([...path, i], unknownName('switch', name, switchIds));
          else if (fabric.replicators.indexOf(name) < i) report([...path, i], `got '${name}' twice`);
        }
      }
    },
  },
  {
    reads: ['fabrics'],
    check({ fabrics }, report) {
      for (const [index, fabric] of fabrics.entries()) {
        if (!('reach' in fabric) || fabric.reach !== 'mvrp' || ONE_TREE_KINDS.includes(fabric.kind)) continue;
        const expected = `expected one of ${ONE_TREE_KINDS.join(', ')}`;
        report(['fabrics', index, 'reach'], `got 'mvrp' for ${fabric.kind}, but it runs along one tree; ${expected}`);
      }
    },
  },
  {
    reads: ['fabrics', 'tenants', 'seed'],
    check({ fabrics, tenants, seed }, report) {
      const resolved = resolveTenants(tenants);
      const count = segmentCount({ tenants: resolved, seed });
      const tenantCount = resolved.reduce((sum, { replicaCount }) => sum + replicaCount, 0);
      for (const [index, fabric] of fabrics.entries()) {
        if (!('vteps' in fabric)) continue;
        const isRouted = fabric.kind === 'vxlan-evpn' && fabric.gateway === 'anycast-symmetric';
        const vnis = count + (isRouted ? tenantCount : 0);
        if (fabric.vniBase + vnis - 1 <= VNI_MAX) continue;
        const fitting = VNI_MAX - fabric.vniBase + 1;
        const needed = isRouted ? `${count} segments and ${tenantCount} tenants` : `${count} segments`;
        report(
          ['fabrics', index, 'vniBase'],
          `got ${fabric.vniBase} for ${needed}, but only ${fitting} fit below the largest VNI, ${VNI_MAX}`,
        );
      }
    },
  },
  {
    reads: ['fabrics', 'gateway'],
    check({ fabrics, gateway }, report) {
      for (const [index, fabric] of fabrics.entries()) {
        if (fabric.kind !== 'vxlan-evpn') continue;
        const isAnycast = fabric.gateway !== 'central';
        if (isAnycast && gateway === undefined) {
          const message = `got '${fabric.gateway}' in a scenario without a gateway; add one, such as gateway: {at: leaf1}`;
          report(['fabrics', index, 'gateway'], message);
        }
        if (isAnycast && fabric.vteps !== 'leaf') {
          const message = `got '${fabric.gateway}' with VTEPs in hypervisors; expected vteps: leaf, or gateway: central`;
          report(['fabrics', index, 'gateway'], message);
        }
        if (fabric.subnetPrefixes && fabric.gateway !== 'anycast-symmetric') {
          const message = `got true with gateway: ${fabric.gateway}; expected false, or gateway: anycast-symmetric`;
          report(['fabrics', index, 'subnetPrefixes'], message);
        }
      }
    },
  },
  {
    reads: ['fabrics', 'topology'],
    check({ fabrics, topology }, report) {
      for (const [index, fabric] of fabrics.entries()) {
        if (!('sites' in fabric) || fabric.sites !== 'border-gateways') continue;
        if (topology.kind !== 'sites') {
          const given = topology.kind ?? 'leaf-spine';
          const message = `got 'border-gateways' for a ${given}; expected 'end-to-end', or topology.kind: sites`;
          report(['fabrics', index, 'sites'], message);
        } else if (fabric.replication !== 'ingress') {
          const message = `got '${fabric.replication}', expected 'ingress': border gateways replicate floods themselves`;
          report(['fabrics', index, 'replication'], message);
        } else if (fabric.kind === 'vxlan-evpn' && fabric.gateway === 'anycast-symmetric') {
          const message =
            "got 'anycast-symmetric', which border gateways cannot do; expected 'anycast-asymmetric' or 'central'";
          report(['fabrics', index, 'gateway'], message);
        }
      }
    },
  },
  {
    reads: ['fabrics', 'topology', 'hosts'],
    check({ fabrics, topology, hosts }, report) {
      const neededBytes = Math.max(...fabrics.map((fabric) => hosts.mtu + overheadBytes(fabric)));
      if (neededBytes <= topology.mtu) return;
      const largest = topology.mtu - (neededBytes - hosts.mtu);
      report(
        ['hosts', 'mtu'],
        `got ${hosts.mtu}, which needs ${neededBytes} bytes on links with an mtu of ${topology.mtu}; ` +
          `expected at most ${largest}`,
      );
    },
  },
  {
    reads: ['fabrics'],
    check({ fabrics }, report) {
      for (const [index, fabric] of fabrics.entries()) {
        if (!('convergence' in fabric) || typeof fabric.convergence === 'number') continue;
        const { pic, routesPerSecond } = fabric.convergence;
        const path = ['fabrics', index, 'convergence'];
        if (!pic && routesPerSecond === undefined) {
          report([...path, 'pic'], 'got false, which needs routesPerSecond: how fast a router writes its routes');
        } else if (pic && routesPerSecond !== undefined) {
          report(
            [...path, 'routesPerSecond'],
            `got ${routesPerSecond}, which has no effect; expected pic: false beside it`,
          );
        }
      }
    },
  },
  {
    reads: ['fabrics', 'topology'],
    check({ fabrics }, report, nodes) {
      const index = fabrics.findIndex(({ kind }) => kind === 'vxlan-evpn');
      if (index < 0) return;
      const { switches, links } = nodes();
      const levelOf = new Map(switches.map(({ id, tier }) => [id, TIER_LEVELS[tier]]));
      const uplinks = new Map<string, number>();
      for (const { a, b } of links) {
        const lower = levelOf.get(a)! <= levelOf.get(b)! ? a : b;
        uplinks.set(lower, (uplinks.get(lower) ?? 0) + 1);
      }
      const [id, count] = [...uplinks].reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0]);
      if (count <= EQUAL_SESSIONS_MAX) return;
      const message = `got ${count} links from ${id} to switches above it; with vxlan-evpn expected at most ${EQUAL_SESSIONS_MAX}`;
      report(['fabrics', index, 'kind'], message);
    },
  },
  {
    reads: ['outside', 'gateway', 'fabrics', 'topology'],
    check({ outside, gateway, fabrics }, report, nodes) {
      if (outside === undefined) return;
      if (gateway === undefined) {
        report(['outside'], 'is given in a scenario without a gateway; add one, such as gateway: {at: leaf1}');
        return;
      }
      const candidates = nodes().switches.filter(({ isForServers }) => isForServers);
      for (const [index, id] of outside.at.entries()) {
        if (candidates.some((one) => one.id === id)) continue;
        report(
          ['outside', 'at', index],
          unknownName(
            'switch for servers',
            id,
            candidates.map((one) => one.id),
          ),
        );
      }
      const isElsewhere = outside.at.some((id) => id !== gateway.at);
      for (const [index, fabric] of fabrics.entries()) {
        const where = ['fabrics', index];
        if ('reach' in fabric && fabric.reach !== 'everywhere' && isElsewhere) {
          const message = `got '${fabric.reach}', by which VLANs do not reach border leaves; expected everywhere, or outside.at: [${gateway.at}]`;
          report([...where, 'reach'], message);
        }
        if ('vteps' in fabric && fabric.vteps !== 'leaf') {
          report(
            [...where, 'vteps'],
            `got '${fabric.vteps}', which has no border leaves to the outside; expected leaf`,
          );
        }
        if ('vteps' in fabric && 'mlag' in fabric && fabric.mlag !== undefined) {
          report([...where, 'mlag'], 'is given together with outside, whose routers are on single leaves');
        }
        if ('sites' in fabric && fabric.sites === 'border-gateways') {
          report([...where, 'sites'], "got 'border-gateways', which does not go with outside; expected end-to-end");
        }
      }
    },
  },
  {
    reads: ['gateway', 'topology'],
    check({ gateway }, report, nodes) {
      if (gateway === undefined) return;
      const { switches } = nodes();
      const own = switches.find(({ id }) => id === gateway.at);
      if (own?.isForServers === true) return;
      const candidates = switches.filter(({ isForServers }) => isForServers).map(({ id }) => id);
      const message =
        own === undefined
          ? unknownName('switch', gateway.at, candidates)
          : `got '${gateway.at}', a ${own.tier}; expected a switch for servers, such as ${candidates[0]}`;
      report(['gateway', 'at'], message);
    },
  },
];

const SECOND_NS = 1_000_000_000;

/** Which times do not go together. IEEE 802.1D-1998, 8.10.2. */
function bridgeTimeProblems(times: { helloTime: number; maxAge: number; forwardDelay: number }): [string, string][] {
  const { helloTime, maxAge, forwardDelay } = times;
  const problems: [string, string][] = [];
  const longest = 2 * (forwardDelay - SECOND_NS);
  const shortest = 2 * (helloTime + SECOND_NS);
  const given = `got ${formatDuration(maxAge)}, expected`;
  if (maxAge > longest) {
    problems.push(['maxAge', `${given} at most 2 × (forwardDelay − 1 s) = ${formatDuration(longest)}`]);
  }
  if (maxAge < shortest) {
    problems.push(['maxAge', `${given} at least 2 × (helloTime + 1 s) = ${formatDuration(shortest)}`]);
  }
  return problems;
}

/** What is wrong with the VLANs of an instance, which then has them, or null. */
function vlanProblem(
  vlans: readonly (readonly [number, number])[],
  instance: number,
  instanceOfVlan: Map<number, number>,
): string | null {
  for (const [first, last] of vlans) {
    if (first < 1 || last > VLAN_COUNT_MAX || first > last) {
      return `got ${first}-${last}, expected identifiers from 1 to ${VLAN_COUNT_MAX}, the lower first`;
    }
    for (let vlan = first; vlan <= last; vlan++) {
      const other = instanceOfVlan.get(vlan);
      if (other !== undefined) return `got VLAN ${vlan}, which is in instance ${other + 1} already`;
      instanceOfVlan.set(vlan, instance);
    }
  }
  return null;
}

function overheadBytes(fabric: ScenarioFile['fabrics'][number]): number {
  if (!('vteps' in fabric)) return 0;
  return fabric.underlay === 'ipv4' ? VXLAN_OVERHEAD_IPV4_BYTES : VXLAN_OVERHEAD_IPV6_BYTES;
}
