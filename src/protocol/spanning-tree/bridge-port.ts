import type { ConfigBpdu, PriorityVector } from '../../wire/bpdu.ts';
import { PortState } from './port-states.ts';
import type { Candidate } from './priority-vector.ts';

/** What a bridge keeps for one of its ports. IEEE 802.1D-1998, 8.5.5. */
export class BridgePort implements Candidate {
  readonly index: number;
  portId: number;
  pathCost: number;
  state: PortState = PortState.disabled;
  /** Whether the port is to be enabled whenever the bridge runs. */
  hasCarrier = false;
  readonly designated: PriorityVector = { rootId: 0n, rootPathCost: 0, bridgeId: 0n, portId: 0 };
  /** When the information in `designated` left the root, had it aged by time alone. */
  informationSentNs = 0;
  /** Whether the next configuration message acknowledges a topology change notification. */
  topologyChangeAck = false;
  /** Whether a configuration message waits for the hold timer. */
  configPending = false;
  /** The hold timer: no configuration message leaves before this instant. */
  holdsUntilNs = Number.NEGATIVE_INFINITY;

  constructor(index: number, portId: number, pathCost: number) {
    this.index = index;
    this.portId = portId;
    this.pathCost = pathCost;
  }

  /** Takes over what a received message says. IEEE 802.1D-1998, 8.6.2; the message age timer is the caller's. */
  record(bpdu: Readonly<ConfigBpdu>, nowNs: number): void {
    this.designated.rootId = bpdu.rootId;
    this.designated.rootPathCost = bpdu.rootPathCost;
    this.designated.bridgeId = bpdu.bridgeId;
    this.designated.portId = bpdu.portId;
    this.informationSentNs = nowNs - bpdu.messageAgeNs;
  }

  /** Makes the bridge's own message the best on the segment. IEEE 802.1D-1998, 8.6.10. */
  becomeDesignated(own: Readonly<PriorityVector>): void {
    this.designated.rootId = own.rootId;
    this.designated.rootPathCost = own.rootPathCost;
    this.designated.bridgeId = own.bridgeId;
    this.designated.portId = this.portId;
  }
}
