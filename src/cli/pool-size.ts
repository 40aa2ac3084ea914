import { availableParallelism, freemem } from 'node:os';

/** Of what is free, how much runs may need when nobody says. */
const MEMORY_SHARE = 0.8;

/** How many runs there may be at a time and what they may need together: as told, or as the machine has. */
export function poolSize({ jobs, memory }: { readonly jobs?: number; readonly memory?: number }) {
  return { jobs: jobs ?? availableParallelism(), memoryBytes: memory ?? freeMemory() * MEMORY_SHARE };
}

/** What the machine, or the container, has left. */
function freeMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(freemem(), limit) : freemem();
}
