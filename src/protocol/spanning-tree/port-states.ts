/** The states of a bridge port, numbered as Linux does. IEEE 802.1D-1998, 8.4. */
export const PortState = {
  /** Takes no part in anything. */
  disabled: 0,
  /** On its way to forwarding; neither learns nor forwards yet. */
  listening: 1,
  /** Learns addresses but does not forward yet. */
  learning: 2,
  forwarding: 3,
  /** Held back because another path is in use. */
  blocking: 4,
} as const;

export type PortState = (typeof PortState)[keyof typeof PortState];

/** The states' names, indexed by state. */
export const PORT_STATE_NAMES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'] as const;

/**
 * What a port is to the tree.
 * Differs from the standard: IEEE 802.1D-1998 knows root and designated ports only; the two kinds of other ports have
 * their names from IEEE 802.1D-2004, 17.7: `backup` if the better port on the segment is the bridge's own.
 */
export type PortRole = 'root' | 'designated' | 'alternate' | 'backup' | 'disabled';
