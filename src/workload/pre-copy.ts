const NS_PER_S = 1e9;

/** What copying a running VM depends on. */
export interface PreCopyParameters {
  memoryBytes: number;
  /** Pace at which the running VM changes its memory; below the bandwidth, or copying never ends. */
  dirtyRateBitsPerSec: number;
  bandwidthBitsPerSec: number;
  /** The VM is paused as soon as what is left can be copied in this time. */
  downtimeLimitNs: number;
}

/** How copying goes. */
export interface PreCopy {
  /** Rounds of copying while the VM runs. */
  rounds: number;
  /** Time of those rounds. */
  copyNs: number;
  /** Time of the last round, with the VM paused. */
  downtimeNs: number;
  /** Of all rounds. */
  transferredBytes: number;
}

/**
 * Live migration by pre-copy: each round copies what the VM changed during the one before, so that rounds shrink by the
 * ratio r of dirty rate and bandwidth, until what is left fits in the downtime limit. Clark et al., "Live Migration of
 * Virtual Machines", NSDI 2005. Memory is dirtied evenly; round k takes M/B * r^k.
 */
export function preCopy({
  memoryBytes,
  dirtyRateBitsPerSec,
  bandwidthBitsPerSec,
  downtimeLimitNs,
}: PreCopyParameters): PreCopy {
  const ratio = dirtyRateBitsPerSec / bandwidthBitsPerSec;
  if (!(ratio < 1)) throw new RangeError('a VM that changes its memory as fast as it is copied cannot be migrated');
  const firstRoundNs = (memoryBytes * 8 * NS_PER_S) / bandwidthBitsPerSec;
  const lastRoundNs = (rounds: number) => firstRoundNs * power(ratio, rounds);
  let rounds = Math.max(0, Math.ceil(Math.log(downtimeLimitNs / firstRoundNs) / Math.log(ratio)));
  // the logarithms may be off by one where the last round just fits
  while (rounds > 0 && lastRoundNs(rounds - 1) <= downtimeLimitNs) rounds--;
  while (lastRoundNs(rounds) > downtimeLimitNs) rounds++;
  const shareOfRounds = (count: number) => (1 - power(ratio, count)) / (1 - ratio);
  return {
    rounds,
    copyNs: Math.round(firstRoundNs * shareOfRounds(rounds)),
    downtimeNs: Math.round(lastRoundNs(rounds)),
    transferredBytes: Math.round(memoryBytes * shareOfRounds(rounds + 1)),
  };
}

/** `base` to the power of a whole number. Not Math.pow, whose last bits differ between versions of V8. */
function power(base: number, exponent: number): number {
  return exponent === 0 ? 1 : Math.exp(exponent * Math.log(base));
}
