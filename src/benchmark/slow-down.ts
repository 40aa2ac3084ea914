import { cpuTimeNs } from './case-report.ts';

/**
 * Does some work, and then spends a share of its CPU time on nothing: a slow-down that a comparison has to find. `cpuNs`
 * is the CPU time of both, in nanoseconds.
 */
export function slowedDown<T>(work: () => T, slowDownRatio: number): { readonly result: T; readonly cpuNs: number } {
  const startNs = cpuTimeNs();
  const result = work();
  const endNs = cpuTimeNs() + (cpuTimeNs() - startNs) * slowDownRatio;
  while (slowDownRatio > 0 && cpuTimeNs() < endNs);
  return { result, cpuNs: cpuTimeNs() - startNs };
}
