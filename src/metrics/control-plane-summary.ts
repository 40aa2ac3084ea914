import type { RecordedFabric } from './recorded-fabric.ts';

/** What one device did for a control protocol, as its fabric counts it. */
export interface ControlPlaneDevice {
  readonly owner: string;
  /** Messages that carry the protocol's news, over all its sessions. */
  readonly sentMessages: number;
  readonly receivedMessages: number;
  readonly sentBytes: number;
  /** Most that it sent and received within one second of the clock. */
  readonly peakPerSecond: number;
  /** Routes that it holds at the end. */
  readonly routes: number;
}

/** A protocol that tells of routes, and all devices that speak it. */
export interface ControlPlaneLoad {
  readonly protocol: 'bgp';
  readonly devices: readonly ControlPlaneDevice[];
}

/** What control protocols make the processors of devices do. */
export interface ControlPlaneSummary {
  /** By protocol; one that nobody speaks is left out. */
  messages: ProtocolLoad[];
  /** Routes of a control plane that devices hold at the end: the most, where, and on average; null without one. */
  routes: { max: number; device: string; mean: number } | null;
}

/** Messages of one protocol. */
export interface ProtocolLoad {
  protocol: 'bpdu' | 'bgp';
  /** By all devices; what goes to servers, which don't listen, is sent too. */
  sent: number;
  received: number;
  /** Bytes that were sent, without what carries them; null where they were not counted apart. */
  sentBytes: number | null;
  /** The most that one device sent and received in a second of the clock, and which device that was. */
  perSecondMax: number;
  device: string;
}

/** Adds up what devices have counted; protocols that nobody speaks are in it too. */
export function controlPlaneTotals(fabric: RecordedFabric, loads: readonly ControlPlaneLoad[]): ControlPlaneSummary {
  const speakers = loads.flatMap(({ devices }) => devices);
  const most = speakers.reduce<ControlPlaneDevice | null>(
    (best, one) => (one.routes > (best?.routes ?? 0) ? one : best),
    null,
  );
  const mean = speakers.reduce((sum, { routes }) => sum + routes, 0) / speakers.length;
  return {
    messages: [bpdus(fabric), ...loads.map(loadOf)],
    routes: most === null ? null : { max: most.routes, device: most.owner, mean },
  };
}

/** Leaves out what nobody speaks. */
export function summarizeControlPlane({ messages, routes }: ControlPlaneSummary): ControlPlaneSummary {
  return { messages: messages.filter(({ sent, received }) => sent > 0 || received > 0), routes };
}

function loadOf({ protocol, devices }: ControlPlaneLoad): ProtocolLoad {
  const sum = (value: (device: ControlPlaneDevice) => number) => devices.reduce((all, one) => all + value(one), 0);
  let busiest = devices[0];
  for (const device of devices) if (device.peakPerSecond > busiest.peakPerSecond) busiest = device;
  return {
    protocol,
    sent: sum(({ sentMessages }) => sentMessages),
    received: sum(({ receivedMessages }) => receivedMessages),
    sentBytes: sum(({ sentBytes }) => sentBytes),
    perSecondMax: busiest.peakPerSecond,
    device: busiest.owner,
  };
}

function bpdus({ devices, macTables }: RecordedFabric): ProtocolLoad {
  const { counts } = devices.spanningTrees;
  const bridges = macTables.flatMap(({ owner, kind, table }) => (kind === 'bridge' ? [{ owner, table }] : []));
  let sent = 0;
  let received = 0;
  let perSecondMax = 0;
  let device = '';
  for (const { owner, table } of bridges) {
    sent += counts.sentBy(table);
    received += counts.receivedBy(table);
    const most = counts.mostPerSecondAt(table);
    if (most <= perSecondMax) continue;
    perSecondMax = most;
    device = owner;
  }
  return { protocol: 'bpdu', sent, received, sentBytes: null, perSecondMax, device };
}
