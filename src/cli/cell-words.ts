import type { CellError } from '../study/cell-order.ts';

/** What became of a cell whose worker could not say it itself. */
export function errorWords({ code, message }: CellError): string {
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it needs more memory than it may have' : message.split('\n', 1)[0]!;
}
