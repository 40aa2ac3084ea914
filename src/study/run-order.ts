import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ParameterValue } from '../metrics/run-file.ts';
import type { FoundRun } from '../results/find-runs.ts';
import { PLAN_FILE_NAME, parseStudy } from './folder-store.ts';
import type { Parameters } from './study-points.ts';
import { STUDY_FILE_NAME, type StudyRecord } from './study-record.ts';

/** A study that runs were found of. */
interface FoundStudy {
  readonly record: StudyRecord;
  /** By its values, the place of each point in the plan. */
  readonly places: ReadonlyMap<string, number>;
}

/**
 * The order of runs as their studies have it: folder by folder as they were found, in each the points of the plan, and fabrics as the
 * scenario has them. Folders of cells have names by chance. Runs of no study stay as they were found.
 */
export class RunOrder {
  /** By folder, in the order found; null where there is no study. */
  readonly #studies = new Map<string, FoundStudy | null>();
  readonly #sources: readonly string[];
  /** Of all runs: those of the first study first. */
  readonly fabrics: readonly string[];

  /** Of runs, each with the name of its fabric. */
  constructor(runs: readonly (readonly [run: FoundRun, fabric: string])[]) {
    const fabrics = new Set<string>();
    for (const [{ folder }, fabric] of runs) {
      const source = sourceOf(folder);
      if (!this.#studies.has(source)) this.#studies.set(source, readStudyAt(source));
      for (const name of this.#studies.get(source)?.record.fabrics ?? []) fabrics.add(name);
      fabrics.add(fabric);
    }
    this.#sources = [...this.#studies.keys()];
    this.fabrics = [...fabrics];
  }

  /** Which of two points comes first, each by a run of it and its parameters: below 0, above 0, or 0 as they were found. */
  comparePoints(one: FoundRun, others: FoundRun, [values, otherValues]: readonly [Parameters, Parameters]): number {
    const [source, otherSource] = [sourceOf(one.folder), sourceOf(others.folder)];
    if (source !== otherSource) return this.#sources.indexOf(source) - this.#sources.indexOf(otherSource);
    const study = this.#studies.get(source) ?? null;
    if (study === null) return 0;
    const [place, otherPlace] = [values, otherValues].map((point) => study.places.get(JSON.stringify(point)));
    if (place !== undefined && otherPlace !== undefined) return place - otherPlace;
    if (place !== otherPlace) return place === undefined ? 1 : -1;
    return compareValues(values, otherValues);
  }
}

/** The folder of the study that a cell would be of; else the one that the run is in. */
function sourceOf(folder: string): string {
  const above = dirname(folder);
  return basename(above) === 'cells' ? dirname(above) : above;
}

function readStudyAt(folder: string): FoundStudy | null {
  const path = join(folder, STUDY_FILE_NAME);
  if (!existsSync(path)) return null;
  return { record: parseStudy(readFileSync(path, 'utf8'), path), places: placesIn(join(folder, PLAN_FILE_NAME)) };
}

/** None where there is no plan, as beside a search for a limit. */
function placesIn(path: string): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  if (!existsSync(path)) return places;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue;
    const { parameters, point } = JSON.parse(line) as { parameters: Parameters; point: number };
    places.set(JSON.stringify(parameters), point);
  }
  return places;
}

const TEXTS = new Intl.Collator('en', { numeric: true });

/** Points that no plan has: path by path, numbers by size. */
function compareValues(values: Parameters, others: Parameters): number {
  for (const path of Object.keys(values)) {
    const difference = compareValue(values[path] ?? null, others[path] ?? null);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareValue(one: ParameterValue, other: ParameterValue): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return TEXTS.compare(JSON.stringify(one), JSON.stringify(other));
}
