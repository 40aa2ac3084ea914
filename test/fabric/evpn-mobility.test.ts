import { describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '../../src/units.ts';
import { EvpnLab, HERE } from './evpn-lab.ts';

const SIZE = { leaves: 4, spines: 2 };
const ALL = [0, 1, 2, 3];

describe('IP bindings of a station that moves', () => {
  it.each([
    // zebra does not let a neighbour that another leaf announced be overridden, so that every other move loses it
    ['frr-8.4', [[], ALL, [], ALL]],
    ['rfc-7432', [ALL, ALL, ALL, ALL]],
  ] as const)('follow it as %s has it', (implementation, expected) => {
    const lab = new EvpnLab(SIZE, { implementation });
    lab.updatesOf(() => lab.garp(0));
    expect(lab.leavesWithBindingOf(0)).toEqual(ALL);
    const bindings = [1, 2, 3, 0].map((leaf) => {
      expect(
        lab.updatesOf(() => {
          lab.move(0, leaf);
          lab.garp(0);
        }),
      ).toBe(32);
      expect(lab.placesOf(0)).toEqual(lab.allAt(leaf));
      return lab.leavesWithBindingOf(0);
    });
    expect(bindings).toEqual(expected);
  });

  it('are restored by the fourth of five gratuitous ARPs, for 2 S L more UPDATEs', () => {
    const lab = new EvpnLab(SIZE);
    lab.updatesOf(() => lab.garp(0));
    const updates = lab.updatesOf(() => {
      lab.move(0, 1);
      for (const waitMs of [0, 50, 150, 250, 350]) {
        lab.running.wait(milliseconds(waitMs));
        lab.garp(0);
      }
    });
    expect(updates).toBe(48);
    expect(lab.leavesWithBindingOf(0)).toEqual(ALL);
  });

  it('are lost by an announcement that knows no IP address', () => {
    const lab = new EvpnLab(SIZE, { implementation: 'rfc-7432' });
    lab.updatesOf(() => lab.garp(0));
    lab.updatesOf(() => {
      lab.move(0, 1);
      for (let i = 0; i < 5; i++) lab.rarp(0);
    });
    expect(lab.placesOf(0)).toEqual(lab.allAt(1));
    expect(lab.leavesWithBindingOf(0)).toEqual([]);
  });
});

describe('a station that says nothing', () => {
  it('stays where it was for all others until it sends', () => {
    const lab = new EvpnLab(SIZE);
    lab.updatesOf(() => lab.garp(0));
    lab.updatesOf(() => lab.move(0, 1), seconds(3));
    expect(lab.placesOf(0)).toEqual(lab.allAt(0));
    lab.running.send(0);
    lab.running.wait(milliseconds(120));
    expect(lab.placesOf(0)).toEqual(lab.allAt(1));
  });
});

describe('sequence numbers of MAC mobility (RFC 7432, 7.7)', () => {
  it.each([
    [500, 0],
    [80, 1],
    [5, 1],
  ])('after a port that went down %i ms before the station is heard elsewhere: %i', (gapMs, sequence) => {
    const lab = new EvpnLab(SIZE);
    lab.updatesOf(() => lab.garp(0));
    // the port of its server, which has no other VM
    lab.running.fabric.setServerUp(0, false);
    lab.running.wait(milliseconds(gapMs));
    lab.move(0, 1);
    lab.rarp(0);
    lab.running.wait(seconds(2));
    expect(lab.placesOf(0)).toEqual(lab.allAt(1));
    expect(lab.sequenceAt(3, 0)).toBe(sequence);
  });
});

describe('duplicate addresses (RFC 7432, 15.1)', () => {
  /** Lets a station be heard at leaves in turn, and returns the UPDATEs of each time. */
  function moves(lab: EvpnLab, leaves: readonly number[], everyNs: number): number[] {
    lab.updatesOf(() => lab.garp(0));
    return leaves.map((leaf) =>
      lab.updatesOf(() => {
        lab.move(0, leaf);
        lab.rarp(0);
      }, everyNs),
    );
  }
  const pingPong = [1, 0, 1, 0, 1, 0, 1, 0];

  it('are flagged at the fifth move between two leaves, and move on if that is but a warning', () => {
    const lab = new EvpnLab(SIZE);
    const [first, ...others] = pingPong;
    expect(moves(lab, [first, ...others.slice(0, 3)], seconds(2))).toEqual([32, 32, 32, 32]);
    expect(lab.controlPlane.evpn.duplicateCount).toBe(0);
    expect(
      lab.updatesOf(() => {
        lab.move(0, 1);
        lab.rarp(0);
      }),
    ).toBe(32);
    expect(lab.controlPlane.evpn.duplicateCount).toBe(1);
    lab.updatesOf(() => {
      lab.move(0, 0);
      lab.rarp(0);
    });
    expect(lab.sequenceAt(3, 0)).toBe(6);
  });

  it('are frozen at the fifth move: no more UPDATEs, and both leaves have the station', () => {
    const lab = new EvpnLab(SIZE, {
      duplicates: { movesMax: 5, windowNs: seconds(180), action: 'freeze', recoveryNs: null },
    });
    expect(moves(lab, pingPong, seconds(2))).toEqual([32, 32, 32, 32, 0, 0, 0, 0]);
    expect(lab.placesOf(0)).toEqual([HERE, HERE, 0, 0]);
  });

  it('are none where eight moves go round four leaves', () => {
    const lab = new EvpnLab(SIZE);
    expect(moves(lab, [1, 2, 3, 0, 1, 2, 3, 0], seconds(2))).toEqual(Array.from({ length: 8 }, () => 32));
    expect(lab.controlPlane.evpn.duplicateCount).toBe(0);
    expect(lab.sequenceAt(3, 0)).toBe(8);
  });

  it('are none at one move in 45 s: five moves span four gaps, and the window is over', () => {
    for (const [everyNs, expected] of [
      [seconds(45), 0],
      [seconds(44), 1],
    ]) {
      const lab = new EvpnLab(SIZE);
      moves(lab, pingPong.slice(0, 5), everyNs);
      expect(lab.controlPlane.evpn.duplicateCount).toBe(expected);
    }
  });

  it('are announced again when their time is over', () => {
    const lab = new EvpnLab(SIZE, {
      duplicates: { movesMax: 5, windowNs: seconds(180), action: 'freeze', recoveryNs: seconds(60) },
    });
    moves(lab, pingPong.slice(0, 5), seconds(2));
    expect(lab.placesOf(0)).toEqual([HERE, HERE, 0, 0]);
    lab.running.wait(seconds(70));
    expect(lab.placesOf(0)).toEqual(lab.allAt(1));
  });
});
