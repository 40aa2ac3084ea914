/** What one router holds so that it can route between segments. */
export interface GatewayUse {
  readonly owner: string;
  readonly tier: string;
  /** Segments that it has an interface in. */
  readonly segments: number;
  /** Hosts whose MAC it knows. */
  readonly arpEntries: number;
  /** Hosts that it has a route of their own to, by way of another VTEP. */
  readonly hostRoutes: number;
  /** Subnets that it reaches by way of others. */
  readonly prefixes: number;
  /** VNIs of its VTEP, those of layer 3 among them; 0 where there is no VTEP. */
  readonly vnis: number;
}

/** What routing between segments needs, by router: at the end of a run. */
export interface GatewaySummary {
  devices: number;
  /** Most that one of them has. */
  segmentsMax: number;
  arpEntriesMax: number;
  hostRoutesMax: number;
  prefixesMax: number;
  vnisMax: number;
  /** What they all have together. */
  arpEntries: number;
  hostRoutes: number;
}

/** Adds up what routers hold. */
export function summarizeGateways(uses: readonly GatewayUse[]): GatewaySummary {
  const most = (value: (use: GatewayUse) => number) => uses.reduce((max, use) => Math.max(max, value(use)), 0);
  const all = (value: (use: GatewayUse) => number) => uses.reduce((sum, use) => sum + value(use), 0);
  return {
    devices: uses.length,
    segmentsMax: most(({ segments }) => segments),
    arpEntriesMax: most(({ arpEntries }) => arpEntries),
    hostRoutesMax: most(({ hostRoutes }) => hostRoutes),
    prefixesMax: most(({ prefixes }) => prefixes),
    vnisMax: most(({ vnis }) => vnis),
    arpEntries: all(({ arpEntries }) => arpEntries),
    hostRoutes: all(({ hostRoutes }) => hostRoutes),
  };
}
