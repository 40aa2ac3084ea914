import { hashOfPair, type IpStacks } from '../device/ip-stacks.ts';
import type { Network } from '../device/network.ts';
import type { RandomStream, RandomStreams } from '../engine/random.ts';
import { ETHERNET_HEADER_BYTES, IPV4_HEADER_BYTES, IpProtocol, UDP_HEADER_BYTES } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import { WorkloadEvent } from './event-kinds.ts';
import type { FlowSizeDistribution } from './flow-size-distribution.ts';
import { FlowState, FlowTable } from './flow-table.ts';
import type { Peers } from './peers.ts';
import type { Population } from './population.ts';
import { DatagramRole, nameOf, roleOf, tagOf, type VmDatagrams } from './vm-datagrams.ts';
import type { VmPauses } from './vm-pauses.ts';

const NS_PER_S = 1e9;

/** Bytes of a TCP header without options. RFC 9293, 3.1. */
const TCP_HEADER_BYTES = 20;

/** Bytes of a request and of its reply as frames: a connection's first words. */
const REQUEST_BYTES = 100;
const REPLY_BYTES = 100;

/** An acknowledgement is headers alone. */
const ACKNOWLEDGEMENT_BYTES = ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES + TCP_HEADER_BYTES;

/** Full-sized frames that one acknowledgement answers. RFC 5681, 4.2 (delayed acknowledgements). */
const FRAMES_PER_ACKNOWLEDGEMENT = 2;

/** How long the first request waits for an answer; each repetition waits twice as long. RFC 6298, 2.1 and 5.5. */
const INITIAL_TIMEOUT_NS = 1 * NS_PER_S;

/** A request is sent once and repeated three times, after 1, 2 and 4 s. Eight seconds later its flow has failed. */
const REQUESTS_MAX = 4;

/** How long after its last train a flow waits for what is still under way. */
const DRAIN_NS = 1 * NS_PER_S;

/** A flow that ended. */
export interface EndedFlow {
  sourceVm: number;
  targetVm: number;
  sizeBytes: number;
  deliveredBytes: number;
  startNs: number;
  /** When its last byte was delivered; of a flow that was not, when it was given up. */
  endNs: number;
  /** `failed`: nobody answered. `incomplete`: some of the data was lost. `abandoned`: one of the two VMs has ended. */
  outcome: 'finished' | 'failed' | 'incomplete' | 'abandoned';
}

/** What traffic depends on. */
export interface TrafficParameters {
  network: Network;
  stacks: IpStacks;
  datagrams: VmDatagrams;
  pauses: VmPauses;
  peers: Peers;
  /** By default all VMs are there from the start and stay. */
  population?: Population;
  /** VMs that start no flows and answer none: drawSilentVms. */
  isSilent: Uint8Array;
  /** Flows that a talking VM starts on average. */
  flowsPerVmPerSecond: number;
  /** 0…1: flows that go to another segment of the tenant, where there is one. */
  interSegmentRatio: number;
  /** 0…1: flows that go to another tenant, where there is one; 0 unless given. */
  interTenantRatio?: number;
  /** 0…1: flows that go to a host outside, by its number, instead; by default nothing does. */
  outside?: { readonly ratio: number; readonly host: number } | null;
  sizes: FlowSizeDistribution;
  /** Pace at which a flow sends. */
  flowRateBitsPerSec: number;
  /** Frames of a flow that may travel as one event. */
  framesPerTrainMax: number;
  /** Largest IP packet of a VM. */
  mtuBytes: number;
  streams: RandomStreams;
  onFlowEnd?: (flow: EndedFlow) => void;
}

/**
 * Flows between VMs: Poisson arrivals, each flow a request, a reply, and data in trains of full frames at a steady pace.
 *
 * The request and its reply travel as single frames, so that addresses are resolved and learned before any train goes,
 * and a request without an answer is repeated. Of full frames that are delivered the first is acknowledged and every second
 * from there, those of a train together, and the rest is by itself. A flow to a silent VM goes one way, as UDP: no answer is
 * waited for and none comes.
 *
 * Differs from the standard: data is sent at its pace whatever happens to it, without TCP's congestion control, and is
 * not repeated when lost; copies of one train count like another of its flow, up to the flow's size.
 *
 * Everything that chance decides is drawn when a flow arrives, from a stream for each purpose, whatever becomes of the
 * flow: draws are the same on any fabric. A VM that is paused, has yet to boot or has ended starts none, which at Poisson
 * arrivals is as if its clock stood still; how long it is paused may depend on the fabric.
 */
export class Traffic {
  /** Flows so far, and bytes of data in them. */
  startedFlows = 0;
  finishedFlows = 0;
  /** Nobody answered. */
  failedFlows = 0;
  /** Answered, but some of the data was lost. */
  incompleteFlows = 0;
  /** One of the two VMs ended before. */
  abandonedFlows = 0;
  offeredBytes = 0;
  deliveredBytes = 0;

  readonly #parameters: TrafficParameters;
  readonly #flows = new FlowTable();
  // the VMs that start flows, of which there are so many; null: all do
  readonly #talkers: Int32Array | null;
  readonly #talkerCount: number;
  readonly #nsPerByte: number;
  readonly #arrivals: RandomStream;
  readonly #sources: RandomStream;
  readonly #directions: RandomStream;
  readonly #tenants: RandomStream;
  readonly #targets: RandomStream;
  readonly #sizes: RandomStream;
  readonly #outsideDraws: RandomStream;
  // not rounded, so that rounding does not add up
  #nextArrivalNs: number;

  constructor(parameters: TrafficParameters) {
    const { network, datagrams, isSilent, streams, flowRateBitsPerSec } = parameters;
    this.#parameters = parameters;
    this.#talkers = isSilent.includes(1) ? Int32Array.from(isSilent.keys()).filter((vm) => isSilent[vm] === 0) : null;
    this.#talkerCount = this.#talkers?.length ?? isSilent.length;
    this.#nsPerByte = (8 * NS_PER_S) / flowRateBitsPerSec;
    this.#arrivals = streams.stream('flow arrivals');
    this.#sources = streams.stream('flow sources');
    this.#directions = streams.stream('flow directions');
    this.#tenants = streams.stream('flow tenants');
    this.#targets = streams.stream('flow targets');
    this.#sizes = streams.stream('flow sizes');
    this.#outsideDraws = streams.stream('flows to the outside');
    this.#nextArrivalNs = network.simulation.nowNs;
    network.simulation.on(WorkloadEvent.arrival, { handle: () => this.#arrive() });
    network.simulation.on(WorkloadEvent.flow, { handle: (_kind, slot) => this.#continue(slot) });
    datagrams.onFlowFrame = (vm, frame) => this.#receive(vm, frame);
    this.#scheduleArrival();
  }

  /** Flows under way. */
  get activeFlows(): number {
    return this.#flows.activeCount;
  }

  /** Starts a flow now, beside those that arrive by chance. */
  startFlow(sourceVm: number, targetVm: number, sizeBytes: number): void {
    const flows = this.#flows;
    const slot = flows.allocate();
    flows.states[slot] = FlowState.requesting;
    flows.sources[slot] = sourceVm;
    flows.targets[slot] = targetVm;
    flows.numbers[slot] = this.startedFlows++;
    flows.startNs[slot] = this.#parameters.network.simulation.nowNs;
    flows.sizesBytes[slot] = sizeBytes;
    flows.unsentBytes[slot] = sizeBytes;
    this.offeredBytes += sizeBytes;
    this.#continue(slot);
  }

  #scheduleArrival(): void {
    const { network, flowsPerVmPerSecond } = this.#parameters;
    const flowsPerSecond = flowsPerVmPerSecond * this.#talkerCount;
    if (flowsPerSecond === 0) return;
    this.#nextArrivalNs += this.#arrivals.exponential(NS_PER_S / flowsPerSecond);
    network.simulation.schedule(Math.round(this.#nextArrivalNs), WorkloadEvent.arrival, 0, 0);
  }

  #arrive(): void {
    const { pauses, peers, sizes, interSegmentRatio, interTenantRatio = 0, outside = null } = this.#parameters;
    const talker = this.#sources.integer(this.#talkerCount);
    const source = this.#talkers === null ? talker : this.#talkers[talker];
    const leavesTenant = this.#tenants.chance(interTenantRatio) && peers.countBeyondTenant(source) > 0;
    // of the flows that stay with the tenant so many more that it comes to this ratio of all
    const ratio = interTenantRatio < 1 ? interSegmentRatio / (1 - interTenantRatio) : 0;
    const leavesSegment = this.#directions.chance(ratio) && peers.countBeyondSegment(source) > 0;
    const leavesDatacenter = outside !== null && this.#outsideDraws.chance(outside.ratio);
    const peerDraw = this.#targets.next();
    const sizeBytes = sizes.sampleBytes(this.#sizes.next());
    this.#scheduleArrival();
    if (pauses.isPaused(source)) return;
    if (leavesDatacenter) {
      this.startFlow(source, outside.host, sizeBytes);
    } else if (leavesTenant) {
      const index = Math.floor(peerDraw * peers.countBeyondTenant(source));
      this.startFlow(source, peers.peerBeyondTenant(source, index), sizeBytes);
    } else if (leavesSegment) {
      const index = Math.floor(peerDraw * peers.countBeyondSegment(source));
      this.startFlow(source, peers.peerBeyondSegment(source, index), sizeBytes);
    } else if (peers.countInSegment(source) > 0) {
      const index = Math.floor(peerDraw * peers.countInSegment(source));
      this.startFlow(source, peers.peerInSegment(source, index), sizeBytes);
    }
  }

  /** A flow's next step is due. */
  #continue(slot: number): void {
    const { network, pauses, population } = this.#parameters;
    const flows = this.#flows;
    if (flows.states[slot] === FlowState.draining) {
      this.#end(slot, 'incomplete');
      return;
    }
    const source = flows.sources[slot];
    if (population?.hasEnded(source)) {
      this.#end(slot, 'abandoned');
    } else if (pauses.isPaused(source)) {
      this.#scheduleAt(slot, pauses.lookAgainNs(source, network.simulation.nowNs));
    } else if (flows.states[slot] === FlowState.sending) {
      this.#sendTrain(slot);
    } else if (flows.attempts[slot] < REQUESTS_MAX) {
      this.#sendRequest(slot);
    } else {
      this.#end(slot, 'failed');
    }
  }

  #sendRequest(slot: number): void {
    const { network } = this.#parameters;
    const flows = this.#flows;
    const attempt = flows.attempts[slot]++;
    if (this.#isOneWay(slot)) {
      flows.states[slot] = FlowState.sending;
      this.#scheduleAt(slot, network.simulation.nowNs + Math.ceil(REQUEST_BYTES * this.#nsPerByte));
    } else {
      this.#scheduleAt(slot, network.simulation.nowNs + INITIAL_TIMEOUT_NS * 2 ** attempt);
    }
    this.#send(slot, DatagramRole.request, REQUEST_BYTES, 1);
  }

  #sendTrain(slot: number): void {
    const { network, framesPerTrainMax, mtuBytes } = this.#parameters;
    const flows = this.#flows;
    const unsentBytes = flows.unsentBytes[slot];
    const headerBytes = this.#headerBytesOf(slot);
    const fullBytes = mtuBytes - headerBytes;
    const fullFrames = Math.floor(unsentBytes / fullBytes);
    const count = fullFrames > 0 ? Math.min(fullFrames, framesPerTrainMax) : 1;
    const dataBytes = fullFrames > 0 ? count * fullBytes : unsentBytes;
    const frameBytes = ETHERNET_HEADER_BYTES + headerBytes + dataBytes / count;
    flows.unsentBytes[slot] = unsentBytes - dataBytes;
    const { nowNs } = network.simulation;
    if (dataBytes < unsentBytes) {
      this.#scheduleAt(slot, nowNs + Math.ceil(count * frameBytes * this.#nsPerByte));
    } else {
      flows.states[slot] = FlowState.draining;
      this.#scheduleAt(slot, nowNs + DRAIN_NS);
    }
    this.#send(slot, fullFrames > 0 ? DatagramRole.data : DatagramRole.rest, frameBytes, count);
  }

  /** From the flow's source to its target, or for a reply or acknowledgement back. */
  #send(slot: number, role: number, frameBytes: number, count: number): void {
    const { network, datagrams } = this.#parameters;
    const flows = this.#flows;
    const isBack = role === DatagramRole.reply || role === DatagramRole.acknowledgement;
    const from = isBack ? flows.targets[slot] : flows.sources[slot];
    const to = isBack ? flows.sources[slot] : flows.targets[slot];
    const protocol = this.#isOneWay(slot) ? IpProtocol.udp : IpProtocol.tcp;
    const frame = datagrams.create(from, to, protocol, frameBytes);
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    words[f + Frame.count] = count;
    words[f + Frame.flowHash] = hashOfPair(words[f + Frame.flowHash], flows.numbers[slot] | 0);
    words[f + Frame.tag] = tagOf(role, flows.nameOf(slot));
    datagrams.send(from, frame);
  }

  /** A frame of a flow reached a VM. */
  #receive(vm: number, frame: number): void {
    const { network, stacks } = this.#parameters;
    const words = network.frames.words;
    const f = frame << FRAME_SHIFT;
    const tag = words[f + Frame.tag];
    const role = roleOf(tag);
    if (role === DatagramRole.acknowledgement) {
      stacks.confirmNextHop(vm, words[f + Frame.senderIp] >>> 0);
      return;
    }
    const slot = this.#slotOf(nameOf(tag), role, frame);
    if (slot < 0) return;
    const flows = this.#flows;
    switch (role) {
      case DatagramRole.request:
        // outside the router that the request came by answers
        if (vm >= this.#parameters.isSilent.length) flows.targets[slot] = vm;
        if (!this.#isOneWay(slot)) this.#send(slot, DatagramRole.reply, REPLY_BYTES, 1);
        return;
      case DatagramRole.reply:
        if (flows.states[slot] !== FlowState.requesting) return;
        stacks.confirmNextHop(vm, words[f + Frame.senderIp] >>> 0);
        network.simulation.cancel(flows.events[slot]);
        flows.states[slot] = FlowState.sending;
        this.#sendTrain(slot);
        return;
      default:
        this.#receiveData(slot, vm, role, words[f + Frame.count]);
    }
  }

  #receiveData(slot: number, vm: number, role: number, count: number): void {
    const { network, stacks, mtuBytes } = this.#parameters;
    const flows = this.#flows;
    const sizeBytes = flows.sizesBytes[slot];
    const beforeBytes = flows.deliveredBytes[slot];
    const fullBytes = mtuBytes - this.#headerBytesOf(slot);
    if (!this.#isOneWay(slot)) {
      // the first data acknowledge the reply; after that this end sends nothing that would be acknowledged
      if (beforeBytes === 0) stacks.confirmNextHop(vm, stacks.ipOf(flows.sources[slot]));
      const beforeCount = role === DatagramRole.rest ? 0 : Math.floor(beforeBytes / fullBytes);
      const acknowledgements = acknowledgementsOf(beforeCount + count) - acknowledgementsOf(beforeCount);
      if (acknowledgements > 0) this.#send(slot, DatagramRole.acknowledgement, ACKNOWLEDGEMENT_BYTES, acknowledgements);
    }
    const dataBytes = role === DatagramRole.rest ? sizeBytes % fullBytes : count * fullBytes;
    const afterBytes = Math.min(sizeBytes, beforeBytes + dataBytes);
    flows.deliveredBytes[slot] = afterBytes;
    this.deliveredBytes += afterBytes - beforeBytes;
    if (afterBytes < sizeBytes) return;
    network.simulation.cancel(flows.events[slot]);
    this.#end(slot, 'finished');
  }

  /** The flow that a frame belongs to, or -1 if it has ended. */
  #slotOf(name: number, role: number, frame: number): number {
    const flows = this.#flows;
    const slot = flows.slotOf(name);
    if (slot < 0) return -1;
    const source = flows.sources[slot];
    const target = flows.targets[slot];
    const isOfFlow =
      role === DatagramRole.reply
        ? this.#parameters.datagrams.isBetween(frame, target, source)
        : this.#parameters.datagrams.isBetween(frame, source, target);
    return isOfFlow ? slot : -1;
  }

  /** Headers within the IP packets of a flow. */
  #headerBytesOf(slot: number): number {
    return IPV4_HEADER_BYTES + (this.#isOneWay(slot) ? UDP_HEADER_BYTES : TCP_HEADER_BYTES);
  }

  #isOneWay(slot: number): boolean {
    return this.#parameters.isSilent[this.#flows.targets[slot]] === 1;
  }

  #scheduleAt(slot: number, timeNs: number): void {
    this.#flows.events[slot] = this.#parameters.network.simulation.schedule(timeNs, WorkloadEvent.flow, slot, 0);
  }

  #end(slot: number, seen: EndedFlow['outcome']): void {
    const { network, population, onFlowEnd } = this.#parameters;
    const flows = this.#flows;
    const isAbandoned = population?.hasEnded(flows.sources[slot]) || population?.hasEnded(flows.targets[slot]);
    const outcome = isAbandoned && seen !== 'finished' ? 'abandoned' : seen;
    if (outcome === 'finished') this.finishedFlows++;
    else if (outcome === 'failed') this.failedFlows++;
    else if (outcome === 'abandoned') this.abandonedFlows++;
    else this.incompleteFlows++;
    onFlowEnd?.({
      sourceVm: flows.sources[slot],
      targetVm: flows.targets[slot],
      sizeBytes: flows.sizesBytes[slot],
      deliveredBytes: flows.deliveredBytes[slot],
      startNs: flows.startNs[slot],
      endNs: network.simulation.nowNs,
      outcome,
    });
    flows.release(slot);
  }
}

/** Acknowledgements of the first so many full frames of a flow, however these came. */
function acknowledgementsOf(frameCount: number): number {
  return Math.ceil(frameCount / FRAMES_PER_ACKNOWLEDGEMENT);
}
