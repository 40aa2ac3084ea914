import type { RandomStream } from '../engine/random.ts';

/**
 * The VMs that never send anything but answers to ARP: 1 for a silent VM, 0 for a talking one, by VM number.
 * Exactly the given share of the VMs, rounded, each set of them as likely as any other.
 */
export function drawSilentVms({
  vmCount,
  silentVmsRatio,
  stream,
}: {
  vmCount: number;
  silentVmsRatio: number;
  stream: RandomStream;
}): Uint8Array {
  const isSilent = new Uint8Array(vmCount);
  // a ratio like 0.29 has no exact double: the sixth digit decides, not the sixteenth
  let missing = Math.round(Number((vmCount * silentVmsRatio).toFixed(6)));
  for (let vm = 0; vm < vmCount; vm++) {
    if (!stream.chance(missing / (vmCount - vm))) continue;
    isSilent[vm] = 1;
    missing--;
  }
  return isSilent;
}
