import { readScenario } from '../../src/scenario/read-scenario.ts';
import { compareFabrics, type FabricResult } from '../../src/scenario/run-scenario.ts';

const FOLDER = new URL('../../scenarios/', import.meta.url).pathname;

export type Summary = FabricResult['summary'];

/** The file of a scenario of the library. */
export function libraryFile(name: string): string {
  return `${FOLDER}${name}.yaml`;
}

/** What each fabric of a scenario file says, with some values changed as by `--set`. */
export function ask(name: string, ...overrides: string[]): Summary[] {
  const scenario = readScenario(libraryFile(name), { overrides });
  return compareFabrics(scenario, { outDir: null }).map(({ summary }) => summary);
}

export function droppedFrames({ drops }: Summary, what: string): number {
  return drops.find(({ outcome }) => outcome === `drop_${what}`)?.frames ?? 0;
}

/** Frames that switches and tunnels flooded for one cause. */
export function floodedFor({ flooding }: Summary, cause: string): number {
  return flooding.byCause.find((one) => one.cause === cause)?.frames ?? 0;
}

/** The MAC tables of a tier that has some. */
export function tablesOf(
  { macTables }: Summary,
  wantedTier: string,
  wantedKind = 'bridge',
): Summary['macTables'][number] {
  const found = macTables.find(({ tier, kind }) => tier === wantedTier && kind === wantedKind);
  if (found === undefined) throw new Error(`no ${wantedKind} tables at ${wantedTier}`);
  return found;
}
