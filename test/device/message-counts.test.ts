import { expect, it } from 'vitest';
import { MessageCounts } from '../../src/device/message-counts.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { seconds } from '../../src/units.ts';

it('finds the most messages in a second of the clock, from when it is told to look anew', () => {
  const simulation = new Simulation();
  const counts = new MessageCounts(simulation);
  counts.sent(0, 5);
  simulation.run(seconds(1.2));
  counts.received(0, 3);
  expect([counts.mostPerSecondAt(0), counts.mostPerSecondAt(1)]).toEqual([5, 0]);
  counts.restartPeaks();
  expect(counts.mostPerSecondAt(0)).toBe(0);
  // what this second had before is not in it
  simulation.run(seconds(1.9));
  counts.sent(0, 2);
  expect(counts.mostPerSecondAt(0)).toBe(2);
  simulation.run(seconds(2));
  counts.sent(0, 1);
  expect([counts.mostPerSecondAt(0), counts.sentBy(0), counts.receivedBy(0)]).toEqual([2, 8, 3]);
});
