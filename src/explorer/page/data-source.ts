import type { Catalogue, PageTable } from './catalogue.ts';

/** Where a page gets its runs from. */
export interface DataSource {
  catalogue(): Promise<Catalogue>;
  /** The bytes of an Arrow file; `run` is an index into the catalogue. */
  table(run: number, table: PageTable): Promise<Uint8Array>;
}

/** What the scripts of a static folder call and leave behind. */
interface StaticData {
  catalogue: Catalogue | null;
  /** By `run/table`: the file in base64, until it has been read. */
  readonly tables: Map<string, string>;
}

/** The scripts of a static folder say `dcfabric.tables.set(…)`: they work from disk, where nothing can be fetched. */
declare global {
  var dcfabric: StaticData | undefined;
}

/** The source that the page was made for: the server that it came from, or the folder in which it lies. */
export function dataSource(isStatic: boolean): DataSource {
  return isStatic ? new StaticSource() : new ServerSource();
}

class ServerSource implements DataSource {
  async catalogue(): Promise<Catalogue> {
    return (await fetched('runs.json')).json() as Promise<Catalogue>;
  }

  async table(run: number, table: PageTable): Promise<Uint8Array> {
    return new Uint8Array(await (await fetched(`runs/${run}/${table}.arrow`)).arrayBuffer());
  }
}

async function fetched(address: string): Promise<Response> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: the server answered ${response.status}; is dcfabric still running?`);
  return response;
}

class StaticSource implements DataSource {
  constructor() {
    globalThis.dcfabric = { catalogue: null, tables: new Map() };
  }

  async catalogue(): Promise<Catalogue> {
    await scriptLoaded('data/catalogue.js');
    return globalThis.dcfabric!.catalogue!;
  }

  async table(run: number, table: PageTable): Promise<Uint8Array> {
    const key = `${run}/${table}`;
    const { tables } = globalThis.dcfabric!;
    if (!tables.has(key)) await scriptLoaded(`data/${key}.js`);
    const text = tables.get(key);
    if (text === undefined) throw new Error(`data/${key}.js holds no table`);
    tables.delete(key);
    return bytesOfBase64(text);
  }
}

function scriptLoaded(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = address;
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', () => reject(new Error(`${address} is missing`)));
    document.head.append(script);
  });
}

function bytesOfBase64(text: string): Uint8Array {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}
