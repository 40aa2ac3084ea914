import { describe, expect, it } from 'vitest';
import { scenarioJsonSchema } from '../../src/scenario/schema.ts';

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Record<string, JsonSchema>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

const schema = scenarioJsonSchema() as JsonSchema;

/** Every mapping that the schema describes, with its path. */
function mappings(part: JsonSchema, path: string): [string, JsonSchema][] {
  // the `oneOf` of a failure only says which of its keys exclude one another
  const forms = [...(part.anyOf ?? []), ...(part.properties === undefined ? (part.oneOf ?? []) : [])];
  return [
    ...(part.properties === undefined ? [] : [[path, part] as [string, JsonSchema]]),
    ...Object.entries(part.properties ?? {}).flatMap(([key, child]) => mappings(child, `${path}.${key}`)),
    ...forms.flatMap((child) => mappings(child, path)),
    ...(part.items === undefined ? [] : mappings(part.items, `${path}[]`)),
  ];
}

describe('the JSON Schema of a scenario', () => {
  it('describes every field', () => {
    const undescribed = mappings(schema, '').flatMap(([path, { properties = {} }]) =>
      Object.entries(properties)
        .filter(([, child]) => child.description === undefined)
        .map(([key]) => `${path}.${key}`),
    );
    expect(undescribed).toEqual([]);
  });

  it('knows all keys of every mapping', () => {
    const open = mappings(schema, '').filter(([, { additionalProperties }]) => additionalProperties !== false);
    expect(open.map(([path]) => path)).toEqual([]);
  });

  it('asks for a topology and tenants only', () => {
    expect(schema.required).toEqual(['topology', 'tenants']);
  });

  it('shows values with units as the file writes them', () => {
    expect(schema.properties!.duration).toMatchObject({ type: 'string', default: '60s' });
    expect('1.5ms').toMatch(new RegExp(schema.properties!.duration!.pattern!));
    expect('1.5').not.toMatch(new RegExp(schema.properties!.duration!.pattern!));
  });
});
