import { expect, it } from 'vitest';
import { Devices } from '../../src/device/devices.ts';
import { MulticastState } from '../../src/device/multicast-state.ts';
import { Fingerprint } from '../../src/engine/fingerprint.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { seconds } from '../../src/units.ts';

it('finds the most routes of a router from when it is told to look anew, beginning with what there is', () => {
  const simulation = new Simulation();
  const { network } = new Devices(simulation, new Fingerprint());
  const router = network.addNode('router');
  const state = new MulticastState(network);
  state.limit(router, 3);
  state.addGroupEntries(router, 2);
  state.addSourceEntries(router, 4);
  state.addSourceEntries(router, -2);
  expect([state.entriesMax(router), state.sourceEntriesMax(router)]).toEqual([6, 4]);
  const hits = () => network.limits.inOrder().map(({ limit, firstNs, count }) => ({ limit, firstNs, count }));
  expect(hits()).toEqual([{ limit: 'mroutes', firstNs: 0, count: 3 }]);
  simulation.run(seconds(7));
  network.limits.restart(() => false);
  expect(hits()).toEqual([]);
  state.restartPeaks();
  expect([state.entriesMax(router), state.sourceEntriesMax(router)]).toEqual([4, 2]);
  // one of the four is beyond the limit still, and then there are two
  expect(hits()).toEqual([{ limit: 'mroutes', firstNs: seconds(7), count: 1 }]);
  state.addSourceEntries(router, 1);
  expect([state.entriesMax(router), ...hits()]).toEqual([5, { limit: 'mroutes', firstNs: seconds(7), count: 2 }]);
});
