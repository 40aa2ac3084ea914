import { statSync } from 'node:fs';
import { measuredCount, measuredRate } from '../comparison/format.ts';
import { readFloodCurves } from '../report/flood-curves.ts';
import { readMacGrowth } from '../report/mac-growth.ts';
import { timeGrid } from '../report/time-grid.ts';
import { type FoundRun, findRuns } from '../results/find-runs.ts';
import { readTable } from '../results/read-table.ts';
import type { FabricResult } from '../scenario/fabric-result.ts';
import { formatDuration } from '../units.ts';
import type { CurvesOfFabric } from './glance.ts';

/** Characters of a sparkline. */
const POINTS = 24;

/** Files beyond this are left to the report: a summary should come at once. */
const TABLE_BYTES_MAX = 64 * 1024 * 1024;

/** How tables filled and what was flooded, of results that wrote their tables; none of those whose tables are large. */
export function runCurves(results: readonly FabricResult[], everyNs: number): CurvesOfFabric[] {
  return results.flatMap(({ fabric, folder, simulatedNs }) => {
    const run = folder === null ? undefined : findRuns([folder])[0];
    const [tables, floods] = [tableOf(run, 'switch_samples'), tableOf(run, 'segment_floods')];
    if (tables === null || floods === null || simulatedNs === 0) return [];
    const grid = timeGrid(everyNs, simulatedNs, POINTS);
    const spanNs = Math.min(everyNs * grid.samplesPerPoint, simulatedNs);
    const growths = readMacGrowth(readTable(tables), grid);
    const { rates } = readFloodCurves(readTable(floods), grid);
    const entries = grid.endsNs.map((_, point) => Math.max(0, ...growths.map(({ most }) => most[point]!)));
    const flooded = grid.endsNs.map((_, point) => rates.reduce((sum, ofCause) => sum + ofCause[point]!, 0));
    return [
      {
        fabric,
        curves: [
          { heading: 'fullest table', values: entries, peak: measuredCount(Math.max(...entries)) },
          {
            heading: `flooded on all links, means of ${formatDuration(spanNs)}`,
            values: flooded,
            peak: measuredRate(Math.max(...flooded)),
          },
        ],
      },
    ];
  });
}

/** The file of a table, if it is there and can be read in no time. */
function tableOf(run: FoundRun | undefined, name: string): string | null {
  const path = run?.tables.get(name);
  return path !== undefined && statSync(path).size <= TABLE_BYTES_MAX ? path : null;
}
