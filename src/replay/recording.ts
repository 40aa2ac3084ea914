import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseIpv4Prefix } from '../wire/ipv4-address.ts';
import { isMacAddress } from '../wire/mac-address.ts';

/** The format that this version reads and writes. docs/recordings.md describes it. */
export const RECORDING_FORMAT = 'fabric-recording/1';

/** A recording that cannot be used; its message says which file, where in it, and what would do. */
export class RecordingError extends Error {
  override name = 'RecordingError';
}

const mac = z.string().refine(isMacAddress, 'expected a MAC address like 02:00:5e:00:01:01');
const ip = z.string().refine(isIp, 'expected an IPv4 address like 10.1.0.1');
const ipPrefix = z.string().refine(isIpPrefix, 'expected an IPv4 address and prefix length like 10.1.0.1/24');
const at = z.number().nonnegative();
const vni = z.number().int().min(0).max(0xff_ff_ff);

const send = z.object({
  host: z.string(),
  dst: z.string(),
  src: mac.optional(),
  size: z.number().int().min(22).max(65_535).optional(),
  count: z.number().int().min(1).optional(),
  gap: z.number().nonnegative().optional(),
});

const bridgeStep = z.union([
  z.object({ at, send }),
  z.object({ at, linkDown: z.string() }),
  z.object({ at, linkUp: z.string() }),
  z.object({ at, snapshot: z.literal(true) }),
]);

const bridgeCase = z.object({
  format: z.literal(RECORDING_FORMAT),
  kind: z.literal('bridge'),
  name: z.string(),
  bridges: z.array(
    z.object({
      id: z.string(),
      mac,
      stp: z.boolean().optional(),
      priority: z.number().int().min(0).max(65_535).optional(),
      forwardDelay: z.number().positive().optional(),
      hello: z.number().positive().optional(),
      maxAge: z.number().positive().optional(),
      ageing: z.number().nonnegative().optional(),
      fdbMaxLearned: z.number().int().nonnegative().optional(),
    }),
  ),
  links: z.array(
    z.object({
      a: z.string(),
      b: z.string(),
      cost: z.number().int().positive().optional(),
      aPort: z.string().optional(),
      bPort: z.string().optional(),
    }),
  ),
  hosts: z.array(z.object({ id: z.string(), at: z.string(), mac, cost: z.number().int().positive().optional() })),
  steps: z.array(bridgeStep),
  observed: z.unknown().optional(),
});

const overlayAction = {
  at,
  settle: z.number().nonnegative().optional(),
  fdb: z.boolean().optional(),
};

const overlayStep = z.union([
  z.object({ ...overlayAction, send }),
  z.object({
    ...overlayAction,
    udp: z.object({
      from: z.string(),
      to: ip,
      size: z.number().int().min(0).max(65_507).optional(),
      count: z.number().int().min(1).optional(),
    }),
  }),
  z.object({ ...overlayAction, move: z.object({ host: z.string(), to: z.string() }) }),
  z.object(overlayAction),
]);

const overlayCase = z.object({
  format: z.literal(RECORDING_FORMAT),
  kind: z.literal('overlay'),
  name: z.string(),
  vteps: z.array(
    z.object({
      id: z.string(),
      ip,
      forwarding: z.boolean().optional(),
      vnis: z.array(
        z.object({
          vni,
          flood: z.array(ip).optional(),
          group: ip.optional(),
          ageing: z.number().nonnegative().optional(),
          learning: z.boolean().optional(),
          gateway: z.object({ ip: ipPrefix, mac }).optional(),
        }),
      ),
    }),
  ),
  hosts: z.array(
    z.object({
      id: z.string(),
      at: z.string(),
      mac,
      vni: vni.optional(),
      ip: ipPrefix.optional(),
      via: ip.optional(),
      routerIp: ipPrefix.optional(),
      routerMac: mac.optional(),
    }),
  ),
  steps: z.array(overlayStep),
  observed: z.unknown().optional(),
});

export type BridgeCase = z.infer<typeof bridgeCase>;
export type OverlayCase = z.infer<typeof overlayCase>;
export type Recording = BridgeCase | OverlayCase;

/** Reads a recording, with or without `observed`; throws a RecordingError that says what is wrong with it. */
export function readRecording(path: string): Recording {
  const value = readJson(path);
  const format = isRecord(value) ? value.format : undefined;
  if (format !== RECORDING_FORMAT) {
    throw new RecordingError(`${path}: format is ${JSON.stringify(format)}, expected "${RECORDING_FORMAT}"`);
  }
  const kind = isRecord(value) ? value.kind : undefined;
  if (kind !== 'bridge' && kind !== 'overlay') {
    throw new RecordingError(`${path}: kind is ${JSON.stringify(kind)}, expected "bridge" or "overlay"`);
  }
  const result = kind === 'bridge' ? bridgeCase.safeParse(value) : overlayCase.safeParse(value);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `${path}: ${issue.path.join('.')}: ${issue.message}`);
    throw new RecordingError(lines.join('\n'));
  }
  const problems =
    kind === 'bridge' ? bridgeProblems(result.data as BridgeCase) : overlayProblems(result.data as OverlayCase);
  if (problems.length > 0) throw new RecordingError(problems.map((problem) => `${path}: ${problem}`).join('\n'));
  return result.data;
}

/** The two ports of a link, by name. */
export function portNamesOf(link: BridgeCase['links'][number]): { a: string; b: string } {
  return { a: link.aPort ?? `${link.a}>${link.b}`, b: link.bPort ?? `${link.b}>${link.a}` };
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new RecordingError(`${path}: cannot be read: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RecordingError(`${path}: is not JSON: ${(error as Error).message}`);
  }
}

function bridgeProblems({ bridges, links, hosts, steps }: BridgeCase): string[] {
  const problems: string[] = [];
  const bridgeIds = new Set(bridges.map(({ id }) => id));
  const hostIds = new Set(hosts.map(({ id }) => id));
  const ports = new Set<string>();
  const addPort = (name: string) => {
    if (ports.has(name)) problems.push(`port ${name} exists twice: name parallel links with aPort and bPort`);
    ports.add(name);
  };
  for (const link of links) {
    for (const id of [link.a, link.b]) if (!bridgeIds.has(id)) problems.push(`links: there is no bridge ${id}`);
    addPort(portNamesOf(link).a);
    addPort(portNamesOf(link).b);
  }
  for (const host of hosts) {
    if (!bridgeIds.has(host.at)) problems.push(`hosts: ${host.id} is at ${host.at}, which is no bridge`);
    addPort(`${host.at}>${host.id}`);
  }
  steps.forEach((step, index) => {
    if ('send' in step) problems.push(...sendProblems(step.send, hostIds, index));
    const port = 'linkDown' in step ? step.linkDown : 'linkUp' in step ? step.linkUp : undefined;
    if (port !== undefined && !ports.has(port)) problems.push(`steps.${index}: there is no port ${port}`);
  });
  return problems;
}

function overlayProblems({ vteps, hosts, steps }: OverlayCase): string[] {
  const problems: string[] = [];
  const vtepIds = new Set(vteps.map(({ id }) => id));
  const hostIds = new Set(hosts.map(({ id }) => id));
  for (const host of hosts) {
    const vtep = vteps.find(({ id }) => id === host.at);
    if (vtep === undefined) problems.push(`hosts: ${host.id} is at ${host.at}, which is no VTEP`);
    else if (host.vni !== undefined && !vtep.vnis.some((segment) => segment.vni === host.vni)) {
      problems.push(`hosts: ${host.id} is in VNI ${host.vni}, which ${host.at} does not have`);
    }
    if (host.vni === undefined && (host.routerIp === undefined || host.routerMac === undefined)) {
      problems.push(`hosts: ${host.id} has neither vni nor routerIp and routerMac`);
    }
  }
  steps.forEach((step, index) => {
    if ('send' in step) problems.push(...sendProblems(step.send, hostIds, index));
    if ('udp' in step && !hostIds.has(step.udp.from))
      problems.push(`steps.${index}: there is no host ${step.udp.from}`);
    if ('move' in step) {
      if (!hostIds.has(step.move.host)) problems.push(`steps.${index}: there is no host ${step.move.host}`);
      if (!vtepIds.has(step.move.to)) problems.push(`steps.${index}: there is no VTEP ${step.move.to}`);
    }
  });
  return problems;
}

function sendProblems({ host, dst }: z.infer<typeof send>, hostIds: Set<string>, index: number): string[] {
  const problems: string[] = [];
  if (!hostIds.has(host)) problems.push(`steps.${index}: there is no host ${host}`);
  if (!hostIds.has(dst) && !isMacAddress(dst)) problems.push(`steps.${index}: dst ${dst} is neither a host nor a MAC`);
  return problems;
}

function isIpPrefix(text: string): boolean {
  try {
    parseIpv4Prefix(text);
    return true;
  } catch {
    return false;
  }
}

function isIp(text: string): boolean {
  return isIpPrefix(text) && !text.includes('/');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
