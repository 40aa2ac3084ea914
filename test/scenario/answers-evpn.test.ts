import { describe, expect, it } from 'vitest';
import { milliseconds } from '../../src/units.ts';
import { ask, floodedFor, type Summary } from '../support/ask.ts';

const updatesOf = ({ controlPlane }: Summary) =>
  controlPlane.messages.find(({ protocol }) => protocol === 'bgp')?.sent ?? 0;

describe('does EVPN flood less than flood and learn', () => {
  const [floodAndLearn, evpn, frr, noSuppression] = ask('does-evpn-flood-less-than-flood-and-learn');
  const [L, S, VMS] = [8, 2, 64];

  it('nothing but 64 gratuitous ARPs crosses, once for each other VTEP and link', () => {
    expect(evpn.flooding.fabricFloodedFrames).toBe(VMS * (L - 1) * 2);
    for (const cause of ['aged_out', 'withdrawn', 'never_learned']) expect(floodedFor(evpn, cause)).toBe(0);
    expect(evpn.flooding.uselessFrames).toBe(0);
    expect(floodAndLearn.flooding.fabricFloodedFrames).toBeGreaterThan(4 * evpn.flooding.fabricFloodedFrames);
  });

  it('without suppression as much ARP crosses, and more unknown unicast where silent VMs age out', () => {
    expect(floodedFor(noSuppression, 'broadcast_arp')).toBe(floodedFor(floodAndLearn, 'broadcast_arp'));
    for (const summary of [noSuppression, frr]) {
      // at its own leaf it has aged out, at others its route is gone
      expect(floodedFor(summary, 'withdrawn')).toBeGreaterThan(floodedFor(floodAndLearn, 'aged_out'));
      expect(floodedFor(summary, 'aged_out')).toBeLessThan(floodedFor(floodAndLearn, 'aged_out'));
    }
  });

  it('takes 2 S L UPDATEs for each VM that stays known', () => {
    // types 3 and loopbacks of leaves, loopbacks of spines, and the ends of both address families
    const comingUp = 4 * S * L * L + S * (L + L * S) + 4 * S * L;
    // four booted within 50 ms of another one of their leaf, and share its UPDATEs
    expect(updatesOf(evpn) - comingUp).toBe((VMS - 4) * 2 * S * L);
    expect(updatesOf(floodAndLearn)).toBe(0);
  });
});

describe('how fast does EVPN follow a migration', () => {
  const SCENARIO = 'how-fast-does-evpn-follow-a-migration';
  const [L, S] = [8, 4];

  it('all tables are right after two speakers, and VTEPs that learn from floods at once', () => {
    const [floodAndLearn, ...evpn] = ask(SCENARIO, 'migrations.random.count=20');
    expect(floodAndLearn.migrations.catchUpNs.max).toBeLessThan(milliseconds(1));
    for (const { migrations } of evpn) {
      expect(migrations.done).toBe(20);
      expect(migrations.catchUpNs.p50).toBeGreaterThan(milliseconds(111));
      expect(migrations.catchUpNs.max).toBeLessThan(milliseconds(120));
    }
  });

  it('one migration takes 4 S L UPDATEs over eBGP and 2 S (L + 1) with route reflectors', () => {
    const silent = ['traffic.flowsPerVmPerSecond=0', 'migrations.probeEvery=0s'];
    const [one, many] = [1, 21].map((count) => ask(SCENARIO, `migrations.random.count=${count}`, ...silent));
    expect(updatesOf(many[1]) - updatesOf(one[1])).toBe(20 * 4 * S * L);
    expect(updatesOf(many[2]) - updatesOf(one[2])).toBe(20 * 2 * S * (L + 1));
    expect(one[1].controlPlane.routes?.max).toBeGreaterThanOrEqual(2 * 128);
  });
});
