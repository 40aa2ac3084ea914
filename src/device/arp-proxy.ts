import type { EvpnVtep, EvpnVtepParameters } from '../protocol/evpn/evpn-vtep.ts';
import { ARP_FRAME_BYTES, FrameKind } from '../wire/ethernet.ts';
import { FRAME_SHIFT, Frame } from '../wire/frame-pool.ts';
import { hashOfPair, type IpStacks } from './ip-stacks.ts';
import type { Network } from './network.ts';
import { Outcome } from './observer.ts';
import type { ArpWatcher, InnerHandler } from './tunnels.ts';

/** How VTEPs go about ARP. */
export interface ArpProxyParameters extends Pick<EvpnVtepParameters, 'implementation'> {
  /**
   * Whether VTEPs learn the IP addresses of their stations from ARP, and announce them. RFC 7432, 10. With `frr-8.4` from
   * gratuitous ARP alone, and from what comes out of tunnels too: Linux with arp_accept on the bridge.
   */
  readonly learnsIpAddresses: boolean;
  /**
   * Whether VTEPs answer requests for addresses that they know, in place of flooding them: RFC 9161. With `frr-8.4`
   * gratuitous ARP and probes end there too, whatever is known.
   */
  readonly suppressesArp: boolean;
}

/** EVPN at the VTEPs, as this needs it. */
export interface ProxyingVteps {
  /** A VTEP that has stations to answer for, and who takes what it sends them; null if it is none. */
  proxyAt(tunnel: number): { readonly rules: EvpnVtep; readonly inner: InnerHandler } | null;
  /** A station behind a VTEP has an IP address. */
  stationHasIp(tunnel: number, address: number, ip: number): boolean;
}

/** ARP at VTEPs: what they learn from the messages that their tunnels carry, and those that they answer or suppress. RFC 9161. */
export class ArpProxy implements ArpWatcher {
  /** Whether an IP address is the VTEP's own in a segment, as a gateway's: it is asked for at no other VTEP. */
  ownsIp: ((tunnel: number, segment: number, ip: number) => boolean) | null = null;
  /** Hears which IP address a station behind a VTEP's own ports has, as an ARP message to others says. */
  onBinding: ((tunnel: number, address: number, ip: number) => void) | null = null;
  /** ARP messages that VTEPs answered themselves. */
  answeredRequests = 0;

  readonly #network: Network;
  readonly #stacks: IpStacks;
  readonly #vteps: ProxyingVteps;
  readonly #parameters: ArpProxyParameters;

  constructor(network: Network, stacks: IpStacks, vteps: ProxyingVteps, parameters: ArpProxyParameters) {
    this.#network = network;
    this.#stacks = stacks;
    this.#vteps = vteps;
    this.#parameters = parameters;
  }

  /** An ARP message of a station behind a tunnel, which the tunnel was to carry. */
  arpSent(tunnel: number, port: number, frame: number): boolean {
    const { suppressesArp, learnsIpAddresses } = this.#parameters;
    const vtep = this.#vteps.proxyAt(tunnel);
    if (vtep === null || !(suppressesArp || learnsIpAddresses)) return false;
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    const sender = words[f + Frame.src];
    const senderIp = words[f + Frame.senderIp];
    const isGratuitous = senderIp === words[f + Frame.targetIp];
    const isFrr = this.#parameters.implementation === 'frr-8.4';
    const isForAll = words[f + Frame.dst] < 0;
    if (learnsIpAddresses && senderIp !== 0 && sender >= 0 && (isGratuitous || !isFrr)) {
      if (this.#vteps.stationHasIp(tunnel, sender, senderIp)) this.onBinding?.(tunnel, sender, senderIp);
    }
    if (!suppressesArp || !isForAll || (isGratuitous && !isFrr)) return false;
    const isRequest = words[f + Frame.kind] === FrameKind.arpRequest;
    if (isFrr && (isGratuitous || senderIp === 0)) return this.#suppress(port, frame);
    if (!isRequest || isGratuitous) return false;
    const [segment, targetIp] = [words[f + Frame.segment], words[f + Frame.targetIp]];
    if (this.ownsIp?.(tunnel, segment, targetIp) === true) return this.#suppress(port, frame);
    const target = vtep.rules.heard.addressOfIp(segment, targetIp);
    if (target < 0) return false;
    if (!vtep.rules.isLocal(target)) this.#answer(vtep.inner, port, frame, target);
    return this.#suppress(port, frame);
  }

  /**
   * An ARP message that came out of a tunnel. A station that this VTEP still has for its own may have said it elsewhere:
   * Linux takes gratuitous ARP from whatever port, and FRR announces what it says.
   */
  arpReceived(tunnel: number, frame: number): void {
    const { implementation, learnsIpAddresses } = this.#parameters;
    if (!learnsIpAddresses || implementation !== 'frr-8.4' || this.#vteps.proxyAt(tunnel) === null) return;
    const words = this.#network.frames.words;
    const f = frame << FRAME_SHIFT;
    const [sender, senderIp] = [words[f + Frame.src], words[f + Frame.senderIp]];
    if (senderIp !== 0 && sender >= 0 && senderIp === words[f + Frame.targetIp]) {
      this.#vteps.stationHasIp(tunnel, sender, senderIp);
    }
  }

  #suppress(port: number, frame: number): boolean {
    this.#network.end(port, frame, Outcome.consumed);
    return true;
  }

  /** Answers a request in the name of a station that is behind another VTEP. RFC 9161, 3.3. */
  #answer(inner: InnerHandler, port: number, request: number, address: number): void {
    const network = this.#network;
    const reply = network.createFrame(FrameKind.arpReply, Math.max(this.#stacks.minFrameBytes, ARP_FRAME_BYTES));
    const words = network.frames.words;
    const f = reply << FRAME_SHIFT;
    const q = request << FRAME_SHIFT;
    words[f + Frame.segment] = words[q + Frame.segment];
    words[f + Frame.src] = address;
    words[f + Frame.dst] = words[q + Frame.src];
    words[f + Frame.senderIp] = words[q + Frame.targetIp];
    words[f + Frame.targetIp] = words[q + Frame.senderIp];
    words[f + Frame.flowHash] = hashOfPair(address, words[q + Frame.senderIp]);
    this.answeredRequests++;
    inner.receive(port, reply);
  }
}
