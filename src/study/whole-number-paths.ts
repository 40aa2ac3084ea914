import { scenarioJsonSchema } from '../scenario/schema.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Whether a path of a scenario takes whole numbers and no others, as its schema has it. */
export function takesWholeNumbers(path: string): boolean {
  root ??= scenarioJsonSchema();
  const types = schemasAt(path).map(({ type }) => type);
  return types.includes('integer') && !types.includes('number');
}

let root: Schema | null = null;

/** The forms that a value at the path may have. */
function schemasAt(path: string): Schema[] {
  return path
    .split('.')
    .reduce((schemas, segment) => schemas.flatMap((one) => childrenOf(one, segment)), formsOf(root));
}

function childrenOf(schema: Schema, segment: string): Schema[] {
  const { properties, items, additionalProperties } = schema;
  const child = /^\d+$/.test(segment) ? items : ((properties as Schema | undefined)?.[segment] ?? additionalProperties);
  return formsOf(child);
}

/** A schema, or those that it is one of. */
function formsOf(given: unknown): Schema[] {
  if (typeof given !== 'object' || given === null) return [];
  const schema = given as Schema;
  const target = typeof schema.$ref === 'string' ? definitionOf(schema.$ref) : null;
  const alternatives = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((list) => (Array.isArray(list) ? list : []));
  return [schema, ...formsOf(target), ...alternatives.flatMap(formsOf)];
}

/** What a reference such as `#/$defs/link` names. */
function definitionOf(reference: string): unknown {
  const segments = reference.split('/').slice(1);
  return segments.reduce<unknown>((schema, segment) => (schema as Schema | undefined)?.[segment], root);
}
