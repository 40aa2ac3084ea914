import type { ColumnDefinition, TableDefinition } from './table-definition.ts';
import { RESULT_TABLES } from './tables.ts';

const INTRODUCTION = `# Result tables

A run writes one folder: a file for each table, \`<table>.arrow\`, in the Arrow IPC file format (also known as Feather
version 2), not compressed. A file that is still being written is called \`<table>.arrow.partial\`. \`run.json\`, which
says what was simulated and sums it up, comes last and goes first, so a folder that has it is whole. A run that was
interrupted is whole too, and says \`is_complete\` false.

Every file carries the same metadata in its schema: \`seed\`, \`scenario_digest\`, \`version\`, \`fabric\`, \`fingerprint\` and
\`is_complete\`; every column carries its \`description\` and its \`unit\`. Times are whole nanoseconds of simulated time from
the start of the run. Runs of the same version with the same scenario, seed and fabric write the same bytes.

Counts that grow from sample to sample are cumulative: the difference between two samples is what happened between them.

The tables are of the whole run, also where its scenario has a \`warmup\` (\`warmup_ns\` of \`run\`). What leaves that out is
the \`summary\` of \`run.json\`, and all that is made of it, by [these rules](model.md#warm-up).`;

/** The manual page of all result tables, in Markdown. */
export function describeTables(): string {
  return `${[INTRODUCTION, ...RESULT_TABLES.map(describeTable)].join('\n\n')}\n`;
}

function describeTable({ name, description, columns }: TableDefinition): string {
  return [
    `## ${name}`,
    description,
    ['| column | type | unit | description |', '|---|---|---|---|', ...columns.map(describeColumn)].join('\n'),
    ...columns.flatMap((column) => (column.meanings === undefined ? [] : [describeMeanings(column)])),
  ].join('\n\n');
}

function describeColumn({ name, type, unit = '', description, nullable }: ColumnDefinition): string {
  return `| \`${name}\` | ${type}${nullable ? ', nullable' : ''} | ${unit} | ${description} |`;
}

function describeMeanings({ name, meanings = {} }: ColumnDefinition): string {
  const lines = Object.entries(meanings).map(([value, meaning]) => `- \`${value}\`: ${meaning}`);
  return [`\`${name}\` is one of`, lines.join('\n')].join('\n\n');
}
