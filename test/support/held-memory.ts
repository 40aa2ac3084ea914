import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of typed arrays, which are the same in every run, and of objects, beside which V8 keeps what it compiled. */
export function heldMemory(): { buffers: number; objects: number } {
  // buffers of what is dead go only at a second collection
  for (let i = 0; i < 4; i++) collectGarbage();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return { buffers: arrayBuffers, objects: heapUsed };
}
