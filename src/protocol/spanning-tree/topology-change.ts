import type { BridgeTimes } from './parameters.ts';
import { BridgeTimer, type Timers } from './timers.ts';

/** What a topology change makes a bridge do. */
export interface TopologyChangeEffects {
  /** Send a topology change notification out of the root port. IEEE 802.1D-1998, 8.6.6. */
  transmitTcn(portIndex: number): void;
  /** The topology change flag was raised or lowered: addresses now age by the forward delay, or by the ageing time again. */
  topologyChangeChanged(active: boolean): void;
}

/**
 * A bridge's part in telling the tree of a change: whoever detects one notifies towards the root until acknowledged,
 * the root then raises the flag for all. A root port index of -1 says that the bridge is the root.
 */
export class TopologyChange {
  /** The flag that configuration messages carry down from the root. IEEE 802.1D-1998, 8.5.3.12. */
  isActive = false;
  /** Whether a change was detected and the root, as far as is known, has not heard of it. IEEE 802.1D-1998, 8.5.3.11. */
  isDetected = false;
  /** False while the spanning tree is switched off: nobody is told anything. */
  isEnabled: boolean;
  readonly #times: BridgeTimes;
  readonly #timers: Timers;
  readonly #effects: TopologyChangeEffects;

  constructor(options: { times: BridgeTimes; timers: Timers; isEnabled: boolean }, effects: TopologyChangeEffects) {
    this.#times = options.times;
    this.#timers = options.timers;
    this.isEnabled = options.isEnabled;
    this.#effects = effects;
  }

  /** A port of this bridge began or ceased to forward, or a bridge below sent a notification. IEEE 802.1D-1998, 8.6.14. */
  detect(rootPortIndex: number, nowNs: number): void {
    if (!this.isEnabled) return;
    if (rootPortIndex < 0) {
      this.follow(true);
      // the bridge's own times, not those in use. IEEE 802.1D-1998, 8.5.3.13
      this.#timers.start(BridgeTimer.topologyChange, nowNs, this.#times.forwardDelayNs + this.#times.maxAgeNs);
    } else if (!this.isDetected) {
      this.#notify(rootPortIndex, nowNs);
    }
    this.isDetected = true;
  }

  /** The bridge above has heard the notification. IEEE 802.1D-1998, 8.6.15. */
  acknowledged(): void {
    this.isDetected = false;
    this.#timers.stop(BridgeTimer.topologyChangeNotification);
  }

  /** The bridge was root and is no more: a change of its own is now for another root to tell. IEEE 802.1D-1998, 8.7.1. */
  ceaseToBeRoot(rootPortIndex: number, nowNs: number): void {
    if (!this.isDetected) return;
    this.#timers.stop(BridgeTimer.topologyChange);
    this.#notify(rootPortIndex, nowNs);
  }

  /** The bridge became the root, and that is a change. IEEE 802.1D-1998, 8.7.4. */
  becomeRoot(nowNs: number): void {
    this.detect(-1, nowNs);
    this.#timers.stop(BridgeTimer.topologyChangeNotification);
  }

  /** The notification timer expired without an acknowledgement. IEEE 802.1D-1998, 8.7.6. */
  notificationTimerExpired(rootPortIndex: number, nowNs: number): void {
    if (rootPortIndex >= 0) this.#notify(rootPortIndex, nowNs);
  }

  /** The root has raised the flag for long enough. IEEE 802.1D-1998, 8.7.7. */
  topologyChangeTimerExpired(): void {
    this.isDetected = false;
    this.follow(false);
  }

  /** Takes over the flag in the root's message. IEEE 802.1D-1998, 8.6.3. */
  follow(active: boolean): void {
    if (this.isActive === active) return;
    this.isActive = active;
    this.#effects.topologyChangeChanged(active);
  }

  /** Forgets everything: the bridge goes down. */
  reset(): void {
    this.topologyChangeTimerExpired();
    this.#timers.stop(BridgeTimer.topologyChange);
    this.#timers.stop(BridgeTimer.topologyChangeNotification);
  }

  #notify(rootPortIndex: number, nowNs: number): void {
    if (this.isEnabled) this.#effects.transmitTcn(rootPortIndex);
    this.#timers.start(BridgeTimer.topologyChangeNotification, nowNs, this.#times.helloTimeNs);
  }
}
