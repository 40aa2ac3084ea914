import { describe, expect, it } from 'vitest';
import { Simulation } from '../../src/engine/simulation.ts';
import { hours, seconds } from '../../src/units.ts';

const TICK = 0;
const NOTE = 3;

/** A simulation whose notes are written down: when, and which. */
function simulationWithNotes(): { simulation: Simulation; notes: [number, number][] } {
  const simulation = new Simulation();
  const notes: [number, number][] = [];
  simulation.on(NOTE, { handle: (_kind, a) => notes.push([simulation.nowNs, a]) });
  return { simulation, notes };
}

describe('simulation', () => {
  it('lets events happen in order of time, then of scheduling, and tells their handler what was scheduled', () => {
    const simulation = new Simulation();
    const seen: number[][] = [];
    for (const kind of [TICK, 255])
      simulation.on(kind, { handle: (...event) => seen.push([simulation.nowNs, ...event]) });
    simulation.schedule(20, TICK, 1, -1);
    simulation.schedule(10, 255, 2, -2);
    simulation.schedule(20, 255, 3, -3);
    simulation.scheduleAfter(10, TICK, 4, -4);
    simulation.run(Infinity);
    expect(seen).toEqual([
      [10, 255, 2, -2],
      [10, TICK, 4, -4],
      [20, TICK, 1, -1],
      [20, 255, 3, -3],
    ]);
    expect([simulation.nowNs, simulation.eventCount, simulation.pendingCount]).toEqual([20, 4, 0]);
  });

  it('lets an event scheduled for now happen after all others of now', () => {
    const { simulation, notes } = simulationWithNotes();
    simulation.on(TICK, { handle: () => simulation.scheduleAfter(0, NOTE, 2, 0) });
    simulation.schedule(5, TICK, 0, 0);
    simulation.schedule(5, NOTE, 1, 0);
    simulation.run(5);
    expect(notes).toEqual([
      [5, 1],
      [5, 2],
    ]);
  });

  it('runs up to and including the time given, stays there, and goes on from there', () => {
    const { simulation, notes } = simulationWithNotes();
    simulation.schedule(seconds(1), NOTE, 1, 0);
    simulation.schedule(seconds(1) + 1, NOTE, 3, 0);
    simulation.run(seconds(1));
    expect([simulation.nowNs, simulation.pendingCount]).toEqual([seconds(1), 1]);
    simulation.scheduleAfter(0, NOTE, 2, 0);
    simulation.run(hours(2));
    expect(simulation.nowNs).toBe(hours(2));
    expect(notes).toEqual([
      [seconds(1), 1],
      [seconds(1), 2],
      [seconds(1) + 1, 3],
    ]);
  });

  it('crosses hours in which nothing happens in a single event', () => {
    const { simulation, notes } = simulationWithNotes();
    simulation.schedule(hours(1_000), NOTE, 1, 0);
    simulation.run(hours(2_000));
    expect(notes).toEqual([[hours(1_000), 1]]);
  });

  it('does not let a cancelled event happen', () => {
    const { simulation, notes } = simulationWithNotes();
    const handle = simulation.schedule(1, NOTE, 1, 0);
    simulation.schedule(2, NOTE, 2, 0);
    expect(simulation.cancel(handle)).toBe(true);
    simulation.run(10);
    expect(notes).toEqual([[2, 2]]);
    expect(simulation.cancel(handle)).toBe(false);
    expect(simulation.cancel(0)).toBe(false);
  });

  it('stops after the current event, with the clock at it, and can be resumed', () => {
    const { simulation, notes } = simulationWithNotes();
    simulation.on(TICK, { handle: () => simulation.stop() });
    simulation.schedule(1, NOTE, 1, 0);
    simulation.schedule(2, TICK, 0, 0);
    simulation.schedule(2, NOTE, 2, 0);
    simulation.run(10);
    expect([notes, simulation.nowNs]).toEqual([[[1, 1]], 2]);
    simulation.run(10);
    expect([notes, simulation.nowNs]).toEqual([
      [
        [1, 1],
        [2, 2],
      ],
      10,
    ]);
  });

  it('reports progress every so many events and stops when told to', () => {
    const { simulation, notes } = simulationWithNotes();
    for (let timeNs = 1; timeNs <= 100; timeNs++) simulation.schedule(timeNs, NOTE, 0, 0);
    const reports: number[] = [];
    simulation.onProgress(({ eventCount }) => reports.push(eventCount) < 3, 10);
    simulation.run(100);
    expect([reports, notes.length, simulation.nowNs]).toEqual([[10, 20, 30], 30, 30]);
  });

  it('refuses events that are in the past or not at a whole nanosecond', () => {
    const { simulation } = simulationWithNotes();
    simulation.run(100);
    const problem = 'an event needs a whole time from now (100 ns) on';
    expect(() => simulation.schedule(99, NOTE, 0, 0)).toThrow(`${problem}, got 99 ns`);
    expect(() => simulation.scheduleAfter(0.5, NOTE, 0, 0)).toThrow(`${problem}, got 100.5 ns`);
    expect(() => simulation.schedule(Number.NaN, NOTE, 0, 0)).toThrow(problem);
    expect(() => simulation.schedule(Infinity, NOTE, 0, 0)).toThrow(problem);
    expect(() => simulation.run(99)).toThrow('cannot run until 99 ns: it is 100 ns already');
  });

  it('refuses a second handler for a kind, a kind out of range and an event that nothing handles', () => {
    const { simulation } = simulationWithNotes();
    expect(() => simulation.on(NOTE, { handle: () => {} })).toThrow('event kind 3 has a handler already');
    expect(() => simulation.on(256, { handle: () => {} })).toThrow(
      'an event kind is an integer from 0 to 255, got 256',
    );
    simulation.schedule(1, TICK, 0, 0);
    expect(() => simulation.run(1)).toThrow('nothing handles events of kind 0');
  });
});
