import type { DfAlgorithm } from '../protocol/evpn/designated-forwarder.ts';

/** How leaves look after their links to Ethernet segments. */
export interface MultihomedServersSettings {
  /** How long a leaf that came back, or has an uplink again, keeps these links down, while it hears of routes. */
  readonly startupDelayNs: number;
  /** Whether a leaf without uplinks shuts these links, so that servers use their others. */
  readonly tracksUplinks: boolean;
}

/** How Ethernet segments are run. */
export interface MultihomingSettings extends MultihomedServersSettings {
  readonly algorithm: DfAlgorithm;
  readonly dfWaitNs: number;
  /** How long a station is kept that no VTEP of its segment hears any more. */
  readonly keepNs: number;
  readonly isPrefixIndependent: boolean;
}
