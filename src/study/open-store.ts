import { join } from 'node:path';
import { type CellStore, StoreError } from './cell-store.ts';
import { FolderStore } from './folder-store.ts';

/** Opens places for results: a folder, or a bucket as `s3://bucket/prefix`. */
export async function storeOpener(out: string): Promise<(study: string) => CellStore> {
  if (out === '') throw new StoreError('--out: got nothing, expected a folder or s3://bucket/prefix');
  if (!out.startsWith('s3://')) return (study) => new FolderStore(join(out, study));
  const { S3Store } = await import('./s3-store.ts');
  return (study) => new S3Store(out, study);
}
