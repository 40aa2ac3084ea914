import type { ParameterValue } from '../metrics/run-file.ts';
import { runId } from '../scenario/describe-run.ts';
import { type ReadOptions, scenarioFrom } from '../scenario/read-scenario.ts';
import { type PlannedRun, plannedRuns } from '../scenario/replications.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { SourceDocument } from '../scenario/source-document.ts';
import type { Axis } from './axis.ts';
import { type PlanSettings, parametersAt } from './plan-settings.ts';
import { cartesianPoints, type Parameters, sampledPoints, zippedPoints } from './study-points.ts';
import type { StudyFile } from './study-schema.ts';

/** Where scenarios say their warm-up. */
const WARM_UP_PATH = 'warmup';

/** So many runs of a study are made once, whoever goes through them: a scenario of its own takes some kilobytes. */
const KEPT_CELLS = 2000;

/** How the points of a study come about. */
export type StudyDesign =
  | { readonly kind: 'cartesian' | 'zipped'; readonly axes: readonly Axis[] }
  | { readonly kind: 'sampled'; readonly axes: readonly Axis[]; readonly count: number }
  | { readonly kind: 'listed'; readonly points: readonly Parameters[] };

/** One run: a point on a fabric with a seed. */
export interface PointCell {
  /** The name of its folder. */
  readonly id: string;
  readonly parameters: Parameters;
  readonly run: PlannedRun;
  /** Words after `dcfabric` that read its scenario. */
  readonly command: readonly string[];
}

/** One run of a study. */
export interface StudyCell extends PointCell {
  /** The number of its point, from 0. */
  readonly point: number;
}

/** The scenario that a study begins with. */
export interface StudyBase {
  readonly file: string;
  readonly source: SourceDocument;
  /** As `--set` takes them. */
  readonly overrides: readonly string[];
}

/** What a study is made of. */
export interface StudyParts {
  readonly name: string;
  readonly content: StudyFile;
  readonly base: StudyBase;
  readonly design: StudyDesign;
  /** The seed of the study, and those of its replications if the study file says them one by one. */
  readonly seed: number;
  readonly seeds: readonly number[] | null;
  readonly plan: PlanSettings | null;
}

/** A question put to many runs: points of a scenario, each on some fabrics with some seeds. */
export class Study {
  /** That of its file; the name of its folder of results. */
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly design: StudyDesign;
  /** What `dcfabric plan` looks for; null if nothing. */
  readonly plan: PlanSettings | null;
  /** The paths that differ between points. */
  readonly paths: readonly string[];
  /** What it asks of each run; null for what is usual. */
  readonly measures: readonly string[] | null;
  readonly #parts: StudyParts;
  /** By point and version. */
  readonly #kept = new Map<string, readonly StudyCell[]>();
  #keptCount = 0;

  constructor(parts: StudyParts) {
    this.name = parts.name;
    this.title = parts.content.title;
    this.question = parts.content.question;
    this.design = parts.design;
    this.plan = parts.plan;
    this.paths = pathsOf(parts.design);
    this.measures = parts.content.measures ?? null;
    this.#parts = parts;
  }

  /** What the numbers of its runs leave out as warm-up; null where points differ in it. */
  get warmUpNs(): number | null {
    const [first = {}] = this.points();
    const searched = this.plan === null ? {} : parametersAt(this.plan, this.plan.axis.values[0]!);
    const point: Parameters = { ...first, ...searched };
    return WARM_UP_PATH in point ? null : this.scenarioAt(point).warmUpNs;
  }

  /** Every point, always in the same order. */
  points(): Iterable<Parameters> {
    const { design } = this;
    if (design.kind === 'listed') return design.points;
    if (design.kind === 'sampled') return sampledPoints(design.axes, design.count, this.#parts.seed);
    return design.kind === 'zipped' ? zippedPoints(design.axes) : cartesianPoints(design.axes);
  }

  /** The scenario at a point, also at one that is not among the study's; throws a ScenarioError where it is none. */
  scenarioAt(parameters: Parameters): Scenario {
    const { base, content, seed, seeds } = this.#parts;
    const options: ReadOptions = { overrides: [...base.overrides, ...overridesOf(parameters)], seed };
    const scenario = scenarioFrom(base.source, base.file, options);
    return { ...scenario, replications: seeds?.length ?? content.replications ?? scenario.replications };
  }

  /** The runs of one point, a replication on all fabrics before the next. */
  runsAt(parameters: Parameters): PlannedRun[] {
    const { content, seeds } = this.#parts;
    const scenario = this.scenarioAt(parameters);
    const { fabrics } = content;
    const chosen = scenario.fabrics.filter(({ name }) => fabrics === undefined || fabrics.includes(name));
    if (seeds === null) return plannedRuns(scenario, chosen);
    return seeds.flatMap((seed) => plannedRuns({ ...scenario, seed, replications: 1 }, chosen));
  }

  /** The runs of one point with their names, also of one that is not among the study's. */
  cellsAt(parameters: Parameters, version: string): PointCell[] {
    const { base } = this.#parts;
    const sets = [...base.overrides, ...overridesOf(parameters)].flatMap((text) => ['--set', text]);
    return this.runsAt(parameters).map((run) => {
      return { id: runId({ ...run, parameters }, version), parameters, run, command: ['run', base.file, ...sets] };
    });
  }

  /** Every run, point by point; made one after the other, so that a study of any size takes little memory. */
  *cells(version: string): Generator<StudyCell> {
    let point = 0;
    for (const parameters of this.points()) {
      yield* this.#cellsOf({ point, parameters, version });
      point++;
    }
  }

  #cellsOf({ point, parameters, version }: { point: number; parameters: Parameters; version: string }) {
    const key = `${point} ${version}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const cells: StudyCell[] = this.cellsAt(parameters, version).map((cell) => ({ ...cell, point }));
    if (this.#keptCount + cells.length <= KEPT_CELLS) {
      this.#kept.set(key, cells);
      this.#keptCount += cells.length;
    }
    return cells;
  }
}

/** A point in the words of `--set`. */
export function overridesOf(parameters: Parameters): string[] {
  return Object.entries(parameters).map(([path, value]) => `${path}=${wordOf(value)}`);
}

/** A value as YAML that means the same, without quotes where it needs none. */
function wordOf(value: ParameterValue): string {
  const isPlain = typeof value === 'string' && /^[a-zA-Z][\w./-]*$/.test(value) && !/^(true|false|null)$/i.test(value);
  const isQuantity =
    typeof value === 'string' && /^\d+(\.\d+)? ?[a-zA-Zµ]{1,4}$/.test(value) && !/^\d+e\d*$/i.test(value);
  return isPlain || isQuantity ? value : JSON.stringify(value);
}

function pathsOf(design: StudyDesign): string[] {
  return design.kind === 'listed' ? Object.keys(design.points[0] ?? {}) : design.axes.map(({ path }) => path);
}
