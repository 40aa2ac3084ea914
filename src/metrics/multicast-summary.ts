import type { RecordedFabric } from './recorded-fabric.ts';

/** What multicast in the underlay took of routers. */
export interface MulticastSummary {
  groups: number;
  /** Most multicast routes that one router had at a time, and which; of these (S,G), most at a time. */
  entriesMax: number;
  sourceEntriesMax: number;
  device: string | null;
  /** Packets of new sources that their first routers sent to the rendezvous point inside Registers. */
  registers: number;
  /** Those that the rendezvous point took no further. */
  lostRegisters: number;
}

/** Sums up the multicast of a fabric's underlay; null where nothing is multicast. */
export function summarizeMulticast({ devices: { network, underlay } }: RecordedFabric): MulticastSummary | null {
  const { multicast } = underlay;
  if (multicast.groupCount === 0) return null;
  const { state } = multicast;
  const summary: MulticastSummary = {
    groups: multicast.groupCount,
    entriesMax: 0,
    sourceEntriesMax: 0,
    device: null,
    registers: multicast.registeredPackets,
    lostRegisters: multicast.lostRegisters,
  };
  for (const [node, name] of network.nodeNames.entries()) {
    summary.sourceEntriesMax = Math.max(summary.sourceEntriesMax, state.sourceEntriesMax(node));
    if (state.entriesMax(node) <= summary.entriesMax) continue;
    summary.entriesMax = state.entriesMax(node);
    summary.device = name;
  }
  return summary;
}
