import * as z from 'zod';
import { duration } from './quantity.ts';

/** One of the `attacks` of a scenario file. */
export const attackSchema = z
  .strictObject({
    kind: z
      .enum(['macof', 'broadcast-storm'])
      .describe(
        'macof: frames from random sources to random destinations, which fill MAC tables. broadcast-storm: ARP requests ' +
          'of the VM for an address that nobody has',
      ),
    vm: z.string().optional().describe('VM that sends them in its segment, such as vm17'),
    server: z.string().optional().describe('Server that sends them in the segments of its VMs, such as server3'),
    start: duration().describe('First frame'),
    stop: duration().optional().describe('No frame from here on; by default the end of the run'),
    ratePerSecond: z.number().min(0.001).max(10_000_000).default(1000).describe('Frames per second'),
    sources: z
      .int()
      .min(1)
      .max(16_777_216)
      .default(131_072)
      .describe('Different source addresses; they are remembered, so more of them need more memory'),
  })
  .check((context) => {
    const { vm, server } = context.value;
    if ((vm === undefined) !== (server === undefined)) return;
    context.issues.push({ code: 'custom', input: context.value, message: 'expected either a vm or a server' });
  });
