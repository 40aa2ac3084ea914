import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatDuration,
  formatRate,
  formatRatio,
  formatSize,
  hours,
  microseconds,
  milliseconds,
  minutes,
  parseDuration,
  parseRate,
  parseRatio,
  parseSize,
  seconds,
  serializationNs,
  toSeconds,
  UnitError,
} from '../src/units.ts';

describe('units of time', () => {
  it('are whole nanoseconds', () => {
    expect([microseconds(1.1), milliseconds(1.5), seconds(2), minutes(5), hours(1)]).toEqual([
      1_100, 1_500_000, 2_000_000_000, 300_000_000_000, 3_600_000_000_000,
    ]);
    expect(toSeconds(milliseconds(1_500))).toBe(1.5);
  });

  it('give a frame its time on the wire, rounded up', () => {
    expect(serializationNs(1500, 1e9)).toBe(12_000);
    expect(serializationNs(64, 100e9)).toBe(6); // 5.12 ns
    expect(serializationNs(0, 1e9)).toBe(0);
  });
});

describe('reading a quantity', () => {
  it.each([
    ['500ns', 500],
    ['1.1us', 1_100],
    ['2 µs', 2_000],
    ['1.5ms', 1_500_000],
    ['10s', 10_000_000_000],
    ['5min', 300_000_000_000],
    ['2h', 7_200_000_000_000],
    ['100d', 8_640_000_000_000_000],
    ['0.000000001s', 1],
  ])('takes the duration %s as %d ns', (text, expected) => expect(parseDuration(text)).toBe(expected));

  it.each([
    ['1bps', 1],
    ['9.6kbps', 9_600],
    ['100Mbps', 100_000_000],
    ['2.5Gbps', 2_500_000_000],
    ['1.6Tbps', 1_600_000_000_000],
  ])('takes the rate %s as %d bits per second', (text, expected) => expect(parseRate(text)).toBe(expected));

  it.each([
    ['1500B', 1_500],
    ['1.5KB', 1_500],
    ['10MB', 10_000_000],
    ['64KiB', 65_536],
    ['4GiB', 4_294_967_296],
    ['1.5 MiB', 1_572_864],
  ])('takes the size %s as %d bytes', (text, expected) => expect(parseSize(text)).toBe(expected));

  it.each([
    ['10%', 0.1],
    ['12.5 %', 0.125],
    ['0.25', 0.25],
    ['100%', 1],
  ])('takes the share %s as %d', (text, expected) => expect(parseRatio(text)).toBe(expected));

  it.each(['', '10', 's', '-1s', '1e3s', ' 1s', '1s ', '1.s', '.5s', '1 000s', '1h30min', '1S', '1toString', 'NaNs'])(
    "refuses '%s' as a duration and names the forms that would do",
    (text) => {
      expect(() => parseDuration(text)).toThrow(UnitError);
      expect(() => parseDuration(text)).toThrow(
        `got '${text}', expected a duration such as 500ns, 1.5ms, 60s or 2h (units: ns, us, µs, ms, s, min, h, d)`,
      );
    },
  );

  it('refuses what is not whole in the smallest unit', () => {
    expect(() => parseDuration('0.5ns')).toThrow("got '0.5ns', expected a whole number of nanoseconds");
    expect(() => parseSize('0.1KiB')).toThrow("got '0.1KiB', expected a whole number of bytes");
    expect(() => parseRate('1.5bps')).toThrow("got '1.5bps', expected a whole number of bits per second");
  });

  it('refuses what a number cannot hold exactly', () => {
    expect(() => parseDuration('200d')).toThrow("got '200d', expected at most 2^53 - 1 nanoseconds");
  });

  it('refuses a rate without bits and a share above the whole', () => {
    expect(() => parseRate('25G')).toThrow("got '25G', expected a rate such as 100Mbps or 25Gbps");
    expect(() => parseRatio('101%')).toThrow("got '101%', expected a share such as 10% or 0.1, at most 100%");
    expect(() => parseRatio('much')).toThrow(UnitError);
  });
});

describe('writing a quantity', () => {
  it.each([
    [0, '0ns'],
    [999, '999ns'],
    [1_500, '1.5us'],
    [123_456_789, '123.457ms'],
    [999_999_999, '1s'],
    [90_000_000_000, '90s'],
    [300_000_000_000, '5min'],
    [5_400_000_000_000, '90min'],
    [172_800_000_000_000, '2d'],
    [7_200_000_000_001, '7200s'],
  ])('shows %d ns as %s', (durationNs, expected) => expect(formatDuration(durationNs)).toBe(expected));

  it.each([
    [0, '0B'],
    [1_500, '1500B'],
    [9_216, '9KiB'],
    [10_000_000, '10MB'],
    [4_294_967_296, '4GiB'],
    [123_456_789, '123.457MB'],
    [0.5, '0.5B'],
  ])('shows %d bytes as %s', (sizeBytes, expected) => expect(formatSize(sizeBytes)).toBe(expected));

  it('shows rates, shares and counts', () => {
    expect([25e9, 2.5e9, 9_600, 0].map(formatRate)).toEqual(['25Gbps', '2.5Gbps', '9.6kbps', '0bps']);
    expect([0.125, 1, 1 / 3].map(formatRatio)).toEqual(['12.5%', '100%', '33.333%']);
    expect([0, 999, 1_000, 1_234_567, -1_000, 1_000.12345].map(formatCount)).toEqual([
      '0',
      '999',
      '1,000',
      '1,234,567',
      '-1,000',
      '1,000.12345',
    ]);
  });

  it('reads back whatever needs no rounding', () => {
    const thousandths = fc.integer({ min: 1, max: 999_999 });
    fc.assert(
      fc.property(thousandths, fc.constantFrom(1e3, 1e6), (count, thousandthNs) => {
        expect(parseDuration(formatDuration(count * (thousandthNs / 1e3)))).toBe(count * (thousandthNs / 1e3));
      }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 99_999 }),
        fc.constantFrom(1, 1e3, 2 ** 10, 1e9, 2 ** 30),
        (count, unit) => {
          expect(parseSize(formatSize(count * unit))).toBe(count * unit);
        },
      ),
    );
    fc.assert(
      fc.property(thousandths, fc.constantFrom(1, 1e3, 1e6), (count, unit) => {
        expect(parseRate(formatRate(count * unit))).toBe(count * unit);
      }),
    );
  });
});
