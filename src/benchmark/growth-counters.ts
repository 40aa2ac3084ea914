import { growth } from '../grown-copy.ts';

/**
 * What has been allocated from now on because stores had outgrown their memory: the same in every process. Objects are not
 * counted: which of them exist depends on what V8 has compiled by then.
 */
export function growthCounters(): () => { grown_arrays: number; grown_bytes: number } {
  const { arrays, bytes } = growth;
  return () => ({ grown_arrays: growth.arrays - arrays, grown_bytes: growth.bytes - bytes });
}
