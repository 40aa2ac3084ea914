import { readableArrow } from '../metrics/arrow-messages.ts';

/**
 * The bytes of a Parquet file, compressed by Zstandard, from those of an Arrow file or stream; the metadata of the
 * schema goes into the file's key and value pairs.
 */
export async function encodeParquet(
  arrowStream: Uint8Array,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const { Compression, Table, WriterPropertiesBuilder, writeParquet } = await import('parquet-wasm');
  const properties = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setKeyValueMetadata(new Map(Object.entries(metadata)) as never)
    .build();
  return writeParquet(Table.fromIPCStream(arrowStream), properties);
}

/** The stream inside an Arrow file; of one that was cut off, as far as it is complete. */
export function streamInside(bytes: Uint8Array, path: string): Uint8Array {
  const { isComplete, bytes: readable } = readableArrow(bytes, path);
  return isComplete ? readable.subarray(8) : readable;
}
