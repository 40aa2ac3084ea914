import type { Comparison } from '../compare-observed.ts';
import { explain, isRecord, RecordingError, show } from '../recorded-file.ts';
import { compareFacts, inShapeOf, type ObservedFacts, perRunOf } from './compare-facts.ts';
import { FAMILIES, type Family } from './families.ts';
import { knownReason } from './known-mismatches.ts';
import { type ObservedTopology, topologyProblems } from './observation-schema.ts';
import type { SimulatedFacts } from './simulated-facts.ts';

/** An observation of a real fabric: an experiment of a known family, and what came out. */
export interface Observation {
  readonly id: string;
  readonly experiment: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly topology: ObservedTopology;
  readonly facts: ObservedFacts | null;
}

/** Makes an observation of a file's content; throws a RecordingError that says what is wrong with it. */
export function asObservation(path: string, content: Readonly<Record<string, unknown>>): Observation {
  const family = familyOf(path, content.experiment);
  const { facts } = content;
  if (facts !== undefined && facts !== null && !isRecord(facts)) {
    throw new RecordingError(`${path}: facts: got ${show(facts)}, expected an object, or no facts at all`);
  }
  const result = family.schema.safeParse(content, { error: explain });
  if (!result.success) {
    const lines = result.error.issues.map(({ path: place, message }) => `${path}: ${place.join('.')}: ${message}`);
    throw new RecordingError(lines.join('\n'));
  }
  const observation = { ...(result.data as Omit<Observation, 'facts'>), facts: facts ?? null };
  const inTopology = topologyProblems(observation.topology);
  // what refers to the topology is looked at when that is sound
  const problems = inTopology.length > 0 ? inTopology : family.problemsOf(observation as never);
  if (problems.length > 0) throw new RecordingError(problems.map((problem) => `${path}: ${problem}`).join('\n'));
  return observation;
}

function familyOf(path: string, experiment: unknown): Family {
  const family = typeof experiment === 'string' ? FAMILIES.get(experiment) : undefined;
  if (family !== undefined) return family;
  const names = [...FAMILIES.keys()].join(', ');
  throw new RecordingError(
    `${path}: experiment: got ${show(experiment)}, which this version does not perform; it performs ${names}`,
  );
}

/** Builds the fabric of an observation from our own devices, performs its experiment, and returns what came out. */
export function performObservation(observation: Observation): SimulatedFacts {
  return familyOf(observation.id, observation.experiment).perform(observation as never);
}

/** The facts of an observation as simulated, in the shape in which it has them. */
export function simulatedFactsOf(observation: Observation, simulated: SimulatedFacts): Record<string, unknown> {
  const facts = observation.facts ?? {};
  const exact = inShapeOf(facts.exact, simulated.exact);
  const ranges = inShapeOf(facts.ranges, simulated.ranges);
  const perRun = inShapeOf(facts.per_run, perRunOf(simulated));
  const hasAny = (one: unknown, other: object) => one !== undefined || Object.keys(other).length > 0;
  return {
    ...facts,
    ...(hasAny(facts.exact, simulated.exact) && { exact }),
    ...(hasAny(facts.ranges, simulated.ranges) && { ranges }),
    ...(hasAny(facts.per_run, perRunOf(simulated)) && { per_run: perRun }),
  };
}

/** Compares what was observed with what was simulated; facts that are known to differ are listed apart. */
export function compareObservation(observation: Observation, simulated: SimulatedFacts): Comparison {
  const facts = compareFacts(observation.facts ?? {}, simulated);
  const differences: string[] = [];
  const known: string[] = [];
  for (const { path, isEqual, distance, recorded, simulated: ours } of facts) {
    if (isEqual) continue;
    const reason = knownReason(observation, path, distance);
    const text = `${path}: recorded ${recorded}, simulated ${ours}`;
    if (reason === null) differences.push(text);
    else known.push(`${text} (${reason})`);
  }
  return { facts: facts.length, equal: facts.length - differences.length - known.length, differences, known };
}
