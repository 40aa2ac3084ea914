import { scenarioJsonSchema } from '../scenario/schema.ts';
import { studyJsonSchema } from '../study/study-schema.ts';
import type { SchemaOptions } from './options.ts';
import { writeJson } from './output.ts';

/** Prints the JSON Schema of scenario files, or of study files. */
export function printSchema({ study }: SchemaOptions): void {
  writeJson(study ? studyJsonSchema() : scenarioJsonSchema());
}
