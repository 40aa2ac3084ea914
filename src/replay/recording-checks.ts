import { isMacAddress } from '../wire/mac-address.ts';
import { type BridgeCase, type OverlayCase, portNamesOf } from './recording-schema.ts';

/** Simulated time that a recording may take: none was watched longer than a day. */
const DURATION_S_MAX = 86_400;
/** Frames of one recording; each is watched at every port. */
const FRAME_COUNT_MAX = 100_000;

/** What a recorded fabric of bridges must keep between its parts. */
export function bridgeProblems({ bridges, links, hosts, steps }: BridgeCase): string[] {
  const bridgeIds = new Set(bridges.map(({ id }) => id));
  const hostIds = new Set(hosts.map(({ id }) => id));
  const problems = [...repeated('bridges', bridges), ...repeated('hosts', hosts)];
  const ports = new Set<string>();
  const addPort = (name: string) => {
    if (ports.has(name)) problems.push(`port ${name} exists twice: name parallel links with aPort and bPort`);
    ports.add(name);
  };
  for (const [index, link] of links.entries()) {
    for (const id of [link.a, link.b]) {
      if (!bridgeIds.has(id)) problems.push(`links.${index}: ${unknown('bridge', id, bridgeIds)}`);
    }
    addPort(portNamesOf(link).a);
    addPort(portNamesOf(link).b);
  }
  const hostsOnce = hosts.filter(({ id }, index) => hosts.findIndex((other) => other.id === id) === index);
  for (const { id, at } of hostsOnce) {
    if (!bridgeIds.has(at)) problems.push(`hosts: ${id} is at ${at}, which is no bridge`);
    addPort(`${at}>${id}`);
  }
  for (const [index, step] of steps.entries()) {
    const where = `steps.${index}`;
    if (step.send !== undefined) problems.push(...sendProblems(step.send, hostIds, where));
    const port = step.linkDown ?? step.linkUp;
    if (port !== undefined && !ports.has(port)) problems.push(`${where}: ${unknown('port', port, ports)}`);
  }
  const durations = steps.map((step) => (step.send?.count ?? 1) * (step.send?.gap ?? 0));
  return [...problems, ...extentProblems(steps, durations)];
}

/** What a recorded overlay must keep between its parts. */
export function overlayProblems({ vteps, hosts, steps }: OverlayCase): string[] {
  const vtepIds = new Set(vteps.map(({ id }) => id));
  const hostIds = new Set(hosts.map(({ id }) => id));
  const addresses = vteps.map(({ ip }) => ({ id: ip }));
  const problems = [...repeated('vteps', vteps), ...repeated('vteps', addresses), ...repeated('hosts', hosts)];
  for (const [index, { vnis }] of vteps.entries()) {
    problems.push(
      ...repeated(
        `vteps.${index}.vnis`,
        vnis.map(({ vni }) => ({ id: String(vni) })),
      ),
    );
  }
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
  for (const [index, step] of steps.entries()) {
    const where = `steps.${index}`;
    if (step.send !== undefined) problems.push(...sendProblems(step.send, hostIds, where));
    if (step.udp !== undefined) {
      const sender = hosts.find(({ id }) => id === step.udp?.from);
      if (sender === undefined) problems.push(`${where}: ${unknown('host', step.udp.from, hostIds)}`);
      else if (sender.ip === undefined) problems.push(`${where}: host ${sender.id} has no ip to send datagrams from`);
    }
    if (step.move !== undefined) {
      const { host, to } = step.move;
      if (!hostIds.has(host)) problems.push(`${where}: ${unknown('host', host, hostIds)}`);
      if (!vtepIds.has(to)) problems.push(`${where}: ${unknown('VTEP', to, vtepIds)}`);
    }
  }
  const durations = steps.map(({ settle = 0 }) => settle);
  return [...problems, ...extentProblems(steps, durations)];
}

/** Names that are given to more than one. */
function repeated(where: string, named: readonly { readonly id: string }[]): string[] {
  const ids = named.map(({ id }) => id);
  const again = new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
  return [...again].map((id) => `${where}: ${id} is there more than once`);
}

function unknown(what: string, given: string, known: ReadonlySet<string>): string {
  const names = [...known];
  const some = names.length > 6 ? `${names.slice(0, 5).join(', ')}, …` : names.join(', ');
  return `there is no ${what} ${given}; ${names.length === 0 ? 'there is none at all' : `there are ${some}`}`;
}

function sendProblems(
  { host, dst }: { readonly host: string; readonly dst: string },
  hostIds: ReadonlySet<string>,
  where: string,
): string[] {
  const problems: string[] = [];
  if (!hostIds.has(host)) problems.push(`${where}: ${unknown('host', host, hostIds)}`);
  if (!hostIds.has(dst) && !isMacAddress(dst)) problems.push(`${where}: dst ${dst} is neither a host nor a MAC`);
  return problems;
}

interface Extent {
  readonly at: number;
  readonly send?: { readonly count?: number | undefined } | undefined;
  readonly udp?: { readonly count?: number | undefined } | undefined;
}

/** Recordings that would keep a simulator busy for ever. `durationsS` are what each step takes. */
function extentProblems(steps: readonly Extent[], durationsS: readonly number[]): string[] {
  const endS = steps.reduce((end, { at }, index) => Math.max(end, at) + durationsS[index]!, 0);
  const frameCount = steps.reduce((sum, { send, udp }) => sum + ((send ?? udp)?.count ?? 1), 0);
  const problems: string[] = [];
  if (endS > DURATION_S_MAX) problems.push(`steps: take ${endS} s, expected at most ${DURATION_S_MAX} s`);
  if (frameCount > FRAME_COUNT_MAX) {
    problems.push(`steps: send ${frameCount} frames, expected at most ${FRAME_COUNT_MAX}`);
  }
  return problems;
}
