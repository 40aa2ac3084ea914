import { describe, expect, it } from 'vitest';
import { Tree } from '../../bench/tree.ts';
import { CARRIED_COUNT, OUTCOME_NAMES } from '../../src/device/observer.ts';
import { milliseconds } from '../../src/units.ts';
import { BROADCAST_ID } from '../../src/wire/address-book.ts';
import { MIN_FRAME_BYTES } from '../../src/wire/ethernet.ts';

const LEAVES = 150;
const SERVERS_PER_LEAF = 3;

/** Lets stations of a tree send to all, and to some that are known at some switches or at none; returns what was counted. */
function countsOfTree(countsUnheededAtOnce: boolean) {
  const tree = new Tree({ leaves: LEAVES, serversPerLeaf: SERVERS_PER_LEAF });
  const { network, bridges, servers } = tree.devices;
  network.countsUnheededAtOnce = countsUnheededAtOnce;
  const send = (station: number, destination: number) => {
    tree.send(station, { destination, sizeBytes: MIN_FRAME_BYTES, tag: -1 });
    tree.simulation.run(tree.simulation.nowNs + milliseconds(1));
  };
  for (const station of [0, 5, 200, 449, 5]) send(station, BROADCAST_ID);
  for (const to of [5, 7, 300]) send(100, servers.addressOf(to));
  // two at a time: some ports are busy, so that copies arrive one after the other
  tree.send(1, { destination: BROADCAST_ID, sizeBytes: 1500, tag: -1 });
  tree.send(100, { destination: servers.addressOf(5), sizeBytes: 1500, tag: -1 });
  send(40, BROADCAST_ID);
  return {
    events: tree.simulation.eventCount,
    counts: {
      outcomes: OUTCOME_NAMES.map((name, outcome) => [name, network.outcomeFrames[outcome]]),
      hops: [network.hops, network.hopFrames, network.createdFrames, servers.uselessFrames],
      floods: network.nodeNames.map((_name, node) => network.floodsOf(node)),
      segment: [network.segmentFloodFrames, network.segmentFloodBytes, network.reach.reachedHosts(0)],
      tables: [bridges.tables.learnedCounts, bridges.tables.entryCounts],
      ports: Array.from({ length: network.portCount }, (_, port) =>
        Array.from({ length: CARRIED_COUNT }, (_none, carried) => network.carriedBytes(port, carried)),
      ),
    },
  };
}

describe('a flood over many switches', () => {
  it('counts the same, copy by copy or all at once, and is an event at each switch', () => {
    const [atOnce, copyByCopy] = [countsOfTree(true), countsOfTree(false)];
    expect(atOnce.counts).toEqual(copyByCopy.counts);
    // a broadcast: at its leaf, the root and the other leaves; servers hear of none
    const tree = new Tree({ leaves: LEAVES, serversPerLeaf: SERVERS_PER_LEAF });
    tree.send(0, { destination: BROADCAST_ID, sizeBytes: MIN_FRAME_BYTES, tag: -1 });
    tree.simulation.run(milliseconds(1));
    expect(tree.simulation.eventCount).toBe(LEAVES + 1);
    expect(copyByCopy.events - atOnce.events).toBeGreaterThan(6 * LEAVES * (SERVERS_PER_LEAF - 1));
  });
});
