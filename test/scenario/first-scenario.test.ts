import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FIRST_QUESTIONS,
  FIRST_SCENARIO,
  type FirstQuestion,
  firstScenarioText,
} from '../../src/scenario/first-scenario.ts';
import { parseScenario } from '../../src/scenario/read-scenario.ts';
import { estimateRuns } from '../../src/scenario/run-estimate.ts';
import { tenantSizes } from '../../src/scenario/scenario.ts';
import { topologyNodes } from '../../src/scenario/topology-nodes.ts';

const QUESTIONS = Object.keys(FIRST_QUESTIONS) as FirstQuestion[];

describe('a first scenario', () => {
  it.each(QUESTIONS)('that asks about %s is valid as it is, and small', (question) => {
    const scenario = parseScenario(firstScenarioText({ ...FIRST_SCENARIO, question, file: 'x.yaml' }), 'x.yaml');
    expect(scenario.question).toBe(FIRST_QUESTIONS[question]);
    for (const { events } of estimateRuns(scenario)) expect(events).toBeLessThan(1e6);
  });

  it('has what the question is about', () => {
    const of = (question: FirstQuestion) =>
      parseScenario(firstScenarioText({ ...FIRST_SCENARIO, question, file: 'x.yaml' }), 'x.yaml');
    expect(of('migration').migrations.random?.count).toBe(20);
    expect(of('failure').failures).toMatchObject([{ kind: 'switch', id: 'spine1' }]);
    expect(of('flooding').traffic.silentVmsRatio).toBe(0.1);
    expect(of('tables').failures).toEqual([]);
  });

  it('has as many switches, servers and VMs as were asked for', () => {
    const sizes = fc.record({
      question: fc.constantFrom(...QUESTIONS),
      leaves: fc.integer({ min: 1, max: 12 }),
      spines: fc.integer({ min: 1, max: 6 }),
      serversPerLeaf: fc.integer({ min: 2, max: 20 }),
      vms: fc.integer({ min: 1, max: 3000 }),
      file: fc.string({ unit: 'binary' }),
    });
    fc.assert(
      fc.property(sizes, (asked) => {
        const scenario = parseScenario(firstScenarioText({ ...FIRST_SCENARIO, ...asked }), 'x.yaml');
        const { switches, servers } = topologyNodes(scenario.topology);
        expect(switches).toHaveLength(asked.leaves + asked.spines);
        expect(servers).toHaveLength(asked.leaves * asked.serversPerLeaf);
        expect(tenantSizes(scenario).vmCount).toBe(asked.vms);
      }),
      { numRuns: 25 },
    );
  });
});
