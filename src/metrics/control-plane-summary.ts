import type { RecordedFabric } from './recorded-fabric.ts';

/** What control protocols make the processors of devices do. */
export interface ControlPlaneSummary {
  /** By protocol; one that nobody speaks is left out. */
  messages: ProtocolLoad[];
}

/** Messages of one protocol. */
export interface ProtocolLoad {
  protocol: 'bpdu' | 'bgp';
  /** By all devices; what goes to servers, which don't listen, is sent too. */
  sent: number;
  received: number;
  /** The most that one device sent and received in a second of the clock, and which device that was. */
  perSecondMax: number;
  device: string;
}

/** Adds up what devices have counted. */
export function summarizeControlPlane({ devices, macTables }: RecordedFabric): ControlPlaneSummary {
  const { counts } = devices.spanningTrees;
  const speakers = macTables.flatMap(({ owner, kind, table }) => (kind === 'bridge' ? [{ owner, table }] : []));
  let sent = 0;
  let received = 0;
  let perSecondMax = 0;
  let device = '';
  for (const { owner, table } of speakers) {
    sent += counts.sentBy(table);
    received += counts.receivedBy(table);
    const most = counts.mostPerSecondAt(table);
    if (most <= perSecondMax) continue;
    perSecondMax = most;
    device = owner;
  }
  return { messages: sent === 0 ? [] : [{ protocol: 'bpdu', sent, received, perSecondMax, device }] };
}
