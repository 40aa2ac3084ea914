import { basename } from 'node:path';
import { ExchangeError } from './exchange-error.ts';
import type { NetworkGraph, Source } from './network-graph.ts';

/** Formats that topologies are read from. */
export const IMPORT_FORMATS = ['containerlab', 'dot', 'graphml', 'netjson', 'csv'] as const;

export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** The format of a text, by the name of its file or else by what it begins with; null where neither tells. */
export function guessFormat(file: string, text: string): ImportFormat | null {
  const name = basename(file).toLowerCase();
  if (/\.clab\.ya?ml$/.test(name)) return 'containerlab';
  if (/\.(dot|gv)$/.test(name)) return 'dot';
  if (/\.graphml$/.test(name)) return 'graphml';
  if (/\.(csv|tsv)$/.test(name)) return 'csv';
  if (/^\s*</.test(text)) return 'graphml';
  if (/"type"\s*:\s*"NetworkGraph"/.test(text)) return 'netjson';
  if (/^topology\s*:/m.test(text)) return 'containerlab';
  if (/^\s*(?:(?:\/\*[\s\S]*?\*\/|\/\/.*|#.*)\s*)*(?:strict\s+)?(?:di)?graph\b/i.test(text)) return 'dot';
  if (/\.json$/.test(name)) return 'netjson';
  return /^[^\n,;\t]+[,;\t]/.test(text) ? 'csv' : null;
}

/** Reads a network; parsers load when they are used. */
export async function importNetwork(source: Source, format: ImportFormat): Promise<NetworkGraph> {
  switch (format) {
    case 'containerlab':
      return (await import('./read-containerlab.ts')).readContainerlab(source);
    case 'dot':
      return (await import('./read-dot.ts')).readDot(source);
    case 'graphml':
      return (await import('./read-graphml.ts')).readGraphml(source);
    case 'netjson':
      return (await import('./read-netjson.ts')).readNetjson(source);
    case 'csv':
      return (await import('./read-csv.ts')).readCsv(source);
  }
}

/** The format to read a text in, or an error that names the choices. */
export function requireFormat(file: string, text: string): ImportFormat {
  const format = guessFormat(file, text);
  if (format !== null) return format;
  throw new ExchangeError(
    file,
    null,
    `neither name nor content tells the format; say --from ${IMPORT_FORMATS.join('|')}`,
  );
}
