import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { withDistances } from '../../src/exchange/geography.ts';
import { type ImportFormat, importNetwork, requireFormat } from '../../src/exchange/import-network.ts';
import { type ImportedTopology, importTopology } from '../../src/exchange/imported-topology.ts';
import { parseRoleRule } from '../../src/exchange/node-roles.ts';
import { Notes } from '../../src/exchange/notes.ts';

export interface Imported {
  readonly topology: ImportedTopology;
  readonly notes: readonly string[];
}

interface Options {
  readonly file?: string;
  readonly format?: ImportFormat;
  readonly roles?: readonly string[];
}

/** Imports a text as the command does. */
export async function importText(text: string, { file = 'net', format, roles = [] }: Options = {}): Promise<Imported> {
  const notes = new Notes();
  const graph = await importNetwork({ text, file, notes }, format ?? requireFormat(file, text));
  const options = { file, roles: roles.map(parseRoleRule), serversPerLeaf: 2, notes };
  const topology = importTopology(withDistances(graph, notes), options);
  return { topology, notes: notes.lines() };
}

/** Imports one of the networks in `labs`. */
export async function importLab(name: string, options: Options = {}): Promise<Imported> {
  const file = join(import.meta.dirname, 'labs', name);
  return importText(readFileSync(file, 'utf8'), { file: basename(file), ...options });
}

/** Names by what they are: `{leaf: ['leaf1'], …}`. */
export function switchesByRole({ topology }: Imported): Record<string, string[]> {
  const byRole: Record<string, string[]> = {};
  for (const { id, role } of topology.switches) byRole[role] = [...(byRole[role] ?? []), id];
  return byRole;
}
