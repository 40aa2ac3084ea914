/** What becomes of a frame whose source is one more than its port may have. */
export const PORT_VIOLATIONS = ['forward', 'drop', 'shutdown'] as const;
export type PortViolation = (typeof PORT_VIOLATIONS)[number];
