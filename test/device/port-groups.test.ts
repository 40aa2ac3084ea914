import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GroupCopy, type GroupedPorts, PortGroups } from '../../src/device/port-groups.ts';
import { WIRE_EXTRA_BYTES } from '../../src/wire/ethernet.ts';

const PORTS = [0, 1, 2, 3];
const CARRIED = 1;
const NS_PER_BYTE = 0.5;
const BACKLOG_NS_MAX = 400;

/** Ports of which each sends its copies itself, by the rule of a queue. */
class Ports implements GroupedPorts {
  readonly freeNs = PORTS.map(() => 0);
  readonly frames = PORTS.map(() => 0);
  readonly dropped = PORTS.map(() => 0);

  send(port: number, { count, sizeBytes }: GroupCopy, nowNs: number): void {
    if (this.freeNs[port]! - nowNs > BACKLOG_NS_MAX) {
      this.dropped[port]! += count;
      return;
    }
    const durationNs = Math.ceil((sizeBytes + WIRE_EXTRA_BYTES) * NS_PER_BYTE * count);
    this.freeNs[port] = Math.max(this.freeNs[port]!, nowNs) + durationNs;
    this.frames[port]! += count;
  }

  txFreeNs(port: number): number {
    return this.freeNs[port]!;
  }

  setTxFreeNs(port: number, timeNs: number): void {
    this.freeNs[port] = timeNs;
  }

  nsPerByteOf(): number {
    return NS_PER_BYTE;
  }

  backlogNsMax(): number {
    return BACKLOG_NS_MAX;
  }

  addCarried(port: number, _carried: number, frames: number): void {
    this.frames[port]! += frames;
  }
}

const copies = fc.record({ count: fc.integer({ min: 1, max: 3 }), sizeBytes: fc.integer({ min: 60, max: 200 }) });
const happenings = fc.array(
  fc.record({
    afterNs: fc.integer({ min: 0, max: 300 }),
    size: copies,
    // a port that sends something of its own, or a copy for all but some
    own: fc.option(fc.constantFrom(...PORTS)),
    apart: fc.subarray(PORTS, { maxLength: 2 }),
  }),
  { maxLength: 60 },
);

describe('ports that send copies of floods together', () => {
  it('carry, drop and wait as if each sent its copies itself', () => {
    fc.assert(
      fc.property(happenings, (all) => {
        const alone = new Ports();
        const together = new Ports();
        const groups = new PortGroups(together);
        groups.onDrop = (port, { count }) => {
          together.dropped[port]! += count;
        };
        const group = groups.form(PORTS);
        let nowNs = 0;
        for (const { afterNs, size, own, apart } of all) {
          nowNs += afterNs;
          const copy = { ...size, carried: CARRIED, segment: 0, stationOutcome: -1 };
          if (own !== null) {
            alone.send(own, copy, nowNs);
            groups.settle(own);
            together.send(own, copy, nowNs);
          } else if (!groups.mightOverflow(group, nowNs)) {
            for (const port of PORTS) if (!apart.includes(port)) alone.send(port, copy, nowNs);
            groups.send(group, copy, nowNs, apart, apart.length);
          }
        }
        groups.dissolve(group);
        expect(together).toEqual(alone);
      }),
    );
  });
});
