import { CONFIDENCE } from '../metrics/estimate.ts';
import { formatDuration } from '../units.ts';
import type { ReplicatedResults } from './replicated-results.ts';

/** What has to be known to read a comparison, a sentence or two each. */
export function comparisonNotes({ fabrics, seeds, results }: ReplicatedResults, sampleEveryNs: number): string[] {
  const notes: string[] = [];
  if (seeds.length > 1) {
    const means = `Means over ${seeds.length} replications (seeds ${seeds.join(', ')}).`;
    const differences =
      `Beside them how a fabric differs from ${fabrics[0]} under the same seed: the mean of the differences ± half of ` +
      `its ${CONFIDENCE * 100}% confidence interval (Student's t); where ± is the larger, the sign is open.`;
    notes.push(fabrics.length > 1 ? `${means} ${differences}` : means);
  }
  if (results.some(({ summary }) => summary.macTables.some(({ firstFull }) => firstFull !== null))) {
    notes.push(`Whether a MAC table is full was looked at every ${formatDuration(sampleEveryNs)}.`);
  }
  if (results.some(({ summary }) => summary.migrations.unendedOutages > 0)) {
    notes.push('An outage that was not over in the end counts with its length until then.');
  }
  if (fabrics.length > 1 && results.some(({ peakRssBytes }) => peakRssBytes !== undefined)) {
    notes.push(
      'Peak memory is that of the whole process while a fabric was simulated; what earlier ones left may still count.',
    );
  }
  return notes;
}
