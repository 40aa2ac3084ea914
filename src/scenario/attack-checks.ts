import { formatDuration } from '../units.ts';
import { type CrossCheck, unknownName } from './cross-check.ts';
import { sizesOf } from './workload-checks.ts';

/** What `attacks` ask of the rest of a scenario. */
export const attackChecks: readonly CrossCheck[] = [
  {
    reads: ['attacks', 'duration'],
    check({ attacks, duration }, report) {
      for (const [index, { start, stop = duration }] of attacks.entries()) {
        if (start > duration) {
          const message = `got ${formatDuration(start)}, expected a time within the run of ${formatDuration(duration)}`;
          report(['attacks', index, 'start'], message);
        } else if (stop <= start) {
          report(['attacks', index, 'stop'], `got ${formatDuration(stop)}, expected later than start`);
        }
      }
    },
  },
  {
    reads: ['attacks', 'tenants', 'seed', 'topology'],
    check({ attacks, tenants, seed }, report, nodes) {
      if (attacks.length === 0) return;
      const serverIds = nodes().servers.map(({ id }) => id);
      const known = new Set(serverIds);
      const vmCount = sizesOf({ tenants, seed })?.vmCount ?? 0;
      for (const [index, { vm, server }] of attacks.entries()) {
        const number = vm !== undefined && /^vm([1-9]\d*)$/.test(vm) ? Number(vm.slice(2)) : 0;
        if (vm !== undefined && (number < 1 || number > vmCount)) {
          report(['attacks', index, 'vm'], `got '${vm}', expected one of vm1 to vm${vmCount}`);
        }
        if (server !== undefined && !known.has(server)) {
          report(['attacks', index, 'server'], unknownName('server', server, serverIds));
        }
      }
    },
  },
];
