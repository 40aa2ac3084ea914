import { setFlagsFromString } from 'node:v8';

/** Set while the program is built: each thread leaves the code that V8 made of its scripts beside them. */
export const KEEP_COMPILED_VARIABLE = 'DCFABRIC_KEEP_COMPILED';

/** Fewer events than this in a thread, some seconds of simulating, do not repay what V8 would compile for them. */
const REPAYING_EVENTS = 4e6;

/** What is known of a thread that will simulate. */
export interface ThreadWork {
  /** That it will simulate in all, about; many, unless somebody knows. */
  readonly events?: number;
  /** Whether there are as many such threads as cores. */
  readonly coresAreBusy?: boolean;
}

/**
 * Sets V8 up for a thread that will simulate; to be called before it begins.
 *
 * Usually V8 may put the whole path of a frame through a device into one piece of code: its default limit cuts the path in
 * two or three. bench: a frame-hop took 131 ns instead of 172 (1,000 stations). Of short runs, however many, little is the
 * path of a frame, and hundreds of functions would become such large pieces: there the limit stays as it is. Where no core
 * is idle, the compiler takes its time from those that simulate: a function then has to do four times as much as usual
 * before it is compiled. 1,000 runs of 740 events in two threads took 10.3 s of processor time with V8's own budget, 9.2 s
 * with four times that, and 9.7 s with eight times; 300 runs of 87,000 events, with large pieces, 12.6 and 11.6 s.
 *
 * V8 takes kept code only under the flags that it was made under, which are those that a thread loads its code under.
 */
export function tuneV8({ events = Number.POSITIVE_INFINITY, coresAreBusy = false }: ThreadWork = {}): void {
  if (process.env[KEEP_COMPILED_VARIABLE] !== undefined) return;
  if (events >= REPAYING_EVENTS) setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000');
  if (coresAreBusy) setFlagsFromString('--interrupt-budget=270336');
}
