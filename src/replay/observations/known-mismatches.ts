/** What an observation is of. */
interface Experiment {
  readonly experiment: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A fact that real software shows and that is not to be met, with the reason. */
export interface KnownMismatch {
  readonly experiment: string;
  /** Of the fact. */
  readonly path: RegExp;
  /** In which observations; in all of the family if it does not say. */
  readonly appliesTo?: (observation: Experiment) => boolean;
  readonly reason: string;
}

/** All of them. docs/fidelity.md lists them with the same reasons. */
export const KNOWN_MISMATCHES: readonly KnownMismatch[] = [
  {
    experiment: 'ovs_mac_overflow',
    path: /^ranges\.by_M\.\d+\.(learned|evicted)$/,
    appliesTo: ({ params }) => params.pace === 'burst',
    reason:
      "in a burst, frames match flows of Open vSwitch's cache and refresh no entry until its revalidator counts them, in " +
      'an order of its own: fewer stations are evicted and learned again than speak',
  },
];

/** Why a fact of an observation is known not to be met; null if it is to be met. */
export function knownReason(observation: Experiment, path: string): string | null {
  const known = KNOWN_MISMATCHES.find((mismatch) => {
    return (
      mismatch.experiment === observation.experiment &&
      mismatch.path.test(path) &&
      (mismatch.appliesTo?.(observation) ?? true)
    );
  });
  return known?.reason ?? null;
}
