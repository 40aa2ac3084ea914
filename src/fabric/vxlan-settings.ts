import type { AnycastSettings } from './anycast-gateways.ts';
import type { EvpnSettings } from './evpn-control-plane.ts';
import type { TableLimits } from './hardware.ts';
import type { MlagSettings } from './mlag.ts';
import type { MulticastSettings } from './multicast-groups.ts';

/**
 * A routed underlay with ECMP and an overlay with a VNI per segment, which learns from flooded frames (RFC 7348) or is
 * told by EVPN (RFC 8365).
 */
export interface VxlanSettings extends TableLimits {
  readonly kind: 'vxlan-flood-learn' | 'vxlan-multicast' | 'vxlan-evpn';
  readonly name: string;
  readonly macAgeingNs: number;
  readonly vteps: 'leaf' | 'hypervisor';
  readonly replication: 'ingress' | 'multicast' | 'assisted';
  /** Switches that replicate, if it is assisted; null: those of the highest tier. */
  readonly replicators?: readonly string[] | null;
  /** How, if by multicast; unless given, a group for each segment in trees that are used in both directions. */
  readonly multicast?: MulticastSettings | null;
  readonly underlay: 'ipv4' | 'ipv6';
  /** VNI of the first segment; the others follow. */
  readonly vniBase: number;
  readonly sourcePortCount: number;
  /** From a failure until all routers use new routes, and until those at the dead link stop using it; 0 unless given. */
  readonly convergenceNs: number;
  readonly detectionNs?: number;
  /** From there until a router has written one route, one after the other; 0, unless given, writes all at once. */
  readonly routeNs?: number;
  /** The control plane; unless given, VTEPs learn from what they decapsulate. */
  readonly evpn?: EvpnSettings | null;
  /**
   * What joins the sites of a topology that has some: tunnels from any VTEP to any other, or gateways at their borders.
   * End to end unless given.
   */
  readonly sites?: 'end-to-end' | 'border-gateways';
  /** How leaves route between segments; unless given, one gateway does. Somebody has to feed them: `anycast`. */
  readonly anycast?: AnycastSettings | null;
  /** Leaves that share dual-homed servers act as one, with one endpoint; unless given, each is on its own. */
  readonly mlag?: MlagSettings | null;
}
