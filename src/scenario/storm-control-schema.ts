import * as z from 'zod';
import { STORM_ACTIONS } from '../protocol/storm-meters.ts';

const PERCENT = /^(\d+(?:\.\d+)?)%$/;

/** `1%` of the rate of the port's link, or frames per second. */
const level = (what: string) =>
  z
    .union([
      z
        .string()
        .regex(PERCENT, { error: "expected a share of the link's rate, such as '1%', or frames per second" })
        .transform((text) => ({ shareOfRate: Number(PERCENT.exec(text)![1]) / 100 }))
        .refine(({ shareOfRate }) => shareOfRate <= 1, { error: "expected at most '100%'" }),
      z
        .number()
        .min(0)
        .max(1e12)
        .transform((framesPerSecond) => ({ framesPerSecond })),
    ])
    .optional()
    .describe(`${what} that a port lets in each second: a share of its rate, or a number of frames; by default all`);

/** The `stormControl` of a fabric. */
export const stormControlSchema = z
  .strictObject({
    broadcast: level('Broadcasts'),
    multicast: level('Multicasts'),
    unknownUnicast: level('Frames for addresses that the switch does not know'),
    action: z
      .enum(STORM_ACTIONS)
      .default('drop')
      .describe('What becomes of more: it is dropped until the second is over, or the port is shut down as well'),
    ports: z
      .enum(['servers', 'all'])
      .default('servers')
      .describe('Which ports have it: those to servers, or those between switches that bridge as well'),
  })
  .optional()
  .describe('Storm control at the ports of switches, by default none');
