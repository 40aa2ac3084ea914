/** Formats of programs that track benches. */
export const TRACKER_FORMATS = ['bmf', 'github-action-benchmark'] as const;

export type TrackerFormat = (typeof TRACKER_FORMATS)[number];
