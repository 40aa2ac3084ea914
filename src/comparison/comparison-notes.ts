import { CONFIDENCE, replicationsFor } from '../metrics/estimate.ts';
import { formatCount, formatDuration } from '../units.ts';
import { estimatedMeans, type ReplicatedResults } from './replicated-results.ts';
import { warmUpWords } from './words.ts';

/** What has to be known to read a comparison, a sentence or two each. */
export function comparisonNotes(compared: ReplicatedResults, sampleEveryNs: number): string[] {
  const { fabrics, seeds, results } = compared;
  const notes: string[] = [];
  if (seeds.length > 1) {
    const means = `Means over ${seeds.length} replications (seeds ${seeds.join(', ')}).`;
    const differences =
      `Beside them how a fabric differs from ${fabrics[0]} under the same seed: the mean of the differences ± half of ` +
      `its ${CONFIDENCE * 100}% confidence interval (Student's t); where ± is the larger, the sign is open.`;
    notes.push(fabrics.length > 1 ? `${means} ${differences}` : means, precisionNote(compared));
  }
  const warmUpNs = results.reduce((longest, result) => Math.max(longest, result.warmUpNs), 0);
  if (warmUpNs > 0) notes.push(warmUpNote(warmUpNs));
  if (results.some(({ simulatedNs, warmUpNs: untilNs }) => simulatedNs < untilNs)) {
    notes.push('A run that was stopped in its warm-up has nothing that counts.');
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

/** What numbers are of that leave a warm-up out. */
function warmUpNote(warmUpNs: number): string {
  const end = formatDuration(warmUpNs);
  return (
    `All numbers are those ${warmUpWords(warmUpNs)}: counts are of what happened from ${end} on, most and first are from ` +
    `what there was at ${end} on, migrations and failures are those that began then or later. VMs, routes, links and ` +
    'what is refused for good are as they are in the end. Curves over time, events and ' +
    'frame-hops are of the whole run.'
  );
}

/** Half of an interval that is usually taken for near enough, as a share of the mean. */
const USUAL_PRECISION = 0.05;

/** How many more replications the means need. */
function precisionNote(compared: ReplicatedResults): string {
  const means = estimatedMeans(compared).map(({ name, estimate }) => {
    return { name, needed: replicationsFor(estimate, USUAL_PRECISION * Math.abs(estimate.mean)), has: estimate.count };
  });
  const open = means.filter(({ needed, has }) => needed === null || needed > has);
  const precision = `±${100 * USUAL_PRECISION}%`;
  if (open.length === 0) return `Each mean is known to ${precision} (${CONFIDENCE * 100}% confidence).`;
  const worst = open.reduce((one, other) =>
    (other.needed ?? Number.POSITIVE_INFINITY) > (one.needed ?? Number.POSITIVE_INFINITY) ? other : one,
  );
  const needs = worst.needed === null ? 'more than replications can give' : `about ${formatCount(worst.needed)}`;
  return (
    `${open.length} of ${means.length} means are not known to ${precision} (${CONFIDENCE * 100}% confidence). The one that ` +
    `needs most replications for it, ${worst.name}, needs ${needs}.`
  );
}
