// Inside the simulator times are whole nanoseconds, sizes bytes, rates bits per second and ratios 0 to 1.
// People write and read them with a unit; each way in and out is here, once.

const NS_PER_US = 1e3;
const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;
const NS_PER_MIN = 60 * NS_PER_S;
const NS_PER_HOUR = 60 * NS_PER_MIN;
const NS_PER_DAY = 24 * NS_PER_HOUR;

/** Microseconds in nanoseconds. */
export function microseconds(count: number): number {
  return Math.round(count * NS_PER_US);
}

/** Milliseconds in nanoseconds. */
export function milliseconds(count: number): number {
  return Math.round(count * NS_PER_MS);
}

/** Seconds in nanoseconds. */
export function seconds(count: number): number {
  return Math.round(count * NS_PER_S);
}

/** Minutes in nanoseconds. */
export function minutes(count: number): number {
  return Math.round(count * NS_PER_MIN);
}

/** Hours in nanoseconds. */
export function hours(count: number): number {
  return Math.round(count * NS_PER_HOUR);
}

/** Nanoseconds in seconds, with a fraction. */
export function toSeconds(durationNs: number): number {
  return durationNs / NS_PER_S;
}

/** Time to clock `sizeBytes` onto a link, rounded up to whole nanoseconds so that no frame arrives early. */
export function serializationNs(sizeBytes: number, rateBitsPerSec: number): number {
  return Math.ceil((sizeBytes * 8 * NS_PER_S) / rateBitsPerSec);
}

/** Text that should have been a quantity with its unit. The message says what was given and what would do. */
export class UnitError extends Error {
  override name = 'UnitError';
}

type Units = Readonly<Record<string, number>>;

const DURATION_UNITS: Units = {
  ns: 1,
  us: NS_PER_US,
  µs: NS_PER_US,
  ms: NS_PER_MS,
  s: NS_PER_S,
  min: NS_PER_MIN,
  h: NS_PER_HOUR,
  d: NS_PER_DAY,
};

const RATE_UNITS: Units = { bps: 1, kbps: 1e3, Mbps: 1e6, Gbps: 1e9, Tbps: 1e12 };

const SIZE_UNITS: Units = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Nanoseconds of a duration such as `500ns`, `1.5ms`, `10s` or `2h`. */
export function parseDuration(text: string): number {
  return parseWhole(text, DURATION_UNITS, {
    wanted: 'a duration such as 500ns, 1.5ms, 60s or 2h',
    whole: 'nanoseconds',
  });
}

/** Bits per second of a rate such as `100Mbps` or `2.5Gbps`. */
export function parseRate(text: string): number {
  return parseWhole(text, RATE_UNITS, { wanted: 'a rate such as 100Mbps or 25Gbps', whole: 'bits per second' });
}

/** Bytes of a size such as `1500B`, `10MB` (decimal) or `64KiB` (binary). */
export function parseSize(text: string): number {
  return parseWhole(text, SIZE_UNITS, { wanted: 'a size such as 1500B, 10MB or 64KiB', whole: 'bytes' });
}

/** The ratio, 0 to 1, of a share such as `10%` or `0.1`. */
export function parseRatio(text: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?) ?(%)?$/.exec(text) ?? [];
  const ratio = Number(digits) / (percent === undefined ? 1 : 100);
  if (!(ratio <= 1)) throw new UnitError(`got '${text}', expected a share such as 10% or 0.1, at most 100%`);
  return ratio;
}

// In whole numbers throughout: 1.1 times 1,000 is not 1,100 in floating point.
function parseWhole(text: string, units: Units, { wanted, whole }: { wanted: string; whole: string }): number {
  const [, integer, fraction = '', unit = ''] = /^(\d+)(?:\.(\d+))? ?(\D+)$/.exec(text) ?? [];
  if (integer === undefined || !Object.hasOwn(units, unit)) {
    throw new UnitError(`got '${text}', expected ${wanted} (units: ${Object.keys(units).join(', ')})`);
  }
  const scaled = BigInt(integer + fraction) * BigInt(units[unit]!);
  const scale = 10n ** BigInt(fraction.length);
  if (scaled % scale !== 0n) throw new UnitError(`got '${text}', expected a whole number of ${whole}`);
  const value = Number(scaled / scale);
  if (!Number.isSafeInteger(value)) throw new UnitError(`got '${text}', expected at most 2^53 - 1 ${whole}`);
  return value;
}

/**
 * `90s`, `1.5ms`, `2h`. Days, hours and minutes only when they are whole; otherwise rounded to three decimals.
 * Whatever is not rounded reads back with `parseDuration`.
 */
export function formatDuration(durationNs: number): string {
  const size = Math.abs(durationNs);
  for (const unit of ['d', 'h', 'min']) {
    const unitNs = DURATION_UNITS[unit]!;
    if (size >= unitNs && size % unitNs === 0) return `${durationNs / unitNs}${unit}`;
  }
  return formatScaled(durationNs, DURATION_UNITS, ['ns', 'us', 'ms', 's']);
}

/** `25Gbps`, `2.5Gbps`; three decimals. */
export function formatRate(rateBitsPerSec: number): string {
  return formatScaled(rateBitsPerSec, RATE_UNITS, Object.keys(RATE_UNITS));
}

/** `64KiB`, `10MB`, `1500B`: the shortest exact form, or rounded to three decimals if that has more than five digits. */
export function formatSize(sizeBytes: number): string {
  if (sizeBytes === 0) return '0B';
  const exact = ['B', 'TiB', 'GiB', 'MiB', 'KiB', 'TB', 'GB', 'MB', 'KB']
    .map((unit) => ({ unit, count: sizeBytes / SIZE_UNITS[unit]! }))
    .filter(({ count }) => Number.isInteger(count) && Math.abs(count) < 1e5)
    .sort((one, other) => Math.abs(one.count) - Math.abs(other.count));
  if (exact[0] !== undefined) return `${exact[0].count}${exact[0].unit}`;
  return formatScaled(sizeBytes, SIZE_UNITS, ['B', 'KB', 'MB', 'GB', 'TB']);
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',');
}

/** `12.5%`; three decimals. */
export function formatRatio(ratio: number): string {
  return `${Number((ratio * 100).toFixed(3))}%`;
}

/** In the largest of some units, from small to large, that leaves at least 1 before the point. */
function formatScaled(value: number, units: Units, names: readonly string[]): string {
  const rounded = (name: string): number => Number((value / units[name]!).toFixed(3));
  const largest = names.findLastIndex((name) => Math.abs(value) >= units[name]!);
  const name = names[Math.max(0, largest)]!;
  const larger = names[largest + 1];
  // 999.9999 MB is 1 GB
  if (Math.abs(rounded(name)) >= 1000 && larger !== undefined) return `${rounded(larger)}${larger}`;
  return `${rounded(name)}${name}`;
}
