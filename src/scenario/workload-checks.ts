import { formatDuration } from '../units.ts';
import type { TenantSizes } from '../workload/tenant-sizes.ts';
import { type CrossCheck, unknownName } from './cross-check.ts';
import { peerLinkIdsOf } from './mlag-checks.ts';
import { resolveGrowth, resolveTenants } from './resolve-scenario.ts';
import { initialVmsOf, segmentCount, tenantSizes } from './scenario.ts';
import type { ScenarioFile } from './schema.ts';
import { switchIdsOf } from './topology-nodes.ts';

const VM_COUNT_MAX = 10_000_000;

/** As many as VXLAN Network Identifiers have values. RFC 7348, section 5. */
const SEGMENT_COUNT_MAX = 2 ** 24;

/** Each sample is a row per table and per link, and takes a moment. */
const SAMPLE_COUNT_MAX = 100_000_000;

/** What tenants, traffic, migrations and failures ask of the rest of a scenario. */
export const workloadChecks: readonly CrossCheck[] = [
  {
    reads: ['tenants', 'seed'],
    check({ tenants, seed }, report) {
      const names = new Set<string>();
      for (const [index, { name }] of tenants.entries()) {
        if (names.has(name)) report(['tenants', index, 'name'], `got '${name}' a second time; expected another name`);
        names.add(name);
      }
      const resolved = resolveTenants(tenants);
      for (const [index, tenant] of resolved.entries()) {
        const segments = segmentCount({ tenants: [tenant], seed });
        if (tenant.totalVms === null || tenant.totalVms >= segments) continue;
        const message = `got ${tenant.totalVms} for ${segments} segments, expected at least one VM each`;
        report(['tenants', index, 'totalVms'], message);
      }
      const segments = segmentCount({ tenants: resolved, seed });
      if (segments > SEGMENT_COUNT_MAX) {
        report(['tenants'], `got ${segments} segments, expected at most ${SEGMENT_COUNT_MAX}`);
      }
      const sizes = sizesOf({ tenants, seed });
      if (sizes === null) return;
      if (sizes.vmCount > VM_COUNT_MAX) {
        report(['tenants'], `got ${sizes.vmCount} VMs, expected at most ${VM_COUNT_MAX}`);
      }
    },
  },
  {
    reads: ['tenants', 'seed', 'placement', 'topology', 'growth'],
    check({ tenants, seed, placement, growth }, report, nodes) {
      const { vmsPerServerMax } = placement;
      if (vmsPerServerMax === undefined) return;
      const { servers } = nodes();
      const planned = sizesOf({ tenants, seed })?.vmCount ?? 0;
      // those that come later may find room that others left, or are refused
      const count = growth === undefined ? planned : initialVmsOf(resolveGrowth(growth)!, planned);
      const capacity = servers.length * vmsPerServerMax;
      if (count <= capacity) return;
      report(
        ['placement', 'vmsPerServerMax'],
        `got ${vmsPerServerMax} for ${count} VMs on ${servers.length} servers, which hold ${capacity}; ` +
          `expected at least ${Math.ceil(count / servers.length)}`,
      );
    },
  },
  {
    reads: ['growth', 'tenants', 'seed', 'hosts'],
    check({ growth, tenants, seed, hosts }, report) {
      if (growth === undefined) return;
      const count = sizesOf({ tenants, seed })?.vmCount ?? Infinity;
      if ((growth.initialVms ?? 0) > count) {
        report(['growth', 'initialVms'], `got ${growth.initialVms}, expected at most the ${count} VMs of the tenants`);
      }
      const bootEnd = hosts.bootStart + hosts.bootWindow;
      if ((growth.allBy ?? Infinity) < bootEnd) {
        const message = `got ${formatDuration(growth.allBy ?? 0)}, expected no earlier than the end of the boot window`;
        report(['growth', 'allBy'], `${message}, ${formatDuration(bootEnd)}`);
      }
    },
  },
  {
    reads: ['traffic', 'gateway', 'tenants', 'seed'],
    check({ traffic, gateway, tenants, seed }, report) {
      if (traffic.interSegment === 0) return;
      const path = ['traffic', 'interSegment'];
      if (gateway === undefined) {
        report(path, `got ${traffic.interSegment} without a gateway; name the leaf it is at: gateway: {at: leaf1}`);
      }
      const { segmentTenants } = sizesOf({ tenants, seed }) ?? { segmentTenants: [0, 0] };
      if (segmentTenants.every((tenant, segment) => tenant === segment)) {
        report(path, `got ${traffic.interSegment}, but no tenant has more than one segment`);
      }
    },
  },
  {
    reads: ['traffic', 'gateway', 'tenants', 'seed'],
    check({ traffic, gateway, tenants, seed }, report) {
      const { interTenant, interSegment } = traffic;
      if (interTenant === 0) return;
      const path = ['traffic', 'interTenant'];
      if (gateway === undefined) {
        const remedy = 'name the leaf it is at: gateway: {at: leaf1, betweenTenants: true}';
        report(path, `got ${interTenant} without a gateway; ${remedy}`);
      } else if (!gateway.betweenTenants) {
        report(path, `got ${interTenant}, but the gateway keeps tenants apart; gateway.betweenTenants: true lets them`);
      }
      const { segmentTenants } = sizesOf({ tenants, seed }) ?? { segmentTenants: [0, 1] };
      if (segmentTenants.every((tenant) => tenant === 0)) {
        report(path, `got ${interTenant}, but there is only one tenant`);
      }
      if (interTenant + interSegment > 1) {
        report(path, `got ${interTenant} beside an interSegment of ${interSegment}; expected at most 1 together`);
      }
    },
  },
  {
    reads: ['migrations'],
    check({ migrations: { dirtyRate, bandwidth, workingSet, maxRounds, maxTime } }, report) {
      if (dirtyRate < bandwidth || workingSet !== undefined || maxRounds !== null || maxTime !== undefined) return;
      report(
        ['migrations', 'bandwidth'],
        'expected more than dirtyRate, or maxRounds or maxTime, or copying never ends',
      );
    },
  },
  {
    reads: ['migrations', 'duration', 'hosts'],
    check({ migrations: { random, list }, duration, hosts }, report) {
      const bootEnd = hosts.bootStart + hosts.bootWindow;
      const checkTime = (path: readonly (string | number)[], timeNs: number) => {
        const range = `${formatDuration(bootEnd)}, when all VMs have booted, to ${formatDuration(duration)}`;
        if (timeNs >= bootEnd && timeNs <= duration) return;
        report(path, `got ${formatDuration(timeNs)}, expected a time within the run: ${range}`);
      };
      for (const [index, { at }] of list.entries()) checkTime(['migrations', 'list', index, 'at'], at);
      if (random === undefined) return;
      const { start = bootEnd, end = duration } = random;
      checkTime(['migrations', 'random', 'start'], start);
      checkTime(['migrations', 'random', 'end'], end);
      if (start > end && end >= bootEnd) report(['migrations', 'random', 'end'], 'expected no earlier than start');
    },
  },
  {
    reads: ['migrations', 'topology', 'tenants', 'seed'],
    check({ migrations: { random, list }, tenants, seed }, report, nodes) {
      const { servers } = nodes();
      const serverIds = new Set(servers.map(({ id }) => id));
      const count = sizesOf({ tenants, seed })?.vmCount ?? 0;
      for (const [index, { vm, to }] of list.entries()) {
        const path = ['migrations', 'list', index];
        const number = /^vm([1-9]\d*)$/.test(vm) ? Number(vm.slice(2)) : 0;
        if (number < 1 || number > count) report([...path, 'vm'], `got '${vm}', expected one of vm1 to vm${count}`);
        if (!serverIds.has(to)) report([...path, 'to'], unknownName('server', to, [...serverIds]));
      }
      if (random === undefined) return;
      if (random.count > count) {
        report(['migrations', 'random', 'count'], `got ${random.count}, expected at most the ${count} VMs there are`);
      }
      const rackIds = new Set(servers.map(({ at }) => at));
      const problem = destinationProblem(random.destination, { serverCount: servers.length, rackCount: rackIds.size });
      if (problem !== null)
        report(['migrations', 'random', 'destination'], `got ${random.destination}, but ${problem}`);
    },
  },
  {
    reads: ['failures', 'duration', 'hosts'],
    check({ failures, duration, hosts }, report) {
      const checkTime = (path: readonly (string | number)[], timeNs: number) => {
        if (timeNs <= duration) return;
        const message = `got ${formatDuration(timeNs)}, expected a time within the run of ${formatDuration(duration)}`;
        report(path, message);
      };
      for (const [index, { at, random }] of failures.entries()) {
        if (at !== undefined) checkTime(['failures', index, 'at'], at);
        if (random === undefined) continue;
        const { start = hosts.bootStart + hosts.bootWindow, end = duration } = random;
        const path = ['failures', index, 'random'];
        checkTime([...path, 'start'], start);
        checkTime([...path, 'end'], end);
        if (start > end) report([...path, 'end'], 'expected no earlier than start');
      }
    },
  },
  {
    reads: ['failures', 'topology', 'fabrics'],
    check({ failures, fabrics }, report, nodes) {
      if (failures.length === 0) return;
      const { switches, links, servers } = nodes();
      const linkIds = new Set(links.map(({ id }) => id));
      const serverLinkIds = new Set(
        servers.flatMap(({ id, at, secondAt }) => [`${at}-${id}`, ...(secondAt === null ? [] : [`${secondAt}-${id}`])]),
      );
      const known = {
        switch: new Set(switchIdsOf({ switches })),
        server: new Set(servers.map(({ id }) => id)),
        rack: new Set(servers.map(({ at }) => at)),
      };
      for (const [index, failure] of failures.entries()) {
        const { link, random } = failure;
        if (
          link !== undefined &&
          !linkIds.has(link) &&
          !serverLinkIds.has(link) &&
          !peerLinkIdsOf({ fabrics }, nodes()).includes(link)
        ) {
          report(['failures', index, 'link'], unknownLink(link, linkIds));
        }
        for (const kind of ['switch', 'server', 'rack'] as const) {
          const id = failure[kind];
          if (id === undefined || known[kind].has(id)) continue;
          report(['failures', index, kind], unknownName(kind === 'rack' ? 'leaf' : kind, id, [...known[kind]]));
        }
        if (random?.kind === 'link' && linkIds.size === 0) {
          report(['failures', index, 'random', 'kind'], 'got link, but there are no links between switches');
        }
      }
    },
  },
  {
    reads: ['warmup', 'duration'],
    check({ warmup, duration }, report) {
      if (warmup < duration) return;
      const within = `which leaves nothing of the run of ${formatDuration(duration)} to count`;
      report(['warmup'], `got ${formatDuration(warmup)}, ${within}; expected less, or a longer duration`);
    },
  },
  {
    reads: ['samples', 'hosts', 'duration'],
    check({ samples, hosts, duration }, report) {
      const within = `expected at most the ${formatDuration(duration)} of the run`;
      if (samples.every > duration) report(['samples', 'every'], `got ${formatDuration(samples.every)}, ${within}`);
      const count = Math.ceil(duration / samples.every);
      if (count > SAMPLE_COUNT_MAX) {
        const shortest = formatDuration(Math.ceil(duration / SAMPLE_COUNT_MAX));
        const message = `got ${formatDuration(samples.every)}, which makes ${count} samples; expected at least ${shortest}`;
        report(['samples', 'every'], message);
      }
      const { bootStart, bootWindow } = hosts;
      if (bootStart + bootWindow > duration) {
        const got = bootStart === 0 ? '' : `${formatDuration(bootStart)} after the start and `;
        report(['hosts', 'bootWindow'], `got ${got}${formatDuration(bootWindow)}, ${within}`);
      }
    },
  },
];

/** The sizes of all segments, or null if there are so many, or so wrong, that it was reported already. */
export function sizesOf({ tenants, seed }: Pick<ScenarioFile, 'tenants' | 'seed'>): TenantSizes | null {
  const resolved = resolveTenants(tenants);
  const isTooMany = resolved.some((tenant) => {
    const segments = segmentCount({ tenants: [tenant], seed });
    return segments > Math.min(tenant.totalVms ?? Infinity, SEGMENT_COUNT_MAX);
  });
  if (isTooMany || segmentCount({ tenants: resolved, seed }) > SEGMENT_COUNT_MAX) return null;
  return tenantSizes({ tenants: resolved, seed });
}

function destinationProblem(
  destination: string,
  { serverCount, rackCount }: { serverCount: number; rackCount: number },
): string | null {
  if (serverCount < 2) return 'there is only one server';
  if (destination === 'other-rack' && rackCount < 2) return 'all servers are in one rack';
  if (destination === 'same-rack' && serverCount === rackCount) return 'every rack has one server';
  return null;
}

function unknownLink(given: string, linkIds: ReadonlySet<string>): string {
  const [a = '', b = ''] = given.split('-');
  if (linkIds.has(`${b}-${a}`)) return `got '${given}', which is called '${b}-${a}'`;
  return unknownName('link', given, [...linkIds]);
}
