import * as z from 'zod';
import { type SwitchTier, TIER_LEVELS } from '../fabric/switch-tiers.ts';
import { isGroupMac, isMacAddress, parseMac } from '../wire/mac-address.ts';
import { gotOrMissing } from './explain-issue.ts';
import { duration, rate, size } from './quantity.ts';

const notAName = ({ input }: { input?: unknown }) =>
  `${gotOrMissing(input)}, expected a name of up to 64 letters, digits, '.', '_' and '-', a letter or a digit first`;

/** Names of switches, servers, tenants and fabrics: they end up in file names and table cells. */
export const nodeName = z.string({ error: notAName }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, { error: notAName });

/** Port path cost. IEEE 802.1D-2004, Table 17-3. */
const pathCost = z.int().min(1).max(200_000_000);

/** Bridge priority, whose low 12 bits are the system ID extension. IEEE 802.1D-2004, 9.2.5 and Table 17-2. */
export const bridgePriority = z.int().min(0).max(61_440).multipleOf(4096);

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

const linkRate = rate({ min: '1Mbps', max: '10Tbps' });
const linkDelay = duration({ max: '1s' });

const serverLinkDefaults = { rate: '25Gbps', delay: '500ns' };
const fabricLinkDefaults = { rate: '100Gbps', delay: '1us' };

function link(defaults: { rate: string; delay: string }) {
  return z.strictObject({
    rate: linkRate.prefault(defaults.rate).describe('Bits per second in each direction'),
    delay: linkDelay.prefault(defaults.delay).describe('Propagation delay, one way'),
  });
}

// what every kind of topology says about its switches
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
  bondMiimon: duration({ min: '1ms', max: '10s' })
    .prefault('100ms')
    .describe(
      'Time between two looks of a dual-homed server at its links: the longest until it fails over. Linux bonding, miimon',
    ),
};

const serverHoming = z
  .enum(['single', 'dual'])
  .default('single')
  .describe(
    'Switches that a server is cabled to. Dual: its own and the other of a pair (leaf1 with leaf2, leaf3 with leaf4, …). ' +
      'Where switches bridge to servers, one link is in use and the other stands by (active-backup bonding); a server ' +
      'that is a VTEP routes over both',
  );

// what the generated kinds say about their links
const generatedFields = {
  serverLink: link(serverLinkDefaults).prefault({}).describe('Links between servers and switches'),
  fabricLink: link(fabricLinkDefaults).prefault({}).describe('Links between leaves and spines, or the like'),
  serverHoming,
  ...switchFields,
};

const coreLink = link(fabricLinkDefaults).prefault({});

const serversPerSwitch = z.int().min(1).max(1024).describe('Servers in each rack: server1, server2, … rack by rack');

const uplinksPerSpine = z
  .int()
  .min(1)
  .max(16)
  .default(1)
  .describe('Parallel links from each leaf to each spine: leaf1-spine1, leaf1-spine1#2, …');

/** What a generated topology comes to. */
interface Sizes {
  readonly servers: number;
  readonly links: number;
  /** Switches with servers in each pod. */
  readonly racksPerPod: number;
}

interface Checked<Fields> {
  readonly value: Fields;
  readonly issues: { push(issue: { code: 'custom'; input: unknown; message: string; path?: string[] }): void };
}

/** Keeps a generated topology within bounds, and dual-homed servers in pairs of racks. */
function withinBounds<Fields extends { serverHoming: 'single' | 'dual' }>(sizesOf: (fields: Fields) => Sizes) {
  return ({ value, issues }: Checked<Fields>) => {
    const { servers, links, racksPerPod } = sizesOf(value);
    const limits = [
      { count: servers, what: 'servers', limit: SERVER_COUNT_MAX },
      { count: links, what: 'links', limit: LINK_COUNT_MAX },
    ];
    for (const { count, what, limit } of limits) {
      if (count <= limit) continue;
      issues.push({ code: 'custom', input: count, message: `makes ${count} ${what}, expected at most ${limit}` });
    }
    if (value.serverHoming === 'dual' && racksPerPod % 2 === 1) {
      const message = `got 'dual', which needs pairs, but a pod has ${racksPerPod} switches for servers`;
      issues.push({ code: 'custom', input: 'dual', message, path: ['serverHoming'] });
    }
  };
}

const leafSpine = z
  .strictObject({
    kind: z.literal('leaf-spine').optional().describe('Every leaf is cabled to every spine (the default kind)'),
    leaves: z.int().min(1).max(4096).describe('Leaf switches, one per rack: leaf1, leaf2, …'),
    spines: z.int().min(1).max(256).describe('Spine switches: spine1, spine2, …'),
    serversPerLeaf: serversPerSwitch,
    uplinksPerSpine,
    ...generatedFields,
  })
  .check(
    withinBounds(({ leaves, spines, uplinksPerSpine, serversPerLeaf }) => ({
      servers: leaves * serversPerLeaf,
      links: leaves * spines * uplinksPerSpine,
      racksPerPod: leaves,
    })),
  )
  .describe('A leaf-spine datacenter: {leaves: 4, spines: 2, serversPerLeaf: 16}');

const clos = z
  .strictObject({
    kind: z
      .literal('clos-5-stage')
      .describe('Pods of leaves and spines, joined by planes of super-spines: five switches on the longest path'),
    pods: z.int().min(1).max(512).describe('Pods; leaves, spines and servers are numbered pod by pod'),
    leavesPerPod: z
      .int()
      .min(1)
      .max(512)
      .describe('Leaves in each pod, each cabled to all its spines: leaf1, leaf2, …'),
    spinesPerPod: z.int().min(1).max(64).describe('Spines in each pod, one for each plane: spine1, spine2, …'),
    superSpinesPerPlane: z
      .int()
      .min(1)
      .max(64)
      .describe('Super-spines of each plane, cabled to the spine that each pod has in it: superspine1, superspine2, …'),
    serversPerLeaf: serversPerSwitch,
    coreLink: coreLink.describe('Links between spines and super-spines'),
    ...generatedFields,
  })
  .check(
    withinBounds(({ pods, leavesPerPod, spinesPerPod, superSpinesPerPlane, serversPerLeaf }) => ({
      servers: pods * leavesPerPod * serversPerLeaf,
      links: pods * spinesPerPod * (leavesPerPod + superSpinesPerPlane),
      racksPerPod: leavesPerPod,
    })),
  )
  .describe(
    'A five-stage Clos: {kind: clos-5-stage, pods: 4, leavesPerPod: 8, spinesPerPod: 4, superSpinesPerPlane: 2, serversPerLeaf: 16}',
  );

const threeTier = z
  .strictObject({
    kind: z
      .literal('three-tier')
      .describe(
        'Access switches below pairs of aggregation switches below a core, as campuses and older datacenters are',
      ),
    blocks: z.int().min(1).max(512).describe('Aggregation pairs, each with its access switches'),
    accessPerBlock: z
      .int()
      .min(1)
      .max(512)
      .describe('Access switches in each block, each cabled to both aggregation switches: access1, access2, …'),
    serversPerAccess: serversPerSwitch,
    cores: z
      .int()
      .min(1)
      .max(64)
      .default(2)
      .describe('Core switches, each cabled to every aggregation switch: core1, core2, …'),
    joinAggregation: z
      .boolean()
      .default(true)
      .describe('Whether the two aggregation switches of a block are cabled to each other'),
    coreLink: coreLink.describe(
      'Links between aggregation and core, and between the two aggregation switches of a block',
    ),
    ...generatedFields,
  })
  .check(
    withinBounds(({ blocks, accessPerBlock, serversPerAccess, cores }) => ({
      servers: blocks * accessPerBlock * serversPerAccess,
      links: blocks * (2 * accessPerBlock + 2 * cores + 1),
      racksPerPod: accessPerBlock,
    })),
  )
  .describe(
    'Access, aggregation and core: {kind: three-tier, blocks: 4, accessPerBlock: 8, serversPerAccess: 20, cores: 2}',
  );

const fatTree = z
  .strictObject({
    kind: z
      .literal('fat-tree')
      .describe('A k-ary fat tree of k-port switches: k³/4 servers, k³/2 links between switches'),
    k: z
      .int()
      .min(2)
      .max(64)
      .multipleOf(2)
      .describe('Ports of every switch: k pods of k/2 edge and k/2 aggregation switches, and k²/4 core switches'),
    ...generatedFields,
    fabricLink: link({ ...fabricLinkDefaults, rate: serverLinkDefaults.rate })
      .prefault({})
      .describe('Links between switches; as fast as those of servers, so that nothing is oversubscribed'),
  })
  .check(withinBounds(({ k }) => ({ servers: k ** 3 / 4, links: k ** 3 / 2, racksPerPod: k / 2 })))
  .describe('A k-ary fat tree: {kind: fat-tree, k: 8}');

const sites = z
  .strictObject({
    kind: z.literal('sites').describe('Leaf-spine sites, joined by links between their border switches'),
    sites: z.int().min(2).max(64).default(2).describe('Sites; everything is numbered site by site'),
    leaves: z.int().min(1).max(4096).describe('Leaf switches of each site: leaf1, leaf2, …'),
    spines: z.int().min(1).max(256).describe('Spine switches of each site: spine1, spine2, …'),
    serversPerLeaf: serversPerSwitch,
    uplinksPerSpine,
    borders: z
      .int()
      .min(1)
      .max(16)
      .default(2)
      .describe('Border switches of each site, each cabled to all its spines: border1, border2, …'),
    dci: z
      .strictObject({
        rate: linkRate.prefault('100Gbps').describe('Bits per second in each direction'),
        delay: linkDelay.prefault('500us').describe('Propagation delay, one way; 100 km of fibre take 500 us'),
        layout: z
          .enum(['full-mesh', 'chain'])
          .default('full-mesh')
          .describe('Which sites are joined: each with each, or each with the next'),
      })
      .prefault({})
      .describe('Links between sites: one from each border switch to its counterpart in the other site'),
    ...generatedFields,
  })
  .check(
    withinBounds(({ sites, leaves, spines, serversPerLeaf, uplinksPerSpine, borders, dci }) => {
      const pairs = dci.layout === 'chain' ? sites - 1 : (sites * (sites - 1)) / 2;
      return {
        servers: sites * leaves * serversPerLeaf,
        links: sites * spines * (leaves * uplinksPerSpine + borders) + pairs * borders,
        racksPerPod: leaves,
      };
    }),
  )
  .describe(
    'Sites joined by a DCI: {kind: sites, sites: 2, leaves: 8, spines: 2, serversPerLeaf: 16, dci: {delay: 2ms}}',
  );

const explicit = z
  .strictObject({
    kind: z.literal('explicit').describe('Switches, links and servers are listed one by one'),
    switches: z
      .array(
        z.strictObject({
          id: nodeName.describe('Unique name'),
          role: z
            .enum(Object.keys(TIER_LEVELS) as SwitchTier[])
            .optional()
            .describe(
              'Leaf, access and edge switches take servers and hold the VTEPs of an overlay; by default a switch with ' +
                'servers is a leaf, others are spines',
            ),
          stpPriority: bridgePriority
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
          rate: linkRate.prefault(fabricLinkDefaults.rate).describe('Bits per second in each direction'),
          delay: linkDelay.prefault(fabricLinkDefaults.delay).describe('Propagation delay, one way'),
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
          id: nodeName.describe('Unique name'),
          at: z.string().describe('Switch that the server is cabled to'),
          secondAt: z
            .string()
            .optional()
            .describe('Second switch that the server is cabled to, by a link like the first; by default none'),
          rate: linkRate.prefault(serverLinkDefaults.rate).describe('Bits per second in each direction'),
          delay: linkDelay.prefault(serverLinkDefaults.delay).describe('Propagation delay, one way'),
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
  .discriminatedUnion('kind', [leafSpine, clos, threeTier, fatTree, sites, explicit])
  .describe('Switches, servers and links');
