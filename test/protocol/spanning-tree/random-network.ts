import fc from 'fast-check';

/** Bridges, links between them, and links that fail or come back one after the other. */
export interface NetworkPlan {
  readonly priorities: number[];
  readonly trunk: number[];
  readonly extra: [number, number][];
  readonly costs: number[];
  readonly delayNs: number;
  readonly disturbances: { link: number; waitNs: number }[];
}

/** Up to 7 bridges in one piece, with up to 6 links more, some of them parallel or from a bridge to itself. */
export function randomNetworks(most: { maxWaitNs: number; maxDisturbances: number }): fc.Arbitrary<NetworkPlan> {
  return fc.integer({ min: 1, max: 7 }).chain((size) =>
    fc.record({
      priorities: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: size, maxLength: size }),
      // bridge i + 1 hangs on an earlier one
      trunk: fc.tuple(...Array.from({ length: size - 1 }, (_, i) => fc.nat({ max: i }))),
      extra: fc.array(fc.tuple(fc.nat({ max: size - 1 }), fc.nat({ max: size - 1 })), { maxLength: 6 }),
      costs: fc.array(fc.constantFrom(1, 2, 5), { minLength: size + 5, maxLength: size + 5 }),
      delayNs: fc.constantFrom(0, 1, 1000),
      disturbances: fc.array(fc.record({ link: fc.nat(), waitNs: fc.integer({ min: 0, max: most.maxWaitNs }) }), {
        maxLength: most.maxDisturbances,
      }),
    }),
  );
}

/** Connects the bridges of a network as planned. */
export function wire(plan: NetworkPlan, network: { connect(a: number, b: number, pathCost: number): unknown }): void {
  plan.trunk.forEach((parent, i) => {
    network.connect(parent, i + 1, plan.costs[i]);
  });
  plan.extra.forEach(([a, b], i) => {
    network.connect(a, b, plan.costs[plan.trunk.length + i]);
  });
}
