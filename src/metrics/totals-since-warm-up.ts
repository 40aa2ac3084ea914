import type { RunTotals } from './run-totals.ts';

/**
 * What of a value counts when a warm-up of `warmUpNs` is left out, from what it was at the end of the run and at the end
 * of the warm-up. The warm-up are all moments before that time: what happens at it counts.
 */
type Rule<T> = (atEnd: T, atWarmUp: T, warmUpNs: number) => T;

type Plain = number | string | boolean | null;

/** Happened so many times: those since. */
const counted: Rule<number> = (atEnd, atWarmUp) => atEnd - atWarmUp;

/** `counted`, of each of many. */
const countedEach: Rule<Float64Array> = (atEnd, atWarmUp) => atEnd.map((value, index) => value - atWarmUp[index]);

/** Is so at the end, whenever it became so. */
const held = <T extends Plain>(atEnd: T): T => atEnd;

/** What was most, or was seen: who watches it began anew with what there was at the end of the warm-up. */
const restarted = <T extends Plain>(atEnd: T): T => atEnd;

/** When something was first so since: who watches it began anew, and what was so at the end of the warm-up is so then. */
const restartedTime: Rule<number> = (atEnd, _atWarmUp, warmUpNs) => Math.max(atEnd, warmUpNs);

/** Says what a number is of. */
const named = <T extends Plain>(atEnd: T): T => atEnd;

/** Events that began since, with all that became of them. */
function begunSince<T>(beganNs: (event: T) => number): Rule<readonly T[]> {
  return (events, _atWarmUp, warmUpNs) => events.filter((event) => beganNs(event) >= warmUpNs);
}

/** A rule for each field; one that has none does not compile. */
function fields<T extends object>(rules: { readonly [Field in keyof Required<T>]: Rule<T[Field]> }): Rule<T> {
  const names = Object.keys(rules) as (keyof T)[];
  return (atEnd, atWarmUp, warmUpNs) => {
    const since = { ...atEnd };
    for (const name of names) since[name] = rules[name](atEnd[name], atWarmUp[name], warmUpNs);
    return since;
  };
}

/** The same rule for each element of a list whose elements have their places for the whole run. */
function each<T>(rule: Rule<T>): Rule<T[]> & Rule<readonly T[]> {
  return (atEnd: readonly T[], atWarmUp: readonly T[], warmUpNs: number) =>
    atEnd.map((element, index) => rule(element, atWarmUp[index], warmUpNs));
}

/** A rule for each element of a list of what is so at the end, or of what was restarted. */
function eachAtEnd<T>(rule: Rule<T>): Rule<T[]> & Rule<readonly T[]> {
  return (atEnd: readonly T[], _atWarmUp: readonly T[], warmUpNs: number) =>
    atEnd.map((element) => rule(element, element, warmUpNs));
}

/** A rule for what may not be there: what was not there when the warm-up ended is all since. */
function orNull<T>(rule: Rule<T>): Rule<T | null> {
  return (atEnd, atWarmUp, warmUpNs) => (atEnd === null || atWarmUp === null ? atEnd : rule(atEnd, atWarmUp, warmUpNs));
}

/** A rule for what is so at the end, or was restarted, and was there or not when the warm-up ended. */
function orNullAtEnd<T>(rule: Rule<T>): Rule<T | null> {
  return (atEnd, _atWarmUp, warmUpNs) => (atEnd === null ? null : rule(atEnd, atEnd, warmUpNs));
}

type Of<Field extends keyof RunTotals> = NonNullable<RunTotals[Field]>;
type ElementOf<List> = List extends readonly (infer Element)[] ? Element : never;

const firstTime = fields<Of<'firstRefusal'>>({ owner: named, timeNs: restartedTime });

const linkPeak = { link: restarted, direction: restarted, rateBitsPerSec: restarted, untilNs: restarted };
const fabricLinkPeak = orNullAtEnd(fields<Of<'fabricLinkPeak'>>({ ...linkPeak, share: restarted }));

/** The rules of warm-up, field by field. docs/model.md says them in words. */
const SINCE_WARM_UP: Rule<RunTotals> = fields<RunTotals>({
  macTables: each(
    fields<ElementOf<RunTotals['macTables']>>({
      tier: named,
      kind: named,
      tables: held,
      entriesMax: restarted,
      entriesMean: restarted,
      capacity: held,
      learned: counted,
      moved: counted,
      aged: counted,
      refused: counted,
      evicted: counted,
      collided: counted,
      postponed: counted,
      portLimited: counted,
      lossy: restarted,
      firstLossNs: orNullAtEnd(restartedTime),
      fullTables: restarted,
      firstFull: orNullAtEnd(firstTime),
    }),
  ),
  firstRefusal: orNullAtEnd(firstTime),
  macRefusals: counted,
  linkPeak: orNullAtEnd(fields<Of<'linkPeak'>>(linkPeak)),
  fabricLinkPeak,
  fabricArpPeak: fabricLinkPeak,
  hardware: eachAtEnd(
    fields<ElementOf<RunTotals['hardware']>>({
      tier: named,
      resource: named,
      devices: held,
      // of multicast routes the most at a time, which is restarted; of all else what is used at the end
      usedMax: held,
      limit: held,
      overLimit: held,
      refused: held,
      refusedNames: eachAtEnd(named),
    }),
  ),
  // for the rest of the run
  shutPorts: held,
  stormDrops: each(fields<ElementOf<RunTotals['stormDrops']>>({ cause: named, frames: counted })),
  flooding: fields<RunTotals['flooding']>({
    byCause: each(
      fields<ElementOf<RunTotals['flooding']['byCause']>>({
        cause: named,
        frames: counted,
        copies: counted,
        bytes: counted,
        linkFrames: counted,
        linkBytes: counted,
      }),
    ),
    ownGroupBytes: counted,
    floodedBytesByEnd: countedEach,
    fabricFloodedFrames: counted,
    allBytes: counted,
    uselessFrames: counted,
    groupFrames: countedEach,
    reachedHosts: countedEach,
    overheadBytes: counted,
  }),
  multicast: orNull(
    fields<Of<'multicast'>>({
      groups: held,
      entriesMax: restarted,
      sourceEntriesMax: restarted,
      device: restarted,
      registers: counted,
      lostRegisters: counted,
    }),
  ),
  migrations: begunSince(({ startNs }) => startNs),
  failures: begunSince(({ failNs }) => failNs),
  // restarted but for those that bind still, whose count and first time are of the whole run; see `summarizeLimits`
  limits: eachAtEnd(
    fields<ElementOf<RunTotals['limits']>>({
      limit: named,
      firstNs: restarted,
      device: restarted,
      count: restarted,
    }),
  ),
  beyondStpPorts: held,
  refused: fields<RunTotals['refused']>({ segments: held, vms: held }),
  links: fields<RunTotals['links']>({ total: held, blocked: held, forwarding: held, bisectionBitsPerSec: held }),
  gateways: fields<RunTotals['gateways']>({
    devices: held,
    segmentsMax: held,
    arpEntriesMax: held,
    hostRoutesMax: held,
    prefixesMax: held,
    vnisMax: held,
    arpEntries: held,
    hostRoutes: held,
  }),
  controlPlane: fields<RunTotals['controlPlane']>({
    messages: each(
      fields<ElementOf<RunTotals['controlPlane']['messages']>>({
        protocol: named,
        sent: counted,
        received: counted,
        sentBytes: orNull(counted),
        perSecondMax: restarted,
        device: restarted,
      }),
    ),
    routes: orNullAtEnd(
      fields<NonNullable<RunTotals['controlPlane']['routes']>>({ max: held, device: held, mean: held }),
    ),
  }),
  knownUnicastBytes: counted,
  betweenSites: orNull(fields<Of<'betweenSites'>>({ bytes: counted, floodedFrames: counted, floodedBytes: counted })),
  outside: orNull(
    each(fields<ElementOf<Of<'outside'>>>({ border: named, sentBytes: counted, receivedBytes: counted })),
  ),
  // who is there, not what happened
  vms: fields<RunTotals['vms']>({ planned: held, arrived: held, ended: held, refused: held }),
  flows: fields<RunTotals['flows']>({
    started: counted,
    finished: counted,
    failed: counted,
    incomplete: counted,
    abandoned: counted,
    deliveredBytes: counted,
  }),
  ended: each(fields<ElementOf<RunTotals['ended']>>({ outcome: named, frames: counted })),
});

/** What a run came to after its warm-up, from what it had come to at the end of the run and at the end of the warm-up. */
export function totalsSinceWarmUp(atEnd: RunTotals, atWarmUp: RunTotals, warmUpNs: number): RunTotals {
  return SINCE_WARM_UP(atEnd, atWarmUp, warmUpNs);
}
