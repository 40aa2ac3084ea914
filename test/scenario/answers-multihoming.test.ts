import { describe, expect, it } from 'vitest';
import { milliseconds } from '../../src/units.ts';
import { ask, tablesOf } from '../support/ask.ts';

describe('Ethernet segments or MLAG', () => {
  it('follow a dead leaf by one withdrawal, one entry for each segment, or not at all', () => {
    const rates = [0, 1, 2, 3].map((fabric) => `fabrics.${fabric}.bgp.installRate=100`);
    const [single, segments, withoutPic, mlag] = ask(
      'ethernet-segments-or-mlag',
      ...rates,
      'tenants.0.count=2',
      'traffic.flowsPerVmPerSecond=0.05',
      'duration=95s',
      'failures=[{at: 60s, link: leaf1-server1, restoreAfter: 10s}, {at: 90s, switch: leaf3}]',
    );
    const longest = [single, segments, withoutPic, mlag].map(({ failures }) => failures.tablesRightNs.max ?? -1);
    // a link to a server: learn 1 ms, two hops of 50 ms, install 10 ms; looked at every 10 ms
    expect(longest[1]).toBeGreaterThanOrEqual(milliseconds(110));
    expect(longest[1]).toBeLessThanOrEqual(milliseconds(130));
    // 8 servers of 4 VMs are behind the leaf and its neighbour: 32 entries at 100 a second, once a session is lost (20 ms), a spine
    // has said so (50 ms) and a leaf enters what it heard (10 ms). Looks are a twentieth apart
    expect(longest[2]).toBeGreaterThanOrEqual(milliseconds(80 + 31 * 10));
    expect(longest[2]).toBeLessThan(milliseconds(80 + 32 * 10) * 1.06);
    expect(longest[0]).toBeGreaterThan(longest[1]!);
    expect(longest[3]).toBe(0);
    for (const { flows, failures } of [single, segments, withoutPic, mlag]) {
      expect(flows).toMatchObject({ failed: 0, incomplete: 0 });
      expect(failures).toMatchObject({ count: 2, tablesStillWrong: 0 });
    }
    // the other leaf of a pair has its stations for its own
    expect(tablesOf(mlag, 'leaf', 'tunnel').entriesMax).toBe(128 - 32);
    expect(tablesOf(segments, 'leaf').entriesMax).toBe(128);
    // both leaves announce a station, with its MAC address alone and with its IP address; and what tells of segments
    const [vms, servers, leaves, vnis, vnisOfServer] = [128, 32, 8, 8, 4];
    const all = 2 * 2 * vms + 2 * servers * (2 + vnisOfServer) + leaves * vnis;
    // the dead leaf's are gone
    const expected = all - 2 * 32 - 8 * (2 + vnisOfServer) - vnis;
    expect(Math.abs(segments.controlPlane.routes!.max - expected)).toBeLessThanOrEqual(10);
    expect(mlag.controlPlane.routes!.max).toBeLessThan(segments.controlPlane.routes!.max * 0.8);
    // a copy to a server goes over one of its links
    expect(segments.flooding.uselessFrames).toBeLessThan(single.flooding.uselessFrames / 2);
  });
});
