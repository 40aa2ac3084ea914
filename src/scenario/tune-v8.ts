import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 put the whole path of a frame through a device into one piece of code: its default limit cuts the path in two
 * or three. To be called before a simulation starts. bench: a frame-hop took 131 ns instead of 172 (1,000 stations).
 */
export function tuneV8(): void {
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000');
}
