import { z } from 'zod';
import { isGroupMac, isMacAddress, parseMac } from '../wire/mac-address.ts';
import { gotOrMissing } from './explain-issue.ts';
import { duration, rate, size } from './quantity.ts';

/** Names of switches, servers, tenants and fabrics: they end up in file names and table cells. */
export function nodeName() {
  const error = (issue: { input?: unknown }) =>
    `${gotOrMissing(issue.input)}, expected a name of up to 64 letters, digits, '.', '_' and '-'`;
  return z.string({ error }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, { error });
}

/** Port path cost. IEEE 802.1D-2004, Table 17-3. */
const pathCost = z.int().min(1).max(200_000_000);

/** Bridge priority, whose low 12 bits are the system ID extension. IEEE 802.1D-2004, 9.2.5 and Table 17-2. */
export function bridgePriority() {
  return z.int().min(0).max(61_440).multipleOf(4096);
}

const macAddress = z
  .string()
  .regex(/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/, {
    error: (issue) => `${gotOrMissing(issue.input)}, expected a MAC address such as 02:00:5e:00:01:01`,
  })
  .transform((text, context) => {
    if (isMacAddress(text) && !isGroupMac(parseMac(text)) && parseMac(text) !== 0) return text.toLowerCase();
    const message = `got '${text}', expected the address of one station: the lowest bit of the first octet is 0`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const SERVER_COUNT_MAX = 1_000_000;
const LINK_COUNT_MAX = 1_000_000;

const linkRate = () => rate({ min: '1Mbps', max: '10Tbps' });
const linkDelay = () => duration({ max: '1s' });

const serverLinkDefaults = { rate: '25Gbps', delay: '500ns' };
const fabricLinkDefaults = { rate: '100Gbps', delay: '1us' };

function link(defaults: { rate: string; delay: string }) {
  return z.strictObject({
    rate: linkRate().prefault(defaults.rate).describe('Bits per second in each direction'),
    delay: linkDelay().prefault(defaults.delay).describe('Propagation delay, one way'),
  });
}

// what both kinds of topology say about their switches
const switchFields = {
  switchDelay: duration({ max: '1s' })
    .prefault('500ns')
    .describe('Time a switch takes from the last bit of a frame in to its first bit out of an idle port'),
  bufferSize: size({ min: '2KB', max: '16GiB' })
    .prefault('1MiB')
    .describe('Buffer of each egress port; a frame that does not fit is dropped'),
  mtu: z
    .int()
    .min(1280)
    .max(65_535)
    .default(9000)
    .describe(
      'Largest layer-2 payload in bytes of the links; a VXLAN packet needs 50 (IPv4) or 70 (IPv6) more than the VM',
    ),
};

const leafSpine = z
  .strictObject({
    kind: z.literal('leaf-spine').optional().describe('Every leaf is cabled to every spine (the default kind)'),
    leaves: z.int().min(1).max(4096).describe('Leaf switches, one per rack: leaf1, leaf2, …'),
    spines: z.int().min(1).max(256).describe('Spine switches: spine1, spine2, …'),
    serversPerLeaf: z.int().min(1).max(1024).describe('Servers in each rack: server1, server2, … rack by rack'),
    uplinksPerSpine: z
      .int()
      .min(1)
      .max(16)
      .default(1)
      .describe('Parallel links from each leaf to each spine: leaf1-spine1, leaf1-spine1#2, …'),
    serverLink: link(serverLinkDefaults).prefault({}).describe('Links between servers and leaves'),
    fabricLink: link(fabricLinkDefaults).prefault({}).describe('Links between leaves and spines'),
    ...switchFields,
  })
  .check((context) => {
    const { leaves, spines, uplinksPerSpine, serversPerLeaf } = context.value;
    const limits = [
      { count: leaves * serversPerLeaf, what: 'servers', limit: SERVER_COUNT_MAX },
      { count: leaves * spines * uplinksPerSpine, what: 'links', limit: LINK_COUNT_MAX },
    ];
    for (const { count, what, limit } of limits) {
      if (count <= limit) continue;
      context.issues.push({
        code: 'custom',
        input: count,
        message: `makes ${count} ${what}, expected at most ${limit}`,
      });
    }
  })
  .describe('A leaf-spine datacenter');

const explicit = z
  .strictObject({
    kind: z.literal('explicit').describe('Switches, links and servers are listed one by one'),
    switches: z
      .array(
        z.strictObject({
          id: nodeName().describe('Unique name'),
          role: z
            .enum(['leaf', 'spine'])
            .optional()
            .describe(
              'Leaves hold the VTEPs of an overlay; by default a switch with servers is a leaf, others are spines',
            ),
          stpPriority: bridgePriority()
            .optional()
            .describe("Bridge priority, a multiple of 4096 up to 61440; by default the fabric's"),
          mac: macAddress
            .optional()
            .describe('Bridge address such as 02:00:5e:00:01:01; by default the simulator chooses'),
        }),
      )
      .min(1)
      .max(5000)
      .describe('Switches'),
    links: z
      .array(
        z.strictObject({
          a: z.string().describe('Switch at one end'),
          b: z.string().describe('Switch at the other end'),
          rate: linkRate().prefault(fabricLinkDefaults.rate).describe('Bits per second in each direction'),
          delay: linkDelay().prefault(fabricLinkDefaults.delay).describe('Propagation delay, one way'),
          cost: pathCost
            .optional()
            .describe('Spanning-tree port path cost of both ends; by default it follows from the rate'),
        }),
      )
      .max(LINK_COUNT_MAX)
      .default([])
      .describe('Links between switches, named a-b; the second between the same two is a-b#2'),
    servers: z
      .array(
        z.strictObject({
          id: nodeName().describe('Unique name'),
          at: z.string().describe('Switch that the server is cabled to'),
          rate: linkRate().prefault(serverLinkDefaults.rate).describe('Bits per second in each direction'),
          delay: linkDelay().prefault(serverLinkDefaults.delay).describe('Propagation delay, one way'),
        }),
      )
      .min(1)
      .max(SERVER_COUNT_MAX)
      .describe('Servers'),
    ...switchFields,
  })
  .describe('A network cabled by hand; parallel links and loops are allowed');

/** The `topology` of a scenario file. */
export const topologySchema = z
  .discriminatedUnion('kind', [leafSpine, explicit])
  .describe('Switches, servers and links');
