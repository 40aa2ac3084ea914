// The public API: nothing but re-exports.
export type { FabricSummary } from './metrics/summary.ts';
export {
  type Comparison,
  compareObserved,
  type Recording,
  RecordingError,
  readRecording,
  replayRecording,
} from './replay/replay.ts';
export { parseScenario, type ReadOptions, readScenario } from './scenario/read-scenario.ts';
export { replicationSeeds } from './scenario/replications.ts';
export {
  compareFabrics,
  type FabricResult,
  type RunOptions,
  type RunProgress,
  runFabric,
} from './scenario/run-scenario.ts';
export type * from './scenario/scenario.ts';
export { scenarioDigest } from './scenario/scenario-digest.ts';
export { ScenarioError, type ScenarioProblem } from './scenario/scenario-error.ts';
export { scenarioJsonSchema } from './scenario/schema.ts';
export { UnitError } from './units.ts';
