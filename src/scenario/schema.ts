import * as z from 'zod';
import { attackSchema } from './attack-schema.ts';
import { fabricSchema, gatewaySchema, outsideSchema } from './fabric-schema.ts';
import { hardwareSchema } from './hardware-schema.ts';
import { duration } from './quantity.ts';
import { topologySchema } from './topology-schema.ts';
import {
  failureSchema,
  growthSchema,
  hostsSchema,
  migrationsSchema,
  placementSchema,
  tenantSchema,
  trafficSchema,
} from './workload-schema.ts';

/** Shown as it is: without control characters, with which a file could steer the terminal. */
function text() {
  return z.string().regex(/^[\P{Cc}\s]*$/u, { error: 'expected text without control characters' });
}

/** A scenario file: what it may say, what each part means and what holds when a part is left out. */
export const scenarioSchema = z
  .strictObject({
    $schema: z.string().optional().describe('JSON Schema of this file, for editors'),
    title: text().max(200).default('').describe('A few words for reports'),
    question: text().max(2000).default('').describe('What the run is meant to find out'),
    seed: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .default(1)
      .describe('Start of all chance; the same seed gives the same results to the byte'),
    replications: z
      .int()
      .min(1)
      .max(1000)
      .default(1)
      .describe(
        "Times that each fabric is simulated, every time with another seed: the scenario's, then seeds drawn from it. " +
          'More than one gives means with confidence intervals',
      ),
    // tables of addresses count milliseconds in 31 bits, which last 24.8 days
    duration: duration({ min: '1us', max: '24d' }).prefault('60s').describe('How long the datacenter is simulated'),
    warmup: duration({ max: '24d' })
      .prefault('0s')
      .describe(
        'Time at the beginning that the numbers of a run leave out, so that they are of the steady state: counts are of ' +
          'what happens after it, and peaks begin with what there is at its end. Tables of samples and events are of the whole run',
      ),
    topology: topologySchema,
    fabrics: z
      .array(fabricSchema)
      .min(1)
      .max(100)
      .prefault(['vlan-stp', 'vxlan-flood-learn'])
      .describe('Fabrics to compare: each is simulated with the same VMs, traffic, migrations and failures'),
    hardware: hardwareSchema
      .default({})
      .describe(
        'What switches can hold, tier by tier: the name of a profile in scenarios/hardware, or limits; no limits by default',
      ),
    gateway: gatewaySchema
      .optional()
      .describe('A central router between the segments of a tenant; by default segments cannot reach one another'),
    outside: outsideSchema
      .optional()
      .describe(
        'Another network, behind routers at border leaves, that VMs talk to through the gateway; each routing table meets ' +
          'it in a segment of its own. By default nothing leaves the datacenter',
      ),
    tenants: z.array(tenantSchema).min(1).max(100_000).describe('Who owns how many segments and VMs'),
    placement: placementSchema.prefault({}).describe('Which server a VM starts on'),
    growth: growthSchema
      .optional()
      .describe('VMs that come and end during the run; by default all are there from the start and stay'),
    traffic: trafficSchema.prefault({}).describe('What the VMs send'),
    hosts: hostsSchema.prefault({}).describe('How the VMs behave as hosts'),
    migrations: migrationsSchema.prefault({}).describe('VMs that move to another server while they run'),
    failures: z.array(failureSchema).max(100_000).default([]).describe('Links and switches that go down and come back'),
    attacks: z.array(attackSchema).max(1000).default([]).describe('Stations that fill MAC tables on purpose'),
    exactFloods: z
      .boolean()
      .default(false)
      .describe('Whether copies of floods that nobody reacts to are simulated one by one: slower, the same counters'),
    samples: z
      .strictObject({ every: duration({ min: '1us', max: '24d' }).prefault('1s').describe('Time between samples') })
      .prefault({})
      .describe('When the sizes of tables and queues are recorded'),
    trace: z
      .strictObject({
        floods: z
          .int()
          .min(0)
          .max(1000)
          .default(0)
          .describe(
            'Floods that are followed: the first after each of so many moments, spread evenly after VMs have booted',
          ),
        migrations: z
          .int()
          .min(0)
          .max(1000)
          .default(0)
          .describe(
            'Migrations that are followed, the first that reach their new place: each announcement and each table',
          ),
      })
      .prefault({})
      .describe('Frames that are followed hop by hop, for the explorer; none by default. Nothing else changes by it'),
  })
  .describe('A dcfabric scenario');

/** A scenario file after the schema: defaults filled in, values with units as integers, the layout of the file kept. */
export type ScenarioFile = z.output<typeof scenarioSchema>;

/** The JSON Schema (draft 2020-12) of scenario files, for editors and other tools. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(scenarioSchema, { io: 'input' });
}
