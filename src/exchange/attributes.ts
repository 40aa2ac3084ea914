import { parseDuration, parseRate } from '../units.ts';
import type { NetworkLink, NetworkNode } from './network-graph.ts';
import type { Notes } from './notes.ts';

/** Names and values as formats without a vocabulary of their own carry them. */
export type Attributes = Readonly<Record<string, unknown>>;

// where tools write what a thing is, the most telling first; in lower case
const HINT_NAMES = ['role', 'dcfabric-role', 'device_role', 'function', 'tier', 'type', 'group', 'class'];
const RATE_NAMES = ['rate', 'speed', 'linkspeedraw', 'bandwidth', 'capacity', 'bw'];
const DELAY_NAMES = ['delay', 'latency'];

/** What attributes of a node tell. */
export function nodeFacts(given: Attributes): Pick<NetworkNode, 'hints' | 'place' | 'stpPriority' | 'mac'> {
  const attributes = lowerCased(given);
  const hints = HINT_NAMES.flatMap((name) => textOf(attributes.get(name)) ?? []);
  const latitude = numberOf(attributes.get('latitude'));
  const longitude = numberOf(attributes.get('longitude'));
  const stpPriority = numberOf(attributes.get('stppriority'));
  const mac = textOf(attributes.get('mac'));
  return {
    hints,
    ...(latitude === null || longitude === null ? {} : { place: { latitude, longitude } }),
    ...(stpPriority === null ? {} : { stpPriority }),
    ...(mac === null ? {} : { mac }),
  };
}

/** What attributes of a link tell; `name` is what notes call it. */
export function linkFacts(
  given: Attributes,
  name: string,
  notes: Notes,
): Pick<NetworkLink, 'rateBitsPerSec' | 'delayNs' | 'cost'> {
  const attributes = lowerCased(given);
  const first = (names: readonly string[]) => names.map((one) => attributes.get(one)).find((value) => isSaid(value));
  const cost = numberOf(attributes.get('stpcost'));
  return {
    ...rateFacts(first(RATE_NAMES), name, notes),
    ...delayFacts(first(DELAY_NAMES), name, notes),
    ...(cost === null ? {} : { cost }),
  };
}

function rateFacts(value: unknown, name: string, notes: Notes): Pick<NetworkLink, 'rateBitsPerSec'> {
  if (!isSaid(value)) return {};
  const rateBitsPerSec = readRate(String(value));
  if (rateBitsPerSec !== null) return { rateBitsPerSec };
  notes.add('rates that have no unit or cannot be read are left out', `${name} ${value}`);
  return {};
}

function delayFacts(value: unknown, name: string, notes: Notes): Pick<NetworkLink, 'delayNs'> {
  if (!isSaid(value)) return {};
  const delayNs = orNull(() => parseDuration(String(value).trim()));
  if (delayNs !== null) return { delayNs };
  notes.add('delays that have no unit or cannot be read are left out', `${name} ${value}`);
  return {};
}

/** Below this a number without a unit could be Mbit/s as well. */
const PLAIN_RATE_MIN = 1e6;

const RATE_LETTERS: Readonly<Record<string, string>> = { k: 'kbps', m: 'Mbps', g: 'Gbps', t: 'Tbps' };

/** Bits per second of `25Gbps`, `25G`, `25 Gbit/s`, `25GE` or `25000000000`; null for anything else. */
export function readRate(text: string): number | null {
  const plain = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(plain)) return plain >= PLAIN_RATE_MIN ? plain : null;
  const exact = orNull(() => parseRate(text.trim()));
  if (exact !== null) return exact;
  const [, number, letter] = /^([\d.]+) ?([kmgt])(?:bps|b\/s|bit(?:\/s)?|be|e|b)?$/i.exec(text.trim()) ?? [];
  if (number === undefined || letter === undefined) return null;
  return orNull(() => parseRate(`${number}${RATE_LETTERS[letter.toLowerCase()]}`));
}

function orNull<Value>(parse: () => Value): Value | null {
  try {
    return parse();
  } catch {
    return null;
  }
}

function lowerCased(attributes: Attributes): Map<string, unknown> {
  return new Map(Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), value]));
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && String(value).trim() !== '';
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

function numberOf(value: unknown): number | null {
  return isSaid(value) && Number.isFinite(Number(value)) ? Number(value) : null;
}
