import { describe, expect, it } from 'vitest';
import { Simulation } from '../../src/engine/simulation.ts';
import { seconds } from '../../src/units.ts';
import { type PlannedFailure, scheduleFailures } from '../../src/workload/failures.ts';

function run(failures: PlannedFailure[], untilNs: number): string[] {
  const simulation = new Simulation();
  const log: string[] = [];
  const note = (kind: string) => (index: number, isUp: boolean) => {
    log.push(`${simulation.nowNs / 1e9}s ${kind}${index} ${isUp ? 'up' : 'down'}`);
  };
  scheduleFailures({ simulation, failures, setLinkUp: note('link'), setSwitchUp: note('switch') });
  simulation.run(untilNs);
  return log;
}

describe('failures', () => {
  it('take links and switches down and bring them back at their times', () => {
    const log = run(
      [
        { kind: 'switch', index: 3, failNs: seconds(4), restoreNs: seconds(6) },
        { kind: 'link', index: 1, failNs: seconds(2), restoreNs: seconds(5) },
      ],
      seconds(10),
    );
    expect(log).toEqual(['2s link1 down', '4s switch3 down', '5s link1 up', '6s switch3 up']);
  });

  it('last for good without a time of repair', () => {
    expect(run([{ kind: 'link', index: 0, failNs: seconds(1), restoreNs: null }], seconds(100))).toEqual([
      '1s link0 down',
    ]);
  });

  it('of one link that overlap are over when the last of them is', () => {
    const log = run(
      [
        { kind: 'link', index: 0, failNs: seconds(1), restoreNs: seconds(5) },
        { kind: 'link', index: 0, failNs: seconds(3), restoreNs: seconds(4) },
        { kind: 'switch', index: 0, failNs: seconds(2), restoreNs: null },
      ],
      seconds(10),
    );
    expect(log).toEqual(['1s link0 down', '2s switch0 down', '5s link0 up']);
  });
});
