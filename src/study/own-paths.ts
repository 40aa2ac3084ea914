import type { StudyProblems } from './study-problems.ts';

/** Paths of a scenario that a study chooses by keys of its own. */
const OWN_PATHS: readonly string[] = ['seed', 'replications'];

/** Reports each of these paths that a study may not set in this way. */
export function refuseOwnPaths(
  places: readonly (readonly [path: string, place: readonly PropertyKey[], which: 'key' | 'value'])[],
  problems: StudyProblems,
): void {
  for (const [path, place, which] of places) {
    if (!OWN_PATHS.includes(path)) continue;
    problems.report(place, "a study says this by its own 'seed', 'seeds' and 'replications'", which);
  }
}
