import { scenarioJsonSchema } from '../scenario/schema.ts';
import { writeJson } from './output.ts';

/** Prints the JSON Schema of scenario files. */
export function printSchema(): void {
  writeJson(scenarioJsonSchema());
}
