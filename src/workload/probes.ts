import type { IpStacks } from '../device/ip-stacks.ts';
import type { Network } from '../device/network.ts';
import type { Servers } from '../device/servers.ts';
import type { RandomStream } from '../engine/random.ts';
import { IpProtocol } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import { WorkloadEvent } from './event-kinds.ts';
import type { Peers } from './peers.ts';
import type { Population } from './population.ts';
import { DatagramRole, nameOf, tagOf, type VmDatagrams } from './vm-datagrams.ts';
import type { VmPauses } from './vm-pauses.ts';

const NS_PER_S = 1e9;

/** Bytes of a probe as a frame. */
const PROBE_BYTES = 100;

/** A VM is probed from this long before it is paused until this long after it was reached at its new place. */
export const PROBE_BEFORE_NS = 1 * NS_PER_S;
const PROBE_AFTER_NS = 2 * NS_PER_S;

/**
 * A VM that is not reached is given up this long after it runs again. Longer than a Linux host goes on sending to an
 * address that does not answer: at most 45 s of reachable time, 5 s of delay and 3 s of probes (net/core/neighbour.c).
 */
const PROBE_MAX_NS = 60 * NS_PER_S;

/** What the probes of one migration saw. */
export interface ProbeRecord {
  /** The VM that is probed, and the one that probes it. */
  readonly vm: number;
  readonly proberVm: number;
  firstSentNs: number | null;
  sentProbes: number;
  deliveredProbes: number;
  /** Last probe that arrived before the pause; null if none did. */
  lastBeforePauseNs: number | null;
  /** When the VM ran again at its new place. */
  resumeNs: number | null;
  /** First probe that arrived there. */
  firstAfterResumeNs: number | null;
  /** When probing ended; null while it goes on. */
  endNs: number | null;
}

/** What probes depend on. */
export interface ProbesParameters {
  network: Network;
  servers: Servers;
  stacks: IpStacks;
  datagrams: VmDatagrams;
  pauses: VmPauses;
  peers: Peers;
  /** By default all VMs are there from the start and stay. */
  population?: Population;
  /** VMs that never send, so never probe: drawSilentVms. */
  isSilent: Uint8Array;
  /** Time between probes: what outages are exact to. */
  everyNs: number;
  /** Drawn from once for each migration. */
  stream: RandomStream;
}

/** Measures how long migrating VMs are out of reach: one of their peers sends each a small datagram at steady intervals. */
export class Probes {
  readonly #parameters: ProbesParameters;
  readonly #records: ProbeRecord[] = [];

  constructor(parameters: ProbesParameters) {
    this.#parameters = parameters;
    parameters.network.simulation.on(WorkloadEvent.probe, { handle: (_kind, index) => this.#probe(index) });
    parameters.datagrams.onProbe = (_vm, frame) => this.#receive(frame);
  }

  /**
   * Begins to probe a VM, after `phaseNs`. Its prober is the first of its peers, else of its segment, that talks, runs
   * and is at none of `nodes`; returns null if there is none.
   *
   * Nobody answers ARP for a VM that is paused: with `isPaused` its prober knows its address, as a peer that was talking to
   * it does, for else the outage would be the second after which the prober asks again.
   */
  begin(vm: number, nodes: readonly number[], phaseNs: number, { isPaused = false } = {}): ProbeRecord | null {
    const { network, servers, stacks } = this.#parameters;
    const proberVm = this.#proberFor(vm, nodes);
    if (proberVm < 0) return null;
    if (isPaused) {
      const how = { isReplyToUs: true, mayCreate: true, isGratuitous: false };
      stacks.neighbours.learn(proberVm, stacks.ipOf(vm), servers.addressOf(vm), network.nowMs, how);
    }
    const record: ProbeRecord = {
      vm,
      proberVm,
      firstSentNs: null,
      sentProbes: 0,
      deliveredProbes: 0,
      lastBeforePauseNs: null,
      resumeNs: null,
      firstAfterResumeNs: null,
      endNs: null,
    };
    const index = this.#records.push(record) - 1;
    network.simulation.scheduleAfter(phaseNs, WorkloadEvent.probe, index, 0);
    return record;
  }

  /** A random phase of the interval. Drawn for each migration, so that it is the same whatever became of the others. */
  drawPhaseNs(): number {
    const { everyNs, stream } = this.#parameters;
    return Math.floor(stream.uniform(0, everyNs));
  }

  /** The VM runs at its new place: from now on what arrives there counts as after the outage. */
  resumed(record: ProbeRecord): void {
    record.resumeNs = this.#parameters.network.simulation.nowNs;
  }

  /** Ends probing early. */
  end(record: ProbeRecord): void {
    record.endNs ??= this.#parameters.network.simulation.nowNs;
  }

  #probe(index: number): void {
    const { network, datagrams, pauses, population, everyNs } = this.#parameters;
    const { simulation } = network;
    const record = this.#records[index];
    if (record.endNs === null && simulation.nowNs >= lastProbeNs(record)) record.endNs = simulation.nowNs;
    const { vm, proberVm } = record;
    if (population?.hasEnded(vm) || population?.hasEnded(proberVm)) record.endNs ??= simulation.nowNs;
    if (record.endNs !== null) return;
    if (pauses.isPaused(proberVm)) {
      simulation.schedule(pauses.lookAgainNs(proberVm, simulation.nowNs), WorkloadEvent.probe, index, 0);
      return;
    }
    simulation.scheduleAfter(everyNs, WorkloadEvent.probe, index, 0);
    record.firstSentNs ??= simulation.nowNs;
    record.sentProbes++;
    const frame = datagrams.create(proberVm, vm, IpProtocol.udp, PROBE_BYTES);
    network.frames.words[(frame << FRAME_SHIFT) + Frame.tag] = tagOf(DatagramRole.probe, index);
    datagrams.send(proberVm, frame);
  }

  #receive(frame: number): void {
    const { network } = this.#parameters;
    const record = this.#records[nameOf(network.frames.words[(frame << FRAME_SHIFT) + Frame.tag])];
    record.deliveredProbes++;
    if (record.resumeNs === null) record.lastBeforePauseNs = network.simulation.nowNs;
    else record.firstAfterResumeNs ??= network.simulation.nowNs;
  }

  #proberFor(vm: number, nodes: readonly number[]): number {
    const { servers, pauses, peers, isSilent } = this.#parameters;
    const mayProbe = (peer: number) =>
      peer !== vm && isSilent[peer] === 0 && !pauses.isPaused(peer) && !nodes.includes(servers.serverOf(peer));
    for (let index = 0; index < peers.countInSegment(vm); index++) {
      const peer = peers.peerInSegment(vm, index);
      if (mayProbe(peer)) return peer;
    }
    const segment = peers.segmentOf(vm);
    for (let position = 0; position < peers.segments.sizeOf(segment); position++) {
      const member = peers.segments.memberOf(segment, position);
      if (mayProbe(member)) return member;
    }
    return -1;
  }
}

/** From when on no further probe is sent. */
function lastProbeNs({ resumeNs, firstAfterResumeNs }: ProbeRecord): number {
  if (firstAfterResumeNs !== null) return firstAfterResumeNs + PROBE_AFTER_NS;
  return resumeNs === null ? Infinity : resumeNs + PROBE_MAX_NS;
}
