import * as z from 'zod';
import { parseIpv4, parseIpv4Prefix } from '../wire/ipv4-address.ts';
import { isGroupMac, isMacAddress, parseMac } from '../wire/mac-address.ts';

/** The format that this version reads and writes. docs/recordings.md describes it. */
export const RECORDING_FORMAT = 'fabric-recording/1';

const mac = z.string().refine(isMacAddress, 'expected a MAC address like 02:00:5e:00:01:01');
const station = mac.refine(
  (text) => !isMacAddress(text) || !isGroupMac(parseMac(text)),
  'expected the address of one station',
);
/** Names of bridges, VTEPs, hosts and ports: keys of what is observed. */
const id = z
  .string()
  .regex(/^(?!__proto__$)[^\p{Cc}]+$/u, 'expected a name: not empty, not __proto__, without control characters');
const ip = z.string().refine(isIp, 'expected an IPv4 address like 10.1.0.1');
const ipPrefix = z.string().refine(isIpPrefix, 'expected an IPv4 address and prefix length like 10.1.0.1/24');
const group = ip.refine(
  (text) => !isIp(text) || isGroupIp(parseIpv4(text)),
  'expected a multicast group like 239.1.0.1',
);
const vtepIp = ip.refine((text) => !isIp(text) || isUnicast(text), 'expected the address of one VTEP');
const at = z.number().nonnegative();
const bridgeTime = z.number().min(0.1).max(1000);
const ageing = z.number().nonnegative().max(1_000_000);
const vni = z.number().int().min(0).max(0xff_ff_ff);

const send = z.object({
  host: z.string(),
  dst: z.string(),
  src: mac.optional(),
  size: z.number().int().min(22).max(65_535).optional(),
  count: z.number().int().min(1).optional(),
  gap: z.number().nonnegative().optional(),
});

/** An action that a step of another action must not have. */
const absent = z.undefined().optional();
const noBridgeAction = { send: absent, linkDown: absent, linkUp: absent, snapshot: absent };

const bridgeStep = z.union(
  [
    z.object({ ...noBridgeAction, at, send }),
    z.object({ ...noBridgeAction, at, linkDown: z.string() }),
    z.object({ ...noBridgeAction, at, linkUp: z.string() }),
    z.object({ ...noBridgeAction, at, snapshot: z.literal(true) }),
  ],
  { error: 'expected a time "at" and one of send, linkDown, linkUp and "snapshot": true' },
);

export const bridgeCase = z.object({
  format: z.literal(RECORDING_FORMAT),
  kind: z.literal('bridge'),
  name: id,
  bridges: z.array(
    z.object({
      id,
      mac,
      stp: z.boolean().optional(),
      priority: z.number().int().min(0).max(65_535).optional(),
      forwardDelay: bridgeTime.optional(),
      hello: bridgeTime.optional(),
      maxAge: bridgeTime.optional(),
      ageing: ageing.optional(),
      fdbMaxLearned: z.number().int().nonnegative().optional(),
    }),
  ),
  links: z.array(
    z.object({
      a: z.string(),
      b: z.string(),
      cost: z.number().int().positive().optional(),
      aPort: id.optional(),
      bPort: id.optional(),
    }),
  ),
  hosts: z.array(z.object({ id, at: z.string(), mac: station, cost: z.number().int().positive().optional() })),
  steps: z.array(bridgeStep),
  observed: z.unknown().optional(),
});

const overlayStepFields = {
  at,
  settle: z.number().nonnegative().optional(),
  fdb: z.boolean().optional(),
  send: absent,
  udp: absent,
  move: absent,
};

const udp = z.object({
  from: z.string(),
  to: ip,
  size: z.number().int().min(0).max(65_507).optional(),
  count: z.number().int().min(1).optional(),
});

const overlayStep = z.union(
  [
    z.object({ ...overlayStepFields, send }),
    z.object({ ...overlayStepFields, udp }),
    z.object({ ...overlayStepFields, move: z.object({ host: z.string(), to: z.string() }) }),
    z.object(overlayStepFields),
  ],
  { error: 'expected a time "at" and at most one of send, udp and move' },
);

export const overlayCase = z.object({
  format: z.literal(RECORDING_FORMAT),
  kind: z.literal('overlay'),
  name: id,
  vteps: z.array(
    z.object({
      id,
      ip: vtepIp,
      forwarding: z.boolean().optional(),
      vnis: z.array(
        z.object({
          vni,
          flood: z.array(vtepIp).optional(),
          group: group.optional(),
          ageing: ageing.optional(),
          learning: z.boolean().optional(),
          gateway: z.object({ ip: ipPrefix, mac }).optional(),
        }),
      ),
    }),
  ),
  hosts: z.array(
    z.object({
      id,
      at: z.string(),
      mac: station,
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

/** The two ports of a link, by name. */
export function portNamesOf(link: BridgeCase['links'][number]): { a: string; b: string } {
  return { a: link.aPort ?? `${link.a}>${link.b}`, b: link.bPort ?? `${link.b}>${link.a}` };
}

function isIpPrefix(text: string): boolean {
  try {
    parseIpv4Prefix(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether a text is an IPv4 address. */
export function isIp(text: string): boolean {
  return isIpPrefix(text) && !text.includes('/');
}

/** Class D: 224.0.0.0 to 239.255.255.255. RFC 1112, section 4. */
export function isGroupIp(address: number): boolean {
  return address >>> 28 === 0xe;
}

function isUnicast(text: string): boolean {
  const address = parseIpv4(text);
  return address !== 0 && address >>> 28 < 0xe;
}
