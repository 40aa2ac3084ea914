import { VLAN_TAG_BYTES } from '../wire/ethernet.ts';
import { Frame, frameRecord } from '../wire/frame-pool.ts';
import type { Network } from './network.ts';
import { carriedByFlood, Outcome } from './observer.ts';
import type { GroupCopy } from './port-groups.ts';
import type { Servers } from './servers.ts';
import { Edge, EdgeGroup, edgeRecord, NONE, type SwitchEdges } from './switch-edges.ts';

/** Instead of where a group is: whether a flood may leave by it has to be asked. */
const ASKS = -2;

const NOBODY: readonly number[] = [];

/**
 * A frame that floods at many switches at the same moment, at most of which nobody reacts to it and no copy is an event:
 * what is the same at all of them is found out once, and what they add to sums is added once.
 */
export class FloodRow {
  readonly #network: Network;
  readonly #servers: Servers;
  readonly #edges: SwitchEdges;
  // what the frame says
  #frame = 0;
  #segment = 0;
  #destination = 0;
  #count = 0;
  #sizeBytes = 0;
  // how stations end what they are not asked; nodes next to those that react
  #stationOutcome = 0;
  readonly #reactingNodes: number[] = [];
  readonly #copy: GroupCopy = { carried: 0, count: 0, sizeBytes: 0, segment: 0, stationOutcome: -1 };
  // where the groups of the switch last asked about are
  #toServers = NONE;
  #toDeadEnds = NONE;
  // sums of all switches since the cause became what it is: switches, copies and their bytes; whom they reached
  #cause = 0;
  #switches = 0;
  #serverCopies = 0;
  #deadEndCopies = 0;
  #bytes = 0;
  #serversReached = 0;
  #stationsReached = 0;
  #stationsPaused = 0;

  constructor(network: Network, servers: Servers, edges: SwitchEdges) {
    this.#network = network;
    this.#servers = servers;
    this.#edges = edges;
  }

  /** Begins with a frame, to which some servers react and others end it with an Outcome. */
  begin(frame: number, stationOutcome: number, reactors: readonly number[], reactorCount: number): void {
    const words = this.#network.frames.words;
    const f = frameRecord(frame);
    this.#frame = frame;
    this.#segment = words[f + Frame.segment];
    this.#destination = words[f + Frame.dst];
    this.#count = words[f + Frame.count];
    this.#sizeBytes = words[f + Frame.sizeBytes];
    this.#stationOutcome = stationOutcome;
    this.#copy.count = this.#count;
    this.#copy.segment = this.#segment;
    this.#copy.stationOutcome = this.#destination < 0 ? stationOutcome : NONE;
    this.#reactingNodes.length = 0;
    for (let i = 0; i < reactorCount; i++) this.#addNodesNextTo(reactors[i]);
  }

  #addNodesNextTo(server: number): void {
    const network = this.#network;
    if (server < 0) return;
    for (const port of network.nodePorts[server]) {
      const peer = network.peerOf(port);
      if (peer >= 0) this.#reactingNodes.push(network.nodeOf(peer));
    }
  }

  /** Whether the frame, if it floods from a port of a switch that is in no group, makes no event there. */
  isPlainAt(node: number, ingress: number): boolean {
    const edge = this.#network.edges[node];
    if (edge < 0) return false;
    const { words } = this.#edges;
    const e = edgeRecord(edge);
    const other = words[e + Edge.other];
    if ((other !== ingress && other !== NONE) || words[e + Edge.otherServers] !== 0) return false;
    const reacting = this.#reactingNodes;
    for (let i = 0; i < reacting.length; i++) if (reacting[i] === node) return false;
    this.#toServers = this.#groupAt(e + Edge.servers);
    this.#toDeadEnds = this.#groupAt(e + Edge.deadEnds);
    if (this.#toServers === ASKS || this.#toDeadEnds === ASKS) return false;
    return this.#toServers !== NONE || this.#toDeadEnds !== NONE;
  }

  /** Where a group is by which the frame leaves; or NONE, or ASKS. */
  #groupAt(at: number): number {
    const words = this.#edges.words;
    const group = words[at + EdgeGroup.group];
    if (group < 0) return NONE;
    const network = this.#network;
    if (words[at + EdgeGroup.asks] !== 0 || network.groups.mightOverflow(group, network.simulation.nowNs)) return ASKS;
    return this.#edges.carries(at, this.#segment) ? at : NONE;
  }

  /** Floods the frame at the switch that was asked about last. Takes over the caller's reference. */
  flood(node: number, ingress: number, cause: number): void {
    const network = this.#network;
    const words = this.#edges.words;
    const count = this.#count;
    if (cause !== this.#cause) {
      this.end();
      this.#cause = cause;
    }
    const toServers = this.#toServers === NONE ? 0 : words[this.#toServers + EdgeGroup.size];
    const toDeadEnds = this.#toDeadEnds === NONE ? 0 : words[this.#toDeadEnds + EdgeGroup.size];
    const copies = (toServers + toDeadEnds) * count;
    network.addFloods(node, cause, count, copies, copies * this.#sizeBytes);
    if (this.#destination >= 0) network.observer.floodedUnicast?.(this.#destination, copies);
    network.noteAt(node, ingress, Outcome.flooded);
    this.#copy.carried = carriedByFlood(cause);
    if (toServers !== 0) {
      this.#sendTogether(this.#toServers, toServers);
      this.#serverCopies += toServers;
      if (this.#destination < 0) this.#findAudience(node);
    }
    if (toDeadEnds !== 0) {
      this.#sendTogether(this.#toDeadEnds, toDeadEnds);
      this.#deadEndCopies += toDeadEnds;
    }
    this.#switches++;
    network.frames.release(this.#frame);
  }

  #sendTogether(at: number, copies: number): void {
    const network = this.#network;
    const edges = this.#edges;
    const sizeBytes = this.#sizeBytes + (edges.isTagged(at, this.#segment) ? VLAN_TAG_BYTES : 0);
    this.#copy.sizeBytes = sizeBytes;
    network.groups.send(edges.words[at + EdgeGroup.group], this.#copy, network.simulation.nowNs, NOBODY, 0);
    this.#bytes += copies * sizeBytes;
  }

  #findAudience(node: number): void {
    const { audience } = this.#servers;
    audience.find(node, this.#segment);
    this.#serversReached += audience.servers;
    this.#stationsReached += audience.stations;
    this.#stationsPaused += audience.paused;
  }

  /** Adds what has come together. */
  end(): void {
    if (this.#switches === 0) return;
    const network = this.#network;
    const count = this.#count;
    const copies = this.#serverCopies + this.#deadEndCopies;
    network.hops += copies;
    network.groupedHops += copies;
    network.followingHopFrames += copies * (count - 1);
    network.createdFrames += (copies - this.#switches + this.#stationsReached - this.#serversReached) * count;
    network.addSegmentFlood(this.#segment, this.#cause, copies * count, this.#bytes * count);
    network.outcomeFrames[Outcome.dropPortBlocked] += this.#deadEndCopies * count;
    if (this.#destination < 0) network.reach.addReached(this.#segment, this.#serverCopies * count);
    const useless = (this.#serverCopies - this.#serversReached) * count;
    const taken = (this.#stationsReached - this.#stationsPaused) * count;
    this.#servers.takeIn(this.#segment, useless, taken, this.#stationsPaused * count, this.#stationOutcome);
    this.#switches = 0;
    this.#serverCopies = 0;
    this.#deadEndCopies = 0;
    this.#bytes = 0;
    this.#serversReached = 0;
    this.#stationsReached = 0;
    this.#stationsPaused = 0;
  }
}
